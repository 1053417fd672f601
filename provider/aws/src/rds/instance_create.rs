//! New DB instances: empty ones, read replicas, and such that start from a snapshot or a backup.

use aws_sdk_rds::types::DbInstance;
use stellar_engine::{Address, Error, ErrorClass, Input, Scope};

use super::{
    describe::instances,
    instance::Instance,
    marks::{PROTECTED_AT_FIRST, with_marks},
    restore::{Origin, Restore, Wanted, describe_snapshot, instance_origin, is_resource_id},
    tags,
    versions::major,
};
use crate::{Aws, call, normal::values, secretsmanager::secret, window::or_beside};

/// Starts the creation. A restore may need several attempts: it answers [`ErrorClass::Busy`] while the snapshot is
/// copied under the stack's key.
pub(super) async fn create(
    aws: &Aws,
    scope: &Scope,
    address: &Address,
    desired: &Instance,
) -> Result<Option<DbInstance>, Error> {
    let is_restored = desired.restore.is_some();
    let tags = with_marks(scope.tags_of(address), is_restored, desired.reboot.as_ref());
    let tags = tags::to_sdk(&tags);
    match (&desired.source, &desired.restore) {
        (Some(source), _) => create_replica(aws, scope, desired, source.value()?, tags).await,
        (None, Some(restore)) => create_restored(aws, scope, address, desired, restore, tags).await,
        (None, None) => create_empty(aws, scope, desired, tags).await,
    }
}

type SdkTags = Vec<aws_sdk_rds::types::Tag>;

async fn create_empty(
    aws: &Aws,
    scope: &Scope,
    desired: &Instance,
    tags: SdkTags,
) -> Result<Option<DbInstance>, Error> {
    let insights = desired.insights();
    let request = aws
        .rds(&scope.region)
        .create_db_instance()
        .db_instance_identifier(&desired.identifier)
        .set_engine(desired.engine.clone())
        .engine_version(desired.first_version())
        .set_engine_lifecycle_support(desired.lifecycle_support.clone())
        .db_instance_class(&desired.instance_class)
        .allocated_storage(desired.storage_gb)
        .set_max_allocated_storage(desired.autoscaling())
        .storage_type(&desired.storage_type)
        .set_iops(desired.iops)
        .set_storage_throughput(desired.throughput)
        .storage_encrypted(true)
        .kms_key_id(desired.kms_key_arn.value()?)
        .multi_az(desired.multi_az)
        .set_availability_zone(desired.zone.clone())
        .set_port(desired.port)
        .set_db_name(desired.db_name.clone())
        .set_master_username(desired.username.clone())
        .master_user_password(password(aws, scope, desired).await?)
        .enable_iam_database_authentication(desired.iam_authentication)
        .set_db_subnet_group_name(subnet_group(desired)?)
        .db_parameter_group_name(desired.parameter_group.value()?)
        .set_vpc_security_group_ids(Some(values(&desired.security_group_ids)?))
        .set_ca_certificate_identifier(desired.certificate_authority.clone())
        .publicly_accessible(desired.public)
        .set_backup_retention_period(desired.backup_retention_days)
        .set_preferred_backup_window(or_beside(desired.backup_window.as_ref(), desired.maintenance_window.as_ref()))
        .set_preferred_maintenance_window(or_beside(
            desired.maintenance_window.as_ref(),
            desired.backup_window.as_ref(),
        ))
        .monitoring_interval(desired.monitoring_seconds)
        .set_monitoring_role_arn(desired.monitoring_role()?)
        .enable_performance_insights(insights.is_some())
        .set_performance_insights_retention_period(insights)
        .set_performance_insights_kms_key_id(desired.insights_key()?)
        .set_database_insights_mode(desired.insights_mode.as_deref().map(Into::into))
        .set_enable_cloudwatch_logs_exports(Some(desired.log_exports.iter().cloned().collect()))
        .auto_minor_version_upgrade(desired.minor_upgrades)
        .copy_tags_to_snapshot(true)
        .deletion_protection(PROTECTED_AT_FIRST)
        .set_tags(Some(tags));
    Ok(call("rds:CreateDBInstance", || request.clone().send()).await?.db_instance)
}

