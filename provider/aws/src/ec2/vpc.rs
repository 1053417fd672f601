//! VPC. Proof: tag. No token and no unique name: only the tags set in the create call find it again.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{AttributeBooleanValue, Filter, ResourceType, SecurityGroup, VpcAttributeName};
use futures::{future::try_join_all, try_join};
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Blocker, Changes, Error, Observed, Properties, Retained, Rule, Scope, Tags, Target, Traits,
};

use super::answer::{arn, id_of, status};
use super::{blockers, find::find, tags};
use crate::{Aws, access::Needs, call, call_once};

/// A virtual private cloud. Outputs: `id`, `arn`, `cidr`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Vpc {
    /// The primary IPv4 block, `10.0.0.0/16`; cannot be changed.
    pub cidr: String,
    /// Names for instances with public addresses; EKS needs both this and `dns_support`.
    pub dns_hostnames: Option<bool>,
    /// The VPC's own resolver.
    pub dns_support: Option<bool>,
    /// The security group that AWS makes with a VPC, and gives to whatever names no other, has rules. In a new VPC it
    /// lets its members reach each other and everything out.
    pub default_group_rules: Option<bool>,
}

impl Properties for Vpc {
    const KIND: &'static str = "ec2/vpc";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["ec2:DescribeSecurityGroups", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcs"],
    create: &["ec2:CreateVpc", "ec2:CreateTags"],
    update: &[
        "ec2:ModifyVpcAttribute",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupIngress",
        "ec2:CreateTags",
        "ec2:DeleteTags",
    ],
    delete: &["ec2:DeleteVpc"],
    ..Needs::NOTHING
};

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
        find(scope, targets, "vpc-id", |filter| self.list(scope, filter)).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &Vpc) -> Result<String, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let tags = tags::on_create(ResourceType::Vpc, &scope.tags_of(address));
        let request = || ec2.create_vpc().cidr_block(&desired.cidr).tag_specifications(tags.clone()).send();
        let output = call_once("ec2:CreateVpc", request).await?;
        id_of("ec2:CreateVpc", output.vpc().and_then(|vpc| vpc.vpc_id()))
    }

    async fn complete(&self, scope: &Scope, _: &Address, desired: &Vpc, id: &str) -> Result<(), Error> {
        // A new VPC has its resolver, but no host names (Amazon VPC User Guide, "DNS attributes for your VPC").
        let differs = [
            ("dns_hostnames", desired.dns_hostnames == Some(true)),
            ("dns_support", desired.dns_support == Some(false)),
            ("default_group_rules", desired.default_group_rules == Some(false)),
        ];
        for (field, _) in differs.into_iter().filter(|(_, differs)| *differs) {
            self.set(scope, id, field, desired).await?;
        }
        Ok(())
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &Vpc,
        observed: &Observed<Vpc>,
        changes: &Changes,
    ) -> Result<(), Error> {
        for change in changes {
            self.set(scope, &observed.id, &change.field, desired).await?;
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

    async fn blockers(&self, scope: &Scope, observed: &Observed<Vpc>) -> Result<Vec<Blocker>, Error> {
        Ok(blockers::vpc_blockers(&self.0, scope, &observed.id).await)
    }
}

impl Kind {
    async fn list(&self, scope: &Scope, filter: Filter) -> Result<Vec<Observed<Vpc>>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.describe_vpcs().filters(filter.clone()).into_paginator().items().send().collect();
        let vpcs: Vec<_> = call("ec2:DescribeVpcs", request).await?;
        let ids: Vec<&str> = vpcs.iter().filter_map(|vpc| vpc.vpc_id()).collect();
        let groups = self.default_groups(scope, &ids);
        // One may go between the two calls.
        let all = vpcs.iter().map(async |vpc| Error::absent_is_none(self.observed(scope, vpc).await));
        let (groups, all) = try_join!(groups, try_join_all(all))?;
        let mut all: Vec<Observed<Vpc>> = all.into_iter().flatten().collect();
        for vpc in &mut all {
            let group = groups.iter().find(|group| group.vpc_id() == Some(vpc.id.as_str()));
            vpc.props.default_group_rules = group.map(has_rules);
        }
        Ok(all)
    }

    async fn set(&self, scope: &Scope, id: &str, field: &str, desired: &Vpc) -> Result<(), Error> {
        let ec2 = self.0.ec2(&scope.region);
        let value = |on: Option<bool>| AttributeBooleanValue::builder().set_value(on).build();
        // One attribute per call (API reference of ModifyVpcAttribute).
        let request = || match field {
            "dns_support" => ec2.modify_vpc_attribute().enable_dns_support(value(desired.dns_support)),
            _ => ec2.modify_vpc_attribute().enable_dns_hostnames(value(desired.dns_hostnames)),
        };
        match field {
            "default_group_rules" => self.close_default_group(scope, id).await,
            _ => call("ec2:ModifyVpcAttribute", || request().vpc_id(id).send()).await.map(drop),
        }
    }

    async fn observed(&self, scope: &Scope, vpc: &aws_sdk_ec2::types::Vpc) -> Result<Observed<Vpc>, Error> {
        let id = vpc.vpc_id().unwrap_or_default();
        let (dns_hostnames, dns_support) = try_join!(
            self.attribute(scope, id, VpcAttributeName::EnableDnsHostnames),
            self.attribute(scope, id, VpcAttributeName::EnableDnsSupport),
        )?;
        let cidr = vpc.cidr_block().unwrap_or_default().to_owned();
        let props = Vpc { cidr, dns_hostnames, dns_support, default_group_rules: None };
        let cidr = props.cidr.clone();
        let observed =
            Observed::new(id, props).output("id", id).output("arn", arn(scope, "vpc", id)).output("cidr", cidr);
        let state = vpc.state().map(|state| state.as_str());
        Ok(observed.tags(tags::from_sdk(vpc.tags())).status(status(state, "available")))
    }

    /// The default security groups of the VPCs; none without VPCs.
    async fn default_groups(&self, scope: &Scope, vpcs: &[&str]) -> Result<Vec<SecurityGroup>, Error> {
        let ec2 = &self.0.ec2(&scope.region);
        let list = async |of_vpcs: Filter| {
            let filters = [tags::filter("group-name", "default"), of_vpcs];
            let request = || {
                let request = ec2.describe_security_groups().set_filters(Some(filters.to_vec()));
                request.into_paginator().items().send().collect()
            };
            call("ec2:DescribeSecurityGroups", request).await
        };
        tags::list_any_of("vpc-id", vpcs, list).await
    }

    /// Revokes all rules of the default group.
    async fn close_default_group(&self, scope: &Scope, vpc: &str) -> Result<(), Error> {
        let ec2 = self.0.ec2(&scope.region);
        for group in self.default_groups(scope, &[vpc]).await? {
            let id = group.group_id().unwrap_or_default();
            let (inward, outward) = (group.ip_permissions().to_vec(), group.ip_permissions_egress().to_vec());
            if !inward.is_empty() {
                let request = ec2.revoke_security_group_ingress().group_id(id).set_ip_permissions(Some(inward));
                let revoked = call("ec2:RevokeSecurityGroupIngress", || request.clone().send()).await;
                Error::absent_is_none(revoked)?;
            }
            if !outward.is_empty() {
                let request = ec2.revoke_security_group_egress().group_id(id).set_ip_permissions(Some(outward));
                let revoked = call("ec2:RevokeSecurityGroupEgress", || request.clone().send()).await;
                Error::absent_is_none(revoked)?;
            }
        }
        Ok(())
    }

    /// One attribute; EC2 describes them one by one.
    async fn attribute(&self, scope: &Scope, id: &str, name: VpcAttributeName) -> Result<Option<bool>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.describe_vpc_attribute().vpc_id(id).attribute(name.clone()).send();
        let output = call("ec2:DescribeVpcAttribute", request).await?;
        Ok(output.enable_dns_support().or(output.enable_dns_hostnames()).and_then(|v| v.value()))
    }
}

fn has_rules(group: &SecurityGroup) -> bool {
    !group.ip_permissions().is_empty() || !group.ip_permissions_egress().is_empty()
}
