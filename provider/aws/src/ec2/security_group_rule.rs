//! Security group rule. Proof: parent. Found again by its id, else by its tags, else by what it says,
//! which is unique within its group.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    Filter, IpPermission, IpRange, ResourceType, SecurityGroupRuleRequest, SecurityGroupRuleUpdate, UserIdGroupPair,
};
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, Input, Observed, Proof, Properties, Retained, Rule, Scope, TAG_COMPONENT, Tags, Target,
    Traits,
};

use super::answer::{id_of, input};
use super::tags;
use crate::{Aws, access::Needs, call};

/// One rule of a security group. Outputs: `id` (`sgr-…`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    /// The group that the rule is in.
    pub group_id: Input<String>,
    /// From the group to the peer; otherwise from the peer to the group.
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, or `-1` for all.
    pub protocol: String,
    /// First and last port; `None` for protocol `-1`.
    pub ports: Option<(i32, i32)>,
    /// The peer as an IPv4 block; exactly one of `cidr` and `peer_group_id` is set.
    pub cidr: Option<String>,
    /// The peer as a security group.
    pub peer_group_id: Option<Input<String>>,
    /// For people.
    pub description: Option<String>,
}

impl Properties for SecurityGroupRule {
    const KIND: &'static str = "ec2/security-group-rule";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["ec2:DescribeSecurityGroupRules"],
    create: &["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateTags"],
    update: &["ec2:ModifySecurityGroupRules", "ec2:CreateTags", "ec2:DeleteTags"],
    delete: &["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"],
    ..Needs::NOTHING
};

/// The kind `ec2/security-group-rule`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = SecurityGroupRule;

    fn traits(&self) -> Traits {
        Traits {
            proof: Proof::Parent,
            rules: &[
                ("group_id", Rule::Replace("a rule cannot move to another security group")),
                ("egress", Rule::Replace("the direction of a rule cannot be changed")),
            ],
            ..Traits::new(SecurityGroupRule::KIND, "security group rule")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<SecurityGroupRule>],
    ) -> Vec<Result<Option<Observed<SecurityGroupRule>>, Error>> {
        let groups: BTreeSet<&str> = targets.iter().filter_map(group).collect();
        let ids: BTreeSet<&str> =
            targets.iter().filter(|t| group(t).is_none()).filter_map(|t| t.id.as_deref()).collect();
        let described = async {
            let mut rules = describe(&self.0, scope, "group-id", groups).await?;
            rules.extend(describe(&self.0, scope, "security-group-rule-id", ids).await?);
            Ok(rules.iter().map(observed).collect::<Vec<_>>())
        };
        let described = described.await;
        let look_up = |target| Ok(choose(scope, target, described.as_ref().map_err(Error::clone)?).cloned());
        targets.iter().map(look_up).collect()
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &SecurityGroupRule) -> Result<String, Error> {
        let (ec2, group) = (self.0.ec2(&scope.region), desired.group_id.value()?);
        let tags = tags::on_create(ResourceType::SecurityGroupRule, &scope.tags_of(address));
        let permission = permission(desired)?;
        if desired.egress {
            let request = ec2.authorize_security_group_egress().group_id(group);
            let request = request.ip_permissions(permission).tag_specifications(tags);
            let output = call("ec2:AuthorizeSecurityGroupEgress", || request.clone().send()).await?;
            let rule = output.security_group_rules().first();
            id_of("ec2:AuthorizeSecurityGroupEgress", rule.and_then(|r| r.security_group_rule_id()))
        } else {
            let request = ec2.authorize_security_group_ingress().group_id(group);
            let request = request.ip_permissions(permission).tag_specifications(tags);
            let output = call("ec2:AuthorizeSecurityGroupIngress", || request.clone().send()).await?;
            let rule = output.security_group_rules().first();
            id_of("ec2:AuthorizeSecurityGroupIngress", rule.and_then(|r| r.security_group_rule_id()))
        }
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &SecurityGroupRule,
        observed: &Observed<SecurityGroupRule>,
        _: &Changes,
    ) -> Result<(), Error> {
        let (ec2, group) = (self.0.ec2(&scope.region), desired.group_id.value()?);
        let update = SecurityGroupRuleUpdate::builder().security_group_rule_id(&observed.id);
        let update = update.security_group_rule(whole(desired)?).build();
        let request = || ec2.modify_security_group_rules().group_id(group).security_group_rules(update.clone()).send();
        call("ec2:ModifySecurityGroupRules", request).await.map(drop)
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<SecurityGroupRule>,
        _: Option<&SecurityGroupRule>,
    ) -> Result<Vec<Retained>, Error> {
        let (ec2, group) = (self.0.ec2(&scope.region), observed.props.group_id.value()?);
        let id = &observed.id;
        if observed.props.egress {
            let request = || ec2.revoke_security_group_egress().group_id(group).security_group_rule_ids(id).send();
            Error::absent_is_none(call("ec2:RevokeSecurityGroupEgress", request).await)?;
        } else {
            let request = || ec2.revoke_security_group_ingress().group_id(group).security_group_rule_ids(id).send();
            Error::absent_is_none(call("ec2:RevokeSecurityGroupIngress", request).await)?;
        }
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<SecurityGroupRule>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, &observed.id, set, remove).await
    }
}

/// The rules with one of the values; none without values.
pub(super) async fn describe(
    aws: &Aws,
    scope: &Scope,
    filter: &str,
    values: BTreeSet<&str>,
) -> Result<Vec<aws_sdk_ec2::types::SecurityGroupRule>, Error> {
    let ec2 = &aws.ec2(&scope.region);
    let list = async |filter: Filter| {
        let request =
            || ec2.describe_security_group_rules().filters(filter.clone()).into_paginator().items().send().collect();
        call("ec2:DescribeSecurityGroupRules", request).await
    };
    tags::list_any_of(filter, values, list).await
}

