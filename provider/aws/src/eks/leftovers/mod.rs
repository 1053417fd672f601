//! What controllers inside a cluster have made, and nobody removes once the nodes that they ran on are gone.
//!
//! It is swept when no node is left, so that nothing is made again, and while the control plane still lives, since EKS
//! removes its own interfaces only then. Only what carries the cluster's exact name in the tag of its controller, is in
//! the cluster's VPC, and was made after the cluster goes; AWS does not say when groups and templates were made. Each
//! call takes the next possible steps:
//!
//! | what | made by | proof |
//! |---|---|---|
//! | load balancers, target groups | AWS Load Balancer Controller, cloud provider, Auto Mode | [`Sweep::is_balancers`] |
//! | instances, launch templates | Karpenter | [`Sweep::is_karpenters`] |
//! | detached interfaces | VPC CNI, VPC resource controller | [`Sweep::is_interface`] |
//! | security groups, after the rules of the cluster's groups that name them | load balancers' controllers | [`Sweep::is_group`] |

mod balancers;
mod groups;
mod instances;
mod interfaces;

use aws_sdk_ec2::primitives::{DateTime, DateTimeFormat};
use futures::try_join;
use stellar_engine::{Blocker, Clearing, Error, Removed, Scope, Tags};

use crate::Aws;

/// Of the AWS Load Balancer Controller (its guide, "Annotations": tags of the resources it creates).
const TAG_BALANCERS: &str = "elbv2.k8s.aws/cluster";
/// Of EKS Auto Mode, and of Karpenter's newer versions.
const TAG_AUTO_MODE: &str = "eks:eks-cluster-name";
/// Of the VPC CNI (its README, "Tags on network interfaces").
const TAG_CNI: &str = "cluster.k8s.amazonaws.com/name";
/// When the VPC CNI made an interface.
const TAG_CNI_CREATED: &str = "node.k8s.amazonaws.com/createdAt";
/// Which program made an interface.
const TAG_CNI_OWNER: &str = "eks:eni:owner";
/// Which cluster a security group was made for by EKS; nobody else can set it.
pub(super) const TAG_EKS: &str = "aws:eks:cluster-name";

const BALANCERS: [&str; 3] = [
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
];
/// What IAM must allow: the tag by which an object is known, its value (`None` = the cluster's name), the actions.
pub(crate) const NEEDS: [(&str, Option<&str>, &[&str], &[&str]); 6] = [
    (
        "kubernetes.io/cluster/",
        Some("owned"),
        &BALANCERS,
        &[
            "ec2:DeleteLaunchTemplate",
            "ec2:DeleteNetworkInterface",
            "ec2:DeleteSecurityGroup",
            "ec2:TerminateInstances",
        ],
    ),
    (TAG_BALANCERS, None, &BALANCERS, &["ec2:DeleteSecurityGroup"]),
    (TAG_AUTO_MODE, None, &BALANCERS, &["ec2:DeleteSecurityGroup"]),
    ("karpenter.k8s.aws/cluster", None, &[], &["ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"]),
    (TAG_CNI, None, &[], &["ec2:DeleteNetworkInterface"]),
    (TAG_EKS, None, &[], &["ec2:DeleteSecurityGroup"]),
];

/// A cluster around which is swept.
#[derive(Clone, Debug)]
pub(super) struct Sweep<'a> {
    pub(super) cluster: &'a str,
    pub(super) vpc: &'a str,
    /// When the cluster was made, in seconds since 1970. `None` = it is gone, and its VPC is one of the stack's own, in
    /// which nothing is older than the stack.
    pub(super) since: Option<i64>,
    /// The group that EKS made for the cluster; `None` = the cluster is gone, and its group goes as well.
    pub(super) own_group: Option<&'a str>,
}

/// What one call has done and what is left.
#[derive(Debug, Default)]
struct Done {
    removed: Vec<Removed>,
    /// What is not gone yet: nouns, one for each.
    waiting: Vec<&'static str>,
    blockers: Vec<Blocker>,
}

