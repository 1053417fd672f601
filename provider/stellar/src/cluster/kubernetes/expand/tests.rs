//! Configurations and their components.

use stellar_engine::{Component, Tags};

use super::super::{NodePool, PodIdentity};
use super::*;
use crate::cluster::{build::NetworkRefs, facts::Facts};

fn map<T: Clone>(entries: &[(&str, T)]) -> Attr<BTreeMap<String, T>> {
    Attr::Known(entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn pool(instance_type: &str, min: i64, max: i64) -> NodePool {
    let types = vec![instance_type.to_owned()];
    NodePool { instance_types: types.into(), min: min.into(), max: max.into(), ..NodePool::default() }
}

fn facts() -> Facts {
    let addons = BTreeMap::from([("coredns".to_owned(), "v1.12.4-eksbuild.1".to_owned())]);
    let mut facts = Facts { account: "123456789012".to_owned(), partition: "aws".to_owned(), ..Facts::default() };
    facts.kubernetes.version = "1.34".to_owned();
    facts.kubernetes.addons = BTreeMap::from([("1.34".to_owned(), addons)]);
    facts
}

fn expanded(config: &Kubernetes, facts: &Facts, own_key: Option<&str>) -> Result<Vec<Component>, NotYetKnown> {
    let mut b = Builder::new("shop", "0123456789abcdef0123456789abcdef", "us-east-1", facts, Tags::new());
    b.network = NetworkRefs {
        private_subnet_ids: vec!["subnet-a".into(), "subnet-b".into()],
        egress: vec![address!("network/route/private/a")],
        ..NetworkRefs::default()
    };
    expand(config, own_key.map(Input::from), Input::Known(true), &mut b)?;
    Ok(b.finish())
}

fn lines(components: &[Component]) -> Vec<String> {
    components.iter().map(|component| format!("{} {}", place(component), component.kind)).collect()
}

/// The component at an address; a node pool's without its generation.
fn find<'a>(components: &'a [Component], address: &str) -> &'a Component {
    components.iter().find(|component| place(component) == address).expect(address)
}

fn place(component: &Component) -> &str {
    let address = component.address.as_str();
    match address.starts_with("kubernetes/node-pool/") {
        true => address.rsplit_once('/').map_or(address, |(place, _)| place),
        false => address,
    }
}

const MINIMAL: [&str; 12] = [
    "kubernetes/key kms/key",
    "kubernetes/role/cluster iam/role",
    "kubernetes/log-group logs/log-group",
    "kubernetes/cluster eks/cluster",
    "kubernetes/addon/eks-pod-identity-agent eks/addon",
    "kubernetes/addon/kube-proxy eks/addon",
    "kubernetes/addon/vpc-cni eks/addon",
    "kubernetes/role/ebs-csi iam/role",
    "kubernetes/addon-identity/aws-ebs-csi-driver eks/pod-identity-association",
    "kubernetes/role/node iam/role",
    "kubernetes/addon/aws-ebs-csi-driver eks/addon",
    "kubernetes/addon/coredns eks/addon",
];

#[test]
fn components_follow_from_the_configuration_alone() {
    let full = Kubernetes {
        addons: map(&[("metrics-server", Addon::default()), ("vpc-cni", Addon::default())]),
        access: map(&[("admins", Access { policy: "cluster-admin".into(), ..Access::default() })]),
        pod_identities: map(&[("secrets", PodIdentity::default())]),
        node_pools: map(&[("api", pool("m5.xlarge", 3, 20)), ("ai", pool("g4dn.xlarge", 2, 10))]),
        ..Kubernetes::default()
    };
    let added = [
        "kubernetes/access/admins eks/access-entry",
        "kubernetes/pod-identity-role/secrets iam/role",
        "kubernetes/pod-identity/secrets eks/pod-identity-association",
        "kubernetes/launch-template/ai ec2/launch-template",
        "kubernetes/node-pool/ai eks/node-group",
        "kubernetes/launch-template/api ec2/launch-template",
        "kubernetes/node-pool/api eks/node-group",
        "kubernetes/addon/metrics-server eks/addon",
    ];
    let rows = [
        (Kubernetes::default(), None, MINIMAL.to_vec()),
        (Kubernetes::default(), Some("arn:aws:kms:::key/own"), MINIMAL[1..].to_vec()),
        (full, None, MINIMAL.iter().chain(&added).copied().collect()),
    ];
    for (config, own_key, mut expected) in rows {
        expected.sort_unstable();
        for facts in [Facts::default(), facts()] {
            let mut found = lines(&expanded(&config, &facts, own_key).expect("known"));
            found.sort_unstable();
            assert_eq!(found, expected, "{config:?}");
        }
    }
}

