//! Replication group: the nodes of one Valkey or Redis OSS cache. Proof: tag; while it is not
//! available ElastiCache does not list tags, and the claim in its description stands for them.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_elasticache::{
    operation::modify_replication_group::builders::ModifyReplicationGroupFluentBuilder as Modify,
    types::{AuthTokenUpdateStrategyType, ClusterMode, TransitEncryptionMode},
};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stellar_engine::{
    Address, Changes,
    Disruption::Brief,
    Error, Input, Observed, Properties, Retained,
    Rule::{self, CreateOnly, InPlace, Local, Replace},
    Scope, Status, Tags, Target, Traits,
};

use super::{replication_group_view::observe, tags};
use crate::{
    Aws,
    access::Needs,
    call,
    normal::{arn_of, values},
    secretsmanager::secret,
    window::{displaced, or_beside},
};

/// The engines' usual port.
const PORT: i32 = 6379;

/// A cache with replicas, failover across zones, TLS and encryption at rest. Outputs: `id`, `arn`, `port`,
/// `endpoint` (host to write to; of the whole cluster in cluster mode), `reader_endpoint` (without
/// cluster mode), `engine_version` (in full), `node_groups` (list of ids).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReplicationGroup {
    /// Lower case, at most 40 characters; cannot be changed.
    pub name: String,
    /// For people; must hold the claim.
    pub description: String,
    /// `valkey` or `redis`.
    pub engine: String,
    /// `8.0`, which stands for all its patches.
    pub engine_version: String,
    /// `cache.r7g.large` …
    pub node_type: String,
    /// Node groups; more than one only in cluster mode.
    pub shards: i32,
    /// Replicas of each shard, 0 to 5.
    pub replicas: i32,
    /// Cluster mode: clients follow redirects between shards.
    pub cluster_mode: bool,
    /// Automatic failover to a replica; needs one, except in cluster mode, which always has it.
    pub failover: bool,
    /// Replicas are in other zones than their primary; needs `failover` and a replica.
    pub multi_az: bool,
    /// Clients must send the token that `secret_arn` holds.
    pub token: bool,
    /// The secret with the token, read when the cache gets it: at its creation or later.
    pub secret_arn: Option<Input<String>>,
    /// `required`, `preferred` or `off`.
    pub tls: String,
    /// Its parameter group.
    pub parameter_group: Input<String>,
    /// Its subnet group; cannot be changed.
    pub subnet_group: Input<String>,
    /// The order means nothing.
    pub security_group_ids: Vec<Input<String>>,
    /// Encrypts nodes and snapshots.
    pub kms_key_arn: Input<String>,
    /// Days that daily snapshots are kept; 0 = none are made.
    pub snapshot_retention_days: i32,
    /// `01:00-02:00`, UTC.
    pub snapshot_window: Option<String>,
    /// `sun:04:00-sun:05:00`, UTC.
    pub maintenance_window: Option<String>,
    /// AWS installs minor versions in the maintenance window.
    pub minor_upgrades: bool,
    /// A snapshot from which a new cache is filled.
    pub restore_snapshot: Option<String>,
    /// A deletion leaves a snapshot behind.
    pub final_snapshot: Option<bool>,
}

impl Properties for ReplicationGroup {
    const KIND: &'static str = "elasticache/replication-group";
}

