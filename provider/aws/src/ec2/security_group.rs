//! Security group. Proof: tag; its name is unique within the VPC. Its rules are components of their own.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, IpPermission, ResourceType};
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Blocker, Changes, Error, Input, Observed, Properties, Retained, Rule, Scope, TAG_CLAIM, Tags, Target,
    Traits,
};

use super::answer::{arn, id_of, input};
use super::{blockers, find::find, security_group_rule, tags};
use crate::{Aws, call};

/// A security group without rules (the default egress rule is revoked). Outputs: `id`, `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// Unique within the VPC; cannot be changed.
    pub name: String,
    /// Cannot be changed.
    pub description: String,
    /// The VPC; cannot be changed.
    pub vpc_id: Input<String>,
    /// The rule by which AWS lets everything out of a new group: observed `true` until it is revoked.
    /// Leave it `false`; a component that wants open egress has a rule of its own.
    #[serde(default)]
    pub default_egress: bool,
}

impl Properties for SecurityGroup {
    const KIND: &'static str = "ec2/security-group";
}

/// The kind `ec2/security-group`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = SecurityGroup;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[
                ("name", Rule::Replace("the name of a security group cannot be changed")),
                ("description", Rule::Replace("the description of a security group cannot be changed")),
                ("vpc_id", Rule::Replace("a security group cannot move to another VPC")),
            ],
            minutes: (0.0, 0.0, 1.0),
            limit_minutes: 20,
            ..Traits::new(SecurityGroup::KIND, "security group")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<SecurityGroup>],
    ) -> Vec<Result<Option<Observed<SecurityGroup>>, Error>> {
        find(scope, targets, "group-id", |filter| self.list(scope, filter)).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &SecurityGroup) -> Result<String, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = ec2
            .create_security_group()
            .group_name(&desired.name)
            .description(&desired.description)
            .vpc_id(desired.vpc_id.value()?)
            .tag_specifications(tags::on_create(ResourceType::SecurityGroup, &scope.tags_of(address)));
        let output = call("ec2:CreateSecurityGroup", || request.clone().send()).await?;
        id_of("ec2:CreateSecurityGroup", output.group_id())
    }

    /// Revokes the default egress rule, the only thing that can differ.
    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        _: &SecurityGroup,
        observed: &Observed<SecurityGroup>,
        _: &Changes,
    ) -> Result<(), Error> {
        let rules = self.default_rules(scope, [observed.id.as_str()].into()).await?;
        let ids: Vec<String> = rules.into_iter().map(|(_, rule)| rule).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let request = self.0.ec2(&scope.region).revoke_security_group_egress().group_id(&observed.id);
        let request = request.set_security_group_rule_ids(Some(ids));
        Error::absent_is_none(call("ec2:RevokeSecurityGroupEgress", || request.clone().send()).await).map(drop)
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<SecurityGroup>,
        _: Option<&SecurityGroup>,
    ) -> Result<Vec<Retained>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.delete_security_group().group_id(&observed.id).send();
        Error::absent_is_none(call("ec2:DeleteSecurityGroup", request).await)?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<SecurityGroup>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, &observed.id, set, remove).await
    }

    async fn blockers(&self, scope: &Scope, observed: &Observed<SecurityGroup>) -> Result<Vec<Blocker>, Error> {
        blockers::group_blockers(&self.0, scope, &observed.id).await
    }
}

impl Kind {
    async fn list(&self, scope: &Scope, filter: Filter) -> Result<Vec<Observed<SecurityGroup>>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request =
            || ec2.describe_security_groups().filters(filter.clone()).into_paginator().items().send().collect();
        let groups: Vec<aws_sdk_ec2::types::SecurityGroup> = call("ec2:DescribeSecurityGroups", request).await?;
        let open = groups.iter().filter(|g| g.ip_permissions_egress().iter().any(is_open));
        let open: BTreeSet<&str> = open.filter_map(|group| group.group_id()).collect();
        let default = self.default_rules(scope, open).await?;
        let observe = |group: &aws_sdk_ec2::types::SecurityGroup| {
            let id = group.group_id().unwrap_or_default();
            let props = SecurityGroup {
                name: group.group_name().unwrap_or_default().to_owned(),
                description: group.description().unwrap_or_default().to_owned(),
                vpc_id: input(group.vpc_id()),
                default_egress: default.iter().any(|(group, _)| group == id),
            };
            let observed = Observed::new(id, props).output("id", id).output("arn", arn(scope, "security-group", id));
            observed.tags(tags::from_sdk(group.tags()))
        };
        Ok(groups.iter().map(observe).collect())
    }

    /// `(group, rule)` of the rules that let everything out and that no stack has made. Only the
    /// description of single rules tells their tags, so it is asked for open groups alone.
    async fn default_rules(&self, scope: &Scope, groups: BTreeSet<&str>) -> Result<Vec<(String, String)>, Error> {
        let rules = security_group_rule::describe(&self.0, scope, "group-id", groups).await?;
        let is_default = |rule: &&aws_sdk_ec2::types::SecurityGroupRule| {
            let anywhere = rule.cidr_ipv4() == Some("0.0.0.0/0") || rule.cidr_ipv6() == Some("::/0");
            let everything = rule.is_egress() == Some(true) && rule.ip_protocol() == Some("-1") && anywhere;
            everything && !tags::from_sdk(rule.tags()).contains_key(TAG_CLAIM)
        };
        let ids = |rule: &aws_sdk_ec2::types::SecurityGroupRule| {
            Some((rule.group_id()?.to_owned(), rule.security_group_rule_id()?.to_owned()))
        };
        Ok(rules.iter().filter(is_default).filter_map(ids).collect())
    }
}

fn is_open(permission: &IpPermission) -> bool {
    permission.ip_protocol() == Some("-1")
        && (permission.ip_ranges().iter().any(|range| range.cidr_ip() == Some("0.0.0.0/0"))
            || permission.ipv6_ranges().iter().any(|range| range.cidr_ipv6() == Some("::/0")))
}
