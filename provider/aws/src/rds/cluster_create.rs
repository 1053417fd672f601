//! New Aurora clusters: empty ones, and such that start from a snapshot or a backup.

use aws_sdk_rds::types::{DbCluster, ServerlessV2ScalingConfiguration, Tag};
use stellar_engine::{Address, Error, Scope};

use super::{
    cluster::{Cluster, Serverless},
    marks::{PROTECTED_AT_FIRST, with_marks},
    restore::{Origin, Restore, Wanted, is_resource_id, missing},
    tags,
    versions::major,
};
use crate::{Aws, call, normal::values, secretsmanager::secret, window::or_beside};

/// Starts the creation.
pub(super) async fn create(
    aws: &Aws,
    scope: &Scope,
    address: &Address,
    desired: &Cluster,
) -> Result<Option<DbCluster>, Error> {
    let tags = tags::to_sdk(&with_marks(scope.tags_of(address), desired.restore.is_some(), None));
    let Some(restore) = &desired.restore else { return create_empty(aws, scope, desired, tags).await };
    let origin = origin(aws, &scope.region, restore).await?;
    origin.check(&Wanted {
        engine: &desired.engine,
        version: &desired.engine_version,
        username: &desired.username,
        storage_gb: 0,
    })?;
    match &restore.snapshot {
        Some(snapshot) => from_snapshot(aws, scope, desired, &origin, snapshot, tags).await,
        None => from_backup(aws, scope, desired, &origin, restore, tags).await,
    }
}

async fn create_empty(aws: &Aws, scope: &Scope, desired: &Cluster, tags: Vec<Tag>) -> Result<Option<DbCluster>, Error> {
    let password = secret::password(aws, &scope.region, desired.secret_arn.value()?).await?;
    let request = aws
        .rds(&scope.region)
        .create_db_cluster()
        .db_cluster_identifier(&desired.identifier)
        .engine(&desired.engine)
        .engine_version(desired.first_version())
        .set_engine_lifecycle_support(desired.lifecycle_support.clone())
        .storage_type(&desired.storage_type)
        .set_serverless_v2_scaling_configuration(desired.serverless.as_ref().map(scaling))
        .storage_encrypted(true)
        .kms_key_id(desired.kms_key_arn.value()?)
        .port(desired.port)
        .database_name(&desired.db_name)
        .master_username(&desired.username)
        .master_user_password(password)
        .enable_iam_database_authentication(desired.iam_authentication)
        .db_subnet_group_name(desired.subnet_group.value()?)
        .db_cluster_parameter_group_name(desired.parameter_group.value()?)
        .set_vpc_security_group_ids(Some(values(&desired.security_group_ids)?))
        .backup_retention_period(desired.backup_retention_days)
        .set_preferred_backup_window(or_beside(desired.backup_window.as_ref(), desired.maintenance_window.as_ref()))
        .set_preferred_maintenance_window(or_beside(
            desired.maintenance_window.as_ref(),
            desired.backup_window.as_ref(),
        ))
        .set_enable_cloudwatch_logs_exports(Some(desired.log_exports.iter().cloned().collect()))
        .copy_tags_to_snapshot(true)
        .deletion_protection(PROTECTED_AT_FIRST)
        .set_tags(Some(tags));
    Ok(call("rds:CreateDBCluster", || request.clone().send()).await?.db_cluster)
}

async fn from_snapshot(
    aws: &Aws,
    scope: &Scope,
    desired: &Cluster,
    origin: &Origin,
    snapshot: &str,
    tags: Vec<Tag>,
) -> Result<Option<DbCluster>, Error> {
    let request = aws
        .rds(&scope.region)
        .restore_db_cluster_from_snapshot()
        .db_cluster_identifier(&desired.identifier)
        .snapshot_identifier(snapshot)
        .engine(&desired.engine)
        .engine_version(&origin.version)
        .set_engine_lifecycle_support(desired.lifecycle_support.clone())
        .storage_type(&desired.storage_type)
        .set_serverless_v2_scaling_configuration(desired.serverless.as_ref().map(scaling))
        .kms_key_id(desired.kms_key_arn.value()?)
        .port(desired.port)
        .enable_iam_database_authentication(desired.iam_authentication)
        .db_subnet_group_name(desired.subnet_group.value()?)
        .set_db_cluster_parameter_group_name(fitting_group(desired, origin)?)
        .set_vpc_security_group_ids(Some(values(&desired.security_group_ids)?))
        .set_enable_cloudwatch_logs_exports(Some(desired.log_exports.iter().cloned().collect()))
        .copy_tags_to_snapshot(true)
        .deletion_protection(PROTECTED_AT_FIRST)
        .set_tags(Some(tags));
    Ok(call("rds:RestoreDBClusterFromSnapshot", || request.clone().send()).await?.db_cluster)
}