const RULES: &[(&str, Rule)] = &[
    ("name", Replace("a cache cannot be renamed")),
    ("engine", InPlace(Brief)),
    ("engine_version", InPlace(Brief)),
    ("node_type", InPlace(Brief)),
    ("cluster_mode", Replace("clients of one mode cannot talk to the other; a new cache is needed")),
    ("tls", InPlace(Brief)),
    // From then on clients without the token are refused. The way back leads over users alone (API reference of
    // ModifyReplicationGroup, AuthTokenUpdateStrategy), so configurations are not let go it.
    ("token", InPlace(Brief)),
    ("secret_arn", CreateOnly),
    ("restore_snapshot", CreateOnly),
    ("final_snapshot", Local),
    ("subnet_group", Replace("a cache stays in its subnets")),
    ("kms_key_arn", Replace("the key of an encrypted cache cannot be changed")),
];

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &[
        "elasticache:DescribeCacheClusters",
        "elasticache:DescribeReplicationGroups",
        "elasticache:ListTagsForResource",
    ],
    create: &[
        "elasticache:AddTagsToResource",
        "elasticache:CreateReplicationGroup",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "secretsmanager:GetSecretValue",
    ],
    update: &[
        "elasticache:AddTagsToResource",
        "elasticache:RemoveTagsFromResource",
        "elasticache:DecreaseReplicaCount",
        "elasticache:IncreaseReplicaCount",
        "elasticache:ModifyReplicationGroup",
        "elasticache:ModifyReplicationGroupShardConfiguration",
    ],
    delete: &["elasticache:CreateSnapshot", "elasticache:DeleteReplicationGroup"],
    linked: &["elasticache.amazonaws.com"],
    ..Needs::NOTHING
};

/// The kind `elasticache/replication-group`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = ReplicationGroup;

    fn traits(&self) -> Traits {
        Traits {
            data: true,
            rules: RULES,
            minutes: (9.0, 10.0, 7.0),
            limit_minutes: 120,
            volatile: &["engine_version", "node_groups"],
            ..Traits::new(ReplicationGroup::KIND, "cache")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<ReplicationGroup>],
    ) -> Vec<Result<Option<Observed<ReplicationGroup>>, Error>> {
        join_all(targets.iter().map(|target| self.read_one(scope, target))).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &ReplicationGroup) -> Result<String, Error> {
        let elasticache = self.0.elasticache(&scope.region);
        let token = self.token(scope, desired).await?;
        let request = elasticache
            .create_replication_group()
            .replication_group_id(&desired.name)
            .replication_group_description(&desired.description)
            .engine(&desired.engine)
            .engine_version(&desired.engine_version)
            .cache_node_type(&desired.node_type)
            .port(PORT)
            .automatic_failover_enabled(desired.failover)
            .multi_az_enabled(desired.multi_az)
            .set_auth_token(token)
            .set_snapshot_name(desired.restore_snapshot.clone())
            .transit_encryption_enabled(true)
            .transit_encryption_mode(TransitEncryptionMode::Required)
            .at_rest_encryption_enabled(true)
            .kms_key_id(desired.kms_key_arn.value()?)
            .cache_parameter_group_name(desired.parameter_group.value()?)
            .cache_subnet_group_name(desired.subnet_group.value()?)
            .set_security_group_ids(Some(values(&desired.security_group_ids)?))
            .snapshot_retention_limit(desired.snapshot_retention_days)
            .set_snapshot_window(or_beside(desired.snapshot_window.as_ref(), desired.maintenance_window.as_ref()))
            .set_preferred_maintenance_window(or_beside(
                desired.maintenance_window.as_ref(),
                desired.snapshot_window.as_ref(),
            ))
            .auto_minor_version_upgrade(desired.minor_upgrades)
            .set_tags(Some(tags::to_sdk(&scope.tags_of(address))));
        // Without cluster mode ElastiCache counts nodes, with it shards and their replicas.
        let request = match desired.cluster_mode {
            false => request.num_cache_clusters(1 + desired.replicas),
            true => request
                .cluster_mode(ClusterMode::Enabled)
                .num_node_groups(desired.shards)
                .replicas_per_node_group(desired.replicas),
        };
        call("elasticache:CreateReplicationGroup", || request.clone().send()).await?;
        Ok(desired.name.clone())
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &ReplicationGroup,
        observed: &Observed<ReplicationGroup>,
        changes: &Changes,
    ) -> Result<(), Error> {
        match Step::next(&observed.props, desired, changes) {
            Step::Shards => self.reshard(scope, desired, observed).await,
            Step::MoreReplicas => self.add_replicas(scope, desired).await,
            Step::FewerReplicas => self.remove_replicas(scope, desired).await,
            Step::Modify => self.modify(scope, desired, observed, changes).await,
            Step::Token => self.set_token(scope, desired).await,
        }
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<ReplicationGroup>,
        props: Option<&ReplicationGroup>,
    ) -> Result<Vec<Retained>, Error> {
        let elasticache = self.0.elasticache(&scope.region);
        let snapshot = final_snapshot(scope, observed, props);
        let request = || {
            let request = elasticache.delete_replication_group().replication_group_id(&observed.id);
            request.set_final_snapshot_identifier(snapshot.clone()).send()
        };
        Error::absent_is_none(call("elasticache:DeleteReplicationGroup", request).await)?;
        let reason = format!("final snapshot of {}", observed.id);
        let retained = |id| Retained { kind: "elasticache/snapshot".to_owned(), id, reason: reason.clone() };
        Ok(snapshot.map(retained).into_iter().collect())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<ReplicationGroup>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, arn_of(observed), set, remove).await
    }
}

