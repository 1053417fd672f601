//! The section `database`: PostgreSQL, on RDS (a primary with read replicas) or on Aurora (a cluster of instances).

mod aurora;
mod change;
mod expand;
mod facts;
mod instances;
mod model;
mod outputs;
mod settings;
mod validate;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use stellar_aws::rds::parameters::Definition;
use stellar_engine::{Address, address};

pub use change::{check_change, explain};
pub use expand::expand;
pub use facts::facts;
pub use model::{Backup, Database, Monitoring, Rds, Replicas, RestoreFrom, Serverless, Storage};
pub use outputs::outputs;
pub use validate::validate;

/// What was looked up for this section.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The newest minor version at the time of the look-up, by family: `postgres17` → `17.6`.
    pub releases: BTreeMap<String, String>,
    /// `<engine>/<instance class>` that the region offers.
    pub classes: BTreeSet<String>,
    /// The parameters that the configuration names, by family and name.
    pub parameters: BTreeMap<String, BTreeMap<String, Definition>>,
}

/// PostgreSQL's usual port.
const PORT: i32 = 5432;
/// The major version without configuration.
const DEFAULT_VERSION: &str = "17";
/// The instance class whose capacity follows the load.
const SERVERLESS: &str = "db.serverless";

/// RDS for PostgreSQL, or Aurora.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    Postgres,
    Aurora,
}

impl Engine {
    const ALL: [&'static str; 2] = ["postgres", "aurora-postgresql"];

    /// Validation has refused every other name.
    fn of(name: &str) -> Self {
        if name == Self::Aurora.name() { Self::Aurora } else { Self::Postgres }
    }

    /// AWS's name.
    fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Aurora => "aurora-postgresql",
        }
    }

    /// The parameter group family of a version: `postgres17`.
    fn family(self, version: &str) -> String {
        format!("{}{}", self.name(), major(version))
    }
}

fn primary() -> Address {
    address!("database/primary")
}

/// Counted from 1.
fn replica(number: i64) -> Address {
    address!("database/replica/{number}")
}

fn cluster() -> Address {
    address!("database/cluster")
}

/// An instance of the Aurora cluster, counted from 1.
fn instance(number: i64) -> Address {
    address!("database/instance/{number}")
}

fn secret() -> Address {
    address!("database/secret")
}

fn security_group() -> Address {
    address!("database/security-group")
}

/// The first part of a version: RDS has one parameter group family for each.
pub(crate) fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}
