//! KMS key with its alias. Proof: tag. No token and no name: the alias follows the create call at
//! once, and before that only the tag finds the key again.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stellar_engine::Properties;

/// A symmetric encryption key. Outputs: `id`, `arn`, `alias`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// The alias without `alias/`: `stellar/<stack>/<section>`.
    pub alias: String,
    /// For people.
    pub description: Option<String>,
    /// The key policy document; `None` = the account's default (root may do all, IAM decides).
    pub policy: Option<Value>,
    /// Yearly rotation.
    pub rotation: Option<bool>,
    /// A multi-region primary; cannot be changed.
    pub multi_region: Option<bool>,
}

impl Properties for Key {
    const KIND: &'static str = "kms/key";
}
