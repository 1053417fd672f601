//! Aurora PostgreSQL: a cluster with its instances.

use stellar_aws::rds::{
    cluster::Cluster, cluster_instance::ClusterInstance, cluster_parameter_group::ClusterParameterGroup,
};
use stellar_engine::{Address, Input, address};

use super::{
    cluster,
    expand::{Shared, log_groups},
    instance,
    settings::Settings,
};
use crate::cluster::build::Builder;

/// Adds cluster parameter group, cluster and instances, with the cluster's log groups.
pub(super) fn expand(settings: &Settings, shared: &Shared, b: &mut Builder<'_>) {
    let parameter_group = parameter_group(settings, b);
    let parameter_group = b.add(address!("database/cluster-parameter-group/{}", settings.family), &parameter_group);
    b.in_slot("database/cluster-parameter-group");
    let desired = desired(settings, shared, &parameter_group, b);
    let logs = log_groups("cluster", &format!("cluster/{}", desired.identifier), settings, &shared.key, b);
    let cluster = b.add_after(cluster(), &desired, logs);
    // Any of them may be the writer; the first one is made for it.
    for number in 1..=settings.replicas + 1 {
        let is_first = number == 1;
        let class = if is_first { &settings.instance_class } else { &settings.replica_class };
        let member = ClusterInstance {
            identifier: b.names.regional(&format!("database-{number}"), 63),
            cluster: Input::output(&cluster, "identifier"),
            engine: settings.engine.name().to_owned(),
            instance_class: class.clone(),
            zone: if is_first { None } else { settings.replica_zone(number - 1) },
            reboot: settings.reboot(),
            certificate_authority: settings.certificate_authority.clone(),
            public: false,
            maintenance_window: settings.maintenance_window.clone(),
            monitoring_seconds: settings.monitoring_seconds,
            monitoring_role_arn: shared.monitoring_role.clone(),
            insights_retention_days: settings.insights_retention_days,
            insights_key_arn: shared.key.clone(),
            minor_upgrades: settings.follows_minor_versions(),
            apply_immediately: Some(settings.apply_immediately),
        };
        b.add(instance(number), &member);
    }
}

fn desired(settings: &Settings, shared: &Shared, parameter_group: &Address, b: &Builder<'_>) -> Cluster {
    Cluster {
        identifier: b.names.regional("database", 63),
        restore: settings.restore.clone(),
        engine: settings.engine.name().to_owned(),
        engine_version: settings.version.clone(),
        release: settings.release(b),
        lifecycle_support: Some(settings.lifecycle_support.clone()),
        storage_type: settings.storage.kind.clone(),
        serverless: settings.serverless.clone(),
        port: settings.port,
        db_name: settings.name.clone(),
        username: settings.username.clone(),
        secret_arn: Input::output(&shared.secret, "arn"),
        password_set: true,
        used: Some(true),
        iam_authentication: settings.iam_authentication,
        subnet_group: Input::output(&shared.subnet_group, "id"),
        parameter_group: Input::output(parameter_group, "id"),
        security_group_ids: vec![shared.security_group.clone()],
        kms_key_arn: shared.key.clone(),
        backup_retention_days: settings.backup_days,
        backup_window: settings.backup_window.clone(),
        maintenance_window: settings.maintenance_window.clone(),
        log_exports: settings.logs.clone(),
        deletion_protection: shared.deletion_protection.clone(),
        final_snapshot: Some(settings.final_snapshot),
        apply_immediately: Some(settings.apply_immediately),
    }
}

/// A cluster's group holds the parameters of its instances too: they use their family's default group, which takes its
/// values from here (Aurora User Guide, "Aurora PostgreSQL DB cluster and DB instance parameters").
fn parameter_group(settings: &Settings, b: &Builder<'_>) -> ClusterParameterGroup {
    let (parameters, parameters_at_restart) = settings.parameters.clone();
    ClusterParameterGroup {
        name: b.names.regional(&format!("database-{}", settings.family), 255),
        family: settings.family.clone(),
        description: Some(format!("Database of the stack {}", b.names.stack())),
        parameters,
        parameters_at_restart,
    }
}
