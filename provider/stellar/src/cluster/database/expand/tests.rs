//! Which components a configuration leads to.

use serde_json::{Value, json};
use stellar_engine::{Component, Tags};
use tfplugin_sdk::Attr;

use super::*;
use crate::cluster::{
    build::KubernetesRefs,
    database::{Backup, Monitoring, Replicas, Storage},
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
    "database/monitoring-role iam/role",
    "database/parameter-group/postgres17 rds/parameter-group",
    "database/log-group/primary/postgresql logs/log-group",
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
    "database/monitoring-role iam/role",
    "database/parameter-group/postgres17 rds/parameter-group",
    "database/log-group/primary/postgresql logs/log-group",
    "database/primary rds/instance",
    "database/log-group/replica/1/postgresql logs/log-group",
    "database/replica/1 rds/instance",
    "database/log-group/replica/2/postgresql logs/log-group",
    "database/replica/2 rds/instance",
];

const OWN_KEY: &[&str] = &[
    "database/secret secretsmanager/secret",
    "database/subnet-group rds/subnet-group",
    "database/security-group ec2/security-group",
    "database/rule/kubernetes ec2/security-group-rule",
    "database/parameter-group/postgres16 rds/parameter-group",
    "database/log-group/primary/postgresql logs/log-group",
    "database/primary rds/instance",
];

fn aurora() -> Database {
    let replicas = Attr::Known(Replicas { count: Attr::Known(1), ..Replicas::default() });
    Database { engine: "aurora-postgresql".into(), replicas, ..small() }
}

const AURORA: &[&str] = &[
    "database/key kms/key",
    "database/secret secretsmanager/secret",
    "database/subnet-group rds/subnet-group",
    "database/security-group ec2/security-group",
    "database/rule/kubernetes ec2/security-group-rule",
    "database/monitoring-role iam/role",
    "database/cluster-parameter-group/aurora-postgresql17 rds/cluster-parameter-group",
    "database/log-group/cluster/postgresql logs/log-group",
    "database/cluster rds/cluster",
    "database/instance/1 rds/cluster-instance",
    "database/instance/2 rds/cluster-instance",
];

#[test]
fn the_configuration_alone_decides_the_components() {
    let rows = [
        (small(), None, SMALL),
        (minimum(), None, MINIMUM),
        (without_monitoring(), Some("arn:key"), OWN_KEY),
        (aurora(), None, AURORA),
    ];
    let looked_up = Facts {
        account: "123456789012".to_owned(),
        partition: "aws".to_owned(),
        database: super::super::Facts {
            releases: [("postgres17".to_owned(), "17.6".to_owned())].into(),
            ..super::super::Facts::default()
        },
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
    for config in [small(), minimum(), without_monitoring(), aurora()] {
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
    let releases = [("postgres17".to_owned(), "17.6".to_owned())].into();
    let facts =
        Facts { database: super::super::Facts { releases, ..super::super::Facts::default() }, ..Facts::default() };
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
    assert_eq!(group["parameters"], json!({"rds.force_ssl": "1"}));
    assert_eq!(group["parameters_at_restart"], json!({"max_connections": "200"}));
}

#[test]
fn only_a_static_parameter_leads_to_a_restart_and_only_when_asked_for() {
    let with = |reboot: &str, name: &str, value: &str| {
        let parameters = [(name.to_owned(), value.to_owned())].into();
        let config = Database { parameters: Attr::Known(parameters), reboot: reboot.into(), ..small() };
        desired(&expanded(&config, None, &Facts::default()), "database/primary")["reboot"].clone()
    };
    assert_eq!(with("never", "max_connections", "200"), json!(null));
    assert_eq!(with("when_needed", "work_mem", "1"), with("when_needed", "work_mem", "2"));
    assert_ne!(with("when_needed", "max_connections", "1"), with("when_needed", "max_connections", "2"));
}

#[test]
fn speed_is_said_where_it_can_be_set() {
    let rows = [
        ("gp3", 100, None, (json!(null), json!(null))),
        ("gp3", 400, None, (json!(12_000), json!(500))),
        ("gp3", 400, Some(20_000), (json!(20_000), json!(500))),
        ("gp2", 1_000, None, (json!(null), json!(null))),
        ("io2", 100, Some(3_000), (json!(3_000), json!(null))),
    ];
    for (kind, gb, iops, expected) in rows {
        let storage = Storage { kind: kind.into(), gb: Attr::Known(gb), iops: iops.into(), ..Storage::default() };
        let config = Database { storage: Attr::Known(storage), ..small() };
        let primary = desired(&expanded(&config, None, &Facts::default()), "database/primary");
        assert_eq!((primary["iops"].clone(), primary["throughput"].clone()), expected, "{kind} {gb}");
    }
}

#[test]
fn replicas_take_their_zones_in_turn() {
    let replicas = Replicas {
        count: Attr::Known(3),
        availability_zones: Attr::Known(vec!["us-east-1a".to_owned(), "us-east-1b".to_owned()]),
        ..Replicas::default()
    };
    for engine in ["postgres", "aurora-postgresql"] {
        let config = Database { engine: engine.into(), replicas: Attr::Known(replicas.clone()), ..small() };
        let components = expanded(&config, None, &Facts::default());
        let zones: Vec<Value> =
            components.iter().filter(|c| c.desired.get("zone").is_some()).map(|c| c.desired["zone"].clone()).collect();
        assert_eq!(zones, [json!(null), json!("us-east-1a"), json!("us-east-1b"), json!("us-east-1a")], "{engine}");
    }
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
