//! Changes of DB instances in place, in the order that RDS asks for.

use std::collections::BTreeSet;

use aws_sdk_rds::{
    operation::modify_db_instance::builders::ModifyDBInstanceFluentBuilder as Modify,
    types::{CloudwatchLogsExportConfiguration, DbInstance},
};
use serde_json::Value;
use stellar_engine::{Changes, Error, Input, Observed, Scope, Tags};

use super::{
    describe::instances,
    instance::Instance,
    instance_create::copy_name,
    marks, tags,
    versions::{major, parts, target},
};
use crate::{
    Aws, call,
    normal::{arn_of, values},
    secretsmanager::secret,
    window::displaced,
};

/// Brings the changed fields in line, or takes one step towards it.
pub(super) async fn update(
    aws: &Aws,
    scope: &Scope,
    desired: &Instance,
    observed: &Observed<Instance>,
    changes: &Changes,
) -> Result<(), Error> {
    let mut changes: BTreeSet<&str> = changes.iter().map(|change| change.field.as_str()).collect();
    if changes.remove("used") {
        note_use(aws, scope, observed).await?;
        if changes.is_empty() {
            return Ok(());
        }
    }
    if changes.contains("password_set") {
        return set_password(aws, scope, desired, observed).await;
    }
    if changes.iter().all(|field| *field == "reboot") {
        return restart(aws, scope, desired, observed).await;
    }
    let version = match changes.contains("engine_version") {
        true => Some(next_version(aws, scope, desired, observed).await?),
        false => None,
    };
    let mut request = aws
        .rds(&scope.region)
        .modify_db_instance()
        .db_instance_identifier(&observed.props.identifier)
        .apply_immediately(desired.apply_immediately.unwrap_or(true));
    for field in changes.into_iter().filter(|field| *field != "reboot") {
        request = match (field, &version) {
            // A major version needs a parameter group of its family in the same request, even if the instance has it.
            ("engine_version", Some(version)) if is_major(version, observed) => request
                .engine_version(version)
                .allow_major_version_upgrade(true)
                .db_parameter_group_name(desired.parameter_group.value()?),
            ("engine_version", Some(version)) => request.engine_version(version),
            _ => desired.put(request, field, observed)?,
        };
    }
    let found = &observed.props;
    let (daily, weekly) = (desired.backup_window.as_ref(), desired.maintenance_window.as_ref());
    if let Some(window) = displaced(found.backup_window.as_ref(), daily, weekly) {
        request = request.preferred_backup_window(window);
    }
    if let Some(window) = displaced(found.maintenance_window.as_ref(), weekly, daily) {
        request = request.preferred_maintenance_window(window);
    }
    call("rds:ModifyDBInstance", || request.clone().send()).await.map(drop)
}

/// From now on it counts as holding data, whatever becomes of it.
pub(super) async fn note_use<P: Sync>(aws: &Aws, scope: &Scope, observed: &Observed<P>) -> Result<(), Error> {
    let mark = [marks::UNUSED.to_owned()];
    tags::apply(aws, &scope.region, arn_of(observed), &Tags::new(), &mark).await
}

/// A restored database has the password of the one that it comes from, until it gets the one in the stack's secret.
/// It no longer needs the copy of its snapshot then.
async fn set_password(
    aws: &Aws,
    scope: &Scope,
    desired: &Instance,
    observed: &Observed<Instance>,
) -> Result<(), Error> {
    let identifier = &observed.props.identifier;
    let rds = aws.rds(&scope.region);
    let arn = desired.secret_arn.as_ref().map(Input::value).transpose()?;
    let arn = arn.ok_or_else(|| Error::bug("a primary database needs a secret"))?;
    let password = secret::password(aws, &scope.region, arn).await?;
    let request = || {
        let request = rds.modify_db_instance().db_instance_identifier(identifier).apply_immediately(true);
        request.master_user_password(&password).send()
    };
    call("rds:ModifyDBInstance", request).await?;
    let copy = copy_name(identifier);
    let request = || rds.delete_db_snapshot().db_snapshot_identifier(&copy).send();
    Error::absent_is_none(call("rds:DeleteDBSnapshot", request).await)?;
    let mark = [marks::PASSWORD.to_owned()];
    tags::apply(aws, &scope.region, arn_of(observed), &Tags::new(), &mark).await
}

/// Restarts the instance so that its static parameters take effect, and takes note of them. Where nobody has taken note
/// and nothing waits, there is nothing to restart for.
async fn restart(aws: &Aws, scope: &Scope, desired: &Instance, observed: &Observed<Instance>) -> Result<(), Error> {
    let Some(digest) = &desired.reboot else { return Ok(()) };
    if observed.props.reboot.as_deref() != Some(marks::UNNOTED) {
        let rds = aws.rds(&scope.region);
        let request = || rds.reboot_db_instance().db_instance_identifier(&observed.props.identifier).send();
        call("rds:RebootDBInstance", request).await?;
    }
    let note = Tags::from([(marks::STARTED_WITH.to_owned(), digest.clone())]);
    tags::apply(aws, &scope.region, arn_of(observed), &note, &[]).await
}

