//! What the configuration alone decides.

mod aurora;
mod restore;
mod storage;

use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{Backup, Database, Engine, Monitoring, Replicas, SERVERLESS};
use crate::cluster::{
    access,
    check::{one_of, within},
    window::{check_daily, check_weekly, overlap},
};

/// Names that PostgreSQL or RDS keep for themselves.
const RESERVED_USERS: [&str; 4] = ["admin", "rdsadmin", "rdsrepladmin", "rdstopmgr"];
/// Days that CloudWatch takes as a retention (CloudWatch Logs API, PutRetentionPolicy).
const LOG_RETENTIONS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
/// Certificate authorities (RDS User Guide, "Certificate authorities").
const AUTHORITIES: [&str; 3] = ["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"];

/// Checks the section at `path`; unknown values are skipped.
pub fn validate(config: &Database, path: &Path, d: &mut Diagnostics) {
    one_of(&config.engine, &Engine::ALL, &path.attr("engine"), d);
    check_version(&config.version, &path.attr("version"), d);
    one_of(&config.support, &["standard", "extended"], &path.attr("support"), d);
    check_class(&config.instance_class, &path.attr("instance_class"), d);
    if let Attr::Known(replicas) = &config.replicas {
        check_replicas(replicas, &path.attr("replicas"), d);
    }
    match &config.engine {
        Attr::Known(name) if name == Engine::Aurora.name() => aurora::check(config, path, d),
        Attr::Known(_) | Attr::Null => check_postgres(config, path, d),
        Attr::Unknown => {}
    }
    if let Attr::Known(restore) = &config.restore_from {
        restore::check(restore, &path.attr("restore_from"), d);
    }
    access::validate(&config.access, &path.attr("access"), d);
    check_name(&config.name, &path.attr("name"), d);
    check_name(&config.username, &path.attr("username"), d);
    check_username(&config.username, &path.attr("username"), d);
    within(&config.port, 1150..=65535, "The port", &path.attr("port"), d);
    check_parameters(config, &path.attr("parameters"), d);
    one_of(&config.reboot, &["never", "when_needed"], &path.attr("reboot"), d);
    if let Attr::Known(backup) = &config.backup {
        check_backup(backup, &config.maintenance_window, &path.attr("backup"), d);
    }
    check_weekly(&config.maintenance_window, 30, &path.attr("maintenance_window"), d);
    if let Attr::Known(monitoring) = &config.monitoring {
        check_monitoring(monitoring, &path.attr("monitoring"), d);
    }
    check_log_retention(&config.log_retention_days, &path.attr("log_retention_days"), d);
    one_of(&config.certificate_authority, &AUTHORITIES, &path.attr("certificate_authority"), d);
    one_of(&config.apply, &["immediately", "maintenance_window"], &path.attr("apply"), d);
}

fn check_version(version: &Attr<String>, path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(version) = version
        && !is_version(version)
    {
        let detail = format!("{version:?} is neither a major version (\"17\") nor a full one (\"17.6\").");
        d.attribute_error(path.clone(), "Invalid version", detail);
    }
}

/// `17` or `17.6`.
fn is_version(version: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.len() < 4 && part.bytes().all(|b| b.is_ascii_digit());
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    is_number(major) && !major.starts_with('0') && is_number(minor)
}

/// `db.<family>.<size>` or `db.serverless`; whether the region offers it shows in the plan.
fn check_class(class: &Attr<String>, path: &Path, d: &mut Diagnostics) {
    let parts = |class: &str| class.split('.').filter(|part| !part.is_empty()).count();
    if let Attr::Known(class) = class
        && class != SERVERLESS
        && !(class.starts_with("db.") && parts(class) == 3)
    {
        let detail = format!("{class:?} is not an instance class such as \"db.r6g.large\".");
        d.attribute_error(path.clone(), "Invalid instance class", detail);
    }
}

/// What RDS for PostgreSQL has, or Aurora alone.
fn check_postgres(config: &Database, path: &Path, d: &mut Diagnostics) {
    let aurora_only = "Only engine = \"aurora-postgresql\" has serverless instances.";
    let replica_class = config.replicas.known().map_or(&Attr::Null, |replicas| &replicas.instance_class);
    for (class, path) in [
        (&config.instance_class, path.attr("instance_class")),
        (replica_class, path.attr("replicas").attr("instance_class")),
    ] {
        if class.known().is_some_and(|class| class == SERVERLESS) {
            d.attribute_error(path, "Not an instance class of RDS", aurora_only);
        }
    }
    if config.serverless.is_known() {
        d.attribute_error(path.attr("serverless"), "Not a field of RDS", aurora_only);
    }
    if let Attr::Known(storage) = &config.storage {
        storage::check(storage, &path.attr("storage"), d);
    }
    check_logs(config, &["postgresql", "upgrade", "iam-db-auth-error"], &path.attr("logs"), d);
}

