//! Which configurations are refused, and where.

use super::*;
use crate::cluster::database::RestoreFrom;

fn small() -> Database {
    Database { instance_class: "db.r6g.large".into(), ..Database::default() }
}

fn errors(config: &Database) -> Vec<String> {
    let mut d = Diagnostics::new();
    validate(config, &Path::root().attr("database"), &mut d);
    d.iter().map(|error| format!("{}: {}", error.path.clone().unwrap_or_default(), error.summary)).collect()
}

fn storage(gb: i64, max_gb: i64) -> Database {
    let storage = Storage { gb: Attr::Known(gb), max_gb: Attr::Known(max_gb), ..Storage::default() };
    Database { storage: Attr::Known(storage), ..small() }
}

fn backup(days: i64, window: &str) -> Attr<Backup> {
    Attr::Known(Backup { retention_days: Attr::Known(days), window: window.into(), ..Backup::default() })
}

fn monitoring(seconds: i64, days: i64) -> Database {
    let monitoring = Monitoring { interval_seconds: Attr::Known(seconds), insights_retention_days: Attr::Known(days) };
    Database { monitoring: Attr::Known(monitoring), ..small() }
}

#[test]
fn what_aws_would_refuse_is_refused_at_its_attribute() {
    let rows: Vec<(Database, &[&str])> = vec![
        (small(), &[]),
        (Database { engine: "postgres".into(), version: "17".into(), ..small() }, &[]),
        (Database { version: "17.6".into(), ..small() }, &[]),
        (Database { version: Attr::Unknown, name: Attr::Unknown, storage: Attr::Unknown, ..small() }, &[]),
        (Database { engine: "aurora-postgresql".into(), ..small() }, &["database.engine: Not yet supported"]),
        (Database { engine: "mysql".into(), ..small() }, &["database.engine: Invalid value"]),
        (Database { version: "17.6.1".into(), ..small() }, &["database.version: Invalid version"]),
        (Database { version: "latest".into(), ..small() }, &["database.version: Invalid version"]),
        (
            Database { instance_class: "r6g.large".into(), ..small() },
            &["database.instance_class: Invalid instance class"],
        ),
        (
            Database { restore_from: Attr::Known(RestoreFrom::default()), ..small() },
            &["database.restore_from: Not yet supported"],
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
fn storage_has_its_range_and_grows_by_a_tenth_at_least() {
    let rows: [(i64, i64, &[&str]); 6] = [
        (500, 2000, &[]),
        (500, 500, &[]),
        (500, 550, &[]),
        (500, 549, &["database.storage.max_gb: Limit of the storage too low"]),
        (500, 100, &["database.storage.max_gb: Limit of the storage too low"]),
        (10, 100, &["database.storage.gb: Number out of range"]),
    ];
    for (gb, max_gb, expected) in rows {
        assert_eq!(errors(&storage(gb, max_gb)), expected, "{gb} {max_gb}");
    }
}

#[test]
fn backups_and_maintenance_have_separate_windows() {
    let rows: [(i64, &str, &[&str]); 4] = [
        (7, "03:00-04:00", &[]),
        (7, "04:30-05:30", &["database.backup.window: Windows overlap"]),
        (7, "sun:03:00-sun:04:00", &["database.backup.window: Invalid window"]),
        (0, "03:00-04:00", &["database.backup.retention_days: Number out of range"]),
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
