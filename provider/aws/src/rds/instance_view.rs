//! A described DB instance in the desired shape.

use aws_sdk_rds::types::{DbInstance, VpcSecurityGroupMembership};
use stellar_engine::{Input, Observed};

use super::{
    instance::Instance,
    marks,
    status::{needs_restart, of_unused, status},
    tags,
    versions::installed,
    waiting::Waiting,
};
use crate::normal::in_order_of;

/// What exists, compared with what is desired only where RDS has the right to differ: minor versions,
/// grown storage, and changes that wait for the maintenance window.
pub(super) fn observe(found: &DbInstance, desired: Option<&Instance>) -> Observed<Instance> {
    let id = found.dbi_resource_id().unwrap_or_default();
    let identifier = found.db_instance_identifier().unwrap_or_default();
    let version = found.engine_version().unwrap_or_default();
    let group = found.db_parameter_groups().first();
    let endpoint = found.endpoint();
    let tags = tags::from_sdk(found.tag_list());
    // Those in other regions are named by ARN.
    let replicas = found.read_replica_db_instance_identifiers().iter().filter(|name| !name.starts_with("arn:"));
    let replicas: Vec<String> = replicas.cloned().collect();
    Observed::new(id, props(found, desired))
        .output("id", id)
        .output("arn", found.db_instance_arn().unwrap_or_default())
        .output("identifier", identifier)
        .output("endpoint", endpoint.and_then(|e| e.address()))
        .output("port", endpoint.and_then(|e| e.port()))
        .output("kms_key_arn", found.kms_key_id())
        .output("engine_version", version)
        .output("parameters", group.and_then(|group| group.parameter_apply_status()))
        .output("storage_gb", found.allocated_storage())
        .output("replicas", replicas)
        .status(of_unused(status(found.db_instance_status().unwrap_or_default()), lived(found), &tags))
        .tags(tags)
}

/// RDS gives a new instance its endpoint and the time of its creation when it becomes available, and a restorable time with
/// its first backup.
fn lived(found: &DbInstance) -> bool {
    found.endpoint().is_some() || found.instance_create_time().is_some() || found.latest_restorable_time().is_some()
}

