//! RDS for PostgreSQL: a primary with read replicas.

use stellar_aws::rds::{instance::Instance, parameter_group::ParameterGroup};
use stellar_engine::{Address, Input, address};

use super::{
    expand::{Shared, log_groups},
    primary, replica,
    settings::Settings,
};
use crate::cluster::build::Builder;

/// Adds parameter group, primary and replicas, with their log groups.
pub(super) fn expand(settings: &Settings, shared: &Shared, b: &mut Builder<'_>) {
    let parameter_group = parameter_group(settings, b);
    let parameter_group = b.add(address!("database/parameter-group/{}", settings.family), &parameter_group);
    b.in_slot("database/parameter-group");
    let common = common(settings, shared, &parameter_group);
    let instance = Instance {
        identifier: b.names.regional("database", 63),
        restore: settings.restore.clone(),
        engine: Some(settings.engine.name().to_owned()),
        release: settings.release(b),
        lifecycle_support: Some(settings.lifecycle_support.clone()),
        instance_class: settings.instance_class.clone(),
        multi_az: settings.multi_az,
        db_name: Some(settings.name.clone()),
        username: Some(settings.username.clone()),
        secret_arn: Some(Input::output(&shared.secret, "arn")),
        password_set: Some(true),
        subnet_group: Some(Input::output(&shared.subnet_group, "id")),
        backup_retention_days: Some(settings.backup_days),
        backup_window: settings.backup_window.clone(),
        final_snapshot: Some(settings.final_snapshot),
        ..common.clone()
    };
    let primary = add(primary(), &instance, settings, &shared.key, b);
    for number in 1..=settings.replicas {
        let instance = Instance {
            identifier: b.names.regional(&format!("database-replica-{number}"), 63),
            source: Some(Input::output(&primary, "identifier")),
            instance_class: settings.replica_class.clone(),
            multi_az: settings.replica_multi_az,
            zone: settings.replica_zone(number),
            ..common.clone()
        };
        add(replica(number), &instance, settings, &shared.key, b);
    }
}

/// What primary and replicas have in common.
fn common(settings: &Settings, shared: &Shared, parameter_group: &Address) -> Instance {
    Instance {
        engine_version: settings.version.clone(),
        storage_gb: settings.storage.gb,
        max_storage_gb: settings.storage.max_gb,
        storage_type: settings.storage.kind.clone(),
        iops: settings.storage.iops,
        throughput: settings.storage.throughput,
        port: Some(settings.port),
        iam_authentication: settings.iam_authentication,
        parameter_group: Input::output(parameter_group, "id"),
        reboot: settings.reboot(),
        security_group_ids: vec![shared.security_group.clone()],
        kms_key_arn: shared.key.clone(),
        certificate_authority: settings.certificate_authority.clone(),
        maintenance_window: settings.maintenance_window.clone(),
        monitoring_seconds: settings.monitoring_seconds,
        monitoring_role_arn: shared.monitoring_role.clone(),
        insights_retention_days: settings.insights_retention_days,
        insights_mode: Some(settings.insights_mode.clone()),
        log_exports: settings.logs.clone(),
        minor_upgrades: settings.follows_minor_versions(),
        deletion_protection: shared.deletion_protection.clone(),
        apply_immediately: Some(settings.apply_immediately),
        used: Some(true),
        ..Instance::default()
    }
}

fn add(
    address: Address,
    instance: &Instance,
    settings: &Settings,
    key: &Input<String>,
    b: &mut Builder<'_>,
) -> Address {
    let name = address.as_str().trim_start_matches("database/").to_owned();
    let logs = log_groups(&name, &format!("instance/{}", instance.identifier), settings, key, b);
    b.add_after(address, instance, logs)
}

/// The family is part of the name: a new major version gets a new group next to the old one.
fn parameter_group(settings: &Settings, b: &Builder<'_>) -> ParameterGroup {
    let (parameters, parameters_at_restart) = settings.parameters.clone();
    ParameterGroup {
        name: b.names.regional(&format!("database-{}", settings.family), 255),
        family: settings.family.clone(),
        description: Some(format!("Database of the stack {}", b.names.stack())),
        parameters,
        parameters_at_restart,
    }
}
