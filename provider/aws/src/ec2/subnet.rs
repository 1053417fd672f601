//! Subnet. Proof: tag.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{AttributeBooleanValue, Filter, ResourceType};
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Blocker, Changes, Error, Input, Observed, Properties, Retained, Rule, Scope, Tags, Target, Traits,
};

use super::answer::{id_of, input, status};
use super::{blockers, find::find, tags};
use crate::{Aws, access::Needs, call, call_once};

/// A subnet. Outputs: `id`, `arn`, `availability_zone`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Subnet {
    /// The VPC; cannot be changed.
    pub vpc_id: Input<String>,
    /// An IPv4 block within the VPC's; cannot be changed.
    pub cidr: String,
    /// The zone by name, `us-east-1a`; cannot be changed.
    pub availability_zone: Input<String>,
    /// Instances get public addresses.
    pub map_public_ip: Option<bool>,
}

impl Properties for Subnet {
    const KIND: &'static str = "ec2/subnet";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["ec2:DescribeSubnets"],
    create: &["ec2:CreateSubnet", "ec2:CreateTags"],
    update: &["ec2:ModifySubnetAttribute", "ec2:CreateTags", "ec2:DeleteTags"],
    delete: &["ec2:DeleteSubnet"],
    ..Needs::NOTHING
};

/// The kind `ec2/subnet`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = Subnet;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[
                ("vpc_id", Rule::Replace("a subnet cannot move to another VPC")),
                ("cidr", Rule::Replace("the block of a subnet cannot be changed")),
                ("availability_zone", Rule::Replace("a subnet cannot move to another zone")),
            ],
            ..Traits::new(Subnet::KIND, "subnet")
        }
    }

    async fn read(&self, scope: &Scope, targets: &[Target<Subnet>]) -> Vec<Result<Option<Observed<Subnet>>, Error>> {
        find(scope, targets, "subnet-id", |filter| self.list(scope, filter)).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &Subnet) -> Result<String, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let tags = tags::on_create(ResourceType::Subnet, &scope.tags_of(address));
        let request = ec2
            .create_subnet()
            .vpc_id(desired.vpc_id.value()?)
            .cidr_block(&desired.cidr)
            .availability_zone(desired.availability_zone.value()?)
            .tag_specifications(tags);
        let output = call_once("ec2:CreateSubnet", || request.clone().send()).await?;
        id_of("ec2:CreateSubnet", output.subnet().and_then(|subnet| subnet.subnet_id()))
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &Subnet,
        observed: &Observed<Subnet>,
        _: &Changes,
    ) -> Result<(), Error> {
        let ec2 = self.0.ec2(&scope.region);
        let value = AttributeBooleanValue::builder().set_value(desired.map_public_ip).build();
        let request =
            || ec2.modify_subnet_attribute().subnet_id(&observed.id).map_public_ip_on_launch(value.clone()).send();
        call("ec2:ModifySubnetAttribute", request).await.map(drop)
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<Subnet>,
        _: Option<&Subnet>,
    ) -> Result<Vec<Retained>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.delete_subnet().subnet_id(&observed.id).send();
        Error::absent_is_none(call("ec2:DeleteSubnet", request).await)?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<Subnet>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, &observed.id, set, remove).await
    }

    async fn blockers(&self, scope: &Scope, observed: &Observed<Subnet>) -> Result<Vec<Blocker>, Error> {
        blockers::subnet_blockers(&self.0, scope, &observed.id).await
    }
}

impl Kind {
    async fn list(&self, scope: &Scope, filter: Filter) -> Result<Vec<Observed<Subnet>>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.describe_subnets().filters(filter.clone()).into_paginator().items().send().collect();
        let subnets: Vec<_> = call("ec2:DescribeSubnets", request).await?;
        Ok(subnets.iter().map(observed).collect())
    }
}

fn observed(subnet: &aws_sdk_ec2::types::Subnet) -> Observed<Subnet> {
    let id = subnet.subnet_id().unwrap_or_default();
    let zone = subnet.availability_zone();
    let props = Subnet {
        vpc_id: input(subnet.vpc_id()),
        cidr: subnet.cidr_block().unwrap_or_default().to_owned(),
        availability_zone: input(zone),
        map_public_ip: subnet.map_public_ip_on_launch(),
    };
    Observed::new(id, props)
        .output("id", id)
        .output("arn", subnet.subnet_arn().unwrap_or_default())
        .output("availability_zone", zone.unwrap_or_default())
        .tags(tags::from_sdk(subnet.tags()))
        .status(status(subnet.state().map(|state| state.as_str()), "available"))
}
