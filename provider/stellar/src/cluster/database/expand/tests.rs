//! Which components a configuration leads to.

use serde_json::{Value, json};
use stellar_engine::{Component, Input, Tags};

use super::*;
use crate::cluster::{
    build::KubernetesRefs,
    database::{Backup, Monitoring, Replicas},
    facts::Facts,
};

fn expanded(config: &Database, own_key: Option<&str>, facts: &Facts) -> Vec<Component> {
    let mut b = Builder::new("shop", "0123456789abcdef0123456789abcdef", "us-east-1", facts, Tags::new());
    b.network.vpc_id = "vpc-1".into();
    b.kubernetes = Some(KubernetesRefs { cluster_name: "shop".to_owned(), security_group_id: "sg-eks".into() });
    expand(config, own_key.map(Input::from), Input::Known(true), &mut b).unwrap();
    b.finish()
}

fn small() -> Database {
    Database { instance_class: "db.t4g.medium".into(), ..Database::default() }
}

fn minimum() -> Database {
    let access = access::Access {
        security_group_ids: Attr::Known(["sg-0a1".to_owned()].into()),
        cidrs: Attr::Known(["10.9.0.0/16".to_owned()].into()),
    };
    Database {
        instance_class: "db.m7g.2xlarge".into(),
        replicas: Attr::Known(Replicas { count: Attr::Known(2), ..Replicas::default() }),
        access: Attr::Known(access),
        ..Database::default()
    }
}

fn without_monitoring() -> Database {
    let monitoring = Monitoring { interval_seconds: Attr::Known(0), ..Monitoring::default() };
    Database { version: "16.4".into(), monitoring: Attr::Known(monitoring), ..small() }
}

const SMALL: &[&str] = &[
    "database/key kms/key",
    "database/secret secretsmanager/secret",
    "database/subnet-group rds/subnet-group",
    "database/security-group ec2/security-group",
    "database/rule/kubernetes ec2/security-group-rule",
    "database/parameter-group/postgres17 rds/parameter-group",
    "database/monitoring-role iam/role",
    "database/log-group/primary logs/log-group",
    "database/primary rds/instance",
];

const MINIMUM: &[&str] = &[
    "database/key kms/key",
    "database/secret secretsmanager/secret",
    "database/subnet-group rds/subnet-group",
    "database/security-group ec2/security-group",
    "database/rule/kubernetes ec2/security-group-rule",
    "database/rule/cidr/10.9.0.0-16 ec2/security-group-rule",
    "database/rule/group/sg-0a1 ec2/security-group-rule",
    "database/parameter-group/postgres17 rds/parameter-group",
    "database/monitoring-role iam/role",
    "database/log-group/primary logs/log-group",
    "database/primary rds/instance",
    "database/log-group/replica/1 logs/log-group",
    "database/replica/1 rds/instance",
    "database/log-group/replica/2 logs/log-group",
    "database/replica/2 rds/instance",
];

const OWN_KEY: &[&str] = &[
    "database/secret secretsmanager/secret",
    "database/subnet-group rds/subnet-group",
    "database/security-group ec2/security-group",
    "database/rule/kubernetes ec2/security-group-rule",
    "database/parameter-group/postgres16 rds/parameter-group",
    "database/log-group/primary logs/log-group",
    "database/primary rds/instance",
];

#[test]
fn the_configuration_alone_decides_the_components() {
    let rows = [(small(), None, SMALL), (minimum(), None, MINIMUM), (without_monitoring(), Some("arn:key"), OWN_KEY)];
    let looked_up = Facts {
        account: "123456789012".to_owned(),
        partition: "aws".to_owned(),
        database: super::super::Facts { releases: [("17".to_owned(), "17.6".to_owned())].into() },
        ..Facts::default()
    };
    for (config, own_key, expected) in rows {
        for facts in [&Facts::default(), &looked_up] {
            let components = expanded(&config, own_key, facts);
            let lines: Vec<_> = components.iter().map(|c| format!("{} {}", c.address, c.kind)).collect();
            assert_eq!(lines, expected, "{config:?}");
        }
    }
}

#[test]
fn every_reference_leads_to_a_component() {
    for config in [small(), minimum(), without_monitoring()] {
        let components = expanded(&config, None, &Facts::default());
        for component in &components {
            for dependency in component.dependencies() {
                assert!(components.iter().any(|c| c.address == dependency), "{} → {dependency}", component.address);
            }
        }
    }
}

fn desired(components: &[Component], address: &str) -> Value {
    components.iter().find(|c| c.address.as_str() == address).map(|c| c.desired.clone()).unwrap_or_default()
}

#[test]
fn a_major_version_installs_its_newest_release_and_follows_aws() {
    let releases = [("17".to_owned(), "17.6".to_owned())].into();
    let facts = Facts { database: super::super::Facts { releases }, ..Facts::default() };
    let rows = [
        (small(), json!("17"), json!("17.6"), json!(true)),
        (without_monitoring(), json!("16.4"), json!(null), json!(false)),
    ];
    for (config, version, release, minor_upgrades) in rows {
        let primary = desired(&expanded(&config, None, &facts), "database/primary");
        let found = (&primary["engine_version"], &primary["release"], &primary["minor_upgrades"]);
        assert_eq!(found, (&version, &release, &minor_upgrades));
    }
}

#[test]
fn what_a_snapshot_needs_outlives_the_stack_with_it() {
    for (final_snapshot, keep, days) in
        [(Attr::Null, true, json!(30)), (Attr::Known(true), true, json!(30)), (Attr::Known(false), false, json!(null))]
    {
        let config = Database { backup: Attr::Known(Backup { final_snapshot, ..Backup::default() }), ..small() };
        let components = expanded(&config, None, &Facts::default());
        assert_eq!(desired(&components, "database/key")["keep"], json!(keep), "{final_snapshot:?}");
        assert_eq!(desired(&components, "database/secret")["recovery_days"], days, "{final_snapshot:?}");
        assert_eq!(desired(&components, "database/primary")["final_snapshot"], json!(keep), "{final_snapshot:?}");
    }
}

#[test]
fn connections_always_use_tls() {
    let parameters = [("max_connections".to_owned(), "200".to_owned())].into();
    let config = Database { parameters: Attr::Known(parameters), ..small() };
    let group = desired(&expanded(&config, None, &Facts::default()), "database/parameter-group/postgres17");
    assert_eq!(group["parameters"], json!({"max_connections": "200", "rds.force_ssl": "1"}));
}

#[test]
fn what_decides_the_components_must_be_known() {
    let unknown = [
        Database { version: Attr::Unknown, ..small() },
        Database { replicas: Attr::Known(Replicas { count: Attr::Unknown, ..Replicas::default() }), ..small() },
        Database { access: Attr::Unknown, ..small() },
    ];
    for (config, attribute) in unknown.iter().zip(["database.version", "database.replicas.count", "database.access"]) {
        let facts = Facts::default();
        let mut b = Builder::new("shop", "0123456789abcdef", "us-east-1", &facts, Tags::new());
        let result = expand(config, None, Input::Known(true), &mut b);
        assert_eq!(result, Err(NotYetKnown(attribute.to_owned())));
    }
}
