//! From configuration to components.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use stellar_aws::{
    iam::role::Role,
    logs::log_group::LogGroup,
    rds::{instance::Instance, parameter_group::ParameterGroup, subnet_group::SubnetGroup},
    secretsmanager::secret::Secret,
};
use stellar_engine::{Address, Input, address};
use tfplugin_sdk::Attr;

use super::{DEFAULT_VERSION, Database, PORT, major, primary, replica, secret};
use crate::cluster::{
    access,
    build::Builder,
    key::{KeyUser, lasting_section_key, section_key},
    known::{NotYetKnown, known},
};

/// Name of database and master user without configuration.
pub(super) const DEFAULT_NAME: &str = "stellar";
/// Days for which the engine's log is kept in CloudWatch.
const LOG_RETENTION_DAYS: i32 = 30;
/// Days in which the password of a deleted database can be brought back.
const RECOVERY_DAYS: i64 = 30;

/// Adds the section's components. `own_key` is the user's key for the section, if there is one;
/// `deletion_protection` the stack's.
///
/// # Errors
/// When a value that is needed now is only known after apply.
pub fn expand(
    config: &Database,
    own_key: Option<Input<String>>,
    deletion_protection: Input<bool>,
    b: &mut Builder<'_>,
) -> Result<(), NotYetKnown> {
    known(&config.restore_from, "database.restore_from")?;
    let settings = Settings::of(config)?;
    // A final snapshot can only be read with its key.
    let add_key = if settings.final_snapshot { lasting_section_key } else { section_key };
    let key = add_key(b, "database", &[KeyUser::Logs], own_key);
    let secret = b.add(secret(), &login(&settings, &key, b));
    let subnet_group = b.add(address!("database/subnet-group"), &subnets(b));
    let security_group = access::expand(&config.access, "database", PORT, b)?;
    let family = format!("postgres{}", major(&settings.version));
    let parameter_group = parameter_group(&settings, &family, b);
    let parameter_group = b.add(address!("database/parameter-group/{family}"), &parameter_group);
    let monitoring_role = (settings.monitoring_seconds > 0)
        .then(|| Input::output(&b.add(address!("database/monitoring-role"), &monitoring_role(b)), "arn"));

    let identifier = b.names.regional("database", 63);
    let common = Instance {
        engine_version: settings.version.clone(),
        release: settings.release(b),
        storage_gb: settings.storage_gb,
        max_storage_gb: settings.max_storage_gb,
        storage_type: settings.storage_type.clone(),
        parameter_group: Input::output(&parameter_group, "id"),
        security_group_ids: vec![security_group],
        kms_key_arn: key.clone(),
        maintenance_window: settings.maintenance_window.clone(),
        monitoring_seconds: settings.monitoring_seconds,
        monitoring_role_arn: monitoring_role,
        insights_retention_days: settings.insights_retention_days,
        log_exports: BTreeSet::from(["postgresql".to_owned()]),
        // A full version is pinned, a major one follows AWS.
        minor_upgrades: settings.version == major(&settings.version),
        deletion_protection,
        apply_immediately: Some(settings.apply_immediately),
        ..Instance::default()
    };
    let instance = Instance {
        identifier: identifier.clone(),
        engine: Some("postgres".to_owned()),
        instance_class: settings.instance_class.clone(),
        multi_az: settings.multi_az,
        db_name: Some(settings.name.clone()),
        username: Some(settings.username.clone()),
        secret_arn: Some(Input::output(&secret, "arn")),
        subnet_group: Some(Input::output(&subnet_group, "id")),
        backup_retention_days: Some(settings.backup_days),
        backup_window: settings.backup_window.clone(),
        final_snapshot: Some(settings.final_snapshot),
        ..common.clone()
    };
    let primary = add_instance(primary(), &instance, &key, b);
    for number in 1..=settings.replicas {
        let instance = Instance {
            identifier: b.names.regional(&format!("database-replica-{number}"), 63),
            source: Some(Input::output(&primary, "identifier")),
            instance_class: settings.replica_class.clone(),
            ..common.clone()
        };
        add_instance(replica(number), &instance, &key, b);
    }
    Ok(())
}

/// The instance, after the log group that RDS writes to and would otherwise make without key and retention.
fn add_instance(address: Address, instance: &Instance, key: &Input<String>, b: &mut Builder<'_>) -> Address {
    let log_group = LogGroup {
        name: format!("/aws/rds/instance/{}/postgresql", instance.identifier),
        retention_days: Some(LOG_RETENTION_DAYS),
        kms_key_arn: Some(key.clone()),
    };
    let name = address.as_str().trim_start_matches("database/");
    let log_group = b.add(address!("database/log-group/{name}"), &log_group);
    b.add_after(address, instance, [log_group])
}

fn login(settings: &Settings, key: &Input<String>, b: &Builder<'_>) -> Secret {
    Secret {
        name: b.names.unique("database", 256),
        description: Some(format!("Master user of the database of the stack {}", b.names.stack())),
        username: settings.username.clone(),
        kms_key_arn: Some(key.clone()),
        recovery_days: settings.final_snapshot.then_some(RECOVERY_DAYS),
    }
}