fn group(target: &Target<SecurityGroupRule>) -> Option<&str> {
    target.props.as_ref().and_then(|props| props.group_id.value().ok()).map(String::as_str)
}

fn choose<'a>(
    scope: &Scope,
    target: &Target<SecurityGroupRule>,
    all: &'a [Observed<SecurityGroupRule>],
) -> Option<&'a Observed<SecurityGroupRule>> {
    let component = target.address.as_str();
    let tagged = |o: &&Observed<SecurityGroupRule>| {
        scope.owns(&o.tags) && o.tags.get(TAG_COMPONENT).map(String::as_str) == Some(component)
    };
    let equal = |o: &&Observed<SecurityGroupRule>| target.props.as_ref().is_some_and(|p| is_same(p, &o.props));
    let by_id = all.iter().find(|o| Some(&o.id) == target.id.as_ref());
    by_id.or_else(|| all.iter().find(tagged)).or_else(|| all.iter().find(equal))
}

/// AWS refuses a second rule that says the same: everything but the description.
fn is_same(a: &SecurityGroupRule, b: &SecurityGroupRule) -> bool {
    let without_text = |rule: &SecurityGroupRule| SecurityGroupRule { description: None, ..rule.clone() };
    without_text(a) == without_text(b)
}

fn observed(rule: &aws_sdk_ec2::types::SecurityGroupRule) -> Observed<SecurityGroupRule> {
    let id = rule.security_group_rule_id().unwrap_or_default();
    let protocol = rule.ip_protocol().unwrap_or_default().to_owned();
    let ports = rule.from_port().zip(rule.to_port()).filter(|_| protocol != "-1");
    let peer = rule.referenced_group_info().and_then(|info| info.group_id());
    let props = SecurityGroupRule {
        group_id: input(rule.group_id()),
        egress: rule.is_egress().unwrap_or_default(),
        protocol,
        ports,
        cidr: rule.cidr_ipv4().map(str::to_owned),
        peer_group_id: peer.map(Input::from),
        description: rule.description().map(str::to_owned),
    };
    Observed::new(id, props).output("id", id).tags(tags::from_sdk(rule.tags()))
}

/// The rule as Authorize calls want it. Protocol `-1` has no ports.
fn permission(rule: &SecurityGroupRule) -> Result<IpPermission, Error> {
    let mut permission = IpPermission::builder().ip_protocol(&rule.protocol);
    if let Some((first, last)) = rule.ports {
        permission = permission.from_port(first).to_port(last);
    }
    if let Some(cidr) = &rule.cidr {
        let range = IpRange::builder().cidr_ip(cidr).set_description(rule.description.clone());
        permission = permission.ip_ranges(range.build());
    }
    if let Some(peer) = &rule.peer_group_id {
        let pair = UserIdGroupPair::builder().group_id(peer.value()?).set_description(rule.description.clone());
        permission = permission.user_id_group_pairs(pair.build());
    }
    Ok(permission.build())
}

/// The rule as ModifySecurityGroupRules wants it: whole, since what is left out is reset.
fn whole(rule: &SecurityGroupRule) -> Result<SecurityGroupRuleRequest, Error> {
    let peer = rule.peer_group_id.as_ref().map(|peer| peer.value().cloned()).transpose()?;
    // All ports are -1 to -1 (API reference of SecurityGroupRuleRequest).
    let (first, last) = rule.ports.unwrap_or((-1, -1));
    let request = SecurityGroupRuleRequest::builder().ip_protocol(&rule.protocol).from_port(first).to_port(last);
    let request = request.set_cidr_ipv4(rule.cidr.clone()).set_referenced_group_id(peer);
    Ok(request.set_description(rule.description.clone()).build())
}

#[cfg(test)]
mod tests {
    use stellar_engine::{TAG_CLAIM, address};

    use super::*;

    fn rule(port: i32, description: &str) -> SecurityGroupRule {
        SecurityGroupRule {
            group_id: Input::from("sg-1"),
            protocol: "tcp".to_owned(),
            ports: Some((port, port)),
            cidr: Some("10.0.0.0/16".to_owned()),
            description: Some(description.to_owned()),
            ..SecurityGroupRule::default()
        }
    }

    #[test]
    fn a_rule_is_found_by_id_then_tags_then_by_what_it_says() {
        let text = str::to_owned;
        let scope = crate::tests::scope();
        let tags = Tags::from([(text(TAG_CLAIM), text("c1")), (text(TAG_COMPONENT), text("database/rule"))]);
        let all = [
            Observed::new("sgr-1", rule(1, "one")),
            Observed::new("sgr-2", rule(2, "two")).tags(tags),
            Observed::new("sgr-3", rule(3, "three")),
        ];
        let rows = [
            (Some("sgr-1"), "database/rule", Some(rule(3, "")), Some("sgr-1")),
            (None, "database/rule", Some(rule(3, "")), Some("sgr-2")),
            (None, "database/other", Some(rule(3, "another text")), Some("sgr-3")),
            (None, "database/other", Some(rule(4, "")), None),
            (None, "database/other", None, None),
        ];
        for (id, component, props, expected) in rows {
            let target = Target { address: address!("{component}"), id: id.map(text), props, remembered: false };
            assert_eq!(choose(&scope, &target, &all).map(|o| o.id.as_str()), expected, "{target:?}");
        }
    }
}
