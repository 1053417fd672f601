//! Load balancers, and the target groups that they leave.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::{LoadBalancer, LoadBalancerAttribute, TargetGroup};
use futures::{
    future::{join_all, try_join_all},
    try_join,
};
use stellar_engine::{Error, ErrorClass, Scope, Tags};

use super::{Done, Sweep};
use crate::{Aws, call};

/// ARNs per DescribeTags (its API reference).
const TAGS_AT_ONCE: usize = 20;

/// Deletes the cluster's load balancers, and its target groups once no load balancer refers to them. One that a load
/// balancer of somebody else's refers to is that one's by now, and stays.
pub(super) async fn clear(aws: &Aws, scope: &Scope, sweep: &Sweep<'_>) -> Result<Done, Error> {
    let ((balancers, existing), groups) = try_join!(balancers(aws, scope, sweep), target_groups(aws, scope, sweep))?;
    let mut done = Done::default();
    let arns: Vec<&str> = balancers.iter().filter_map(LoadBalancer::load_balancer_arn).collect();
    for (balancer, deleted) in balancers.iter().zip(join_all(arns.iter().map(|arn| delete(aws, scope, arn))).await) {
        deleted?;
        done.removed("load balancer", balancer.load_balancer_name().unwrap_or_default());
        done.waiting.push("load balancer");
    }
    let elb = aws.elbv2(&scope.region);
    for group in &groups {
        // A group may name a load balancer that is gone for a while.
        let users: Vec<&String> = group.load_balancer_arns().iter().filter(|user| existing.contains(*user)).collect();
        if users.iter().any(|user| !arns.contains(&user.as_str())) {
            continue;
        }
        let arn = group.target_group_arn().unwrap_or_default();
        let request = || elb.delete_target_group().target_group_arn(arn).send();
        let deleted = match users.is_empty() {
            true => call("elasticloadbalancing:DeleteTargetGroup", request).await,
            false => Err(Error::new(ErrorClass::InUse, "its load balancer is being deleted")),
        };
        match Error::absent_is_none(deleted) {
            Ok(_) => done.removed("target group", group.target_group_name().unwrap_or_default()),
            Err(error) if error.class == ErrorClass::InUse => done.waiting.push("target group"),
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// A controller may have protected it, on a user's word that meant the running cluster.
async fn delete(aws: &Aws, scope: &Scope, arn: &str) -> Result<(), Error> {
    let elb = aws.elbv2(&scope.region);
    let request = || elb.delete_load_balancer().load_balancer_arn(arn).send();
    match call("elasticloadbalancing:DeleteLoadBalancer", request).await {
        Err(error) if error.code.as_deref() == Some("OperationNotPermitted") => {
            let off = LoadBalancerAttribute::builder().key("deletion_protection.enabled").value("false").build();
            let unprotect =
                || elb.modify_load_balancer_attributes().load_balancer_arn(arn).attributes(off.clone()).send();
            call("elasticloadbalancing:ModifyLoadBalancerAttributes", unprotect).await?;
            Error::absent_is_none(call("elasticloadbalancing:DeleteLoadBalancer", request).await).map(drop)
        }
        deleted => Error::absent_is_none(deleted).map(drop),
    }
}

/// Where the service does not exist, nothing of it does.
fn or_none<T>(listed: Result<Vec<T>, Error>) -> Result<Vec<T>, Error> {
    match listed {
        Err(error) if error.class == ErrorClass::Permanent => {
            tracing::warn!(%error, "load balancers cannot be listed, so that none are swept");
            Ok(Vec::new())
        }
        listed => listed,
    }
}

/// Those of the cluster, and the ARNs of all that exist.
async fn balancers(
    aws: &Aws,
    scope: &Scope,
    sweep: &Sweep<'_>,
) -> Result<(Vec<LoadBalancer>, BTreeSet<String>), Error> {
    let elb = aws.elbv2(&scope.region);
    let request = || elb.describe_load_balancers().into_paginator().items().send().collect();
    let all: Vec<LoadBalancer> = or_none(call("elasticloadbalancing:DescribeLoadBalancers", request).await)?;
    let existing = all.iter().filter_map(|b| b.load_balancer_arn().map(str::to_owned)).collect();
    let here = |b: &LoadBalancer| b.vpc_id() == Some(sweep.vpc) && sweep.is_younger(b.created_time());
    let all: Vec<LoadBalancer> = all.into_iter().filter(here).collect();
    let tags = tags(aws, scope, all.iter().filter_map(LoadBalancer::load_balancer_arn)).await?;
    let ours = |b: &LoadBalancer| {
        tags.iter().any(|(arn, tags)| b.load_balancer_arn() == Some(arn.as_str()) && sweep.is_balancers(tags))
    };
    Ok((all.into_iter().filter(ours).collect(), existing))
}

async fn target_groups(aws: &Aws, scope: &Scope, sweep: &Sweep<'_>) -> Result<Vec<TargetGroup>, Error> {
    let elb = aws.elbv2(&scope.region);
    let request = || elb.describe_target_groups().into_paginator().items().send().collect();
    let all: Vec<TargetGroup> = or_none(call("elasticloadbalancing:DescribeTargetGroups", request).await)?;
    let all: Vec<TargetGroup> = all.into_iter().filter(|group| group.vpc_id() == Some(sweep.vpc)).collect();
    let tags = tags(aws, scope, all.iter().filter_map(TargetGroup::target_group_arn)).await?;
    let ours = |g: &TargetGroup| {
        tags.iter().any(|(arn, tags)| g.target_group_arn() == Some(arn.as_str()) && sweep.is_balancers(tags))
    };
    Ok(all.into_iter().filter(ours).collect())
}

/// Tags by ARN; what has gone meanwhile is left out.
async fn tags<'a>(aws: &Aws, scope: &Scope, arns: impl Iterator<Item = &'a str>) -> Result<Vec<(String, Tags)>, Error> {
    let elb = aws.elbv2(&scope.region);
    let arns: Vec<String> = arns.map(str::to_owned).collect();
    let chunks = arns.chunks(TAGS_AT_ONCE).map(async |chunk| {
        let request = || elb.describe_tags().set_resource_arns(Some(chunk.to_vec())).send();
        Error::absent_is_none(call("elasticloadbalancing:DescribeTags", request).await)
    });
    let mut all = Vec::new();
    for answer in try_join_all(chunks).await?.into_iter().flatten() {
        for described in answer.tag_descriptions() {
            let pairs = described
                .tags()
                .iter()
                .map(|tag| (tag.key().unwrap_or_default().to_owned(), tag.value().unwrap_or_default().to_owned()));
            all.push((described.resource_arn().unwrap_or_default().to_owned(), pairs.collect()));
        }
    }
    Ok(all)
}
