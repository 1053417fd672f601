//! Aurora DB cluster: storage, endpoints and settings that its instances share. Proof: tag. Found by its identifier;
//! recorded is the resource id (`cluster-…`), which no other cluster ever gets.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_rds::types::{DbCluster, SourceType};
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
    cluster_create,
    cluster_instance::ClusterInstance,
    cluster_modify,
    cluster_parameter_group::ClusterParameterGroup,
    cluster_view::observe,
    describe::{clusters, pick},
    farewell::Farewell,
    restore::Restore,
    status, tags,
};
use crate::{Aws, access::Needs, call, normal::arn_of};

/// Limits of serverless instances, in Aurora capacity units (2 GiB of memory each).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Serverless {
    /// 0 to 256, in steps of 0.5; 0 = instances pause when nobody is connected.
    pub min_acu: f64,
    /// 1 to 256, in steps of 0.5.
    pub max_acu: f64,
    /// Idle seconds after which an instance pauses; `None` = AWS's default.
    pub pause_after_seconds: Option<i32>,
}

/// An Aurora cluster. Outputs: `id` (`cluster-…`), `arn`, `identifier`, `endpoint` and `reader_endpoint` (hosts), `port`,
/// `kms_key_arn`, `engine_version` (in full), `parameters` (`in-sync`, or `pending-reboot` when an instance waits).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// Lower case, at most 63 characters; cannot be changed.
    pub identifier: String,
    /// Where the data of a new cluster comes from.
    pub restore: Option<Restore>,
    /// `aurora-postgresql`.
    pub engine: String,
    /// A major version, which stands for all its minor versions, or a full one.
    pub engine_version: String,
    /// The full version that a creation asks for.
    pub release: Option<String>,
    /// `open-source-rds-extended-support-disabled` …
    pub lifecycle_support: Option<String>,
    /// `aurora` (I/O is paid by use) or `aurora-iopt1` (I/O is included).
    pub storage_type: String,
    /// For instances of the class `db.serverless`.
    pub serverless: Option<Serverless>,
    /// TCP.
    pub port: i32,
    /// The database made at creation.
    pub db_name: String,
    /// The master user.
    pub username: String,
    /// The secret that holds the master user's password.
    pub secret_arn: Input<String>,
    /// The password is the one in the secret: not so at first in a restored cluster.
    pub password_set: bool,
    /// Logins by IAM tokens are accepted too.
    pub iam_authentication: bool,
    /// Its subnets.
    pub subnet_group: Input<String>,
    /// Its cluster parameter group.
    pub parameter_group: Input<String>,
    /// The order means nothing.
    pub security_group_ids: Vec<Input<String>>,
    /// Encrypts storage and snapshots.
    pub kms_key_arn: Input<String>,
    /// 1 to 35.
    pub backup_retention_days: i32,
    /// `03:00-04:00`, UTC.
    pub backup_window: Option<String>,
    /// `sun:04:00-sun:05:00`, UTC.
    pub maintenance_window: Option<String>,
    /// Logs written to CloudWatch: `postgresql`, `iam-db-auth-error`.
    pub log_exports: BTreeSet<String>,
    /// RDS refuses the deletion.
    pub deletion_protection: Input<bool>,
    /// A deletion leaves a snapshot behind.
    pub final_snapshot: Option<bool>,
    /// Changes at once, not in the maintenance window.
    pub apply_immediately: Option<bool>,
    /// It was in use; observed `false` from its creation until it is noted that it was.
    #[serde(default)]
    pub used: Option<bool>,
}

impl Properties for Cluster {
    const KIND: &'static str = "rds/cluster";
}

const RULES: &[(&str, Rule)] = &[
    ("identifier", Replace("the identifier is fixed for the stack's life")),
    ("restore", Local),
    ("engine", Replace("the engine of a database cannot be changed")),
    ("engine_version", InPlace(Downtime)),
    ("release", CreateOnly),
    ("port", InPlace(Brief)),
    ("db_name", CreateOnly),
    ("username", Replace("the master user of a database cannot be changed")),
    ("secret_arn", CreateOnly),
    ("subnet_group", Replace("a database stays in its subnets")),
    ("kms_key_arn", Replace("the key of an encrypted database cannot be changed")),
    // RDS User Guide, "Settings for DB instances": these take effect as soon as they are set.
    ("backup_window", AtOnce),
    ("maintenance_window", AtOnce),
    ("deletion_protection", AtOnce),
    ("final_snapshot", Local),
    ("apply_immediately", Local),
];

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["rds:DescribeDBClusters", "rds:DescribeEvents", "rds:ListTagsForResource"],
    create: &[
        "rds:AddTagsToResource",
        "rds:CreateDBCluster",
        "rds:DescribeDBClusterAutomatedBackups",
        "rds:DescribeDBClusterSnapshots",
        "rds:RestoreDBClusterFromSnapshot",
        "rds:RestoreDBClusterToPointInTime",
        "secretsmanager:GetSecretValue",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKey",
    ],
    update: &[
        "rds:AddTagsToResource",
        "rds:RemoveTagsFromResource",
        "rds:DescribeDBEngineVersions",
        "rds:ModifyDBCluster",
        "secretsmanager:GetSecretValue",
    ],
    delete: &["rds:AddTagsToResource", "rds:CreateDBClusterSnapshot", "rds:DeleteDBCluster", "rds:ModifyDBCluster"],
    linked: &["rds.amazonaws.com"],
    ..Needs::NOTHING
};

