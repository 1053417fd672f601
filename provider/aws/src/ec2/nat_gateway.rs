//! NAT gateway. Proof: tag. A failed or deleted gateway stays visible for about an hour.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, NatGateway as SdkGateway, NatGatewayState, ResourceType};
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, Input, Observed, Properties, Retained, Rule, Scope, Status, Tags, Target, Traits,
};

use super::answer::{arn, id_of, input, new_token, status};
use super::{find::find, tags};
use crate::{Aws, access::Needs, call};

/// On a failed gateway that was given up: EC2 lists it for another hour whatever is done, and it counts as absent.
const TAG_GIVEN_UP: &str = "stellar:given-up";

/// A gateway that gives private subnets a way out. Outputs: `id`, `arn`, `public_ip`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NatGateway {
    /// The public subnet that it stands in; cannot be changed.
    pub subnet_id: Input<String>,
    /// The Elastic IP address that it shows to the internet; cannot be changed.
    pub allocation_id: Input<String>,
}

impl Properties for NatGateway {
    const KIND: &'static str = "ec2/nat-gateway";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["ec2:DescribeNatGateways"],
    create: &["ec2:CreateNatGateway", "ec2:CreateTags"],
    update: &["ec2:CreateTags", "ec2:DeleteTags"],
    delete: &["ec2:DeleteNatGateway"],
    ..Needs::NOTHING
};

/// The kind `ec2/nat-gateway`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = NatGateway;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[
                ("subnet_id", Rule::Replace("a NAT gateway cannot move to another subnet")),
                ("allocation_id", Rule::Replace("the main address of a NAT gateway cannot be changed")),
            ],
            bulk: true,
            minutes: (2.0, 0.0, 1.0),
            limit_minutes: 30,
            ..Traits::new(NatGateway::KIND, "NAT gateway")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<NatGateway>],
    ) -> Vec<Result<Option<Observed<NatGateway>>, Error>> {
        find(scope, targets, "nat-gateway-id", |filter| self.list(scope, filter)).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &NatGateway) -> Result<String, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let (subnet, allocation) = (desired.subnet_id.value()?, desired.allocation_id.value()?);
        let request = ec2
            .create_nat_gateway()
            .subnet_id(subnet)
            .allocation_id(allocation)
            .tag_specifications(tags::on_create(ResourceType::Natgateway, &scope.tags_of(address)));
        let mut token = scope.token(address, "create");
        loop {
            let send = || request.clone().client_token(&token).send();
            let output = call("ec2:CreateNatGateway", send).await?;
            let nat = output.nat_gateway();
            if nat.is_none_or(|nat| !is_gone(nat.state())) {
                return id_of("ec2:CreateNatGateway", nat.and_then(|nat| nat.nat_gateway_id()));
            }
            // EC2 remembers the token of a gateway that has failed or was deleted since.
            token = new_token();
        }
    }

    async fn update(
        &self,
        _: &Scope,
        address: &Address,
        _: &NatGateway,
        _: &Observed<NatGateway>,
        _: &Changes,
    ) -> Result<(), Error> {
        Err(Error::bug(format!("{address} has no property that can be changed")))
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<NatGateway>,
        _: Option<&NatGateway>,
    ) -> Result<Vec<Retained>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.delete_nat_gateway().nat_gateway_id(&observed.id).send();
        Error::absent_is_none(call("ec2:DeleteNatGateway", request).await)?;
        if matches!(observed.status, Status::Failed(_)) {
            let mark = Tags::from([(TAG_GIVEN_UP.to_owned(), "true".to_owned())]);
            Error::absent_is_none(tags::apply(&self.0, &scope.region, &observed.id, &mark, &[]).await)?;
        }
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<NatGateway>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, &observed.id, set, remove).await
    }
}

impl Kind {
    /// Gateways that pass the filter, without those that were deleted or given up.
    async fn list(&self, scope: &Scope, filter: Filter) -> Result<Vec<Observed<NatGateway>>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.describe_nat_gateways().filter(filter.clone()).into_paginator().items().send().collect();
        let gateways: Vec<SdkGateway> = call("ec2:DescribeNatGateways", request).await?;
        let is_left = |nat: &&SdkGateway| nat.state() != Some(&NatGatewayState::Deleted) && !is_given_up(nat);
        Ok(gateways.iter().filter(is_left).map(|nat| observed(scope, nat)).collect())
    }
}

fn is_given_up(nat: &SdkGateway) -> bool {
    nat.state() == Some(&NatGatewayState::Failed) && tags::from_sdk(nat.tags()).contains_key(TAG_GIVEN_UP)
}

fn is_gone(state: Option<&NatGatewayState>) -> bool {
    matches!(state, Some(NatGatewayState::Failed | NatGatewayState::Deleting | NatGatewayState::Deleted))
}

fn observed(scope: &Scope, nat: &SdkGateway) -> Observed<NatGateway> {
    let id = nat.nat_gateway_id().unwrap_or_default();
    let addresses = nat.nat_gateway_addresses();
    let main = addresses.iter().find(|a| a.is_primary() == Some(true)).or(addresses.first());
    let props =
        NatGateway { subnet_id: input(nat.subnet_id()), allocation_id: input(main.and_then(|a| a.allocation_id())) };
    let status = match nat.state() {
        Some(NatGatewayState::Failed) => {
            let (code, message) = (nat.failure_code().unwrap_or_default(), nat.failure_message().unwrap_or_default());
            Status::Failed(format!("{code}: {message}"))
        }
        state => status(state.map(|state| state.as_str()), "available"),
    };
    Observed::new(id, props)
        .output("id", id)
        .output("arn", arn(scope, "natgateway", id))
        .output("public_ip", main.and_then(|a| a.public_ip()).unwrap_or_default())
        .tags(tags::from_sdk(nat.tags()))
        .status(status)
}