/// The full version to ask for, once the instance may have it.
///
/// A major version RDS installs on a primary and its replicas in the region at once, a minor version the replicas must
/// have before their primary (RDS User Guide, "Upgrades of the RDS for PostgreSQL DB engine").
async fn next_version(
    aws: &Aws,
    scope: &Scope,
    desired: &Instance,
    observed: &Observed<Instance>,
) -> Result<String, Error> {
    let engine = observed.props.engine.as_deref().unwrap_or_default();
    let version = target(aws, &scope.region, engine, full_version(observed), &desired.engine_version).await?;
    if is_major(&version, observed) {
        return match desired.source {
            Some(_) => Err(Error::busy("RDS upgrades it together with its primary")),
            None => Ok(version),
        };
    }
    let names: Vec<String> =
        observed.outputs.get("replicas").and_then(|list| serde_json::from_value(list.clone()).ok()).unwrap_or_default();
    let replicas = instances(aws, &scope.region, "db-instance-id", names).await?;
    let behind: Vec<&DbInstance> = replicas.iter().filter(|replica| is_behind(replica, &version)).collect();
    for replica in behind.iter().filter(|replica| replica.db_instance_status() == Some("available")) {
        let request = aws
            .rds(&scope.region)
            .modify_db_instance()
            .db_instance_identifier(replica.db_instance_identifier().unwrap_or_default())
            .engine_version(&version)
            .apply_immediately(desired.apply_immediately.unwrap_or(true));
        call("rds:ModifyDBInstance", || request.clone().send()).await?;
    }
    match behind.is_empty() {
        true => Ok(version),
        false => Err(Error::busy(format!("its read replicas get version {version} first"))),
    }
}

/// Whether the instance neither has the version or a newer one, nor gets it in its maintenance window.
fn is_behind(instance: &DbInstance, version: &str) -> bool {
    let pending = instance.pending_modified_values().and_then(|pending| pending.engine_version());
    let installed = pending.or(instance.engine_version()).unwrap_or_default();
    parts(installed) < parts(version)
}

fn is_major(version: &str, observed: &Observed<Instance>) -> bool {
    major(version) != major(full_version(observed))
}

fn full_version(observed: &Observed<Instance>) -> &str {
    let version = observed.outputs.get("engine_version").and_then(Value::as_str);
    version.unwrap_or(&observed.props.engine_version)
}

impl Instance {
    /// Adds one changed field to a ModifyDBInstance request.
    fn put(&self, request: Modify, field: &str, observed: &Observed<Self>) -> Result<Modify, Error> {
        let before = &observed.props;
        Ok(match field {
            "instance_class" => request.db_instance_class(&self.instance_class),
            "lifecycle_support" => request.set_engine_lifecycle_support(self.lifecycle_support.clone()),
            "storage_gb" | "storage_type" | "iops" | "throughput" => self.put_storage(request, observed),
            // Equal to the storage means off, and need not be said when it was off before.
            "max_storage_gb" if self.autoscaling().or(before.autoscaling()).is_none() => request,
            "max_storage_gb" => request.max_allocated_storage(self.max_storage_gb.max(storage_gb(observed))),
            "multi_az" => request.multi_az(self.multi_az),
            "port" => request.set_db_port_number(self.port),
            "iam_authentication" => request.enable_iam_database_authentication(self.iam_authentication),
            "parameter_group" => request.db_parameter_group_name(self.parameter_group.value()?),
            "security_group_ids" => request.set_vpc_security_group_ids(Some(values(&self.security_group_ids)?)),
            "certificate_authority" => request.set_ca_certificate_identifier(self.certificate_authority.clone()),
            "public" => request.publicly_accessible(self.public),
            "backup_retention_days" => request.set_backup_retention_period(self.backup_retention_days),
            "backup_window" => request.set_preferred_backup_window(self.backup_window.clone()),
            "maintenance_window" => request.set_preferred_maintenance_window(self.maintenance_window.clone()),
            "monitoring_seconds" | "monitoring_role_arn" => {
                request.monitoring_interval(self.monitoring_seconds).set_monitoring_role_arn(self.monitoring_role()?)
            }
            "insights_retention_days" | "insights_mode" => {
                let key = if before.insights().is_none() { self.insights_key()? } else { None };
                request
                    .enable_performance_insights(self.insights().is_some())
                    .set_performance_insights_retention_period(self.insights())
                    .set_performance_insights_kms_key_id(key)
                    .set_database_insights_mode(self.insights_mode.as_deref().map(Into::into))
            }
            "log_exports" => {
                let only_in = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect();
                let exports = CloudwatchLogsExportConfiguration::builder()
                    .set_enable_log_types(Some(only_in(&self.log_exports, &before.log_exports)))
                    .set_disable_log_types(Some(only_in(&before.log_exports, &self.log_exports)));
                request.cloudwatch_logs_export_configuration(exports.build())
            }
            "minor_upgrades" => request.auto_minor_version_upgrade(self.minor_upgrades),
            "deletion_protection" => request.deletion_protection(*self.deletion_protection.value()?),
            other => return Err(Error::bug(format!("rds/instance cannot change {other}"))),
        })
    }

    /// All of the storage at once: RDS wants its size with every other change of it, and never less than there is.
    fn put_storage(&self, request: Modify, observed: &Observed<Self>) -> Modify {
        request
            .allocated_storage(self.storage_gb.max(storage_gb(observed)))
            .storage_type(&self.storage_type)
            .set_iops(self.iops)
            .set_storage_throughput(self.throughput)
    }
}

/// GiB as RDS has it, also where it has grown the storage by itself.
fn storage_gb(observed: &Observed<Instance>) -> i32 {
    let found = observed.outputs.get("storage_gb").and_then(Value::as_i64).and_then(|gb| i32::try_from(gb).ok());
    found.unwrap_or(observed.props.storage_gb)
}
