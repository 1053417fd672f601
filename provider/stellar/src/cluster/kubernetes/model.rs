//! Inputs and outputs of the section, as users see them.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin_sdk::{Attr, Schema};

/// An EKS cluster.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Kubernetes {
    /// Kubernetes version, for instance `1.35`. Default: the one that EKS recommends when the stack is created, which
    /// then stays. A newer version is reached in one apply, one minor at a time: control plane, add-ons, nodes, then the
    /// next minor. An apply that was interrupted goes on where it stopped. No version goes back.
    pub version: Attr<String>,
    /// Upgrades although EKS's upgrade insights have found something that breaks with the next version. Default: false,
    /// the upgrade stops before the first such version and names the findings.
    pub force_upgrade: Attr<bool>,
    /// `standard` (default): AWS upgrades the cluster when standard support of its version ends. `extended`: it stays
    /// for another year, at six times the price.
    pub support: Attr<String>,
    /// Who reaches the API server. Default: the VPC alone.
    pub endpoint: Attr<Endpoint>,
    /// Logs of the control plane that are sent to CloudWatch: `api`, `audit`, `authenticator`, `controllerManager`,
    /// `scheduler`. Default: `api`, `audit`, `authenticator`.
    pub logs: Attr<BTreeSet<String>>,
    /// Days for which these logs are kept. Default: 30.
    pub log_retention_days: Attr<i64>,
    /// EKS add-ons by name. `vpc-cni`, `kube-proxy`, `eks-pod-identity-agent`, `coredns` and `aws-ebs-csi-driver` are
    /// always there; an entry pins or configures one, or adds another.
    pub addons: Attr<BTreeMap<String, Addon>>,
    /// Who may use the Kubernetes API, by a name of your choice. Nobody else may: also the creator of the cluster needs
    /// an entry.
    pub access: Attr<BTreeMap<String, Access>>,
    /// IAM roles of Kubernetes service accounts, by a name of your choice.
    pub pod_identities: Attr<BTreeMap<String, PodIdentity>>,
    /// Managed node groups by name.
    pub node_pools: Attr<BTreeMap<String, NodePool>>,
    /// What a destroy does with the volumes that the EBS driver has made for pods: `keep` (default) leaves them and
    /// names them in `retained`, `delete` deletes them after the nodes are gone.
    pub volumes: Attr<String>,
}

/// Who reaches the API server.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Endpoint {
    /// Reachable from the VPC. Default: true.
    pub private: Attr<bool>,
    /// IPv4 blocks from which it is reachable over the internet. Default: none, closed.
    pub public_cidrs: Attr<BTreeSet<String>>,
}

/// An EKS add-on.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Addon {
    /// Version, for instance `v1.20.4-eksbuild.1`. Default: the one that EKS recommends for the Kubernetes version.
    pub version: Attr<String>,
    /// Configuration as JSON (`jsonencode({...})`); its schema is the add-on's own.
    pub configuration: Attr<String>,
}

/// The rights of one IAM principal.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Access {
    /// ARN of an IAM role or user. Not of a session: name the role behind `assumed-role`.
    #[attr(required)]
    pub principal_arn: Attr<String>,
    /// `cluster-admin`, `admin`, `admin-view`, `edit` or `view`, or the ARN of an EKS access policy. May be left out
    /// where `kubernetes_groups` gives the rights.
    pub policy: Attr<String>,
    /// Namespaces in which the policy holds. Default: the whole cluster.
    pub namespaces: Attr<BTreeSet<String>>,
    /// Groups of which the principal is a member, for role bindings within Kubernetes. Default: none.
    pub kubernetes_groups: Attr<BTreeSet<String>>,
}

/// The IAM role of a Kubernetes service account.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct PodIdentity {
    /// Namespace of the service account; it need not exist yet.
    #[attr(required)]
    pub namespace: Attr<String>,
    /// Name of the service account; it need not exist yet.
    #[attr(required)]
    pub service_account: Attr<String>,
    /// ARNs of managed policies for the role.
    pub policy_arns: Attr<BTreeSet<String>>,
    /// A policy document for the role, as JSON.
    pub policy_json: Attr<String>,
}

