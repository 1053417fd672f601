//! Amazon EKS: clusters, and what belongs to them.
//!
//! Everything but the cluster is identified by the cluster's name and a name of its own; the
//! recorded id is both, joined with `/` (cluster names hold none).

pub mod access_entry;
pub mod addon;
pub mod cluster;
mod insights;
mod leftovers;
mod members;
pub mod node_group;
pub mod pod_identity_association;
mod token;
mod updates;
pub mod versions;
mod volumes;

use std::{collections::HashMap, sync::Arc};

use stellar_engine::{AnyKind, Clearing, Error, Observed, Properties, Retained, Scope, Status, Tags};

pub(crate) use leftovers::NEEDS as SWEEPS;
pub use token::Access;

use crate::{Aws, access::Needs, call};

/// The kinds of this service: a new one is one new file and one line here.
pub(crate) fn kinds(aws: &Arc<Aws>) -> Vec<Arc<dyn AnyKind>> {
    vec![
        Arc::new(access_entry::Kind(aws.clone())),
        Arc::new(addon::Kind::new(aws.clone())),
        Arc::new(cluster::Kind::new(aws.clone())),
        Arc::new(node_group::Kind::new(aws.clone())),
        Arc::new(pod_identity_association::Kind(aws.clone())),
    ]
}

/// The kind that is swept around.
pub(crate) const CLUSTER: &str = cluster::Cluster::KIND;

/// One step of sweeping what the controllers of a cluster have left that is gone already, in a VPC of its stack's own.
///
/// # Errors
/// Those of the calls.
pub async fn sweep_orphans(aws: &Aws, scope: &Scope, cluster: &str, vpc: &str) -> Result<Clearing, Error> {
    let sweep = leftovers::Sweep { cluster, vpc, since: None, own_group: None };
    leftovers::clear(aws, scope, &sweep).await
}

/// The security groups that EKS made for a cluster and could not remove with it, because something used them then.
///
/// # Errors
/// Those of the call.
pub async fn forgotten_groups(aws: &Aws, scope: &Scope, cluster: &str) -> Result<Vec<Retained>, Error> {
    let ec2 = aws.ec2(&scope.region);
    let filter = crate::ec2::tags::filter(&format!("tag:{}", leftovers::TAG_EKS), cluster);
    let request = || ec2.describe_security_groups().filters(filter.clone()).send();
    let output = call("ec2:DescribeSecurityGroups", request).await?;
    let keep = |group: &aws_sdk_ec2::types::SecurityGroup| Retained {
        kind: "ec2/security-group".to_owned(),
        id: group.group_id().unwrap_or_default().to_owned(),
        reason: format!(
            "EKS made it for the cluster {cluster} and could not remove it, since something else still used it"
        ),
    };
    Ok(output.security_groups().iter().map(keep).collect())
}

/// What IAM must allow for each of them.
pub(crate) fn needs() -> Vec<(&'static str, Needs)> {
    vec![
        (access_entry::AccessEntry::KIND, access_entry::NEEDS),
        (addon::Addon::KIND, addon::NEEDS),
        (cluster::Cluster::KIND, cluster::NEEDS),
        (node_group::NodeGroup::KIND, node_group::NEEDS),
        (pod_identity_association::PodIdentityAssociation::KIND, pod_identity_association::NEEDS),
    ]
}

/// The recorded id of something within a cluster.
fn join(cluster: &str, name: &str) -> String {
    format!("{cluster}/{name}")
}

/// The inverse of [`join`].
fn split(id: &str) -> Result<(&str, &str), Error> {
    id.split_once('/').ok_or_else(|| Error::bug(format!("{id:?} is not an id of the form cluster/name")))
}

/// What the service's word for a state means; `issues` is what its health report says.
fn status(word: &str, issues: &[String]) -> Status {
    let reason = || if issues.is_empty() { word.to_owned() } else { issues.join("; ") };
    match word {
        "ACTIVE" => Status::Ready,
        "DELETING" => Status::Deleting,
        // An add-on whose update failed goes on in its old version.
        "DEGRADED" | "UPDATE_FAILED" => Status::Degraded(reason()),
        "FAILED" | "CREATE_FAILED" | "DELETE_FAILED" => Status::Failed(reason()),
        other => Status::Pending(other.to_owned()),
    }
}

/// One line of a health report.
fn issue(code: Option<&str>, message: Option<&str>) -> String {
    format!("{}: {}", code.unwrap_or("issue"), message.unwrap_or("no message"))
}

fn to_sdk(tags: Tags) -> HashMap<String, String> {
    tags.into_iter().collect()
}

fn from_sdk(tags: Option<&HashMap<String, String>>) -> Tags {
    tags.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Sets and removes tags; every EKS object has the same two calls, by ARN.
async fn tag<P>(aws: &Aws, region: &str, observed: &Observed<P>, set: &Tags, remove: &[String]) -> Result<(), Error> {
    let Some(arn) = observed.outputs.get("arn").and_then(|arn| arn.as_str()) else {
        return Err(Error::bug(format!("{} was read without its ARN", observed.id)));
    };
    let eks = aws.eks(region);
    if !set.is_empty() {
        let request = || eks.tag_resource().resource_arn(arn).set_tags(Some(to_sdk(set.clone()))).send();
        call("eks:TagResource", request).await?;
    }
    if !remove.is_empty() {
        let request = || eks.untag_resource().resource_arn(arn).set_tag_keys(Some(remove.to_vec())).send();
        call("eks:UntagResource", request).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_the_service_have_one_meaning() {
        let issues = ["InsufficientNumberOfReplicas: no nodes".to_owned()];
        let rows = [
            ("ACTIVE", Status::Ready),
            ("CREATING", Status::Pending("CREATING".to_owned())),
            ("UPDATING", Status::Pending("UPDATING".to_owned())),
            ("DELETING", Status::Deleting),
            ("DEGRADED", Status::Degraded(issues[0].clone())),
            ("UPDATE_FAILED", Status::Degraded(issues[0].clone())),
            ("CREATE_FAILED", Status::Failed(issues[0].clone())),
            ("FAILED", Status::Failed(issues[0].clone())),
        ];
        for (word, expected) in rows {
            assert_eq!(status(word, &issues), expected, "{word}");
        }
        assert_eq!(status("FAILED", &[]), Status::Failed("FAILED".to_owned()));
    }

    #[test]
    fn ids_within_a_cluster_hold_the_cluster() {
        let id = join("shop", "arn:aws:iam::1:role/path/admin");
        assert_eq!(split(&id), Ok(("shop", "arn:aws:iam::1:role/path/admin")));
        assert!(split("shop").is_err());
    }
}
