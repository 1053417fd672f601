//! What was looked up in the account, once, and stays: an existing stack never changes because the
//! world's newest version did.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use stellar_aws::Caller;

use super::{cache, database, kubernetes, network};

/// Facts of a stack, by section; kept with the claim and in private state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The AWS account.
    pub account: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// Of the network.
    pub network: network::Facts,
    /// Of the EKS cluster.
    pub kubernetes: kubernetes::Facts,
    /// Of the database.
    pub database: database::Facts,
    /// Of the cache.
    pub cache: cache::Facts,
    /// The user's own keys that were found usable, with the services that need them.
    pub keys: BTreeSet<String>,
}

impl Facts {
    /// Of an account in which nothing was looked up yet.
    pub fn of(caller: &Caller) -> Self {
        Self { account: caller.account.clone(), partition: caller.partition.clone(), ..Self::default() }
    }
}