impl Kind {
    /// The token for the create call, if the cache has one.
    async fn token(&self, scope: &Scope, desired: &ReplicationGroup) -> Result<Option<String>, Error> {
        match &desired.secret_arn {
            Some(arn) if desired.token => secret::password(&self.0, &scope.region, arn.value()?).await.map(Some),
            _ => Ok(None),
        }
    }

    async fn read_one(
        &self,
        scope: &Scope,
        target: &Target<ReplicationGroup>,
    ) -> Result<Option<Observed<ReplicationGroup>>, Error> {
        let Some(name) = target.id.as_ref().or(target.props.as_ref().map(|props| &props.name)) else { return Ok(None) };
        let elasticache = self.0.elasticache(&scope.region);
        let request = || elasticache.describe_replication_groups().replication_group_id(name).send();
        let output = Error::absent_is_none(call("elasticache:DescribeReplicationGroups", request).await)?;
        let Some(group) = output.as_ref().and_then(|output| output.replication_groups().first()) else {
            return Ok(None);
        };
        let is_available = group.status() == Some("available");
        // Version, groups and windows are only told of the members, which are all alike. Nobody asks before it is there.
        let member = match group.member_clusters().first().filter(|_| is_available) {
            Some(id) => {
                let request = || elasticache.describe_cache_clusters().cache_cluster_id(id).send();
                Error::absent_is_none(call("elasticache:DescribeCacheClusters", request).await)?
            }
            None => None,
        };
        let member = member.as_ref().and_then(|output| output.cache_clusters().first());
        let tags = if is_available {
            // It may go between the calls.
            let tags = tags::list(&self.0, &scope.region, group.arn().unwrap_or_default()).await;
            let Some(tags) = Error::absent_is_none(tags)? else { return Ok(None) };
            tags
        } else if group.description().unwrap_or_default().contains(&scope.claim) {
            scope.tags_of(&target.address)
        } else {
            Tags::new()
        };
        Ok(Some(observe(group, member, target.props.as_ref()).tags(tags)))
    }

    async fn reshard(
        &self,
        scope: &Scope,
        desired: &ReplicationGroup,
        observed: &Observed<ReplicationGroup>,
    ) -> Result<(), Error> {
        let elasticache = self.0.elasticache(&scope.region);
        // Fewer shards must be named; ElastiCache moves their slots to the others first.
        let ids = observed.outputs.get("node_groups").and_then(Value::as_array).into_iter().flatten();
        let surplus: Vec<String> = ids
            .skip(usize::try_from(desired.shards).unwrap_or_default())
            .filter_map(|id| id.as_str().map(str::to_owned))
            .collect();
        let request = elasticache
            .modify_replication_group_shard_configuration()
            .replication_group_id(&desired.name)
            .node_group_count(desired.shards)
            .apply_immediately(true)
            .set_node_groups_to_remove((!surplus.is_empty()).then_some(surplus));
        call("elasticache:ModifyReplicationGroupShardConfiguration", || request.clone().send()).await.map(drop)
    }

