//! Node groups and Fargate profiles that a cluster still has when those of its stack are gone: somebody else's.

use stellar_engine::{Blocker, Error, Fate, Scope};

use crate::{Aws, call};

/// All of them. EKS deletes no cluster that has one, and pods go on running on them.
///
/// # Errors
/// Those of the calls.
pub(super) async fn left(aws: &Aws, scope: &Scope, cluster: &str) -> Result<Vec<Blocker>, Error> {
    let eks = aws.eks(&scope.region);
    let groups = || eks.list_nodegroups().cluster_name(cluster).into_paginator().items().send().collect();
    let groups: Option<Vec<String>> = Error::absent_is_none(call("eks:ListNodegroups", groups).await)?;
    let profiles = || eks.list_fargate_profiles().cluster_name(cluster).into_paginator().items().send().collect();
    // Without the permission, or where there is no Fargate, EKS's refusal to delete the cluster has to do.
    let profiles: Option<Vec<String>> = call("eks:ListFargateProfiles", profiles).await.ok();
    let mut left = Vec::new();
    for name in groups.unwrap_or_default() {
        let request = || eks.describe_nodegroup().cluster_name(cluster).nodegroup_name(&name).send();
        let output = Error::absent_is_none(call("eks:DescribeNodegroup", request).await)?;
        let status = output.as_ref().and_then(|output| output.nodegroup()?.status()).map(|status| status.as_str());
        if let Some(status) = status {
            left.push(blocker("EKS node group", &name, cluster, status));
        }
    }
    for name in profiles.unwrap_or_default() {
        let request = || eks.describe_fargate_profile().cluster_name(cluster).fargate_profile_name(&name).send();
        let output = Error::absent_is_none(call("eks:DescribeFargateProfile", request).await)?;
        let status =
            output.as_ref().and_then(|output| output.fargate_profile()?.status()).map(|status| status.as_str());
        if let Some(status) = status {
            left.push(blocker("Fargate profile", &name, cluster, status));
        }
    }
    Ok(left)
}

fn blocker(noun: &str, name: &str, cluster: &str, status: &str) -> Blocker {
    let fate = if status == "DELETING" { Fate::Goes } else { Fate::Stays };
    let about = format!("of the cluster {cluster}, made outside of the stack, {status}");
    Blocker { noun: noun.to_owned(), id: name.to_owned(), about, fate }
}