fn props(found: &DbInstance, desired: Option<&Instance>) -> Instance {
    let waiting = Waiting { at_once: desired.is_none_or(|d| d.apply_immediately.unwrap_or(true)) };
    let pending = found.pending_modified_values();
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let input = |value: Option<&str>| value.map(Input::from);
    let version = |found: &str| installed(found, desired.map(|d| d.engine_version.as_str()));
    let tags = tags::from_sdk(found.tag_list());
    let group = found.db_parameter_groups().first();
    let is_waiting = group.and_then(|g| g.parameter_apply_status()) == Some("pending-reboot")
        || needs_restart(found.db_instance_status());
    let port = found.endpoint().and_then(|e| e.port());
    let in_use = |g: &&VpcSecurityGroupMembership| g.status() != Some("removing");
    let groups = found.vpc_security_groups().iter().filter(in_use).filter_map(|g| g.vpc_security_group_id.clone());
    let storage_gb = waiting.settle(
        found.allocated_storage().unwrap_or_default(),
        pending.and_then(|p| p.allocated_storage()),
        desired.map(|d| d.storage_gb),
    );
    Instance {
        identifier: text(found.db_instance_identifier()),
        source: input(found.read_replica_source_db_instance_identifier()),
        restore: None,
        engine: found.engine().map(str::to_owned),
        engine_version: waiting.settle(
            version(found.engine_version().unwrap_or_default()),
            pending.and_then(|p| p.engine_version()).map(version),
            desired.map(|d| d.engine_version.clone()),
        ),
        release: None,
        lifecycle_support: found.engine_lifecycle_support().map(str::to_owned),
        instance_class: waiting.settle(
            text(found.db_instance_class()),
            pending.and_then(|p| p.db_instance_class()).map(str::to_owned),
            desired.map(|d| d.instance_class.clone()),
        ),
        storage_gb: grown(storage_gb, desired),
        max_storage_gb: found.max_allocated_storage().unwrap_or(storage_gb),
        storage_type: waiting.settle(
            text(found.storage_type()),
            pending.and_then(|p| p.storage_type()).map(str::to_owned),
            desired.map(|d| d.storage_type.clone()),
        ),
        iops: waiting.settle(found.iops(), pending.and_then(|p| p.iops()).map(Some), desired.map(|d| d.iops)),
        throughput: waiting.settle(
            found.storage_throughput(),
            pending.and_then(|p| p.storage_throughput()).map(Some),
            desired.map(|d| d.throughput),
        ),
        multi_az: waiting.settle(
            found.multi_az().unwrap_or_default(),
            pending.and_then(|p| p.multi_az()),
            desired.map(|d| d.multi_az),
        ),
        zone: found.availability_zone().map(str::to_owned),
        port: waiting.settle(port, pending.and_then(|p| p.port()).map(Some), desired.map(|d| d.port)),
        db_name: found.db_name().map(str::to_owned),
        username: found.master_username().map(str::to_owned),
        secret_arn: None,
        password_set: Some(marks::password_is_ours(&tags)),
        iam_authentication: found.iam_database_authentication_enabled().unwrap_or_default(),
        subnet_group: input(found.db_subnet_group().and_then(|g| g.db_subnet_group_name())),
        parameter_group: group.and_then(|g| g.db_parameter_group_name()).map_or_else(Input::default, Input::from),
        reboot: Some(marks::started_with(&tags, is_waiting)),
        security_group_ids: in_order_of(groups, desired.map(|d| d.security_group_ids.as_slice())),
        kms_key_arn: found.kms_key_id().map_or_else(Input::default, Input::from),
        certificate_authority: waiting.settle(
            found.ca_certificate_identifier().map(str::to_owned),
            pending.and_then(|p| p.ca_certificate_identifier()).map(|ca| Some(ca.to_owned())),
            desired.map(|d| d.certificate_authority.clone()),
        ),
        public: found.publicly_accessible().unwrap_or_default(),
        backup_retention_days: Some(waiting.settle(
            found.backup_retention_period().unwrap_or_default(),
            pending.and_then(|p| p.backup_retention_period()),
            desired.and_then(|d| d.backup_retention_days),
        )),
        backup_window: found.preferred_backup_window().map(str::to_owned),
        maintenance_window: found.preferred_maintenance_window().map(str::to_owned),
        monitoring_seconds: found.monitoring_interval().unwrap_or_default(),
        monitoring_role_arn: input(found.monitoring_role_arn()),
        insights_retention_days: match found.performance_insights_enabled() {
            Some(true) => found.performance_insights_retention_period().unwrap_or_default(),
            _ => 0,
        },
        insights_mode: found.database_insights_mode().map(|mode| mode.as_str().to_owned()),
        log_exports: found.enabled_cloudwatch_logs_exports().iter().cloned().collect(),
        minor_upgrades: found.auto_minor_version_upgrade().unwrap_or_default(),
        deletion_protection: Input::Known(found.deletion_protection().unwrap_or_default()),
        final_snapshot: None,
        apply_immediately: None,
        used: Some(marks::was_used(&tags)),
    }
}

/// Storage never shrinks: where RDS has grown it by itself, as it may, or somebody else has, it counts as desired.
fn grown(found: i32, desired: Option<&Instance>) -> i32 {
    desired.map_or(found, |desired| desired.storage_gb.min(found))
}

#[cfg(test)]
mod tests {
    use aws_sdk_rds::types::PendingModifiedValues;

    use super::*;

    #[test]
    fn what_rds_may_change_is_no_difference() {
        let desired = Instance {
            engine_version: "17".to_owned(),
            storage_gb: 500,
            max_storage_gb: 2000,
            apply_immediately: Some(false),
            instance_class: "db.r6g.large".to_owned(),
            ..Instance::default()
        };
        let pending = PendingModifiedValues::builder().db_instance_class("db.r6g.large").build();
        let found = DbInstance::builder().engine_version("17.7").allocated_storage(750).max_allocated_storage(2000);
        let found = found.db_instance_class("db.r6g.xlarge").pending_modified_values(pending).build();
        let props = props(&found, Some(&desired));
        assert_eq!(props.engine_version, "17");
        assert_eq!((props.storage_gb, props.max_storage_gb), (500, 2000));
        assert_eq!(props.instance_class, "db.r6g.large");
    }
}
