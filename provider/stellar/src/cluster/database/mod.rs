//! The section `database`: PostgreSQL on RDS, a primary with read replicas.

mod expand;
mod facts;
mod model;
mod outputs;
mod validate;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stellar_engine::{Address, address};

pub use expand::expand;
pub use facts::facts;
pub use model::{Backup, Database, Monitoring, Rds, Replicas, RestoreFrom, Storage};
pub use outputs::outputs;
pub use validate::validate;

/// What was looked up for this section.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The newest minor version at the time of the look-up, by major version: `17` → `17.6`.
    pub releases: BTreeMap<String, String>,
}

/// PostgreSQL's usual port.
const PORT: i32 = 5432;
/// The major version without configuration.
const DEFAULT_VERSION: &str = "17";

fn primary() -> Address {
    address!("database/primary")
}

/// Counted from 1.
fn replica(number: i64) -> Address {
    address!("database/replica/{number}")
}

fn secret() -> Address {
    address!("database/secret")
}

fn security_group() -> Address {
    address!("database/security-group")
}

/// The first part of a version: RDS has one parameter group family for each.
fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}
