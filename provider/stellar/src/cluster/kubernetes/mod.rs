//! The section `kubernetes`: an EKS cluster with its roles, add-ons, access and node pools.
//!
//! The order is fixed: roles and log group, cluster, the add-ons that nodes need, node pools, the
//! add-ons that need nodes.

mod expand;
mod facts;
mod images;
pub mod ladder;
mod model;
mod nodes;
mod outputs;
mod roles;
pub mod succession;
mod validate;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use expand::expand;
pub use facts::{check_zones, facts};
pub use model::{Access, Addon, Eks, Endpoint, Kubernetes, NodePool, NodePoolState, PodIdentity, Taint};
pub use outputs::outputs;
pub use validate::{check_change, validate};

/// What was looked up for this section.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The version of a cluster whose configuration names none; empty until looked up.
    pub version: String,
    /// Recommended add-on versions, by Kubernetes version and add-on.
    pub addons: BTreeMap<String, BTreeMap<String, String>>,
    /// Add-on versions that the configuration names and EKS offers, by Kubernetes version and add-on.
    pub pinned: BTreeMap<String, BTreeMap<String, String>>,
    /// Instance types that the region was found to offer.
    pub types: BTreeSet<String>,
}

/// Add-ons that nodes need to become ready, and that run without nodes.
const BEFORE_NODES: [&str; 3] = ["eks-pod-identity-agent", "kube-proxy", "vpc-cni"];
/// Add-ons of every cluster that need nodes.
const AFTER_NODES: [&str; 2] = ["aws-ebs-csi-driver", "coredns"];
/// Namespace and service account of the EBS driver, which gets its role by pod identity.
const EBS_SERVICE_ACCOUNT: (&str, &str) = ("kube-system", "ebs-csi-controller-sa");