fn check_logs(config: &Database, choices: &[&str], path: &Path, d: &mut Diagnostics) {
    for log in config.logs.known().into_iter().flatten() {
        one_of(&Attr::Known(log.clone()), choices, path, d);
    }
}

fn check_log_retention(days: &Attr<i64>, path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(days) = days
        && !LOG_RETENTIONS.contains(days)
    {
        let choices: Vec<String> = LOG_RETENTIONS.iter().map(ToString::to_string).collect();
        let detail = format!("CloudWatch keeps logs for {} days, not for {days}.", choices.join(", "));
        d.attribute_error(path.clone(), "Invalid retention", detail);
    }
}

fn check_replicas(replicas: &Replicas, path: &Path, d: &mut Diagnostics) {
    within(&replicas.count, 0..=15, "The number of replicas", &path.attr("count"), d);
    check_class(&replicas.instance_class, &path.attr("instance_class"), d);
    let zones = replicas.availability_zones.known().is_some_and(|zones| !zones.is_empty());
    if zones && replicas.multi_az == Attr::Known(true) {
        let detail = "With a standby in another zone RDS chooses both zones. Leave out one of the two fields.";
        d.attribute_error(path.attr("availability_zones"), "No zones with multi_az", detail);
    }
}

/// RDS User Guide, "Settings for DB instances": letters, digits and underscores, a letter first, at most 63.
fn check_name(name: &Attr<String>, path: &Path, d: &mut Diagnostics) {
    let Attr::Known(name) = name else { return };
    let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !starts_well || name.len() > 63 || !name.chars().all(valid) {
        let detail = format!("{name:?} must be 1 to 63 characters of a-z, 0-9 and _, starting with a letter.");
        d.attribute_error(path.clone(), "Invalid name", detail);
    }
}

fn check_username(name: &Attr<String>, path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(name) = name
        && (RESERVED_USERS.contains(&name.as_str()) || name.starts_with("pg_"))
    {
        d.attribute_error(path.clone(), "Reserved name", format!("PostgreSQL or RDS uses {name:?} itself."));
    }
}

fn check_parameters(config: &Database, path: &Path, d: &mut Diagnostics) {
    let off = config.parameters.known().and_then(|parameters| parameters.get("rds.force_ssl"));
    if off.is_some_and(|value| value != "1") {
        let detail = "Connections always use TLS. Remove this parameter.";
        d.attribute_error(path.key("rds.force_ssl"), "TLS cannot be turned off", detail);
    }
}

fn check_backup(backup: &Backup, maintenance: &Attr<String>, path: &Path, d: &mut Diagnostics) {
    if backup.retention_days == Attr::Known(0) {
        let detail = "Backups cannot be turned off: read replicas and the restore of a moment need them. Keep them for a day at least.";
        d.attribute_error(path.attr("retention_days"), "No database without backups", detail);
    } else {
        within(&backup.retention_days, 1..=35, "The retention of backups in days", &path.attr("retention_days"), d);
    }
    check_daily(&backup.window, 30, &path.attr("window"), d);
    if overlap(&backup.window, maintenance) {
        let detail = "RDS does not accept a backup window that overlaps the maintenance_window.";
        d.attribute_error(path.attr("window"), "Windows overlap", detail);
    }
}

fn check_monitoring(monitoring: &Monitoring, path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(seconds) = monitoring.interval_seconds
        && ![0, 1, 5, 10, 15, 30, 60].contains(&seconds)
    {
        let detail =
            format!("RDS samples every 1, 5, 10, 15, 30 or 60 seconds, or not at all (0); not every {seconds}.");
        d.attribute_error(path.attr("interval_seconds"), "Invalid interval", detail);
    }
    if let Attr::Known(days) = monitoring.insights_retention_days
        && ![0, 7, 731].contains(&days)
        && !(days > 0 && days % 31 == 0 && days <= 713)
    {
        let detail = format!("Performance Insights keeps 7 days, a multiple of 31 up to 713, or 731; not {days}.");
        d.attribute_error(path.attr("insights_retention_days"), "Invalid retention", detail);
    }
    one_of(&monitoring.insights_mode, &["standard", "advanced"], &path.attr("insights_mode"), d);
    // RDS User Guide, "Database Insights": the advanced mode keeps 15 months.
    if monitoring.insights_mode.known().is_some_and(|mode| mode == "advanced")
        && let Attr::Known(days) = monitoring.insights_retention_days.or(7)
        && days < 465
    {
        let detail = format!(
            "The advanced mode keeps 465 days or more: set insights_retention_days to that at least, not {days}."
        );
        d.attribute_error(path.attr("insights_mode"), "Retention too short", detail);
    }
}

#[cfg(test)]
mod tests;