fn subnets(b: &Builder<'_>) -> SubnetGroup {
    SubnetGroup {
        name: b.names.regional("database", 255),
        description: format!("Database subnets of the stack {}", b.names.stack()),
        subnet_ids: b.network.database_subnet_ids.clone(),
    }
}

/// The family is part of the name: a new major version gets a new group next to the old one.
fn parameter_group(settings: &Settings, family: &str, b: &Builder<'_>) -> ParameterGroup {
    let mut parameters = settings.parameters.clone();
    // Older families accept connections without TLS unless told not to.
    parameters.insert("rds.force_ssl".to_owned(), "1".to_owned());
    ParameterGroup {
        name: b.names.regional(&format!("database-{family}"), 255),
        family: family.to_owned(),
        description: Some(format!("Database of the stack {}", b.names.stack())),
        parameters,
    }
}

/// The role that RDS User Guide, "Setting up and enabling Enhanced Monitoring", asks for.
fn monitoring_role(b: &Builder<'_>) -> Role {
    let policy = format!("arn:{}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole", b.facts.partition);
    Role {
        name: b.names.unique("rds-monitoring", 64),
        description: Some(format!("Database monitoring of the stack {}", b.names.stack())),
        trust: json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": {"Service": "monitoring.rds.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }],
        }),
        managed_policy_arns: BTreeSet::from([policy]),
        ..Role::default()
    }
}

/// The configuration with its defaults.
struct Settings {
    version: String,
    instance_class: String,
    storage_gb: i32,
    max_storage_gb: i32,
    storage_type: String,
    replicas: i64,
    replica_class: String,
    multi_az: bool,
    name: String,
    username: String,
    parameters: BTreeMap<String, String>,
    backup_days: i32,
    backup_window: Option<String>,
    final_snapshot: bool,
    maintenance_window: Option<String>,
    monitoring_seconds: i32,
    insights_retention_days: i32,
    apply_immediately: bool,
}

impl Settings {
    fn of(config: &Database) -> Result<Self, NotYetKnown> {
        let storage = known(&config.storage, "database.storage")?.cloned().unwrap_or_default();
        let replicas = known(&config.replicas, "database.replicas")?.cloned().unwrap_or_default();
        let backup = known(&config.backup, "database.backup")?.cloned().unwrap_or_default();
        let monitoring = known(&config.monitoring, "database.monitoring")?.cloned().unwrap_or_default();
        let instance_class = text(&config.instance_class, "database.instance_class", "")?;
        let storage_gb = number(&storage.gb, "database.storage.gb", 100)?;
        Ok(Self {
            version: text(&config.version, "database.version", DEFAULT_VERSION)?,
            storage_gb,
            max_storage_gb: number(&storage.max_gb, "database.storage.max_gb", storage_gb)?,
            storage_type: text(&storage.kind, "database.storage.type", "gp3")?,
            replicas: number(&replicas.count, "database.replicas.count", 0)?.into(),
            replica_class: text(&replicas.instance_class, "database.replicas.instance_class", &instance_class)?,
            instance_class,
            multi_az: known(&config.multi_az, "database.multi_az")?.copied().unwrap_or(true),
            name: text(&config.name, "database.name", DEFAULT_NAME)?,
            username: text(&config.username, "database.username", DEFAULT_NAME)?,
            parameters: known(&config.parameters, "database.parameters")?.cloned().unwrap_or_default(),
            backup_days: number(&backup.retention_days, "database.backup.retention_days", 7)?,
            backup_window: known(&backup.window, "database.backup.window")?.cloned(),
            final_snapshot: known(&backup.final_snapshot, "database.backup.final_snapshot")?.copied().unwrap_or(true),
            maintenance_window: known(&config.maintenance_window, "database.maintenance_window")?.cloned(),
            monitoring_seconds: number(&monitoring.interval_seconds, "database.monitoring.interval_seconds", 60)?,
            insights_retention_days: number(
                &monitoring.insights_retention_days,
                "database.monitoring.insights_retention_days",
                7,
            )?,
            apply_immediately: text(&config.apply, "database.apply", "immediately")? == "immediately",
        })
    }

    /// The full version to install, once it has been looked up.
    fn release(&self, b: &Builder<'_>) -> Option<String> {
        b.facts.database.releases.get(&self.version).cloned()
    }
}

fn text(value: &Attr<String>, attribute: &str, default: &str) -> Result<String, NotYetKnown> {
    Ok(known(value, attribute)?.cloned().unwrap_or_else(|| default.to_owned()))
}

/// Validation has refused numbers out of their range.
fn number(value: &Attr<i64>, attribute: &str, default: i32) -> Result<i32, NotYetKnown> {
    Ok(known(value, attribute)?.map_or(default, |number| i32::try_from(*number).unwrap_or(i32::MAX)))
}

#[cfg(test)]
mod tests;
