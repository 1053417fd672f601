//! The section `network`: a VPC with public, private and database subnets in several zones, the
//! ways out of it, and private ways to AWS services. Or a VPC that the user brings along.

mod change;
mod cidr;
mod endpoints;
mod existing;
mod expand;
mod facts;
mod flow_logs;
mod layout;
mod model;
mod outputs;
mod validate;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use change::check_change;
pub use cidr::{Cidr, InvalidCidr};
pub use expand::expand;
pub use facts::facts;
pub use layout::{Layout, MAX_ZONES, layout};
pub use model::{Existing, FlowLogs, Network, Vpc};
pub use outputs::outputs;
pub use validate::validate;

/// What was looked up for this section.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The stack's zones by name, in the order of the components `a`, `b`, `c` …; only ever added to.
    pub zones: Vec<String>,
    /// The endpoint services that were found to be offered in these zones.
    pub endpoints: BTreeSet<String>,
    /// The network brought along that was found to be fit: the VPC's id and those of its subnets.
    pub existing: Vec<String>,
    /// The zones of its subnets, by their ids.
    pub existing_zones: BTreeMap<String, String>,
}

/// The letter of the zone at this position: part of addresses, whatever the zone's own letter is.
fn letter(position: usize) -> char {
    ('a'..='z').nth(position).unwrap_or('z')
}
