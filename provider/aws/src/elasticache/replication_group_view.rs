//! A described replication group in the desired shape.

use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus, CacheCluster, MultiAzStatus, NodeGroup, ReplicationGroup as Found, TransitEncryptionMode,
};
use stellar_engine::{Input, Observed, Status};

use super::replication_group::ReplicationGroup;
use crate::normal::{in_order_of, version_like};

/// What exists, from the group and one of its members.
pub(super) fn observe(
    found: &Found,
    member: Option<&CacheCluster>,
    desired: Option<&ReplicationGroup>,
) -> Observed<ReplicationGroup> {
    let id = found.replication_group_id().unwrap_or_default();
    let first = found.node_groups().first();
    let configuration = found.configuration_endpoint();
    let endpoint = configuration.or(first.and_then(|group| group.primary_endpoint()));
    let reader = first.and_then(|group| group.reader_endpoint()).filter(|_| configuration.is_none());
    Observed::new(id, props(found, member, desired))
        .output("id", id)
        .output("arn", found.arn().unwrap_or_default())
        .output("endpoint", endpoint.and_then(|e| e.address()))
        .output("reader_endpoint", reader.and_then(|e| e.address()))
        .output("port", endpoint.and_then(|e| e.port()))
        .output("created", found.replication_group_create_time().map(|time| time.secs()))
        .output("engine_version", member.and_then(|m| m.engine_version()))
        .output("node_groups", found.node_groups().iter().filter_map(NodeGroup::node_group_id).collect::<Vec<_>>())
        .status(status(found))
}

fn props(found: &Found, member: Option<&CacheCluster>, desired: Option<&ReplicationGroup>) -> ReplicationGroup {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let input = |value: Option<&str>| value.map_or_else(Input::default, Input::from);
    let version = member.and_then(|m| m.engine_version()).unwrap_or_default();
    let groups = member.map(|m| m.security_groups()).unwrap_or_default();
    let groups = groups.iter().filter_map(|group| group.security_group_id.clone());
    let nodes = found.node_groups().iter().map(|group| group.node_group_members().len()).max().unwrap_or_default();
    ReplicationGroup {
        name: text(found.replication_group_id()),
        description: text(found.description()),
        engine: text(found.engine().or(member.and_then(|m| m.engine()))),
        engine_version: version_like(version, desired.map(|d| d.engine_version.as_str())),
        node_type: text(found.cache_node_type()),
        shards: count(found.node_groups().len()),
        replicas: count(nodes.saturating_sub(1)),
        cluster_mode: found.cluster_enabled().unwrap_or_default(),
        failover: matches!(
            found.automatic_failover(),
            Some(AutomaticFailoverStatus::Enabled | AutomaticFailoverStatus::Enabling)
        ),
        multi_az: found.multi_az() == Some(&MultiAzStatus::Enabled),
        token: found.auth_token_enabled().unwrap_or_default(),
        secret_arn: None,
        tls: tls(found).to_owned(),
        parameter_group: input(
            member.and_then(|m| m.cache_parameter_group()).and_then(|group| group.cache_parameter_group_name()),
        ),
        subnet_group: input(member.and_then(|m| m.cache_subnet_group_name())),
        security_group_ids: in_order_of(groups, desired.map(|d| d.security_group_ids.as_slice())),
        kms_key_arn: input(found.kms_key_id()),
        snapshot_retention_days: found.snapshot_retention_limit().unwrap_or_default(),
        snapshot_window: found.snapshot_window().map(str::to_owned),
        maintenance_window: member.and_then(|m| m.preferred_maintenance_window()).map(str::to_owned),
        minor_upgrades: found
            .auto_minor_version_upgrade()
            .or(member.and_then(|m| m.auto_minor_version_upgrade()))
            .unwrap_or_default(),
        restore_snapshot: None,
        final_snapshot: None,
    }
}

/// Groups made before there was a mode have none, and require TLS.
fn tls(found: &Found) -> &'static str {
    match (found.transit_encryption_enabled(), found.transit_encryption_mode()) {
        (Some(true), Some(TransitEncryptionMode::Preferred)) => "preferred",
        (Some(true), _) => "required",
        _ => "off",
    }
}

/// API reference of ReplicationGroup. A group that moves slots between shards says "available".
fn status(found: &Found) -> Status {
    let pending = found.pending_modified_values();
    match found.status().unwrap_or("creating") {
        "available" if pending.is_some_and(|p| p.resharding().is_some()) => Status::Pending("resharding".to_owned()),
        "available" => Status::Ready,
        "deleting" => Status::Deleting,
        // It never was available, so it holds nothing.
        "create-failed" => Status::Unmade("create-failed: ElastiCache could not make it".to_owned()),
        other => Status::Pending(other.to_owned()),
    }
}

fn count(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticache::types::{NodeGroupMember, ReplicationGroupPendingModifiedValues, ReshardingStatus};

    use super::*;

    #[test]
    fn counts_come_from_the_nodes() {
        let shard = |nodes: usize| {
            let members = vec![NodeGroupMember::builder().build(); nodes];
            NodeGroup::builder().set_node_group_members(Some(members)).build()
        };
        for (shards, expected) in [(vec![3], (1, 2)), (vec![2, 2], (2, 1)), (vec![2, 3], (2, 2)), (vec![], (0, 0))] {
            let groups = shards.iter().map(|nodes| shard(*nodes)).collect();
            let props = props(&Found::builder().set_node_groups(Some(groups)).build(), None, None);
            assert_eq!((props.shards, props.replicas), expected, "{shards:?}");
        }
    }

    #[test]
    fn tls_is_required_unless_the_group_says_otherwise() {
        let rows = [
            (None, None, "off"),
            (Some(false), None, "off"),
            (Some(true), None, "required"),
            (Some(true), Some(TransitEncryptionMode::Required), "required"),
            (Some(true), Some(TransitEncryptionMode::Preferred), "preferred"),
        ];
        for (enabled, mode, expected) in rows {
            let found = Found::builder().set_transit_encryption_enabled(enabled);
            assert_eq!(tls(&found.set_transit_encryption_mode(mode).build()), expected);
        }
    }

    #[test]
    fn moving_slots_is_not_ready() {
        let moving = ReplicationGroupPendingModifiedValues::builder().resharding(ReshardingStatus::builder().build());
        let rows = [
            (Found::builder().status("available"), Status::Ready),
            (
                Found::builder().status("available").pending_modified_values(moving.build()),
                Status::Pending("resharding".to_owned()),
            ),
            (Found::builder().status("snapshotting"), Status::Pending("snapshotting".to_owned())),
            (
                Found::builder().status("create-failed"),
                Status::Unmade("create-failed: ElastiCache could not make it".to_owned()),
            ),
            (Found::builder().status("deleting"), Status::Deleting),
        ];
        for (found, expected) in rows {
            assert_eq!(status(&found.build()), expected);
        }
    }
}
