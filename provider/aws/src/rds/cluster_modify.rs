//! Changes of Aurora clusters in place.

use std::collections::BTreeSet;

use aws_sdk_rds::{
    operation::modify_db_cluster::builders::ModifyDBClusterFluentBuilder as Modify,
    types::CloudwatchLogsExportConfiguration,
};
use serde_json::Value;
use stellar_engine::{Changes, Error, Observed, Scope, Tags};

use super::{
    cluster::Cluster,
    cluster_create::scaling,
    instance_modify::note_use,
    marks, tags,
    versions::{major, target},
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
    desired: &Cluster,
    observed: &Observed<Cluster>,
    changes: &Changes,
) -> Result<(), Error> {
    if changes.iter().any(|change| change.field == "used") {
        note_use(aws, scope, observed).await?;
        if changes.len() == 1 {
            return Ok(());
        }
    }
    if changes.iter().any(|change| change.field == "password_set") {
        return set_password(aws, scope, desired, observed).await;
    }
    let mut request = aws
        .rds(&scope.region)
        .modify_db_cluster()
        .db_cluster_identifier(&observed.props.identifier)
        .apply_immediately(desired.apply_immediately.unwrap_or(true));
    for change in changes.iter().filter(|change| change.field != "used") {
        request = match change.field.as_str() {
            "engine_version" => upgrade(aws, scope, desired, observed, request).await?,
            field => desired.put(request, field, &observed.props)?,
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
    call("rds:ModifyDBCluster", || request.clone().send()).await.map(drop)
}

/// RDS upgrades the cluster with all its instances. A major version needs parameter groups of its family at once: ours
/// for the cluster, the default one for the instances.
async fn upgrade(
    aws: &Aws,
    scope: &Scope,
    desired: &Cluster,
    observed: &Observed<Cluster>,
    request: Modify,
) -> Result<Modify, Error> {
    let found = observed.outputs.get("engine_version").and_then(Value::as_str).unwrap_or_default();
    let version = target(aws, &scope.region, &desired.engine, found, &desired.engine_version).await?;
    if major(&version) == major(found) {
        return Ok(request.engine_version(version));
    }
    let instances = format!("default.{}{}", desired.engine, major(&version));
    Ok(request
        .engine_version(version)
        .allow_major_version_upgrade(true)
        .db_cluster_parameter_group_name(desired.parameter_group.value()?)
        .db_instance_parameter_group_name(instances))
}

/// A restored cluster has the password of the one that it comes from, until it gets the one in the stack's secret.
async fn set_password(aws: &Aws, scope: &Scope, desired: &Cluster, observed: &Observed<Cluster>) -> Result<(), Error> {
    let rds = aws.rds(&scope.region);
    let password = secret::password(aws, &scope.region, desired.secret_arn.value()?).await?;
    let request = || {
        let request = rds.modify_db_cluster().db_cluster_identifier(&observed.props.identifier);
        request.apply_immediately(true).master_user_password(&password).send()
    };
    call("rds:ModifyDBCluster", request).await?;
    let mark = [marks::PASSWORD.to_owned()];
    tags::apply(aws, &scope.region, arn_of(observed), &Tags::new(), &mark).await
}

impl Cluster {
    /// Adds one changed field to a ModifyDBCluster request.
    fn put(&self, request: Modify, field: &str, before: &Self) -> Result<Modify, Error> {
        Ok(match field {
            "lifecycle_support" => request.set_engine_lifecycle_support(self.lifecycle_support.clone()),
            "storage_type" => request.storage_type(&self.storage_type),
            "serverless" => request.set_serverless_v2_scaling_configuration(self.serverless.as_ref().map(scaling)),
            "port" => request.port(self.port),
            "iam_authentication" => request.enable_iam_database_authentication(self.iam_authentication),
            "parameter_group" => request.db_cluster_parameter_group_name(self.parameter_group.value()?),
            "security_group_ids" => request.set_vpc_security_group_ids(Some(values(&self.security_group_ids)?)),
            "backup_retention_days" => request.backup_retention_period(self.backup_retention_days),
            "backup_window" => request.set_preferred_backup_window(self.backup_window.clone()),
            "maintenance_window" => request.set_preferred_maintenance_window(self.maintenance_window.clone()),
            "log_exports" => {
                let only_in = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect();
                let exports = CloudwatchLogsExportConfiguration::builder()
                    .set_enable_log_types(Some(only_in(&self.log_exports, &before.log_exports)))
                    .set_disable_log_types(Some(only_in(&before.log_exports, &self.log_exports)));
                request.cloudwatch_logs_export_configuration(exports.build())
            }
            "deletion_protection" => request.deletion_protection(*self.deletion_protection.value()?),
            other => return Err(Error::bug(format!("rds/cluster cannot change {other}"))),
        })
    }
}
