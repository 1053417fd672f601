//! Nodes that Karpenter has started, and the launch templates that it started them from.

use aws_sdk_ec2::types::{Instance, InstanceStateName, LaunchTemplate};
use stellar_engine::{Error, Scope};

use super::{Done, Sweep};
use crate::{Aws, call, ec2::tags};

/// States of an instance that has not ended.
const LIVING: [&str; 5] = ["pending", "running", "shutting-down", "stopping", "stopped"];

/// Terminates Karpenter's instances and deletes its launch templates.
pub(super) async fn clear(aws: &Aws, scope: &Scope, sweep: &Sweep<'_>) -> Result<Done, Error> {
    let mut done = Done::default();
    let ec2 = aws.ec2(&scope.region);
    let instances = instances(aws, scope, sweep).await?;
    let ending = |i: &&Instance| i.state().and_then(|s| s.name()) == Some(&InstanceStateName::ShuttingDown);
    let ids: Vec<String> =
        instances.iter().filter(|i| !ending(i)).filter_map(|i| i.instance_id().map(str::to_owned)).collect();
    if !ids.is_empty() {
        let request = || ec2.terminate_instances().set_instance_ids(Some(ids.clone())).send();
        call("ec2:TerminateInstances", request).await?;
    }
    done.waiting.extend(instances.iter().map(|_| "instance"));
    for id in &ids {
        done.removed("instance", id);
    }
    for template in templates(aws, scope, sweep).await? {
        let id = template.launch_template_id().unwrap_or_default();
        let request = || ec2.delete_launch_template().launch_template_id(id).send();
        Error::absent_is_none(call("ec2:DeleteLaunchTemplate", request).await)?;
        done.removed("launch template", template.launch_template_name().unwrap_or(id));
    }
    Ok(done)
}

async fn instances(aws: &Aws, scope: &Scope, sweep: &Sweep<'_>) -> Result<Vec<Instance>, Error> {
    let filters = [tags::filter("vpc-id", sweep.vpc), tags::any_of("instance-state-name", LIVING)];
    let ec2 = aws.ec2(&scope.region);
    let request = || {
        let request = ec2.describe_instances().set_filters(Some(filters.to_vec()));
        request.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
    };
    let reservations = call("ec2:DescribeInstances", request).await?;
    let ours = |i: &Instance| sweep.is_karpenters(&tags::from_sdk(i.tags())) && sweep.is_younger(i.launch_time());
    Ok(reservations.into_iter().flat_map(|r| r.instances.unwrap_or_default()).filter(ours).collect())
}

/// Templates belong to no VPC, but the name of a cluster is unique in the region.
async fn templates(aws: &Aws, scope: &Scope, sweep: &Sweep<'_>) -> Result<Vec<LaunchTemplate>, Error> {
    let keys = [format!("kubernetes.io/cluster/{}", sweep.cluster), "karpenter.k8s.aws/cluster".to_owned()];
    let filter = tags::any_of("tag-key", keys);
    let ec2 = aws.ec2(&scope.region);
    let request = || ec2.describe_launch_templates().filters(filter.clone()).into_paginator().items().send().collect();
    let all: Vec<LaunchTemplate> = call("ec2:DescribeLaunchTemplates", request).await?;
    let ours = |t: &LaunchTemplate| sweep.is_karpenters(&tags::from_sdk(t.tags())) && sweep.is_younger(t.create_time());
    Ok(all.into_iter().filter(ours).collect())
}
