//! DB instance, primary or read replica. Proof: tag. Found by its identifier; recorded is the resource
//! id (`db-…`), which no other instance ever gets, also not one restored under the same identifier.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_rds::{
    operation::modify_db_instance::builders::ModifyDBInstanceFluentBuilder as Modify,
    types::{CloudwatchLogsExportConfiguration, DbInstance, Filter},
};
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes,
    Disruption::{Brief, Downtime},
    Error, ErrorClass, Input, Observed, Properties, Retained,
    Rule::{self, CreateOnly, InPlace, Local, Replace},
    Scope, Tags, Target, Traits,
};

use super::{instance_view::observe, tags};
use crate::{
    Aws, call,
    normal::{arn_of, values},
    secretsmanager::secret,
};

/// A database instance; with `source` a read replica. Outputs: `id` (`db-…`), `arn`, `identifier`,
/// `endpoint` (host), `port`, `engine_version` (in full), `parameters` (`in-sync` or `pending-reboot`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// Lower case, at most 63 characters; cannot be changed.
    pub identifier: String,
    /// The identifier of the primary, for a replica.
    pub source: Option<Input<String>>,
    /// `postgres`; `None` for replicas.
    pub engine: Option<String>,
    /// A major version, which stands for all its minor versions, or a full one.
    pub engine_version: String,
    /// The full version that a creation or an upgrade asks for.
    pub release: Option<String>,
    /// `db.r6g.large` …
    pub instance_class: String,
    /// GiB; RDS may have grown it within `max_storage_gb`.
    pub storage_gb: i32,
    /// GiB up to which RDS grows the storage by itself; equal to `storage_gb`: not at all.
    pub max_storage_gb: i32,
    /// `gp3`, `io2` …
    pub storage_type: String,
    /// A standby in another zone.
    pub multi_az: bool,
    /// The database made at creation; primaries only.
    pub db_name: Option<String>,
    /// The master user; primaries only.
    pub username: Option<String>,
    /// The secret that holds the master user's password; primaries only.
    pub secret_arn: Option<Input<String>>,
    /// `None` for replicas, which use their primary's.
    pub subnet_group: Option<Input<String>>,
    /// Its parameter group.
    pub parameter_group: Input<String>,
    /// The order means nothing.
    pub security_group_ids: Vec<Input<String>>,
    /// Encrypts storage, snapshots and insights.
    pub kms_key_arn: Input<String>,
    /// Reachable from the internet.
    pub public: bool,
    /// 1 to 35; `None` for replicas.
    pub backup_retention_days: Option<i32>,
    /// `03:00-04:00`, UTC.
    pub backup_window: Option<String>,
    /// `sun:04:00-sun:05:00`, UTC.
    pub maintenance_window: Option<String>,
    /// Seconds between enhanced monitoring's samples; 0 = off.
    pub monitoring_seconds: i32,
    /// The role that enhanced monitoring writes with.
    pub monitoring_role_arn: Option<Input<String>>,
    /// Days that Performance Insights keeps; 0 = off.
    pub insights_retention_days: i32,
    /// Logs written to CloudWatch: `postgresql`, `upgrade`.
    pub log_exports: BTreeSet<String>,
    /// AWS installs minor versions in the maintenance window.
    pub minor_upgrades: bool,
    /// RDS refuses the deletion.
    pub deletion_protection: Input<bool>,
    /// A deletion leaves a snapshot behind; primaries only.
    pub final_snapshot: Option<bool>,
    /// Changes at once, not in the maintenance window.
    pub apply_immediately: Option<bool>,
}

impl Properties for Instance {
    const KIND: &'static str = "rds/instance";
}

const RULES: &[(&str, Rule)] = &[
    ("identifier", Replace("the identifier is fixed for the stack's life")),
    ("source", Replace("an instance cannot become the replica of another one")),
    ("engine", Replace("the engine of a database cannot be changed")),
    ("engine_version", InPlace(Downtime)),
    ("release", CreateOnly),
    ("instance_class", InPlace(Downtime)),
    ("storage_type", InPlace(Brief)),
    ("db_name", CreateOnly),
    ("username", Replace("the master user of a database cannot be changed")),
    ("secret_arn", CreateOnly),
    ("subnet_group", Replace("a database stays in its subnets")),
    ("parameter_group", InPlace(Brief)),
    ("kms_key_arn", Replace("the key of an encrypted database cannot be changed")),
    ("final_snapshot", Local),
    ("apply_immediately", Local),
];

