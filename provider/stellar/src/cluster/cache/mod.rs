//! The section `cache`: Valkey or Redis OSS on ElastiCache, with replicas, failover and TLS.

mod engine;
mod expand;
mod model;
mod outputs;
mod validate;

use serde::{Deserialize, Serialize};
use stellar_engine::{Address, address};

pub use expand::expand;
pub use model::{Cache, Elasticache, Snapshot};
pub use outputs::outputs;
pub use validate::validate;

/// What was looked up for this section: nothing, since the version has a fixed default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {}

/// The port of both engines.
const PORT: i32 = 6379;

fn replication_group() -> Address {
    address!("cache/replication-group")
}

fn security_group() -> Address {
    address!("cache/security-group")
}