    async fn add_replicas(&self, scope: &Scope, desired: &ReplicationGroup) -> Result<(), Error> {
        let elasticache = self.0.elasticache(&scope.region);
        let request = elasticache
            .increase_replica_count()
            .replication_group_id(&desired.name)
            .new_replica_count(desired.replicas)
            .apply_immediately(true);
        call("elasticache:IncreaseReplicaCount", || request.clone().send()).await.map(drop)
    }

    async fn remove_replicas(&self, scope: &Scope, desired: &ReplicationGroup) -> Result<(), Error> {
        let elasticache = self.0.elasticache(&scope.region);
        let request = elasticache
            .decrease_replica_count()
            .replication_group_id(&desired.name)
            .new_replica_count(desired.replicas)
            .apply_immediately(true);
        call("elasticache:DecreaseReplicaCount", || request.clone().send()).await.map(drop)
    }

    async fn modify(
        &self,
        scope: &Scope,
        desired: &ReplicationGroup,
        observed: &Observed<ReplicationGroup>,
        changes: &Changes,
    ) -> Result<(), Error> {
        let elasticache = self.0.elasticache(&scope.region);
        let mut request =
            elasticache.modify_replication_group().replication_group_id(&desired.name).apply_immediately(true);
        for change in changes.iter().filter(|change| is_modified(&change.field)) {
            request = desired.put(request, &change.field, &observed.props)?;
        }
        let found = &observed.props;
        let (daily, weekly) = (desired.snapshot_window.as_ref(), desired.maintenance_window.as_ref());
        if let Some(window) = displaced(found.snapshot_window.as_ref(), daily, weekly) {
            request = request.snapshot_window(window);
        }
        if let Some(window) = displaced(found.maintenance_window.as_ref(), weekly, daily) {
            request = request.preferred_maintenance_window(window);
        }
        call("elasticache:ModifyReplicationGroup", || request.clone().send()).await.map(drop)
    }
}

impl Kind {
    /// Asks clients for the token. `SET` on a cache without one requires it at once, where `ROTATE` would go on letting in
    /// clients without it (ElastiCache User Guide, "Modifying the AUTH token on an existing cluster").
    async fn set_token(&self, scope: &Scope, desired: &ReplicationGroup) -> Result<(), Error> {
        let Some(token) = self.token(scope, desired).await? else {
            return Err(Error::permanent(
                "ElastiCache does not take the token away from a cache; set auth = \"token\"",
            ));
        };
        let elasticache = self.0.elasticache(&scope.region);
        let request = elasticache
            .modify_replication_group()
            .replication_group_id(&desired.name)
            .auth_token(token)
            .auth_token_update_strategy(AuthTokenUpdateStrategyType::Set)
            .apply_immediately(true);
        call("elasticache:ModifyReplicationGroup", || request.clone().send()).await.map(drop)
    }
}

impl ReplicationGroup {
    /// Adds one changed field to a ModifyReplicationGroup request.
    fn put(&self, request: Modify, field: &str, before: &Self) -> Result<Modify, Error> {
        Ok(match field {
            "description" => request.replication_group_description(&self.description),
            // A change of the engine says the version as well.
            "engine" | "engine_version" if self.engine != before.engine => {
                request.engine(&self.engine).engine_version(&self.engine_version)
            }
            "engine_version" => request.engine_version(&self.engine_version),
            "node_type" => request.cache_node_type(&self.node_type),
            // Each needs the other to be allowed.
            "failover" | "multi_az" => {
                request.automatic_failover_enabled(self.failover).multi_az_enabled(self.multi_az)
            }
            // From off to required leads through preferred (ElastiCache User Guide, "Enabling in-transit encryption").
            "tls" if before.tls == "off" => {
                request.transit_encryption_enabled(true).transit_encryption_mode(TransitEncryptionMode::Preferred)
            }
            "tls" => request.transit_encryption_enabled(true).transit_encryption_mode(TransitEncryptionMode::Required),
            "parameter_group" => request.cache_parameter_group_name(self.parameter_group.value()?),
            "security_group_ids" => request.set_security_group_ids(Some(values(&self.security_group_ids)?)),
            "snapshot_retention_days" => request.snapshot_retention_limit(self.snapshot_retention_days),
            "snapshot_window" => request.set_snapshot_window(self.snapshot_window.clone()),
            "maintenance_window" => request.set_preferred_maintenance_window(self.maintenance_window.clone()),
            "minor_upgrades" => request.auto_minor_version_upgrade(self.minor_upgrades),
            other => return Err(Error::bug(format!("elasticache/replication-group cannot change {other}"))),
        })
    }
}

