//! Configurations and what is wrong with them.

use super::super::{NodePool, Taint};
use super::*;

fn set(items: &[&str]) -> Attr<BTreeSet<String>> {
    Attr::Known(items.iter().map(|item| (*item).to_owned()).collect())
}

fn map<T: Clone>(entries: &[(&str, T)]) -> Attr<BTreeMap<String, T>> {
    Attr::Known(entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn pool(types: &[&str], min: i64, max: i64) -> NodePool {
    let types: Vec<String> = types.iter().map(|name| (*name).to_owned()).collect();
    NodePool { instance_types: types.into(), min: min.into(), max: max.into(), ..NodePool::default() }
}

fn pools(pool: NodePool) -> Kubernetes {
    Kubernetes { node_pools: map(&[("api", pool)]), ..Kubernetes::default() }
}

fn access(arn: &str, policy: &str) -> Access {
    Access { principal_arn: arn.into(), policy: policy.into(), ..Access::default() }
}

fn identity(namespace: &str, service_account: &str) -> PodIdentity {
    PodIdentity { namespace: namespace.into(), service_account: service_account.into(), ..PodIdentity::default() }
}

/// One line per message: `path: summary`.
fn messages(config: &Kubernetes) -> Vec<String> {
    let mut d = Diagnostics::new();
    validate(config, &Path::root().attr("kubernetes"), &mut d);
    let line =
        |path: Option<&Path>, summary: &str| format!("{}: {summary}", path.map(Path::to_string).unwrap_or_default());
    d.iter().map(|message| line(message.path.as_ref(), &message.summary)).collect()
}

#[test]
fn a_wrong_value_is_told_with_its_path() {
    let m5 = || pool(&["m5.large"], 1, 3);
    let endpoint = |private, cidrs: &[&str]| Kubernetes {
        endpoint: Endpoint { private, public_cidrs: set(cidrs) }.into(),
        ..Kubernetes::default()
    };
    let taint = Taint { key: "gpu".into(), effect: "no".into(), ..Taint::default() };
    let rows: Vec<(Kubernetes, &str)> = vec![
        (Kubernetes { version: "1.35.2".into(), ..Kubernetes::default() }, "version: Invalid Kubernetes version"),
        (Kubernetes { support: "long".into(), ..Kubernetes::default() }, "support: Unknown value"),
        (endpoint(Attr::Known(false), &[]), "endpoint.public_cidrs: Unreachable API server"),
        (endpoint(Attr::Null, &["10.0.0.1/8"]), "endpoint.public_cidrs: Invalid CIDR block"),
        (endpoint(Attr::Null, &["10.0.0.0"]), "endpoint.public_cidrs: Invalid CIDR block"),
        (endpoint(Attr::Null, &["10.0.0.0/33"]), "endpoint.public_cidrs: Invalid CIDR block"),
        (Kubernetes { logs: set(&["apis"]), ..Kubernetes::default() }, "logs: Unknown value"),
        (
            Kubernetes { log_retention_days: 31.into(), ..Kubernetes::default() },
            "log_retention_days: Invalid retention",
        ),
        (
            Kubernetes { addons: map(&[("VPC", Addon::default())]), ..Kubernetes::default() },
            r#"addons["VPC"]: Invalid add-on"#,
        ),
        (
            Kubernetes {
                addons: map(&[("vpc-cni", Addon { version: "1.20".into(), ..Addon::default() })]),
                ..Kubernetes::default()
            },
            r#"addons["vpc-cni"].version: Invalid add-on version"#,
        ),
        (
            Kubernetes {
                addons: map(&[("vpc-cni", Addon { configuration: "[]".into(), ..Addon::default() })]),
                ..Kubernetes::default()
            },
            r#"addons["vpc-cni"].configuration: Invalid JSON"#,
        ),
        (
            Kubernetes { access: map(&[("a", access("arn:aws:iam::1:role/x", "root"))]), ..Kubernetes::default() },
            r#"access["a"].policy: Unknown access policy"#,
        ),
        (
            Kubernetes {
                access: map(&[("a", access("arn:aws:sts::1:assumed-role/x/y", "view"))]),
                ..Kubernetes::default()
            },
            r#"access["a"].principal_arn: Invalid principal"#,
        ),
        (
            Kubernetes {
                access: map(&[
                    ("a", access("arn:aws:iam::1:role/x", "view")),
                    ("b", access("arn:aws:iam::1:role/x", "edit")),
                ]),
                ..Kubernetes::default()
            },
            r#"access["b"].principal_arn: Principal named twice"#,
        ),
        (
            Kubernetes {
                pod_identities: map(&[("a", identity("x", "y")), ("b", identity("x", "y"))]),
                ..Kubernetes::default()
            },
            r#"pod_identities["b"].service_account: Service account named twice"#,
        ),
        (
            Kubernetes {
                pod_identities: map(&[("a", identity("kube-system", "ebs-csi-controller-sa"))]),
                ..Kubernetes::default()
            },
            r#"pod_identities["a"].service_account: Service account in use"#,
        ),
        (
            Kubernetes {
                pod_identities: map(&[("a", PodIdentity { policy_arns: set(&["ReadOnly"]), ..identity("x", "y") })]),
                ..Kubernetes::default()
            },
            r#"pod_identities["a"].policy_arns: Invalid policy"#,
        ),
        (
            Kubernetes { node_pools: map(&[("Api", m5())]), ..Kubernetes::default() },
            r#"node_pools["Api"]: Invalid name"#,
        ),
        (
            Kubernetes { node_pools: map(&[("a--b", m5())]), ..Kubernetes::default() },
            r#"node_pools["a--b"]: Invalid name"#,
        ),
        (pools(pool(&["m5.large"], 4, 3)), r#"node_pools["api"].min: min is greater than max"#),
        (pools(pool(&["m5.large"], 0, 0)), r#"node_pools["api"].max: Number out of range"#),
        (pools(NodePool { desired: 9.into(), ..m5() }), r#"node_pools["api"].desired: desired is out of bounds"#),
        (pools(pool(&[], 1, 3)), r#"node_pools["api"].instance_types: Invalid number of instance types"#),
        (pools(pool(&["m5"], 1, 3)), r#"node_pools["api"].instance_types[0]: Invalid instance type"#),
        (pools(pool(&["m5.large", "m7g.large"], 1, 3)), r#"node_pools["api"].instance_types: Mixed processors"#),
        (
            pools(NodePool { image: "AL2023_ARM_64_STANDARD".into(), ..m5() }),
            r#"node_pools["api"].image: Image for another processor"#,
        ),
        (pools(NodePool { image: "AL2_x86_64".into(), ..m5() }), r#"node_pools["api"].image: Unknown value"#),
        (
            pools(NodePool { capacity: "capacity_block".into(), ..m5() }),
            r#"node_pools["api"].capacity: Not for node pools"#,
        ),
        (pools(NodePool { capacity: "cheap".into(), ..m5() }), r#"node_pools["api"].capacity: Unknown value"#),
        (pools(NodePool { disk_gb: 8.into(), ..m5() }), r#"node_pools["api"].disk_gb: Number out of range"#),
        (
            pools(NodePool { max_unavailable: "all".into(), ..m5() }),
            r#"node_pools["api"].max_unavailable: Invalid max_unavailable"#,
        ),
        (
            pools(NodePool { taints: vec![taint].into(), ..m5() }),
            r#"node_pools["api"].taints[0].effect: Unknown value"#,
        ),
    ];
    for (config, expected) in rows {
        assert_eq!(messages(&config), [format!("kubernetes.{expected}")], "{config:?}");
    }
}

#[test]
fn right_and_unknown_values_pass() {
    let full = Kubernetes {
        force_upgrade: true.into(),
        volumes: "delete".into(),
        version: "1.35".into(),
        support: "extended".into(),
        endpoint: Endpoint {
            private: false.into(),
            public_cidrs: set(&["203.0.113.0/24", "0.0.0.0/0", "10.0.0.1/32"]),
        }
        .into(),
        logs: set(&LOGS),
        log_retention_days: 365.into(),
        addons: map(&[("vpc-cni", Addon { version: "v1.20.4-eksbuild.1".into(), configuration: "{}".into() })]),
        access: map(&[("admins", access("arn:aws:iam::123456789012:role/admin", "cluster-admin"))]),
        pod_identities: map(&[("external-secrets", identity("external-secrets", "external-secrets"))]),
        node_pools: map(&[("api", pool(&["m5.xlarge"], 3, 20)), ("ai", pool(&["g4dn.xlarge"], 0, 10))]),
    };
    let unknown_pool = NodePool { min: Attr::Unknown, desired: 9.into(), ..pool(&["m5.large"], 1, 3) };
    let unknown = Kubernetes {
        version: Attr::Unknown,
        endpoint: Endpoint { private: false.into(), public_cidrs: Attr::Unknown }.into(),
        access: map(&[("a", Access { principal_arn: Attr::Unknown, policy: Attr::Unknown, ..Access::default() })]),
        node_pools: map(&[("api", unknown_pool)]),
        ..Kubernetes::default()
    };
    for config in [full, unknown, Kubernetes::default()] {
        assert_eq!(messages(&config), Vec::<String>::new(), "{config:?}");
    }
}