async fn from_backup(
    aws: &Aws,
    scope: &Scope,
    desired: &Cluster,
    origin: &Origin,
    restore: &Restore,
    tags: Vec<Tag>,
) -> Result<Option<DbCluster>, Error> {
    let moment = restore.moment()?;
    let source = restore.source.as_deref().unwrap_or_default();
    let (name, id) = if is_resource_id(source) { (None, Some(source)) } else { (Some(source), None) };
    let request = aws
        .rds(&scope.region)
        .restore_db_cluster_to_point_in_time()
        .db_cluster_identifier(&desired.identifier)
        .set_source_db_cluster_identifier(name.map(str::to_owned))
        .set_source_db_cluster_resource_id(id.map(str::to_owned))
        .set_use_latest_restorable_time(moment.is_none().then_some(true))
        .set_restore_to_time(moment)
        .set_engine_lifecycle_support(desired.lifecycle_support.clone())
        .storage_type(&desired.storage_type)
        .set_serverless_v2_scaling_configuration(desired.serverless.as_ref().map(scaling))
        .kms_key_id(desired.kms_key_arn.value()?)
        .port(desired.port)
        .enable_iam_database_authentication(desired.iam_authentication)
        .db_subnet_group_name(desired.subnet_group.value()?)
        .set_db_cluster_parameter_group_name(fitting_group(desired, origin)?)
        .set_vpc_security_group_ids(Some(values(&desired.security_group_ids)?))
        .set_enable_cloudwatch_logs_exports(Some(desired.log_exports.iter().cloned().collect()))
        .copy_tags_to_snapshot(true)
        .deletion_protection(PROTECTED_AT_FIRST)
        .set_tags(Some(tags));
    Ok(call("rds:RestoreDBClusterToPointInTime", || request.clone().send()).await?.db_cluster)
}

/// The limits in the SDK's form.
pub(super) fn scaling(serverless: &Serverless) -> ServerlessV2ScalingConfiguration {
    ServerlessV2ScalingConfiguration::builder()
        .min_capacity(serverless.min_acu)
        .max_capacity(serverless.max_acu)
        .set_seconds_until_auto_pause(serverless.pause_after_seconds)
        .build()
}

/// The stack's parameter group, unless the origin has an older major version: then it comes with the upgrade.
fn fitting_group(desired: &Cluster, origin: &Origin) -> Result<Option<String>, Error> {
    let fits = major(&origin.version) == major(&desired.engine_version);
    fits.then(|| desired.parameter_group.value().cloned()).transpose()
}

async fn origin(aws: &Aws, region: &str, restore: &Restore) -> Result<Origin, Error> {
    match (&restore.snapshot, &restore.source) {
        (Some(snapshot), _) => of_snapshot(aws, region, snapshot).await,
        (None, Some(source)) => of_cluster(aws, region, source).await,
        (None, None) => Err(Error::bug("nothing to restore from")),
    }
}

async fn of_snapshot(aws: &Aws, region: &str, id: &str) -> Result<Origin, Error> {
    let rds = aws.rds(region);
    let request = || rds.describe_db_cluster_snapshots().db_cluster_snapshot_identifier(id).send();
    let found = call("rds:DescribeDBClusterSnapshots", request).await.map_err(|e| missing(e, "snapshot", id))?;
    let none = || Error::permanent(format!("there is no cluster snapshot {id} in {region}"));
    let found = found.db_cluster_snapshots.unwrap_or_default().into_iter().next().ok_or_else(none)?;
    Ok(Origin {
        what: format!("cluster snapshot {id}"),
        engine: found.engine.unwrap_or_default(),
        version: found.engine_version.unwrap_or_default(),
        username: found.master_username.unwrap_or_default(),
        key: found.kms_key_id,
        storage_gb: 0,
    })
}

/// The automated backups of a cluster: of the living one of that name, else of a deleted one whose backups were kept.
async fn of_cluster(aws: &Aws, region: &str, source: &str) -> Result<Origin, Error> {
    let rds = aws.rds(region);
    let request = || {
        let request = rds.describe_db_cluster_automated_backups();
        match is_resource_id(source) {
            true => request.db_cluster_resource_id(source).send(),
            false => request.db_cluster_identifier(source).send(),
        }
    };
    let found = call("rds:DescribeDBClusterAutomatedBackups", request).await;
    let found = found.map_err(|e| missing(e, "backup of", source))?.db_cluster_automated_backups.unwrap_or_default();
    let living = found.iter().position(|backup| backup.status() == Some("active"));
    let none = || Error::permanent(format!("there are no automated backups of {source} in {region}"));
    let found = found.into_iter().nth(living.unwrap_or_default()).ok_or_else(none)?;
    Ok(Origin {
        what: format!("cluster {source}"),
        engine: found.engine.unwrap_or_default(),
        version: found.engine_version.unwrap_or_default(),
        username: found.master_username.unwrap_or_default(),
        key: found.kms_key_id,
        storage_gb: 0,
    })
}
