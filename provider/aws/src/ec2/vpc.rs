//! VPC. Proof: tag. No token and no unique name: only the tags set in the create call find it again.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{AttributeBooleanValue, ResourceType, VpcAttributeName};
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, Observed, Properties, Retained, Rule, Scope, Status, Tags, Target, Traits,
};

use super::tags;
use crate::{Aws, call};

/// A virtual private cloud. Outputs: `id`, `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Vpc {
    /// The primary IPv4 block, `10.0.0.0/16`; cannot be changed.
    pub cidr: String,
    /// Names for instances with public addresses; EKS needs both this and `dns_support`.
    pub dns_hostnames: Option<bool>,
    /// The VPC's own resolver.
    pub dns_support: Option<bool>,
}

impl Properties for Vpc {
    const KIND: &'static str = "ec2/vpc";
}

/// The kind `ec2/vpc`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = Vpc;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[("cidr", Rule::Replace("the primary block of a VPC cannot be changed"))],
            ..Traits::new(Vpc::KIND, "VPC")
        }
    }

    async fn read(&self, scope: &Scope, targets: &[Target<Vpc>]) -> Vec<Result<Option<Observed<Vpc>>, Error>> {
        let all = self.owned(scope).await;
        super::pick(scope, targets, &all)
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &Vpc) -> Result<String, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let tags = tags::on_create(ResourceType::Vpc, &scope.tags_of(address));
        let request = || ec2.create_vpc().cidr_block(&desired.cidr).tag_specifications(tags.clone()).send();
        let output = call("ec2:CreateVpc", request).await?;
        let id = output.vpc().and_then(|vpc| vpc.vpc_id());
        id.map(str::to_owned).ok_or_else(|| Error::permanent("ec2:CreateVpc answered without an id"))
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &Vpc,
        observed: &Observed<Vpc>,
        changes: &Changes,
    ) -> Result<(), Error> {
        let ec2 = self.0.ec2(&scope.region);
        let value = |on: Option<bool>| AttributeBooleanValue::builder().set_value(on).build();
        // One attribute per call (API reference of ModifyVpcAttribute).
        for change in changes {
            let request = || match change.field.as_str() {
                "dns_support" => ec2.modify_vpc_attribute().enable_dns_support(value(desired.dns_support)),
                _ => ec2.modify_vpc_attribute().enable_dns_hostnames(value(desired.dns_hostnames)),
            };
            call("ec2:ModifyVpcAttribute", || request().vpc_id(&observed.id).send()).await?;
        }
        Ok(())
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<Vpc>,
        _: Option<&Vpc>,
    ) -> Result<Vec<Retained>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        Error::absent_is_none(call("ec2:DeleteVpc", || ec2.delete_vpc().vpc_id(&observed.id).send()).await)?;
        Ok(Vec::new())
    }

    async fn tag(&self, scope: &Scope, observed: &Observed<Vpc>, set: &Tags, remove: &[String]) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, &observed.id, set, remove).await
    }
}

impl Kind {
    /// All VPCs of the stack.
    async fn owned(&self, scope: &Scope) -> Result<Vec<Observed<Vpc>>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.describe_vpcs().filters(tags::claim_filter(scope)).send();
        let mut all = Vec::new();
        for vpc in call("ec2:DescribeVpcs", request).await?.vpcs() {
            let id = vpc.vpc_id().unwrap_or_default();
            let status = match vpc.state().map(|state| state.as_str()) {
                Some("available") => Status::Ready,
                other => Status::Pending(other.unwrap_or("pending").to_owned()),
            };
            let props = Vpc {
                cidr: vpc.cidr_block().unwrap_or_default().to_owned(),
                dns_hostnames: self.attribute(scope, id, VpcAttributeName::EnableDnsHostnames).await?,
                dns_support: self.attribute(scope, id, VpcAttributeName::EnableDnsSupport).await?,
            };
            let arn = format!("arn:{}:ec2:{}:{}:vpc/{id}", scope.partition, scope.region, scope.account);
            let observed = Observed::new(id, props).output("id", id).output("arn", arn);
            all.push(observed.tags(tags::from_sdk(vpc.tags())).status(status));
        }
        Ok(all)
    }

    async fn attribute(&self, scope: &Scope, id: &str, name: VpcAttributeName) -> Result<Option<bool>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.describe_vpc_attribute().vpc_id(id).attribute(name.clone()).send();
        let output = Error::absent_is_none(call("ec2:DescribeVpcAttribute", request).await)?;
        Ok(output.and_then(|o| o.enable_dns_support().or(o.enable_dns_hostnames()).and_then(|v| v.value())))
    }
}
