//! DB instance, primary or read replica. Proof: tag. Found by its identifier; recorded is the resource
//! id (`db-…`), which no other instance ever gets, also not one restored under the same identifier.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_rds::types::{DbInstance, SourceType};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes,
    Disruption::{Brief, Downtime},
    Error, ErrorClass, Input, Observed, Properties, Retained,
    Rule::{self, AtOnce, CreateOnly, InPlace, Local, Replace},
    Scope, Tags, Target, Traits,
};

use super::{
    describe::{instances, pick},
    farewell::Farewell,
    instance_create, instance_modify,
    instance_view::observe,
    parameter_group::ParameterGroup,
    restore::Restore,
    status, tags,
};
use crate::{Aws, access::Needs, call, normal::arn_of};

/// A database instance; with `source` a read replica. Outputs: `id` (`db-…`), `arn`, `identifier`,
/// `endpoint` (host), `port`, `kms_key_arn`, `engine_version` (in full), `parameters` (`in-sync` or `pending-reboot`),
/// `storage_gb` (as it is), `replicas` (identifiers of its read replicas in the region).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// Lower case, at most 63 characters; cannot be changed.
    pub identifier: String,
    /// The identifier of the primary, for a replica.
    pub source: Option<Input<String>>,
    /// Where the data of a new primary comes from.
    pub restore: Option<Restore>,
    /// `postgres`; `None` for replicas.
    pub engine: Option<String>,
    /// A major version, which stands for all its minor versions, or a full one.
    pub engine_version: String,
    /// The full version that a creation asks for.
    pub release: Option<String>,
    /// `open-source-rds-extended-support-disabled` …; `None` for replicas, which follow their primary.
    pub lifecycle_support: Option<String>,
    /// `db.r6g.large` …
    pub instance_class: String,
    /// GiB; RDS may have grown it within `max_storage_gb`.
    pub storage_gb: i32,
    /// GiB up to which RDS grows the storage by itself; equal to `storage_gb`: not at all.
    pub max_storage_gb: i32,
    /// `gp3`, `io2` …
    pub storage_type: String,
    /// `None` where the storage type or its size decides.
    pub iops: Option<i32>,
    /// MiB/s; `None` where the storage type or its size decides.
    pub throughput: Option<i32>,
    /// A standby in another zone.
    pub multi_az: bool,
    /// `None` = AWS chooses; always with a standby, since a failover changes it.
    pub zone: Option<String>,
    /// TCP; `None` for replicas, which take their primary's at first.
    pub port: Option<i32>,
    /// The database made at creation; primaries only.
    pub db_name: Option<String>,
    /// The master user; primaries only.
    pub username: Option<String>,
    /// The secret that holds the master user's password; primaries only.
    pub secret_arn: Option<Input<String>>,
    /// The password is the one in the secret: not so at first in a restored database. Primaries only.
    pub password_set: Option<bool>,
    /// Logins by IAM tokens are accepted too.
    pub iam_authentication: bool,
    /// `None` for replicas, which use their primary's.
    pub subnet_group: Option<Input<String>>,
    /// Its parameter group.
    pub parameter_group: Input<String>,
    /// Digest of the static parameters with which it is to run: where another digest is in force, it is restarted.
    /// `None` = nobody restarts it for their sake.
    pub reboot: Option<String>,
    /// The order means nothing.
    pub security_group_ids: Vec<Input<String>>,
    /// Encrypts storage, snapshots and insights.
    pub kms_key_arn: Input<String>,
    /// `rds-ca-rsa2048-g1` …; `None` = AWS's default.
    pub certificate_authority: Option<String>,
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
    /// `standard` or `advanced`.
    pub insights_mode: Option<String>,
    /// Logs written to CloudWatch: `postgresql`, `upgrade`, `iam-db-auth-error`.
    pub log_exports: BTreeSet<String>,
    /// AWS installs minor versions in the maintenance window.
    pub minor_upgrades: bool,
    /// RDS refuses the deletion.
    pub deletion_protection: Input<bool>,
    /// A deletion leaves a snapshot behind; primaries only.
    pub final_snapshot: Option<bool>,
    /// Changes at once, not in the maintenance window.
    pub apply_immediately: Option<bool>,
    /// It was in use; observed `false` from its creation until it is noted that it was.
    #[serde(default)]
    pub used: Option<bool>,
}

impl Properties for Instance {
    const KIND: &'static str = "rds/instance";
}