/// The kind `rds/instance`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = Instance;

    fn traits(&self) -> Traits {
        Traits {
            data: true,
            rules: RULES,
            minutes: (12.0, 10.0, 7.0),
            limit_minutes: 120,
            volatile: &["engine_version", "parameters"],
            ..Traits::new(Instance::KIND, "database instance")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<Instance>],
    ) -> Vec<Result<Option<Observed<Instance>>, Error>> {
        let ids = targets.iter().filter_map(|target| target.id.clone()).collect();
        let unrecorded = targets.iter().filter(|target| target.id.is_none());
        let names = unrecorded.filter_map(|target| Some(target.props.as_ref()?.identifier.clone())).collect();
        let by_id = self.filtered(scope, "dbi-resource-id", ids).await;
        let by_name = self.filtered(scope, "db-instance-id", names).await;
        let pick = |target: &Target<Instance>| {
            let found = match (&target.id, &target.props) {
                (Some(id), _) => lookup(&by_id, |instance| instance.dbi_resource_id() == Some(id))?,
                (None, Some(props)) => {
                    lookup(&by_name, |instance| instance.db_instance_identifier() == Some(&props.identifier))?
                }
                (None, None) => None,
            };
            Ok(found.map(|instance| observe(instance, target.props.as_ref())))
        };
        targets.iter().map(pick).collect()
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &Instance) -> Result<String, Error> {
        let created = match &desired.source {
            Some(source) => self.create_replica(scope, address, desired, source.value()?).await?,
            None => self.create_primary(scope, address, desired).await?,
        };
        let id = created.and_then(|instance| instance.dbi_resource_id);
        id.ok_or_else(|| Error::permanent(format!("RDS created {} without a resource id", desired.identifier)))
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &Instance,
        observed: &Observed<Instance>,
        changes: &Changes,
    ) -> Result<(), Error> {
        let rds = self.0.rds(&scope.region);
        let mut request = rds
            .modify_db_instance()
            .db_instance_identifier(&observed.props.identifier)
            .apply_immediately(desired.apply_immediately.unwrap_or(true));
        for change in changes {
            request = desired.put(request, &change.field, &observed.props)?;
        }
        call("rds:ModifyDBInstance", || request.clone().send()).await.map(drop)
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<Instance>,
        props: Option<&Instance>,
    ) -> Result<Vec<Retained>, Error> {
        let rds = self.0.rds(&scope.region);
        let identifier = &observed.props.identifier;
        if observed.props.deletion_protection == Input::Known(true) {
            let request = || rds.modify_db_instance().db_instance_identifier(identifier).apply_immediately(true);
            call("rds:ModifyDBInstance", || request().deletion_protection(false).send()).await?;
            return Ok(Vec::new());
        }
        let last = Farewell::of(observed, props);
        let request = || {
            rds.delete_db_instance()
                .db_instance_identifier(identifier)
                .skip_final_snapshot(last.snapshot.is_none())
                .set_final_db_snapshot_identifier(last.snapshot.clone())
                .delete_automated_backups(!last.keep_backups)
                .send()
        };
        match call("rds:DeleteDBInstance", request).await {
            // The answer to an earlier attempt was lost.
            Err(error) if error.class == ErrorClass::Busy && error.message.contains("already being deleted") => {}
            result => drop(Error::absent_is_none(result)?),
        }
        Ok(last.retained(identifier))
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<Instance>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, arn_of(observed), set, remove).await
    }
}