/// One step of a change; the group must be available again before the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Shards,
    MoreReplicas,
    Modify,
    Token,
    FewerReplicas,
}

impl Step {
    /// Room is made before anything else is changed, and given up last.
    fn next(before: &ReplicationGroup, desired: &ReplicationGroup, changes: &Changes) -> Self {
        if desired.shards > before.shards {
            Self::Shards
        } else if desired.replicas > before.replicas {
            Self::MoreReplicas
        } else if changes.iter().any(|change| is_modified(&change.field)) {
            Self::Modify
        } else if desired.token != before.token {
            Self::Token
        } else if desired.replicas < before.replicas {
            Self::FewerReplicas
        } else {
            Self::Shards
        }
    }
}

/// The name of the snapshot that a deletion leaves behind, if it is to leave one: from the moment of the cache's
/// creation, so that every attempt means the same snapshot and no other cache ever has its name. A cache that
/// failed to be created has nothing to keep.
fn final_snapshot(
    scope: &Scope,
    observed: &Observed<ReplicationGroup>,
    props: Option<&ReplicationGroup>,
) -> Option<String> {
    // Whoever cannot tell what is wanted keeps the data.
    let wanted = props.is_none_or(|props| props.final_snapshot == Some(true));
    let created = observed.outputs.get("created").and_then(Value::as_i64).unwrap_or_default();
    let is_whole = !matches!(observed.status, Status::Failed(_) | Status::Unmade(_));
    (wanted && is_whole).then(|| format!("{}-final-{}-{created:x}", observed.id, scope.suffix()))
}

/// Counts and the token have calls of their own.
fn is_modified(field: &str) -> bool {
    !matches!(field, "shards" | "replicas" | "token")
}

#[cfg(test)]
mod tests {
    use stellar_engine::FieldChange;

    use super::*;

    #[test]
    fn room_is_made_first_and_given_up_last() {
        let group = |shards, replicas| ReplicationGroup { shards, replicas, ..ReplicationGroup::default() };
        let rows = [
            ((1, 1), (2, 2), true, Step::Shards),
            ((2, 1), (2, 2), true, Step::MoreReplicas),
            ((2, 2), (2, 1), true, Step::Modify),
            ((2, 2), (2, 1), false, Step::FewerReplicas),
            ((3, 2), (2, 1), false, Step::FewerReplicas),
            ((3, 1), (2, 1), false, Step::Shards),
        ];
        for (before, desired, also_modified, expected) in rows {
            let change = FieldChange { field: "node_type".to_owned(), from: Value::Null, to: Value::Null };
            let changes = if also_modified { vec![change] } else { Vec::new() };
            let step = Step::next(&group(before.0, before.1), &group(desired.0, desired.1), &changes);
            assert_eq!(step, expected, "{before:?} {desired:?}");
        }
        let change = FieldChange { field: "token".to_owned(), from: false.into(), to: true.into() };
        let with_token = ReplicationGroup { token: true, ..group(2, 1) };
        assert_eq!(Step::next(&group(2, 2), &with_token, &[change]), Step::Token);
    }
}