impl Done {
    fn removed(&mut self, noun: &'static str, id: &str) {
        self.removed.push(Removed { noun: noun.to_owned(), id: id.to_owned() });
    }

    fn and(mut self, other: Self) -> Self {
        self.removed.extend(other.removed);
        self.waiting.extend(other.waiting);
        self.blockers.extend(other.blockers);
        self
    }
}

/// Takes the next steps: load balancers, instances and interfaces at once, then the groups that they were in.
///
/// # Errors
/// Those of the calls.
pub(super) async fn clear(aws: &Aws, scope: &Scope, sweep: &Sweep<'_>) -> Result<Clearing, Error> {
    let (balancers, instances, interfaces) = try_join!(
        balancers::clear(aws, scope, sweep),
        instances::clear(aws, scope, sweep),
        interfaces::clear(aws, scope, sweep)
    )?;
    let mut done = balancers.and(instances).and(interfaces);
    if done.waiting.is_empty() {
        done = done.and(groups::clear(aws, scope, sweep).await?);
    }
    let Done { removed, waiting, blockers } = done;
    let waiting_for = (!waiting.is_empty()).then(|| format!("waiting for {} to go", counted(&waiting)));
    Ok(Clearing { removed, waiting_for, blockers })
}

/// `2 load balancers and 1 security group`.
fn counted(nouns: &[&str]) -> String {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for noun in nouns {
        match kinds.iter_mut().find(|(kind, _)| kind == noun) {
            Some((_, count)) => *count += 1,
            None => kinds.push((noun, 1)),
        }
    }
    let parts: Vec<String> =
        kinds.iter().map(|(noun, count)| format!("{count} {noun}{}", if *count == 1 { "" } else { "s" })).collect();
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

impl Sweep<'_> {
    /// Not older than the cluster, as far as AWS says.
    fn is_younger(&self, created: Option<&DateTime>) -> bool {
        self.since.is_none_or(|since| created.is_none_or(|created| created.secs() >= since))
    }

    fn owns(&self, tags: &Tags) -> bool {
        tags.get(&format!("kubernetes.io/cluster/{}", self.cluster)).map(String::as_str) == Some("owned")
    }

    fn names(&self, tags: &Tags, key: &str) -> bool {
        tags.get(key).map(String::as_str) == Some(self.cluster)
    }

    /// A load balancer or target group of the cluster's.
    fn is_balancers(&self, tags: &Tags) -> bool {
        self.names(tags, TAG_BALANCERS) || self.names(tags, TAG_AUTO_MODE) || self.owns(tags)
    }

    /// An instance or launch template of Karpenter's.
    fn is_karpenters(&self, tags: &Tags) -> bool {
        let here = self.owns(tags) || self.names(tags, "karpenter.k8s.aws/cluster");
        here && tags.keys().any(|key| key.starts_with("karpenter.sh/") || key.starts_with("karpenter.k8s.aws/"))
    }

    /// An interface that the CNI or the resource controller gave to pods of the cluster, and made after it.
    fn is_interface(&self, tags: &Tags) -> bool {
        let pods = self.names(tags, TAG_CNI) || (self.owns(tags) && tags.contains_key(TAG_CNI_OWNER));
        let created =
            tags.get(TAG_CNI_CREATED).and_then(|text| DateTime::from_str(text, DateTimeFormat::DateTime).ok());
        pods && self.is_younger(created.as_ref())
    }

    /// A security group of a load balancer's. Users give the tag of the cloud provider to groups of their own as well, so
    /// that its description must be the provider's, too (Kubernetes' cloud-provider-aws, `ensureLoadBalancer`).
    fn is_group(&self, tags: &Tags, description: &str) -> bool {
        self.names(tags, TAG_BALANCERS)
            || (self.owns(tags) && description.starts_with("Security group for Kubernetes ELB"))
            || (self.own_group.is_none() && self.names(tags, TAG_EKS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    const SHOP: Sweep<'_> = Sweep { cluster: "shop", vpc: "vpc-1", since: Some(1_000), own_group: Some("sg-1") };

    #[test]
    fn only_the_exact_name_in_a_controllers_tag_proves_what_is_the_clusters() {
        let rows: [(&[(&str, &str)], bool, bool, bool, bool); 14] = [
            (&[], false, false, false, false),
            (&[("elbv2.k8s.aws/cluster", "shop")], true, false, false, true),
            (&[("elbv2.k8s.aws/cluster", "shop-2")], false, false, false, false),
            (&[("elbv2.k8s.aws/cluster", "sho")], false, false, false, false),
            (&[("eks:eks-cluster-name", "shop")], true, false, false, false),
            (&[("kubernetes.io/cluster/shop", "owned")], true, false, false, false),
            (&[("kubernetes.io/cluster/shop", "shared")], false, false, false, false),
            (&[("kubernetes.io/cluster/shop-2", "owned")], false, false, false, false),
            (&[("kubernetes.io/cluster/shop", "owned"), ("karpenter.sh/nodepool", "a")], true, true, false, false),
            (&[("kubernetes.io/cluster/shop-2", "owned"), ("karpenter.sh/nodepool", "a")], false, false, false, false),
            (&[("karpenter.k8s.aws/cluster", "shop")], false, true, false, false),
            (&[("cluster.k8s.amazonaws.com/name", "shop")], false, false, true, false),
            (&[("kubernetes.io/cluster/shop", "owned"), ("eks:eni:owner", "x")], true, false, true, false),
            (&[("aws:eks:cluster-name", "shop")], false, false, false, false),
        ];
        for (pairs, balancer, karpenter, interface, group) in rows {
            let tags = tags(pairs);
            let found = (
                SHOP.is_balancers(&tags),
                SHOP.is_karpenters(&tags),
                SHOP.is_interface(&tags),
                SHOP.is_group(&tags, ""),
            );
            assert_eq!(found, (balancer, karpenter, interface, group), "{pairs:?}");
        }
        let owned = tags(&[("kubernetes.io/cluster/shop", "owned")]);
        assert!(SHOP.is_group(&owned, "Security group for Kubernetes ELB a1 (shop/web)"));
        assert!(!SHOP.is_group(&owned, "EKS node shared security group"));
        let orphan = Sweep { since: None, own_group: None, ..SHOP };
        assert!(orphan.is_group(&tags(&[("aws:eks:cluster-name", "shop")]), ""));
        assert!(!orphan.is_group(&tags(&[("aws:eks:cluster-name", "shop-2")]), ""));
    }

    #[test]
    fn what_is_older_than_the_cluster_is_an_earlier_ones() {
        for (created, younger) in [(None, true), (Some(999), false), (Some(1_000), true)] {
            let created = created.map(DateTime::from_secs);
            assert_eq!(SHOP.is_younger(created.as_ref()), younger, "{created:?}");
            assert!(Sweep { since: None, ..SHOP }.is_younger(created.as_ref()));
        }
        for (created, ours) in [("1970-01-01T00:16:39Z", false), ("1970-01-01T00:16:41Z", true), ("soon", true)] {
            let tags = tags(&[("cluster.k8s.amazonaws.com/name", "shop"), (TAG_CNI_CREATED, created)]);
            assert_eq!(SHOP.is_interface(&tags), ours, "{created}");
        }
    }

    #[test]
    fn what_is_waited_for_is_counted() {
        let rows: [(&[&str], &str); 3] = [
            (&["load balancer"], "1 load balancer"),
            (&["load balancer", "instance", "load balancer"], "2 load balancers and 1 instance"),
            (&["a", "b", "c"], "1 a, 1 b and 1 c"),
        ];
        for (nouns, expected) in rows {
            assert_eq!(counted(nouns), expected);
        }
    }
}