impl Kind {
    /// The instances that match one filter, in one call; none without values.
    async fn filtered(&self, scope: &Scope, filter: &str, values: Vec<String>) -> Result<Vec<DbInstance>, Error> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let rds = self.0.rds(&scope.region);
        let filter = Filter::builder().name(filter).set_values(Some(values)).build();
        let request = || {
            let pages = rds.describe_db_instances().filters(filter.clone());
            pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
        };
        Error::absent_is_none(call("rds:DescribeDBInstances", request).await).map(Option::unwrap_or_default)
    }

    async fn create_primary(
        &self,
        scope: &Scope,
        address: &Address,
        desired: &Instance,
    ) -> Result<Option<DbInstance>, Error> {
        let rds = self.0.rds(&scope.region);
        let secret_arn = desired.secret_arn.as_ref().map(Input::value).transpose()?;
        let secret_arn = secret_arn.ok_or_else(|| Error::bug("a primary database needs a secret"))?;
        let password = secret::password(&self.0, &scope.region, secret_arn).await?;
        let insights = desired.insights();
        let request = rds
            .create_db_instance()
            .db_instance_identifier(&desired.identifier)
            .set_engine(desired.engine.clone())
            .engine_version(desired.target_version())
            .db_instance_class(&desired.instance_class)
            .allocated_storage(desired.storage_gb)
            .set_max_allocated_storage(desired.autoscaling())
            .storage_type(&desired.storage_type)
            .storage_encrypted(true)
            .kms_key_id(desired.kms_key_arn.value()?)
            .multi_az(desired.multi_az)
            .set_db_name(desired.db_name.clone())
            .set_master_username(desired.username.clone())
            .master_user_password(password)
            .set_db_subnet_group_name(desired.subnet_group.as_ref().map(Input::value).transpose()?.cloned())
            .db_parameter_group_name(desired.parameter_group.value()?)
            .set_vpc_security_group_ids(Some(values(&desired.security_group_ids)?))
            .publicly_accessible(desired.public)
            .set_backup_retention_period(desired.backup_retention_days)
            .set_preferred_backup_window(desired.backup_window.clone())
            .set_preferred_maintenance_window(desired.maintenance_window.clone())
            .monitoring_interval(desired.monitoring_seconds)
            .set_monitoring_role_arn(desired.monitoring_role()?)
            .enable_performance_insights(insights.is_some())
            .set_performance_insights_retention_period(insights)
            .set_performance_insights_kms_key_id(desired.insights_key()?)
            .set_enable_cloudwatch_logs_exports(Some(desired.log_exports.iter().cloned().collect()))
            .auto_minor_version_upgrade(desired.minor_upgrades)
            .copy_tags_to_snapshot(true)
            .deletion_protection(*desired.deletion_protection.value()?)
            .set_tags(Some(tags::to_sdk(&scope.tags_of(address))));
        Ok(call("rds:CreateDBInstance", || request.clone().send()).await?.db_instance)
    }

    /// A replica takes version, user, database, subnets and key from its primary. What this call cannot
    /// set (the windows) is set by the first update.
    async fn create_replica(
        &self,
        scope: &Scope,
        address: &Address,
        desired: &Instance,
        source: &str,
    ) -> Result<Option<DbInstance>, Error> {
        let rds = self.0.rds(&scope.region);
        let insights = desired.insights();
        let request = rds
            .create_db_instance_read_replica()
            .db_instance_identifier(&desired.identifier)
            .source_db_instance_identifier(source)
            .db_instance_class(&desired.instance_class)
            .allocated_storage(desired.storage_gb)
            .set_max_allocated_storage(desired.autoscaling())
            .storage_type(&desired.storage_type)
            .multi_az(desired.multi_az)
            .db_parameter_group_name(desired.parameter_group.value()?)
            .set_vpc_security_group_ids(Some(values(&desired.security_group_ids)?))
            .publicly_accessible(desired.public)
            .monitoring_interval(desired.monitoring_seconds)
            .set_monitoring_role_arn(desired.monitoring_role()?)
            .enable_performance_insights(insights.is_some())
            .set_performance_insights_retention_period(insights)
            .set_performance_insights_kms_key_id(desired.insights_key()?)
            .set_enable_cloudwatch_logs_exports(Some(desired.log_exports.iter().cloned().collect()))
            .auto_minor_version_upgrade(desired.minor_upgrades)
            .copy_tags_to_snapshot(true)
            .deletion_protection(*desired.deletion_protection.value()?)
            .set_tags(Some(tags::to_sdk(&scope.tags_of(address))));
        Ok(call("rds:CreateDBInstanceReadReplica", || request.clone().send()).await?.db_instance)
    }
}