/// A replica takes version, user, database, subnets and key from its primary. What this call cannot
/// set (the windows) is set by the first update. RDS does not make one that is smaller than its source, which may have grown by
/// itself (API reference of CreateDBInstanceReadReplica, AllocatedStorage).
async fn create_replica(
    aws: &Aws,
    scope: &Scope,
    desired: &Instance,
    source: &str,
    tags: SdkTags,
) -> Result<Option<DbInstance>, Error> {
    let insights = desired.insights();
    let primary = instances(aws, &scope.region, "db-instance-id", vec![source.to_owned()]).await?;
    let storage_gb =
        primary.first().and_then(DbInstance::allocated_storage).unwrap_or_default().max(desired.storage_gb);
    let request = aws
        .rds(&scope.region)
        .create_db_instance_read_replica()
        .db_instance_identifier(&desired.identifier)
        .source_db_instance_identifier(source)
        .db_instance_class(&desired.instance_class)
        .allocated_storage(storage_gb)
        .set_max_allocated_storage(desired.autoscaling())
        .storage_type(&desired.storage_type)
        .set_iops(desired.iops)
        .set_storage_throughput(desired.throughput)
        .multi_az(desired.multi_az)
        .set_availability_zone(desired.zone.clone())
        .set_port(desired.port)
        .enable_iam_database_authentication(desired.iam_authentication)
        .db_parameter_group_name(desired.parameter_group.value()?)
        .set_vpc_security_group_ids(Some(values(&desired.security_group_ids)?))
        .set_ca_certificate_identifier(desired.certificate_authority.clone())
        .publicly_accessible(desired.public)
        .monitoring_interval(desired.monitoring_seconds)
        .set_monitoring_role_arn(desired.monitoring_role()?)
        .enable_performance_insights(insights.is_some())
        .set_performance_insights_retention_period(insights)
        .set_performance_insights_kms_key_id(desired.insights_key()?)
        .set_database_insights_mode(desired.insights_mode.as_deref().map(Into::into))
        .set_enable_cloudwatch_logs_exports(Some(desired.log_exports.iter().cloned().collect()))
        .auto_minor_version_upgrade(desired.minor_upgrades)
        .copy_tags_to_snapshot(true)
        .deletion_protection(PROTECTED_AT_FIRST)
        .set_tags(Some(tags));
    Ok(call("rds:CreateDBInstanceReadReplica", || request.clone().send()).await?.db_instance)
}

/// Version, user, password and data come from the origin; what a restore cannot set is set by the first updates.
async fn create_restored(
    aws: &Aws,
    scope: &Scope,
    address: &Address,
    desired: &Instance,
    restore: &Restore,
    tags: SdkTags,
) -> Result<Option<DbInstance>, Error> {
    let origin = instance_origin(aws, &scope.region, restore).await?;
    origin.check(&Wanted {
        engine: desired.engine.as_deref().unwrap_or_default(),
        version: &desired.engine_version,
        username: desired.username.as_deref().unwrap_or_default(),
        storage_gb: desired.storage_gb,
    })?;
    match &restore.snapshot {
        Some(snapshot) => {
            let snapshot = under_our_key(aws, scope, address, desired, &origin, snapshot).await?;
            from_snapshot(aws, scope, desired, &origin, &snapshot, tags).await
        }
        None => from_backup(aws, scope, desired, &origin, restore, tags).await,
    }
}

async fn from_snapshot(
    aws: &Aws,
    scope: &Scope,
    desired: &Instance,
    origin: &Origin,
    snapshot: &str,
    tags: SdkTags,
) -> Result<Option<DbInstance>, Error> {
    let request = aws
        .rds(&scope.region)
        .restore_db_instance_from_db_snapshot()
        .db_instance_identifier(&desired.identifier)
        .db_snapshot_identifier(snapshot)
        .set_engine_lifecycle_support(desired.lifecycle_support.clone())
        .db_instance_class(&desired.instance_class)
        .allocated_storage(desired.storage_gb)
        .storage_type(&desired.storage_type)
        .set_iops(desired.iops)
        .set_storage_throughput(desired.throughput)
        .multi_az(desired.multi_az)
        .set_port(desired.port)
        .enable_iam_database_authentication(desired.iam_authentication)
        .set_db_subnet_group_name(subnet_group(desired)?)
        .set_db_parameter_group_name(fitting_group(desired, origin)?)
        .set_vpc_security_group_ids(Some(values(&desired.security_group_ids)?))
        .set_ca_certificate_identifier(desired.certificate_authority.clone())
        .publicly_accessible(desired.public)
        .set_enable_cloudwatch_logs_exports(Some(desired.log_exports.iter().cloned().collect()))
        .auto_minor_version_upgrade(desired.minor_upgrades)
        .copy_tags_to_snapshot(true)
        .deletion_protection(PROTECTED_AT_FIRST)
        .set_tags(Some(tags));
    Ok(call("rds:RestoreDBInstanceFromDBSnapshot", || request.clone().send()).await?.db_instance)
}

