//! A described Aurora cluster in the desired shape.

use aws_sdk_rds::types::{DbCluster, VpcSecurityGroupMembership};
use stellar_engine::{Input, Observed};

use super::{
    cluster::{Cluster, Serverless},
    marks,
    status::{of_unused, status},
    tags,
    versions::installed,
    waiting::Waiting,
};
use crate::normal::in_order_of;

/// What exists, compared with what is desired only where RDS has the right to differ: minor versions and changes that
/// wait for the maintenance window.
pub(super) fn observe(found: &DbCluster, desired: Option<&Cluster>) -> Observed<Cluster> {
    let id = found.db_cluster_resource_id().unwrap_or_default();
    let (members, tags) = (found.db_cluster_members(), tags::from_sdk(found.tag_list()));
    let waits = members.iter().any(|member| member.db_cluster_parameter_group_status() == Some("pending-reboot"));
    Observed::new(id, props(found, desired))
        .output("id", id)
        .output("arn", found.db_cluster_arn().unwrap_or_default())
        .output("identifier", found.db_cluster_identifier().unwrap_or_default())
        .output("endpoint", found.endpoint())
        .output("reader_endpoint", found.reader_endpoint())
        .output("port", found.port())
        .output("kms_key_arn", found.kms_key_id())
        .output("engine_version", found.engine_version().unwrap_or_default())
        .output("parameters", if waits { "pending-reboot" } else { "in-sync" })
        .status(of_unused(status(found.status().unwrap_or_default()), lived(found), &tags))
        .tags(tags)
}

/// An instance has served from it, or something can be restored from it.
fn lived(found: &DbCluster) -> bool {
    !found.db_cluster_members().is_empty() || found.latest_restorable_time().is_some()
}

fn props(found: &DbCluster, desired: Option<&Cluster>) -> Cluster {
    let waiting = Waiting { at_once: desired.is_none_or(|d| d.apply_immediately.unwrap_or(true)) };
    let pending = found.pending_modified_values();
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let input = |value: Option<&str>| value.map_or_else(Input::default, Input::from);
    let version = |found: &str| installed(found, desired.map(|d| d.engine_version.as_str()));
    let in_use = |g: &&VpcSecurityGroupMembership| g.status() != Some("removing");
    let groups = found.vpc_security_groups().iter().filter(in_use).filter_map(|g| g.vpc_security_group_id.clone());
    Cluster {
        identifier: text(found.db_cluster_identifier()),
        restore: None,
        engine: text(found.engine()),
        engine_version: waiting.settle(
            version(found.engine_version().unwrap_or_default()),
            pending.and_then(|p| p.engine_version()).map(version),
            desired.map(|d| d.engine_version.clone()),
        ),
        release: None,
        lifecycle_support: found.engine_lifecycle_support().map(str::to_owned),
        // Aurora does not name its standard storage.
        storage_type: found.storage_type().filter(|kind| !kind.is_empty()).unwrap_or("aurora").to_owned(),
        serverless: serverless(found, desired),
        port: found.port().unwrap_or_default(),
        db_name: text(found.database_name()),
        username: text(found.master_username()),
        secret_arn: Input::default(),
        password_set: marks::password_is_ours(&tags::from_sdk(found.tag_list())),
        iam_authentication: found.iam_database_authentication_enabled().unwrap_or_default(),
        subnet_group: input(found.db_subnet_group()),
        parameter_group: input(found.db_cluster_parameter_group()),
        security_group_ids: in_order_of(groups, desired.map(|d| d.security_group_ids.as_slice())),
        kms_key_arn: input(found.kms_key_id()),
        backup_retention_days: waiting.settle(
            found.backup_retention_period().unwrap_or_default(),
            pending.and_then(|p| p.backup_retention_period()),
            desired.map(|d| d.backup_retention_days),
        ),
        backup_window: found.preferred_backup_window().map(str::to_owned),
        maintenance_window: found.preferred_maintenance_window().map(str::to_owned),
        log_exports: found.enabled_cloudwatch_logs_exports().iter().cloned().collect(),
        deletion_protection: Input::Known(found.deletion_protection().unwrap_or_default()),
        final_snapshot: None,
        apply_immediately: None,
        used: Some(marks::was_used(&tags::from_sdk(found.tag_list()))),
    }
}

/// AWS fills in the seconds until a pause: they count only where the stack says them.
fn serverless(found: &DbCluster, desired: Option<&Cluster>) -> Option<Serverless> {
    let info = found.serverless_v2_scaling_configuration()?;
    let wanted = desired.and_then(|d| d.serverless.as_ref()).and_then(|s| s.pause_after_seconds);
    Some(Serverless {
        min_acu: info.min_capacity().unwrap_or_default(),
        max_acu: info.max_capacity().unwrap_or_default(),
        pause_after_seconds: wanted.and(info.seconds_until_auto_pause()),
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_rds::types::{ClusterPendingModifiedValues, ServerlessV2ScalingConfigurationInfo};

    use super::*;

    #[test]
    fn what_rds_may_change_is_no_difference() {
        let scaling = ServerlessV2ScalingConfigurationInfo::builder().min_capacity(0.5).max_capacity(8.0);
        let found = DbCluster::builder()
            .engine_version("17.5")
            .pending_modified_values(ClusterPendingModifiedValues::builder().backup_retention_period(14).build())
            .backup_retention_period(7)
            .serverless_v2_scaling_configuration(scaling.seconds_until_auto_pause(300).build())
            .build();
        let desired = Cluster {
            engine_version: "17".to_owned(),
            backup_retention_days: 14,
            apply_immediately: Some(false),
            serverless: Some(Serverless { min_acu: 0.5, max_acu: 8.0, pause_after_seconds: None }),
            ..Cluster::default()
        };
        let props = props(&found, Some(&desired));
        assert_eq!((props.engine_version.as_str(), props.backup_retention_days), ("17", 14));
        assert_eq!(props.serverless, desired.serverless);
        assert_eq!(props.storage_type, "aurora");
    }
}
