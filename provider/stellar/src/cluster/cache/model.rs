//! Inputs and outputs of the section, as users see them.

use std::collections::BTreeMap;

use tfplugin_sdk::{Attr, Schema};

use crate::cluster::access::Access;

/// A Valkey or Redis OSS cache on ElastiCache. It is private, encrypted at rest, and accepts TLS connections only.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Cache {
    /// `valkey` (default) or `redis`. A change from `redis` to `valkey` is made in place; there is no way back.
    pub engine: Attr<String>,
    /// Major and minor version, for instance `8.0`; patches are AWS's. Default: `8.0` for Valkey, `7.1` for Redis OSS.
    /// A newer version is installed in place, an older one never.
    pub version: Attr<String>,
    /// Node type, for instance `cache.r7g.large`. It changes in place; connections drop briefly.
    #[attr(required)]
    pub node_type: Attr<String>,
    /// Parts that the keys are spread over, 1 to 90. Default: 1. More than one needs cluster mode. In cluster mode shards
    /// are added and removed in place.
    pub shards: Attr<i64>,
    /// Cluster mode, which clients must speak. Default: `true` with more than one shard, else `false`. It is chosen at
    /// creation: changing it needs a new cache. Set it to `true` with one shard to be able to add more later.
    pub cluster_mode: Attr<bool>,
    /// Replicas of each shard, 0 to 5, in other zones than the primary. Default: 1. They are added and removed in place.
    /// Without one there is no failover: when the node fails, the cache is empty and away for minutes.
    pub replicas: Attr<i64>,
    /// Parameters of the engine, by name. Those that are left out have the engine's default.
    pub parameters: Attr<BTreeMap<String, String>>,
    /// Who may connect, beyond the nodes and pods of the stack's own cluster.
    pub access: Attr<Access>,
    /// `none` (default): whoever may connect may read and write; or `token`: clients also send a token, which is generated
    /// into Secrets Manager and is never in the state. Given to a cache that has none, it is asked for from that moment on, so
    /// clients must know it: they may send it before. It is not taken away again.
    pub auth: Attr<String>,
    /// Daily snapshots, and one at the end.
    pub snapshot: Attr<Snapshot>,
    /// Weekly window of at least 60 minutes in UTC in which AWS may install patches, `sun:04:00-sun:05:00`. Default: AWS
    /// chooses one; the hour after `snapshot.window` where only that is set.
    pub maintenance_window: Attr<String>,
}

/// Snapshots.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Snapshot {
    /// Days for which daily snapshots are kept, 0 (none are made) to 35. They go with the cache. Default: 7.
    pub retention_days: Attr<i64>,
    /// Daily window of at least 60 minutes in UTC, `01:00-02:00`, outside of the `maintenance_window`. Default: AWS chooses
    /// one; the hour after the `maintenance_window` where only that is set.
    pub window: Attr<String>,
    /// Deleting the cache leaves a last snapshot behind, together with the key that it needs. Default: `false`.
    pub final_snapshot: Attr<bool>,
    /// Name of the snapshot from which a new cache is filled; ignored once the cache exists. Default: none.
    pub restore_from: Attr<String>,
}

/// The cache.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Elasticache {
    /// Id of the replication group.
    #[attr(computed)]
    pub id: Attr<String>,
    /// ARN of the replication group.
    #[attr(computed)]
    pub arn: Attr<String>,
    /// Host to connect to: the primary, or in cluster mode the cluster's configuration endpoint.
    #[attr(computed)]
    pub endpoint: Attr<String>,
    /// Host that spreads reads over the replicas; null in cluster mode.
    #[attr(computed)]
    pub reader_endpoint: Attr<String>,
    /// TCP port; connections use TLS (`rediss://`).
    #[attr(computed)]
    pub port: Attr<i64>,
    /// ARN of the secret with the token, as `{"username": …, "password": …}`; null with `auth = "none"`.
    #[attr(computed)]
    pub secret_arn: Attr<String>,
    /// The installed version in full.
    #[attr(computed)]
    pub version: Attr<String>,
    /// Id of the security group of the nodes.
    #[attr(computed)]
    pub security_group_id: Attr<String>,
}
