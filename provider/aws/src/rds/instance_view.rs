//! A described DB instance in the desired shape.

use aws_sdk_rds::types::{DbInstance, VpcSecurityGroupMembership};
use stellar_engine::{Input, Observed, Status};

use super::{instance::Instance, tags};
use crate::normal::{in_order_of, version_like};

/// What exists, compared with what is desired only where RDS has the right to differ: minor versions,
/// grown storage, and changes that wait for the maintenance window.
pub(super) fn observe(found: &DbInstance, desired: Option<&Instance>) -> Observed<Instance> {
    let id = found.dbi_resource_id().unwrap_or_default();
    let identifier = found.db_instance_identifier().unwrap_or_default();
    let version = found.engine_version().unwrap_or_default();
    let group = found.db_parameter_groups().first();
    let endpoint = found.endpoint();
    Observed::new(id, props(found, desired))
        .output("id", id)
        .output("arn", found.db_instance_arn().unwrap_or_default())
        .output("identifier", identifier)
        .output("endpoint", endpoint.and_then(|e| e.address()))
        .output("port", endpoint.and_then(|e| e.port()))
        .output("engine_version", version)
        .output("parameters", group.and_then(|group| group.parameter_apply_status()))
        .tags(tags::from_sdk(found.tag_list()))
        .status(status(found.db_instance_status().unwrap_or_default()))
}

fn props(found: &DbInstance, desired: Option<&Instance>) -> Instance {
    let waiting = Waiting { at_once: desired.is_none_or(|d| d.apply_immediately.unwrap_or(true)) };
    let pending = found.pending_modified_values();
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let input = |value: Option<&str>| value.map(Input::from);
    let version = |found: &str| version_like(found, desired.map(|d| d.engine_version.as_str()));
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
        engine: found.engine().map(str::to_owned),
        engine_version: waiting.settle(
            version(found.engine_version().unwrap_or_default()),
            pending.and_then(|p| p.engine_version()).map(version),
            desired.map(|d| d.engine_version.clone()),
        ),
        release: None,
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
        multi_az: waiting.settle(
            found.multi_az().unwrap_or_default(),
            pending.and_then(|p| p.multi_az()),
            desired.map(|d| d.multi_az),
        ),
        db_name: found.db_name().map(str::to_owned),
        username: found.master_username().map(str::to_owned),
        secret_arn: None,
        subnet_group: input(found.db_subnet_group().and_then(|g| g.db_subnet_group_name())),
        parameter_group: found
            .db_parameter_groups()
            .first()
            .and_then(|g| g.db_parameter_group_name())
            .map_or_else(Input::default, Input::from),
        security_group_ids: in_order_of(groups, desired.map(|d| d.security_group_ids.as_slice())),
        kms_key_arn: found.kms_key_id().map_or_else(Input::default, Input::from),
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
        log_exports: found.enabled_cloudwatch_logs_exports().iter().cloned().collect(),
        minor_upgrades: found.auto_minor_version_upgrade().unwrap_or_default(),
        deletion_protection: Input::Known(found.deletion_protection().unwrap_or_default()),
        final_snapshot: None,
        apply_immediately: None,
    }
}

/// Storage that RDS has grown by itself, as it may, counts as the desired one.
fn grown(found: i32, desired: Option<&Instance>) -> i32 {
    match desired {
        Some(d) if d.autoscaling().is_some_and(|limit| (d.storage_gb..=limit).contains(&found)) => d.storage_gb,
        _ => found,
    }
}

/// What a value counts as while a change of it waits for the maintenance window.
struct Waiting {
    /// The stack wants changes at once.
    at_once: bool,
}

impl Waiting {
    /// In the window: a waiting change counts as done. At once: one that is desired has still to be asked
    /// for, and one that is not would come as a surprise, so it shows as a difference.
    fn settle<T: PartialEq>(&self, current: T, pending: Option<T>, desired: Option<T>) -> T {
        match pending {
            Some(pending) if !self.at_once || desired.as_ref() != Some(&pending) => pending,
            _ => current,
        }
    }
}

/// RDS User Guide, "Viewing Amazon RDS DB instance status".
fn status(state: &str) -> Status {
    match state {
        // The storage is optimised for hours while the database serves as ever.
        "available" | "storage-optimization" => Status::Ready,
        "deleting" => Status::Deleting,
        // A change of the configuration mends these.
        "storage-full" | "incompatible-parameters" | "stopped" | "inaccessible-encryption-credentials-recoverable" => {
            Status::Degraded(state.to_owned())
        }
        "failed" | "restore-error" | "insufficient-capacity" | "inaccessible-encryption-credentials" => {
            Status::Failed(state.to_owned())
        }
        _ if state.starts_with("incompatible-") => Status::Failed(state.to_owned()),
        _ => Status::Pending(state.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_rds::types::PendingModifiedValues;

    use super::*;

    #[test]
    fn waiting_changes_count_as_the_stack_wants_them_applied() {
        let rows = [
            // current, pending, desired, at once, counts as
            ("a", None, "a", true, "a"),
            ("a", Some("b"), "b", true, "a"),
            ("a", Some("b"), "b", false, "b"),
            ("a", Some("b"), "a", true, "b"),
            ("a", Some("b"), "a", false, "b"),
        ];
        for (current, pending, desired, at_once, expected) in rows {
            let settled = Waiting { at_once }.settle(current, pending, Some(desired));
            assert_eq!(settled, expected, "{current} {pending:?} {desired} {at_once}");
        }
    }

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

    #[test]
    fn states_say_whether_waiting_helps() {
        let state = |text: &str| text.to_owned();
        let rows = [
            ("available", Status::Ready),
            ("storage-optimization", Status::Ready),
            ("backing-up", Status::Pending(state("backing-up"))),
            ("configuring-enhanced-monitoring", Status::Pending(state("configuring-enhanced-monitoring"))),
            ("deleting", Status::Deleting),
            ("storage-full", Status::Degraded(state("storage-full"))),
            ("incompatible-parameters", Status::Degraded(state("incompatible-parameters"))),
            ("incompatible-network", Status::Failed(state("incompatible-network"))),
        ];
        for (text, expected) in rows {
            assert_eq!(status(text), expected, "{text}");
        }
    }
}
