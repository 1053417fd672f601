//! Versions that run and versions that are desired, and the way between them.

use serde_json::{Value, json};

use super::*;

fn component(address: &str, kind: &'static str, desired: Value) -> Component {
    Component { kind, desired, ..Component::new(address.parse().unwrap(), "us-east-1", &Cluster::default()) }
}

/// A cluster of that version with one pool and two add-ons.
fn graph(version: Value, proxy: &str) -> Graph {
    let addon = |name: &str, version: &str| json!({"name": name, "version": version});
    Graph::new(vec![
        component("kubernetes/cluster", Cluster::KIND, json!({"version": version})),
        component("kubernetes/addon/kube-proxy", Addon::KIND, addon("kube-proxy", proxy)),
        component("kubernetes/addon/vpc-cni", Addon::KIND, addon("vpc-cni", "v2")),
        component("kubernetes/node-pool/api/1", NodeGroup::KIND, json!({"version": version, "release": "r"})),
        component("network/vpc", "ec2/vpc", json!({"version": "4"})),
    ])
    .unwrap()
}

fn observed(cluster: &str, pool: &str) -> BTreeMap<Address, Observed> {
    let at = |version: &str| Observed::new("x", json!({"version": version}));
    BTreeMap::from([(super::cluster(), at(cluster)), (address!("kubernetes/node-pool/api/1"), at(pool))])
}

#[test]
fn every_minor_between_is_a_stop_and_lagging_nodes_are_fetched_first() {
    let rows = [
        (json!("1.33"), "1.33", "1.33", ""),
        (json!("1.34"), "1.33", "1.33", ""),
        (json!("1.35"), "1.33", "1.33", "1.34"),
        (json!("1.36"), "1.33", "1.33", "1.34 1.35"),
        // Interrupted after the control plane, and after the nodes.
        (json!("1.35"), "1.34", "1.33", "1.34"),
        (json!("1.35"), "1.34", "1.34", ""),
        (json!("1.35"), "1.35", "1.34", ""),
        // Backwards is for validation, unknown for the apply.
        (json!("1.33"), "1.35", "1.35", ""),
        (Value::Null, "1.33", "1.33", ""),
    ];
    for (desired, cluster, pool, expected) in rows {
        let found: Vec<String> =
            stops(&graph(desired.clone(), "v1"), &observed(cluster, pool)).iter().map(ToString::to_string).collect();
        assert_eq!(found.join(" "), expected, "{cluster} with nodes {pool} to {desired}");
    }
    assert_eq!(stops(&graph(json!("1.35"), "v1"), &BTreeMap::new()), []);
}

#[test]
fn a_stop_changes_versions_alone() {
    let offer = |versions: &[&str], recommended: &str| Offer {
        versions: versions.iter().map(|version| (*version).to_owned()).collect(),
        recommended: recommended.to_owned(),
    };
    let offers = BTreeMap::from([
        ("kube-proxy".to_owned(), offer(&["v1.34", "v1.33"], "v1.34")),
        ("vpc-cni".to_owned(), offer(&["v3", "v2"], "v3")),
    ]);
    let (before, desired) = (graph(json!("1.33"), "v1.33"), graph(json!("1.35"), "v1.35"));
    let rung = rung(&before, &desired, "1.34".parse().unwrap(), &offers).unwrap();
    let rows = [
        ("kubernetes/cluster", "version", json!("1.34")),
        ("kubernetes/addon/kube-proxy", "version", json!("v1.34")),
        // The last version is offered already.
        ("kubernetes/addon/vpc-cni", "version", json!("v2")),
        ("kubernetes/node-pool/api/1", "version", json!("1.34")),
        ("kubernetes/node-pool/api/1", "release", Value::Null),
        ("network/vpc", "version", json!("4")),
    ];
    for (address, field, expected) in rows {
        assert_eq!(rung.get(&address.parse().unwrap()).unwrap().desired[field], expected, "{address}");
    }
}

fn change(kind: &str, action: Action, fields: &[&str]) -> Change {
    Change {
        address: cluster(),
        kind: kind.to_owned(),
        action,
        id: None,
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        reason: None,
        downtime_minutes: 0.0,
        minutes: 30.0,
        data: false,
        lost: false,
        slot: None,
    }
}

#[test]
fn settings_take_less_time_than_versions() {
    let rows: [(&str, &[&str], Option<f32>); 6] = [
        (Cluster::KIND, &["endpoint", "logs", "tags"], Some(4.0)),
        (Cluster::KIND, &["logs", "version"], None),
        (NodeGroup::KIND, &["labels", "size"], Some(1.0)),
        (NodeGroup::KIND, &["tags"], Some(0.0)),
        (NodeGroup::KIND, &["labels", "launch_template_version"], None),
        ("rds/instance", &["storage_gb"], None),
    ];
    for (kind, fields, expected) in rows {
        assert_eq!(settings_minutes(&change(kind, Action::Update, fields)), expected, "{kind} {fields:?}");
    }
}

#[test]
fn a_stop_changes_and_waits_but_makes_and_removes_nothing() {
    let rows = [
        (Cluster::KIND, Action::Update, true),
        (NodeGroup::KIND, Action::Wait, true),
        (NodeGroup::KIND, Action::Create, false),
        (Addon::KIND, Action::Delete, false),
        (Addon::KIND, Action::Replace, false),
        ("rds/instance", Action::Update, false),
    ];
    for (kind, action, kept) in rows {
        let plan = steps(Plan { changes: vec![change(kind, action, &[])] });
        assert_eq!(!plan.is_empty(), kept, "{kind} {action:?}");
    }
}