/// A group of equal nodes.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct NodePool {
    /// Equivalent instance types, the preferred one first. Another list makes a new pool first; then the old one is
    /// drained and goes.
    #[attr(required)]
    pub instance_types: Attr<Vec<String>>,
    /// Least number of nodes. Default: 1.
    pub min: Attr<i64>,
    /// Number of nodes at creation; the autoscaler owns it afterwards. Default: `min`.
    pub desired: Attr<i64>,
    /// Greatest number of nodes, at least 1.
    #[attr(required)]
    pub max: Attr<i64>,
    /// The zones in which its nodes are, by name and among those of the network; with `network.existing` those of its private
    /// subnets. Default: all. Other zones make a new pool first; then the old one is drained and goes.
    pub availability_zones: Attr<BTreeSet<String>>,
    /// `on_demand` (default) or `spot`. Another one makes a new pool first; then the old one is drained and goes.
    pub capacity: Attr<String>,
    /// Size of each node's encrypted gp3 disk in GiB. Default: 50. Another size renews the nodes one after the other.
    pub disk_gb: Attr<i64>,
    /// Kubernetes labels, changed in place.
    pub labels: Attr<BTreeMap<String, String>>,
    /// Kubernetes taints, changed in place.
    pub taints: Attr<Vec<Taint>>,
    /// EKS image type, for instance `AL2023_x86_64_STANDARD`. Default: Amazon Linux 2023 for the first instance type's
    /// processor, with drivers where it has accelerators. Another one makes a new pool first; then the old one is
    /// drained and goes.
    pub image: Attr<String>,
    /// Release of the image, for instance `1.35.4-20261105`. Default: the newest whenever nodes are made or renewed.
    /// Another one renews the nodes one after the other.
    pub release: Attr<String>,
    /// How many nodes may be renewed at once, as a share (`33%`, the default) or a number (`2`).
    pub max_unavailable: Attr<String>,
}

/// A Kubernetes taint.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Taint {
    /// For instance `nvidia.com/gpu`.
    #[attr(required)]
    pub key: Attr<String>,
    /// Default: empty.
    pub value: Attr<String>,
    /// `NoSchedule`, `NoExecute` or `PreferNoSchedule`.
    #[attr(required)]
    pub effect: Attr<String>,
}

/// The EKS cluster.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Eks {
    /// The cluster's name, for `aws eks update-kubeconfig`.
    #[attr(computed)]
    pub name: Attr<String>,
    /// The cluster's ARN.
    #[attr(computed)]
    pub arn: Attr<String>,
    /// The Kubernetes version that the control plane runs.
    #[attr(computed)]
    pub version: Attr<String>,
    /// URL of the API server.
    #[attr(computed)]
    pub endpoint: Attr<String>,
    /// Certificate of the API server's authority, base64.
    #[attr(computed)]
    pub certificate_authority: Attr<String>,
    /// URL of the cluster's OpenID Connect issuer.
    #[attr(computed)]
    pub oidc_issuer: Attr<String>,
    /// The security group that control plane, nodes and pods share.
    #[attr(computed)]
    pub security_group_id: Attr<String>,
    /// ARN of the control plane's role.
    #[attr(computed)]
    pub cluster_role_arn: Attr<String>,
    /// ARN of the nodes' role.
    #[attr(computed)]
    pub node_role_arn: Attr<String>,
    /// ARNs of the roles of pod identities, by their name.
    #[attr(computed)]
    pub pod_identity_role_arns: Attr<BTreeMap<String, Attr<String>>>,
    /// Node pools by name.
    #[attr(computed)]
    pub node_pools: Attr<BTreeMap<String, NodePoolState>>,
}

/// A node pool as it is.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct NodePoolState {
    /// Name of the EKS node group.
    #[attr(computed)]
    pub name: Attr<String>,
    /// ARN of the EKS node group.
    #[attr(computed)]
    pub arn: Attr<String>,
    /// Name of its Auto Scaling group.
    #[attr(computed)]
    pub autoscaling_group: Attr<String>,
}