const RULES: &[(&str, Rule)] = &[
    ("identifier", Replace("the identifier is fixed for the stack's life")),
    ("source", Replace("an instance cannot become the replica of another one")),
    ("restore", Local),
    ("engine", Replace("the engine of a database cannot be changed")),
    ("engine_version", InPlace(Downtime)),
    ("release", CreateOnly),
    ("instance_class", InPlace(Downtime)),
    ("storage_type", InPlace(Brief)),
    ("zone", Replace("an instance stays in its zone")),
    ("port", InPlace(Brief)),
    ("db_name", CreateOnly),
    ("username", Replace("the master user of a database cannot be changed")),
    ("secret_arn", CreateOnly),
    ("subnet_group", Replace("a database stays in its subnets")),
    ("parameter_group", InPlace(Brief)),
    ("reboot", InPlace(Brief)),
    ("kms_key_arn", Replace("the key of an encrypted database cannot be changed")),
    ("certificate_authority", InPlace(Brief)),
    // RDS User Guide, "Settings for DB instances": these take effect as soon as they are set.
    ("backup_window", AtOnce),
    ("maintenance_window", AtOnce),
    ("deletion_protection", AtOnce),
    ("final_snapshot", Local),
    ("apply_immediately", Local),
];

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["rds:DescribeDBInstances", "rds:DescribeEvents", "rds:ListTagsForResource"],
    create: &[
        "rds:AddTagsToResource",
        "rds:CopyDBSnapshot",
        "rds:CreateDBInstance",
        "rds:CreateDBInstanceReadReplica",
        "rds:DescribeDBInstanceAutomatedBackups",
        "rds:DescribeDBSnapshots",
        "rds:RestoreDBInstanceFromDBSnapshot",
        "rds:RestoreDBInstanceToPointInTime",
        "secretsmanager:GetSecretValue",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKey",
    ],
    update: &[
        "rds:AddTagsToResource",
        "rds:RemoveTagsFromResource",
        "rds:DeleteDBSnapshot",
        "rds:DescribeDBEngineVersions",
        "rds:ModifyDBInstance",
        "rds:RebootDBInstance",
        "secretsmanager:GetSecretValue",
    ],
    delete: &["rds:AddTagsToResource", "rds:CreateDBSnapshot", "rds:DeleteDBInstance", "rds:ModifyDBInstance"],
    passes: &["monitoring.rds.amazonaws.com"],
    linked: &["rds.amazonaws.com"],
};

/// The kind `rds/instance`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = Instance;

    fn traits(&self) -> Traits {
        Traits {
            data: true,
            rules: RULES,
            bulk: true,
            minutes: (12.0, 10.0, 7.0),
            limit_minutes: 120,
            volatile: &["engine_version", "parameters", "port"],
            // It waits for a restart from then on.
            reflects: &[(ParameterGroup::KIND, "parameters_at_restart")],
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
        let by_id = instances(&self.0, &scope.region, "dbi-resource-id", ids).await;
        let by_name = instances(&self.0, &scope.region, "db-instance-id", names).await;
        let find = |target: &Target<Instance>| {
            let found = match (&target.id, &target.props) {
                (Some(id), _) => pick(&by_id, |instance: &DbInstance| instance.dbi_resource_id() == Some(id))?,
                (None, Some(props)) => {
                    pick(&by_name, |instance| instance.db_instance_identifier() == Some(&props.identifier))?
                }
                (None, None) => None,
            };
            Ok(found.map(|instance| observe(instance, target.props.as_ref())))
        };
        let explain = |found: Result<Option<Observed<Instance>>, Error>| async {
            let Some(observed) = found? else { return Ok(None) };
            let identifier = observed.props.identifier.clone();
            let source = SourceType::DbInstance;
            Ok(Some(status::with_reason(&self.0, &scope.region, source, &identifier, observed).await))
        };
        join_all(targets.iter().map(find).map(explain)).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &Instance) -> Result<String, Error> {
        let created = instance_create::create(&self.0, scope, address, desired).await?;
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
        instance_modify::update(&self.0, scope, desired, observed, changes).await
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
        // A replica holds nothing of its own.
        let is_replica = observed.props.source.is_some();
        let wanted = !is_replica && props.is_none_or(|props| props.final_snapshot.unwrap_or(true));
        let last = Farewell::of(identifier, &observed.id, &observed.status, wanted);
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
        Ok(last.retained("rds/snapshot", identifier))
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

impl Instance {
    /// The version that a creation asks for.
    pub(super) fn first_version(&self) -> &str {
        self.release.as_deref().unwrap_or(&self.engine_version)
    }

    /// The limit of storage autoscaling, when it is on.
    pub(super) fn autoscaling(&self) -> Option<i32> {
        (self.max_storage_gb > self.storage_gb).then_some(self.max_storage_gb)
    }

    /// The retention of Performance Insights, when it is on.
    pub(super) fn insights(&self) -> Option<i32> {
        (self.insights_retention_days > 0).then_some(self.insights_retention_days)
    }

    /// The key of Performance Insights, when it is on.
    pub(super) fn insights_key(&self) -> Result<Option<String>, Error> {
        self.insights().map(|_| self.kms_key_arn.value().cloned()).transpose()
    }

    /// The role of enhanced monitoring, when it is on.
    pub(super) fn monitoring_role(&self) -> Result<Option<String>, Error> {
        let role = self.monitoring_role_arn.as_ref().filter(|_| self.monitoring_seconds > 0);
        Ok(role.map(Input::value).transpose()?.cloned())
    }
}
