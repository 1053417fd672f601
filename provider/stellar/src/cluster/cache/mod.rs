//! The section `cache`: Valkey or Redis OSS on ElastiCache, with replicas, failover and TLS.

mod change;
mod engine;
mod expand;
mod facts;
mod model;
mod outputs;
mod validate;

use stellar_engine::{Address, address};

pub use change::check_change;
pub use expand::expand;
pub use facts::{Facts, facts};
pub use model::{Cache, Elasticache, Snapshot};
pub use outputs::outputs;
pub use validate::validate;

/// The port of both engines.
const PORT: i32 = 6379;

fn replication_group() -> Address {
    address!("cache/replication-group")
}

/// The secret that holds the token.
fn secret() -> Address {
    address!("cache/secret")
}

fn security_group() -> Address {
    address!("cache/security-group")
}