async fn from_backup(
    aws: &Aws,
    scope: &Scope,
    desired: &Instance,
    origin: &Origin,
    restore: &Restore,
    tags: SdkTags,
) -> Result<Option<DbInstance>, Error> {
    let key = desired.kms_key_arn.value()?;
    if origin.key.as_ref() != Some(key) {
        let keeps = origin.key.as_deref().unwrap_or("no key at all");
        return Err(Error::permanent(format!(
            "RDS restores the {} with its own key, {keeps}, not with the stack's: name that key in kms_key_arns = {{ database = … }}, or \
             restore from a snapshot, which is copied under the stack's key",
            origin.what
        )));
    }
    let moment = restore.moment()?;
    let source = restore.source.as_deref().unwrap_or_default();
    let (name, id) = if is_resource_id(source) { (None, Some(source)) } else { (Some(source), None) };
    let request = aws
        .rds(&scope.region)
        .restore_db_instance_to_point_in_time()
        .target_db_instance_identifier(&desired.identifier)
        .set_source_db_instance_identifier(name.map(str::to_owned))
        .set_source_dbi_resource_id(id.map(str::to_owned))
        .set_use_latest_restorable_time(moment.is_none().then_some(true))
        .set_restore_time(moment)
        .set_engine_lifecycle_support(desired.lifecycle_support.clone())
        .db_instance_class(&desired.instance_class)
        .allocated_storage(desired.storage_gb)
        .set_max_allocated_storage(desired.autoscaling())
        .storage_type(&desired.storage_type)
        .set_iops(desired.iops)
        .set_storage_throughput(desired.throughput)
        .multi_az(desired.multi_az)
        .set_port(desired.port)
        .enable_iam_database_authentication(desired.iam_authentication)
        .set_db_subnet_group_name(subnet_group(desired)?)
        .set_db_parameter_group_name(fitting_group(desired, origin)?)
        .set_vpc_security_group_ids(Some(values(&desired.security_group_ids)?))
        .set_ca_certificate_identifier(desired.certificate_authority.clone())
        .publicly_accessible(desired.public)
        .set_enable_cloudwatch_logs_exports(Some(desired.log_exports.iter().cloned().collect()))
        .auto_minor_version_upgrade(desired.minor_upgrades)
        .copy_tags_to_snapshot(true)
        .deletion_protection(PROTECTED_AT_FIRST)
        .set_tags(Some(tags));
    Ok(call("rds:RestoreDBInstanceToPointInTime", || request.clone().send()).await?.db_instance)
}

/// A restored instance keeps its snapshot's key, and one of an unencrypted snapshot is not encrypted: unless the key
/// is ours already, the snapshot is copied under ours first (RDS User Guide, "Copying a DB snapshot").
async fn under_our_key(
    aws: &Aws,
    scope: &Scope,
    address: &Address,
    desired: &Instance,
    origin: &Origin,
    snapshot: &str,
) -> Result<String, Error> {
    let key = desired.kms_key_arn.value()?;
    if origin.key.as_ref() == Some(key) {
        return Ok(snapshot.to_owned());
    }
    let copy = copy_name(&desired.identifier);
    match describe_snapshot(aws, &scope.region, &copy).await {
        Ok(found) if found.status() == Some("available") => return Ok(copy),
        Ok(found) => {
            let (state, done) = (found.status().unwrap_or_default(), found.percent_progress().unwrap_or_default());
            return Err(Error::busy(format!("the snapshot is copied under the stack's key: {state}, {done} %")));
        }
        Err(error) if error.code.as_deref().is_some_and(|code| code.contains("NotFound")) => {}
        Err(error) => return Err(error),
    }
    let rds = aws.rds(&scope.region);
    let request = || {
        rds.copy_db_snapshot()
            .source_db_snapshot_identifier(snapshot)
            .target_db_snapshot_identifier(&copy)
            .kms_key_id(key)
            .set_tags(Some(tags::to_sdk(&scope.tags_of(address))))
            .send()
    };
    match call("rds:CopyDBSnapshot", request).await {
        Ok(_) => Err(Error::busy("the snapshot is copied under the stack's key")),
        Err(error) if error.class == ErrorClass::Exists => {
            Err(Error::busy("the snapshot is copied under the stack's key"))
        }
        Err(error) => Err(error),
    }
}

/// The copy of a snapshot under the stack's key; it goes when the instance is restored.
pub(super) fn copy_name(identifier: &str) -> String {
    format!("{identifier}-restore")
}

/// The stack's parameter group, unless the origin has an older major version: then it comes with the upgrade.
fn fitting_group(desired: &Instance, origin: &Origin) -> Result<Option<String>, Error> {
    let fits = major(&origin.version) == major(&desired.engine_version);
    fits.then(|| desired.parameter_group.value().cloned()).transpose()
}

fn subnet_group(desired: &Instance) -> Result<Option<String>, Error> {
    Ok(desired.subnet_group.as_ref().map(Input::value).transpose()?.cloned())
}

async fn password(aws: &Aws, scope: &Scope, desired: &Instance) -> Result<String, Error> {
    let arn = desired.secret_arn.as_ref().map(Input::value).transpose()?;
    let arn = arn.ok_or_else(|| Error::bug("a primary database needs a secret"))?;
    secret::password(aws, &scope.region, arn).await
}