/// The kind `rds/cluster`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = Cluster;

    fn traits(&self) -> Traits {
        Traits {
            data: true,
            rules: RULES,
            bulk: true,
            minutes: (3.0, 10.0, 3.0),
            limit_minutes: 120,
            volatile: &["engine_version", "parameters", "port"],
            // It waits for a restart of its instances from then on, or until then.
            reflects: &[(ClusterParameterGroup::KIND, "parameters_at_restart"), (ClusterInstance::KIND, "reboot")],
            ..Traits::new(Cluster::KIND, "Aurora cluster")
        }
    }

    async fn read(&self, scope: &Scope, targets: &[Target<Cluster>]) -> Vec<Result<Option<Observed<Cluster>>, Error>> {
        let ids = targets.iter().filter_map(|target| target.id.clone()).collect();
        let unrecorded = targets.iter().filter(|target| target.id.is_none());
        let names = unrecorded.filter_map(|target| Some(target.props.as_ref()?.identifier.clone())).collect();
        let by_id = clusters(&self.0, &scope.region, "db-cluster-resource-id", ids).await;
        let by_name = clusters(&self.0, &scope.region, "db-cluster-id", names).await;
        let find = |target: &Target<Cluster>| {
            let found = match (&target.id, &target.props) {
                (Some(id), _) => pick(&by_id, |cluster: &DbCluster| cluster.db_cluster_resource_id() == Some(id))?,
                (None, Some(props)) => {
                    pick(&by_name, |cluster| cluster.db_cluster_identifier() == Some(&props.identifier))?
                }
                (None, None) => None,
            };
            Ok(found.map(|cluster| observe(cluster, target.props.as_ref())))
        };
        let explain = |found: Result<Option<Observed<Cluster>>, Error>| async {
            let Some(observed) = found? else { return Ok(None) };
            let identifier = observed.props.identifier.clone();
            let source = SourceType::DbCluster;
            Ok(Some(status::with_reason(&self.0, &scope.region, source, &identifier, observed).await))
        };
        join_all(targets.iter().map(find).map(explain)).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &Cluster) -> Result<String, Error> {
        let created = cluster_create::create(&self.0, scope, address, desired).await?;
        let id = created.and_then(|cluster| cluster.db_cluster_resource_id);
        id.ok_or_else(|| Error::permanent(format!("RDS created {} without a resource id", desired.identifier)))
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &Cluster,
        observed: &Observed<Cluster>,
        changes: &Changes,
    ) -> Result<(), Error> {
        cluster_modify::update(&self.0, scope, desired, observed, changes).await
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<Cluster>,
        props: Option<&Cluster>,
    ) -> Result<Vec<Retained>, Error> {
        let rds = self.0.rds(&scope.region);
        let identifier = &observed.props.identifier;
        if observed.props.deletion_protection == Input::Known(true) {
            let request = || rds.modify_db_cluster().db_cluster_identifier(identifier).apply_immediately(true);
            call("rds:ModifyDBCluster", || request().deletion_protection(false).send()).await?;
            return Ok(Vec::new());
        }
        let wanted = props.is_none_or(|props| props.final_snapshot.unwrap_or(true));
        let last = Farewell::of(identifier, &observed.id, &observed.status, wanted);
        let request = || {
            rds.delete_db_cluster()
                .db_cluster_identifier(identifier)
                .skip_final_snapshot(last.snapshot.is_none())
                .set_final_db_snapshot_identifier(last.snapshot.clone())
                .delete_automated_backups(!last.keep_backups)
                .send()
        };
        match call("rds:DeleteDBCluster", request).await {
            // The answer to an earlier attempt was lost.
            Err(error) if error.class == ErrorClass::Busy && error.message.contains("already being deleted") => {}
            result => drop(Error::absent_is_none(result)?),
        }
        Ok(last.retained("rds/cluster-snapshot", identifier))
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<Cluster>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, arn_of(observed), set, remove).await
    }
}

impl Cluster {
    /// The version that a creation asks for.
    pub(super) fn first_version(&self) -> &str {
        self.release.as_deref().unwrap_or(&self.engine_version)
    }
}
