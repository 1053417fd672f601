//! From configuration to components: what RDS and Aurora have in common.

use std::collections::BTreeSet;

use serde_json::json;
use stellar_aws::{
    iam::role::Role, logs::log_group::LogGroup, rds::subnet_group::SubnetGroup, secretsmanager::secret::Secret,
};
use stellar_engine::{Address, Input, address};

use super::{Database, Engine, aurora, instances, secret, settings::Settings};
use crate::cluster::{
    access,
    build::Builder,
    key::{KeyUser, lasting_section_key, section_key},
    known::NotYetKnown,
};

/// Days in which the password of a deleted database can be brought back.
const RECOVERY_DAYS: i64 = 30;

/// What instances and clusters refer to.
pub(super) struct Shared {
    pub key: Input<String>,
    pub secret: Address,
    pub subnet_group: Address,
    pub security_group: Input<String>,
    pub monitoring_role: Option<Input<String>>,
    pub deletion_protection: Input<bool>,
}

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
    let settings = Settings::of(config)?;
    // A final snapshot can only be read with its key.
    let add_key = if settings.final_snapshot { lasting_section_key } else { section_key };
    let key = add_key(b, "database", &[KeyUser::Logs], own_key);
    let shared = Shared {
        secret: b.add(secret(), &login(&settings, &key, b)),
        subnet_group: b.add(address!("database/subnet-group"), &subnets(b)),
        security_group: access::expand(&config.access, "database", settings.port, b)?,
        monitoring_role: (settings.monitoring_seconds > 0)
            .then(|| Input::output(&b.add(address!("database/monitoring-role"), &monitoring_role(b)), "arn")),
        key,
        deletion_protection,
    };
    match settings.engine {
        Engine::Postgres => instances::expand(&settings, &shared, b),
        Engine::Aurora => aurora::expand(&settings, &shared, b),
    }
    Ok(())
}

/// The log groups that RDS writes to, which it would otherwise make without key and retention. `owner` is
/// `instance/<identifier>` or `cluster/<identifier>`.
pub(super) fn log_groups(
    name: &str,
    owner: &str,
    settings: &Settings,
    key: &Input<String>,
    b: &mut Builder<'_>,
) -> Vec<Address> {
    let mut addresses = Vec::new();
    for log in &settings.logs {
        let group = LogGroup {
            name: format!("/aws/rds/{owner}/{log}"),
            retention_days: Some(settings.log_retention_days),
            kms_key_arn: Some(key.clone()),
        };
        addresses.push(b.add(address!("database/log-group/{name}/{log}"), &group));
    }
    addresses
}

fn login(settings: &Settings, key: &Input<String>, b: &Builder<'_>) -> Secret {
    Secret {
        name: b.names.unique("database", 256),
        description: Some(format!("Master user of the database of the stack {}", b.names.stack())),
        username: settings.username.clone(),
        kms_key_arn: Some(key.clone()),
        recovery_days: settings.final_snapshot.then_some(RECOVERY_DAYS),
        usable: Some(true),
    }
}

fn subnets(b: &Builder<'_>) -> SubnetGroup {
    SubnetGroup {
        name: b.names.regional("database", 255),
        description: format!("Database subnets of the stack {}", b.names.stack()),
        subnet_ids: b.network.database_subnet_ids.clone(),
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

#[cfg(test)]
mod tests;
