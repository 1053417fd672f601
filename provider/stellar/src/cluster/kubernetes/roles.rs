//! IAM roles of the section: control plane, nodes, pods.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stellar_aws::{iam::role::Role, partition};

use super::PodIdentity;
use crate::cluster::{
    build::Builder,
    known::{NotYetKnown, known},
};

/// Role names are limited to 64 characters (API reference of CreateRole).
const LIMIT: usize = 64;

/// The control plane's role.
pub(super) fn cluster(b: &Builder<'_>) -> Role {
    Role {
        name: b.names.unique("eks", LIMIT),
        description: Some(format!("EKS control plane of the stack {}", b.names.stack())),
        trust: trust("eks.amazonaws.com"),
        managed_policy_arns: managed(b, &["AmazonEKSClusterPolicy"]),
        ..Role::default()
    }
}

/// The nodes' role: joining, pulling images, addresses for pods, and Session Manager in place of SSH.
pub(super) fn node(b: &Builder<'_>) -> Role {
    let policies = [
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKS_CNI_Policy",
        "AmazonSSMManagedInstanceCore",
    ];
    Role {
        name: b.names.unique("eks-node", LIMIT),
        description: Some(format!("EKS nodes of the stack {}", b.names.stack())),
        trust: trust(&partition::ec2_principal(&b.facts.partition)),
        managed_policy_arns: managed(b, &policies),
        ..Role::default()
    }
}

/// The EBS driver's role.
pub(super) fn ebs_driver(b: &Builder<'_>) -> Role {
    Role {
        name: b.names.unique("eks-ebs-csi", LIMIT),
        description: Some(format!("EBS driver in the stack {}", b.names.stack())),
        trust: pod_trust(b),
        managed_policy_arns: managed(b, &["service-role/AmazonEBSCSIDriverPolicy"]),
        ..Role::default()
    }
}

/// The role of a service account.
pub(super) fn pod(b: &Builder<'_>, name: &str, identity: &PodIdentity) -> Result<Role, NotYetKnown> {
    let attribute = |field: &str| format!("kubernetes.pod_identities[{name:?}].{field}");
    let arns = known(&identity.policy_arns, &attribute("policy_arns"))?;
    let document = identity.policy_json.as_ref().map(|json| {
        // Validation has refused what is no JSON.
        serde_json::from_str(json).unwrap_or_else(|_| Value::String(json.clone()))
    });
    let inline = match document {
        tfplugin_sdk::Attr::Null => None,
        tfplugin_sdk::Attr::Unknown => Some(stellar_engine::input::unknown()),
        tfplugin_sdk::Attr::Known(document) => Some(document),
    };
    Ok(Role {
        name: b.names.unique(&format!("pod-{name}"), LIMIT),
        description: Some(format!("Pods {name} of the stack {}", b.names.stack())),
        trust: pod_trust(b),
        managed_policy_arns: arns.cloned().unwrap_or_default(),
        inline_policies: BTreeMap::from_iter(inline.map(|document| ("access".to_owned(), document))),
        ..Role::default()
    })
}

fn managed(b: &Builder<'_>, names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| format!("arn:{}:iam::aws:policy/{name}", b.facts.partition)).collect()
}

fn trust(service: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    })
}

/// For EKS Pod Identity, on behalf of clusters of this account alone (EKS User Guide, "Create IAM role with trust policy").
fn pod_trust(b: &Builder<'_>) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {"StringEquals": {"aws:SourceAccount": b.facts.account}},
        }],
    })
}
