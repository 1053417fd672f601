//! Security groups of load balancers, once the load balancers are gone.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{SecurityGroup, SecurityGroupRule};
use stellar_engine::{Blocker, Error, ErrorClass, Fate, Scope};

use super::{Done, Sweep, TAG_EKS};
use crate::{
    Aws, call,
    ec2::{group_blockers, rules_of, tags},
};

/// Deletes the groups, after the rules by which they and the cluster's own groups refer to them.
pub(super) async fn clear(aws: &Aws, scope: &Scope, sweep: &Sweep<'_>) -> Result<Done, Error> {
    let mut done = Done::default();
    let ec2 = aws.ec2(&scope.region);
    let filter = tags::filter("vpc-id", sweep.vpc);
    let request = || ec2.describe_security_groups().filters(filter.clone()).into_paginator().items().send().collect();
    let all: Vec<SecurityGroup> = call("ec2:DescribeSecurityGroups", request).await?;
    let swept: BTreeSet<&str> = all.iter().filter(|g| is_swept(scope, sweep, g)).filter_map(|g| g.group_id()).collect();
    if swept.is_empty() {
        return Ok(done);
    }
    let near: BTreeSet<&str> = all
        .iter()
        .filter(|group| group.group_id().is_some_and(|id| swept.contains(id)) || is_clusters(scope, sweep, group))
        .filter_map(|group| group.group_id())
        .collect();
    revoke(aws, scope, &near, &swept).await?;
    for id in swept {
        let name = all.iter().find(|g| g.group_id() == Some(id)).and_then(|g| g.group_name()).unwrap_or_default();
        let request = || ec2.delete_security_group().group_id(id).send();
        match Error::absent_is_none(call("ec2:DeleteSecurityGroup", request).await) {
            Ok(_) => done.removed("security group", &format!("{id} ({name})")),
            Err(error) if error.class == ErrorClass::InUse => {
                done.waiting.push("security group");
                done.blockers.extend(group_blockers(aws, scope, id).await?.into_iter().filter(|b| !ends(b, &near)));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// A group to be swept. The cluster's own group is EKS's as long as the cluster lives, and what carries the stack's claim
/// is a component.
fn is_swept(scope: &Scope, sweep: &Sweep<'_>, group: &SecurityGroup) -> bool {
    let tags = tags::from_sdk(group.tags());
    let is_own = group.group_id() == sweep.own_group || scope.owns(&tags);
    !is_own && sweep.is_group(&tags, group.description().unwrap_or_default())
}

/// A group in which controllers write rules: the one that EKS made, and those of the stack.
fn is_clusters(scope: &Scope, sweep: &Sweep<'_>, group: &SecurityGroup) -> bool {
    let tags = tags::from_sdk(group.tags());
    group.group_id() == sweep.own_group || sweep.names(&tags, TAG_EKS) || scope.owns(&tags)
}

/// A rule that was revoked a moment ago, and is still shown.
fn ends(blocker: &Blocker, near: &BTreeSet<&str>) -> bool {
    blocker.fate == Fate::Stays
        && near.iter().any(|group| blocker.about.contains(group))
        && blocker.id.starts_with("sgr-")
}

async fn revoke(aws: &Aws, scope: &Scope, groups: &BTreeSet<&str>, to: &BTreeSet<&str>) -> Result<(), Error> {
    let ec2 = aws.ec2(&scope.region);
    let rules = rules_of(aws, scope, groups.clone()).await?;
    let refers = |rule: &&SecurityGroupRule| {
        rule.referenced_group_info().and_then(|info| info.group_id()).is_some_and(|id| to.contains(id))
    };
    for rule in rules.iter().filter(refers) {
        let (group, id) = (rule.group_id().unwrap_or_default(), rule.security_group_rule_id().unwrap_or_default());
        if rule.is_egress() == Some(true) {
            let request = || ec2.revoke_security_group_egress().group_id(group).security_group_rule_ids(id).send();
            Error::absent_is_none(call("ec2:RevokeSecurityGroupEgress", request).await)?;
        } else {
            let request = || ec2.revoke_security_group_ingress().group_id(group).security_group_rule_ids(id).send();
            Error::absent_is_none(call("ec2:RevokeSecurityGroupIngress", request).await)?;
        }
    }
    Ok(())
}