impl Instance {
    /// Adds one changed field to a ModifyDBInstance request.
    fn put(&self, request: Modify, field: &str, before: &Self) -> Result<Modify, Error> {
        Ok(match field {
            "engine_version" => request.engine_version(self.target_version()).allow_major_version_upgrade(true),
            "instance_class" => request.db_instance_class(&self.instance_class),
            "storage_gb" => request.allocated_storage(self.storage_gb),
            // Equal to the storage means off, and need not be said when it was off before.
            "max_storage_gb" if self.autoscaling().or(before.autoscaling()).is_none() => request,
            "max_storage_gb" => request.max_allocated_storage(self.max_storage_gb),
            "storage_type" => request.storage_type(&self.storage_type),
            "multi_az" => request.multi_az(self.multi_az),
            "parameter_group" => request.db_parameter_group_name(self.parameter_group.value()?),
            "security_group_ids" => request.set_vpc_security_group_ids(Some(values(&self.security_group_ids)?)),
            "public" => request.publicly_accessible(self.public),
            "backup_retention_days" => request.set_backup_retention_period(self.backup_retention_days),
            "backup_window" => request.set_preferred_backup_window(self.backup_window.clone()),
            "maintenance_window" => request.set_preferred_maintenance_window(self.maintenance_window.clone()),
            "monitoring_seconds" | "monitoring_role_arn" => {
                request.monitoring_interval(self.monitoring_seconds).set_monitoring_role_arn(self.monitoring_role()?)
            }
            "insights_retention_days" => {
                let key = if before.insights().is_none() { self.insights_key()? } else { None };
                request
                    .enable_performance_insights(self.insights().is_some())
                    .set_performance_insights_retention_period(self.insights())
                    .set_performance_insights_kms_key_id(key)
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

    fn target_version(&self) -> &str {
        self.release.as_deref().unwrap_or(&self.engine_version)
    }

    /// The limit of storage autoscaling, when it is on.
    pub(super) fn autoscaling(&self) -> Option<i32> {
        (self.max_storage_gb > self.storage_gb).then_some(self.max_storage_gb)
    }

    /// The retention of Performance Insights, when it is on.
    fn insights(&self) -> Option<i32> {
        (self.insights_retention_days > 0).then_some(self.insights_retention_days)
    }

    fn insights_key(&self) -> Result<Option<String>, Error> {
        self.insights().map(|_| self.kms_key_arn.value().cloned()).transpose()
    }

    fn monitoring_role(&self) -> Result<Option<String>, Error> {
        let role = self.monitoring_role_arn.as_ref().filter(|_| self.monitoring_seconds > 0);
        Ok(role.map(Input::value).transpose()?.cloned())
    }
}

/// What a deletion leaves behind.
struct Farewell {
    snapshot: Option<String>,
    keep_backups: bool,
}

impl Farewell {
    /// A primary leaves a snapshot, unless told otherwise; one that RDS cannot take a snapshot of
    /// leaves its automated backups. The snapshot's name follows from the resource id, so that every
    /// attempt means the same one, and no other instance ever has it.
    fn of(observed: &Observed<Instance>, props: Option<&Instance>) -> Self {
        let is_replica = observed.props.source.is_some();
        let wanted = !is_replica && props.is_none_or(|props| props.final_snapshot.unwrap_or(true));
        let is_failed = matches!(observed.status, stellar_engine::Status::Failed(_));
        let tail: String = observed.id.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        let tail = tail.get(tail.len().saturating_sub(8)..).unwrap_or_default();
        let name = format!("{}-final-{tail}", observed.props.identifier);
        Self { snapshot: (wanted && !is_failed).then_some(name), keep_backups: wanted && is_failed }
    }

    fn retained(self, identifier: &str) -> Vec<Retained> {
        let snapshot = self.snapshot.map(|id| Retained {
            kind: "rds/snapshot".to_owned(),
            id,
            reason: format!("final snapshot of {identifier}"),
        });
        let backups = self.keep_backups.then(|| Retained {
            kind: "rds/automated-backup".to_owned(),
            id: identifier.to_owned(),
            reason: "the database had failed, so that no final snapshot could be taken".to_owned(),
        });
        snapshot.into_iter().chain(backups).collect()
    }
}

/// The instance that `is_it` accepts, or the error of the call that should have found it.
fn lookup(
    all: &Result<Vec<DbInstance>, Error>,
    is_it: impl Fn(&DbInstance) -> bool,
) -> Result<Option<&DbInstance>, Error> {
    let all = all.as_ref().map_err(Error::clone)?;
    Ok(all.iter().find(|instance| is_it(instance)))
}

#[cfg(test)]
mod tests {
    use stellar_engine::Status;

    use super::*;

    #[test]
    fn a_deletion_never_loses_data_unasked() {
        let props = |final_snapshot| Instance { final_snapshot, ..Instance::default() };
        let (ready, failed) = (Status::Ready, Status::Failed("incompatible-restore".to_owned()));
        let snapshot = Some("shop-db-final-f2345678");
        let rows = [
            (None, &ready, Some(props(Some(true))), snapshot, false),
            (None, &ready, Some(props(None)), snapshot, false),
            (None, &ready, None, snapshot, false),
            (None, &ready, Some(props(Some(false))), None, false),
            (None, &failed, Some(props(Some(true))), None, true),
            (None, &failed, Some(props(Some(false))), None, false),
            (Some("shop-db"), &ready, Some(props(None)), None, false),
        ];
        for (source, status, props, snapshot, keep_backups) in rows {
            let instance =
                Instance { identifier: "shop-db".to_owned(), source: source.map(Input::from), ..Instance::default() };
            let observed = Observed::new("db-ABCDEF2345678", instance).status(status.clone());
            let farewell = Farewell::of(&observed, props.as_ref());
            assert_eq!((farewell.snapshot.as_deref(), farewell.keep_backups), (snapshot, keep_backups), "{props:?}");
        }
    }
}
