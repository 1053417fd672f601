//! What the configuration alone decides.

use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{Backup, Database, Monitoring, Replicas, Storage};
use crate::cluster::{
    access,
    check::{one_of, within},
    window::{Window, check_daily, check_weekly},
};

/// Names that PostgreSQL or RDS keep for themselves.
const RESERVED_USERS: [&str; 4] = ["admin", "rdsadmin", "rdsrepladmin", "rdstopmgr"];

/// Checks the section at `path`; unknown values are skipped.
pub fn validate(config: &Database, path: &Path, d: &mut Diagnostics) {
    check_engine(config, path, d);
    check_class(&config.instance_class, &path.attr("instance_class"), d);
    if let Attr::Known(storage) = &config.storage {
        check_storage(storage, &path.attr("storage"), d);
    }
    if let Attr::Known(replicas) = &config.replicas {
        check_replicas(replicas, &path.attr("replicas"), d);
    }
    if config.restore_from.is_known() {
        let detail = "A database that starts from a snapshot or a backup cannot be made yet. Create an empty one and load \
                      the data with pg_dump and pg_restore.";
        d.attribute_error(path.attr("restore_from"), "Not yet supported", detail);
    }
    access::validate(&config.access, &path.attr("access"), d);
    check_name(&config.name, &path.attr("name"), d);
    check_name(&config.username, &path.attr("username"), d);
    check_username(&config.username, &path.attr("username"), d);
    check_parameters(config, &path.attr("parameters"), d);
    if let Attr::Known(backup) = &config.backup {
        check_backup(backup, &config.maintenance_window, &path.attr("backup"), d);
    }
    check_weekly(&config.maintenance_window, 30, &path.attr("maintenance_window"), d);
    if let Attr::Known(monitoring) = &config.monitoring {
        check_monitoring(monitoring, &path.attr("monitoring"), d);
    }
    one_of(&config.apply, &["immediately", "maintenance_window"], &path.attr("apply"), d);
}

fn check_engine(config: &Database, path: &Path, d: &mut Diagnostics) {
    match &config.engine {
        Attr::Known(engine) if engine == "aurora-postgresql" => {
            let detail = "Aurora is not built yet. Use engine = \"postgres\", which is RDS for PostgreSQL.";
            d.attribute_error(path.attr("engine"), "Not yet supported", detail);
        }
        engine => one_of(engine, &["postgres"], &path.attr("engine"), d),
    }
    if let Attr::Known(version) = &config.version
        && !is_version(version)
    {
        let detail = format!("{version:?} is neither a major version (\"17\") nor a full one (\"17.6\").");
        d.attribute_error(path.attr("version"), "Invalid version", detail);
    }
}

/// `17` or `17.6`.
fn is_version(version: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.len() < 4 && part.bytes().all(|b| b.is_ascii_digit());
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    is_number(major) && !major.starts_with('0') && is_number(minor)
}

/// `db.<family>.<size>`; whether the region offers it shows in the plan.
fn check_class(class: &Attr<String>, path: &Path, d: &mut Diagnostics) {
    let parts = |class: &str| class.split('.').filter(|part| !part.is_empty()).count();
    if let Attr::Known(class) = class
        && !(class.starts_with("db.") && parts(class) == 3)
    {
        let detail = format!("{class:?} is not an instance class such as \"db.r6g.large\".");
        d.attribute_error(path.clone(), "Invalid instance class", detail);
    }
}

fn check_storage(storage: &Storage, path: &Path, d: &mut Diagnostics) {
    within(&storage.gb, 20..=65536, "The storage in GiB", &path.attr("gb"), d);
    within(&storage.max_gb, 20..=65536, "The storage in GiB", &path.attr("max_gb"), d);
    if let (Attr::Known(gb), Attr::Known(max)) = (storage.gb.or(100), storage.max_gb)
        && max != gb
        && max * 10 < gb * 11
    {
        let least = (gb * 11 + 9) / 10;
        let detail =
            format!("With gb = {gb}, RDS accepts max_gb from {least} on; leave it out to keep the size fixed.");
        d.attribute_error(path.attr("max_gb"), "Limit of the storage too low", detail);
    }
    if let Attr::Known(kind) = &storage.kind
        && kind != "gp3"
    {
        let detail = format!("Storage of type {kind:?} cannot be made yet. Use \"gp3\", the default.");
        d.attribute_error(path.attr("type"), "Not yet supported", detail);
    }
}

fn check_replicas(replicas: &Replicas, path: &Path, d: &mut Diagnostics) {
    within(&replicas.count, 0..=15, "The number of replicas", &path.attr("count"), d);
    check_class(&replicas.instance_class, &path.attr("instance_class"), d);
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
    within(&backup.retention_days, 1..=35, "The retention of backups in days", &path.attr("retention_days"), d);
    check_daily(&backup.window, 30, &path.attr("window"), d);
    let window = |text: &Attr<String>| text.known().and_then(|text| text.parse::<Window>().ok());
    if let (Some(daily), Some(weekly)) = (window(&backup.window), window(maintenance))
        && daily.overlaps(&weekly)
    {
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
}

#[cfg(test)]
mod tests;
