//! IAM role with its inline and attached policies. Proof: tag; the name ends in the claim's suffix,
//! since role names are unique in the account.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stellar_engine::{Input, Properties};

/// A role, wholly owned: policies that are not listed are removed. Outputs: `id`, `name`, `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// At most 64 characters.
    pub name: String,
    /// `/` when `None`; cannot be changed.
    pub path: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// The trust policy document; may hold references.
    pub trust: Value,
    /// ARNs of managed policies.
    pub managed_policy_arns: BTreeSet<String>,
    /// Inline policy documents by name; may hold references.
    pub inline_policies: BTreeMap<String, Value>,
    /// ARN of the permissions boundary.
    pub permissions_boundary: Option<Input<String>>,
}

impl Properties for Role {
    const KIND: &'static str = "iam/role";
}
