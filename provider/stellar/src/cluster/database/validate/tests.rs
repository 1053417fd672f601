//! Which configurations are refused, and where.

use super::*;
use crate::cluster::database::{RestoreFrom, Serverless, Storage};

fn small() -> Database {
    Database { instance_class: "db.r6g.large".into(), ..Database::default() }
}

fn errors(config: &Database) -> Vec<String> {
    let mut d = Diagnostics::new();
    validate(config, &Path::root().attr("database"), &mut d);
    d.iter().map(|error| format!("{}: {}", error.path.clone().unwrap_or_default(), error.summary)).collect()
}

fn backup(days: i64, window: &str) -> Attr<Backup> {
    Attr::Known(Backup { retention_days: Attr::Known(days), window: window.into(), ..Backup::default() })
}

fn monitoring(seconds: i64, days: i64) -> Database {
    let monitoring = Monitoring {
        interval_seconds: Attr::Known(seconds),
        insights_retention_days: Attr::Known(days),
        ..Monitoring::default()
    };
    Database { monitoring: Attr::Known(monitoring), ..small() }
}

#[test]
fn what_aws_would_refuse_is_refused_at_its_attribute() {
    let rows: Vec<(Database, &[&str])> = vec![
        (small(), &[]),
        (Database { engine: "postgres".into(), version: "17".into(), ..small() }, &[]),
        (Database { version: "17.6".into(), ..small() }, &[]),
        (Database { version: Attr::Unknown, name: Attr::Unknown, storage: Attr::Unknown, ..small() }, &[]),
        (Database { engine: "aurora-postgresql".into(), ..small() }, &[]),
        (Database { engine: "mysql".into(), ..small() }, &["database.engine: Invalid value"]),
        (Database { version: "17.6.1".into(), ..small() }, &["database.version: Invalid version"]),
        (Database { version: "latest".into(), ..small() }, &["database.version: Invalid version"]),
        (
            Database { instance_class: "r6g.large".into(), ..small() },
            &["database.instance_class: Invalid instance class"],
        ),
        (
            Database { restore_from: Attr::Known(RestoreFrom::default()), ..small() },
            &["database.restore_from: One origin needed"],
        ),
        (Database { name: "Shop".into(), ..small() }, &["database.name: Invalid name"]),
        (Database { username: "admin".into(), ..small() }, &["database.username: Reserved name"]),
        (Database { username: "pg_root".into(), ..small() }, &["database.username: Reserved name"]),
        (Database { apply: "later".into(), ..small() }, &["database.apply: Invalid value"]),
        (
            Database { maintenance_window: "sun:04:00-sun:04:15".into(), ..small() },
            &["database.maintenance_window: Invalid window"],
        ),
        (
            Database { parameters: Attr::Known([("rds.force_ssl".to_owned(), "0".to_owned())].into()), ..small() },
            &["database.parameters[\"rds.force_ssl\"]: TLS cannot be turned off"],
        ),
    ];
    for (config, expected) in rows {
        assert_eq!(errors(&config), expected, "{config:?}");
    }
}

#[test]
fn a_database_comes_from_one_place() {
    let from = |snapshot: Option<&str>, source: Option<&str>, time: Option<&str>| {
        let attr = |text: Option<&str>| Attr::from(text.map(str::to_owned));
        let restore = RestoreFrom { snapshot: attr(snapshot), source: attr(source), time: attr(time) };
        errors(&Database { restore_from: Attr::Known(restore), ..small() })
    };
    let noon = Some("2026-05-01T12:00:00Z");
    assert_eq!(from(Some("s"), None, None), [""; 0]);
    assert_eq!(from(None, Some("d"), None), [""; 0]);
    assert_eq!(from(None, Some("d"), noon), [""; 0]);
    assert_eq!(from(Some("s"), Some("d"), None), ["database.restore_from: One origin needed"]);
    assert_eq!(from(Some("s"), None, noon), ["database.restore_from.time: No time without source"]);
    assert_eq!(from(None, Some("d"), Some("noon")), ["database.restore_from.time: Invalid time"]);
}

#[test]
fn aurora_has_other_fields_than_rds() {
    let aurora = || Database { engine: "aurora-postgresql".into(), ..small() };
    let limits = |min: f64, max: f64, pause: Option<i64>| {
        Attr::Known(Serverless {
            min_acu: Attr::Known(min),
            max_acu: Attr::Known(max),
            pause_after_seconds: pause.into(),
        })
    };
    let serverless = |min, max, pause| Database {
        instance_class: "db.serverless".into(),
        serverless: limits(min, max, pause),
        ..aurora()
    };
    let storage = |storage: Storage| Attr::Known(storage);
    let rows: Vec<(Database, &[&str])> = vec![
        (aurora(), &[]),
        (serverless(0.5, 16.0, None), &[]),
        (serverless(0.0, 16.0, Some(300)), &[]),
        (serverless(0.7, 16.0, None), &["database.serverless.min_acu: Invalid capacity"]),
        (serverless(8.0, 4.0, None), &["database.serverless.min_acu: Limits crossed"]),
        (serverless(0.5, 300.0, None), &["database.serverless.max_acu: Number out of range"]),
        (serverless(0.5, 16.0, Some(300)), &["database.serverless.pause_after_seconds: No pause with this capacity"]),
        (Database { instance_class: "db.serverless".into(), ..aurora() }, &["database.serverless: Limits missing"]),
        (Database { multi_az: Attr::Known(true), ..aurora() }, &["database.multi_az: Aurora has no standby"]),
        (
            Database { storage: storage(Storage { gb: Attr::Known(100), ..Storage::default() }), ..aurora() },
            &["database.storage.gb: Aurora's storage has no size"],
        ),
        (Database { storage: storage(Storage { kind: "aurora-iopt1".into(), ..Storage::default() }), ..aurora() }, &[]),
        (Database { logs: Attr::Known(["upgrade".to_owned()].into()), ..aurora() }, &["database.logs: Invalid value"]),
        (
            Database { instance_class: "db.serverless".into(), serverless: limits(1.0, 2.0, None), ..small() },
            &["database.instance_class: Not an instance class of RDS", "database.serverless: Not a field of RDS"],
        ),
    ];
    for (config, expected) in rows {
        assert_eq!(errors(&config), expected, "{config:?}");
    }
}

#[test]
fn backups_and_maintenance_have_separate_windows() {
    let rows: [(i64, &str, &[&str]); 4] = [
        (7, "03:00-04:00", &[]),
        (7, "04:30-05:30", &["database.backup.window: Windows overlap"]),
        (7, "sun:03:00-sun:04:00", &["database.backup.window: Invalid window"]),
        (0, "03:00-04:00", &["database.backup.retention_days: No database without backups"]),
    ];
    for (days, window, expected) in rows {
        let config =
            Database { backup: backup(days, window), maintenance_window: "sun:04:00-sun:05:00".into(), ..small() };
        // A weekly window in place of a daily one is told once, also when the two overlap.
        assert_eq!(errors(&config), expected, "{days} {window}");
    }
}

#[test]
fn monitoring_takes_the_values_of_rds_alone() {
    let rows: [(i64, i64, &[&str]); 5] = [
        (60, 7, &[]),
        (0, 0, &[]),
        (1, 62, &[]),
        (20, 7, &["database.monitoring.interval_seconds: Invalid interval"]),
        (60, 30, &["database.monitoring.insights_retention_days: Invalid retention"]),
    ];
    for (seconds, days, expected) in rows {
        assert_eq!(errors(&monitoring(seconds, days)), expected, "{seconds} {days}");
    }
}
