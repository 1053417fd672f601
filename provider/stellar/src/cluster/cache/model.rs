//! Inputs and outputs of the section, as users see them.

use std::collections::BTreeMap;

use tfplugin_sdk::{Attr, Schema};

use crate::cluster::access::Access;

/// A Valkey or Redis OSS cache on ElastiCache. It is private, encrypted at rest, accepts TLS connections only, and fails
/// over to a replica in another zone.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Cache {
    /// `valkey` (default) or `redis`. A change from `redis` to `valkey` is made in place; there is no way back.
    pub engine: Attr<String>,
    /// Major and minor version, for instance `8.0`; patches are AWS's. Default: `8.0` for Valkey, `7.1` for Redis OSS.
    pub version: Attr<String>,
    /// Node type, for instance `cache.r7g.large`.
    #[attr(required)]
    pub node_type: Attr<String>,
    /// Parts that the keys are spread over, 1 to 90. Default: 1. More than one is cluster mode, which clients must speak;
    /// to change between one and more needs a new cache.
    pub shards: Attr<i64>,
    /// Replicas of each shard, 1 to 5. Default: 1.
    pub replicas: Attr<i64>,
    /// Parameters of the engine.
    pub parameters: Attr<BTreeMap<String, String>>,
    /// Who may connect, beyond the nodes and pods of the stack's own cluster.
    pub access: Attr<Access>,
    /// Daily snapshots. They are deleted with the cache.
    pub snapshot: Attr<Snapshot>,
}

/// Daily snapshots.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Snapshot {
    /// Days for which they are kept, 0 (none are made) to 35. Default: 7.
    pub retention_days: Attr<i64>,
    /// Daily window of at least 60 minutes in UTC, `01:00-02:00`. Default: AWS chooses one.
    pub window: Attr<String>,
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
    /// Host to connect to: the primary, or with several shards the cluster's configuration endpoint.
    #[attr(computed)]
    pub endpoint: Attr<String>,
    /// Host that spreads reads over the replicas; null with several shards.
    #[attr(computed)]
    pub reader_endpoint: Attr<String>,
    /// TCP port; connections use TLS (`rediss://`).
    #[attr(computed)]
    pub port: Attr<i64>,
    /// The installed version in full.
    #[attr(computed)]
    pub version: Attr<String>,
    /// Id of the security group of the nodes.
    #[attr(computed)]
    pub security_group_id: Attr<String>,
}