#[test]
fn nodes_come_after_the_add_ons_that_they_need_and_before_those_that_need_them() {
    let config = Kubernetes { node_pools: map(&[("api", pool("m5.xlarge", 3, 20))]), ..Kubernetes::default() };
    let components = expanded(&config, &facts(), None).expect("known");
    let rows = [
        ("kubernetes/cluster", "kubernetes/log-group"),
        ("kubernetes/cluster", "kubernetes/role/cluster"),
        ("kubernetes/cluster", "kubernetes/key"),
        ("kubernetes/addon/vpc-cni", "kubernetes/cluster"),
        ("kubernetes/node-pool/api", "kubernetes/addon/vpc-cni"),
        ("kubernetes/node-pool/api", "kubernetes/addon/kube-proxy"),
        ("kubernetes/node-pool/api", "kubernetes/addon/eks-pod-identity-agent"),
        ("kubernetes/node-pool/api", "kubernetes/role/node"),
        ("kubernetes/node-pool/api", "network/route/private/a"),
        ("kubernetes/addon/coredns", "kubernetes/node-pool/api"),
        ("kubernetes/addon/aws-ebs-csi-driver", "kubernetes/node-pool/api"),
        ("kubernetes/addon/aws-ebs-csi-driver", "kubernetes/addon-identity/aws-ebs-csi-driver"),
    ];
    for (later, earlier) in rows {
        let dependencies = find(&components, later).dependencies();
        let is_there = |address: &Address| {
            address.as_str().strip_prefix(earlier).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        assert!(dependencies.iter().any(is_there), "{later} after {earlier}");
    }
}

#[test]
fn versions_are_the_configured_ones_else_the_ones_that_were_looked_up() {
    let pinned = Addon { version: "v9".into(), ..Addon::default() };
    let rows = [
        // configured version, pinned coredns, facts; version of the cluster, of coredns, whether it is pinned
        (Attr::Null, None, facts(), Some("1.34"), Some("v1.12.4-eksbuild.1"), false),
        (Attr::Null, Some(&pinned), facts(), Some("1.34"), Some("v9"), false),
        (Attr::from("1.35"), None, facts(), Some("1.35"), None, true),
        (Attr::Null, None, Facts::default(), None, None, false),
    ];
    for (version, coredns, facts, cluster_version, coredns_version, is_pinned) in rows {
        let addons = coredns.map(|addon| BTreeMap::from([("coredns".to_owned(), addon.clone())]));
        let config = Kubernetes { version, addons: addons.into(), ..Kubernetes::default() };
        let components = expanded(&config, &facts, None).expect("known");
        let cluster = &find(&components, "kubernetes/cluster").desired;
        assert_eq!(cluster["version"].as_str(), cluster_version, "{config:?}");
        assert_eq!(cluster["version_pinned"], is_pinned, "{config:?}");
        assert_eq!(find(&components, "kubernetes/addon/coredns").desired["version"].as_str(), coredns_version);
    }
}

#[test]
fn a_value_of_another_resource_may_be_unknown_where_it_decides_nothing() {
    let access = Access { principal_arn: Attr::Unknown, policy: "view".into(), ..Access::default() };
    let addon = Addon { configuration: Attr::Unknown, ..Addon::default() };
    let config =
        Kubernetes { access: map(&[("a", access)]), addons: map(&[("coredns", addon)]), ..Kubernetes::default() };
    let components = expanded(&config, &facts(), None).expect("known");
    assert_eq!(find(&components, "kubernetes/access/a").desired["principal_arn"], input::unknown());
    assert_eq!(find(&components, "kubernetes/addon/coredns").desired["configuration"], input::unknown());

    let undecided = Kubernetes { node_pools: Attr::Unknown, ..Kubernetes::default() };
    assert_eq!(expanded(&undecided, &facts(), None), Err(NotYetKnown("kubernetes.node_pools".to_owned())));
}

#[test]
fn a_pool_has_the_image_and_disk_of_its_instance_type() {
    let bottlerocket = NodePool { image: "BOTTLEROCKET_x86_64".into(), ..pool("m5.large", 1, 3) };
    let rows = [
        (pool("m5.xlarge", 3, 20), "AL2023_x86_64_STANDARD", "/dev/xvda", 3),
        (pool("g4dn.xlarge", 0, 10), "AL2023_x86_64_NVIDIA", "/dev/xvda", 0),
        (NodePool { desired: 2.into(), ..bottlerocket }, "BOTTLEROCKET_x86_64", "/dev/xvdb", 2),
    ];
    for (pool, image, device, desired) in rows {
        let config = Kubernetes { node_pools: map(&[("api", pool)]), ..Kubernetes::default() };
        let components = expanded(&config, &facts(), None).expect("known");
        let group = &find(&components, "kubernetes/node-pool/api").desired;
        assert_eq!((&group["image"], &group["desired"]), (&image.into(), &desired.into()));
        assert_eq!(group["capacity"], "ON_DEMAND");
        assert_eq!(find(&components, "kubernetes/launch-template/api").desired["disk_device"], device);
    }
}

#[test]
fn nodes_are_ec2s_under_its_name_in_the_partition() {
    for (partition, service) in [("aws", "ec2.amazonaws.com"), ("aws-cn", "ec2.amazonaws.com.cn")] {
        let facts = Facts { partition: partition.to_owned(), ..facts() };
        let config = Kubernetes { node_pools: map(&[("web", pool("m5.large", 1, 2))]), ..Kubernetes::default() };
        let components = expanded(&config, &facts, None).expect("known");
        let role = &find(&components, "kubernetes/role/node").desired;
        assert_eq!(role["trust"]["Statement"][0]["Principal"]["Service"], service);
        let arns = role["managed_policy_arns"].to_string();
        assert!(arns.contains(&format!("arn:{partition}:iam::aws:policy/AmazonEKS_CNI_Policy")), "{arns}");
    }
}
