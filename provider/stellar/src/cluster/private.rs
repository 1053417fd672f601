//! Private state: a cache between calls, and the proof of what a plan intended.
//!
//! Nothing depends on it surviving: Terraform drops it when a provider dies during an update.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stellar_engine::{Address, Leaving, Observed};

use super::facts::Facts;

/// What the resource keeps in Terraform's private state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Private {
    /// What the plan that wrote this intends; `None` in a stored state.
    pub intent: Option<Intent>,
    /// Facts of the stack.
    pub facts: Option<Facts>,
    /// What the last refresh or apply saw.
    pub observed: Option<BTreeMap<Address, Observed>>,
    /// What an unfinished operation had still to remove, or has made beside what is wanted now.
    pub leaving: Vec<Leaving>,
    /// The number of the claim's record when this was written: a newer one knows more.
    pub record: u64,
    /// The stack is protected from deletion: the second plan of a replacement sees no prior state that would say so.
    pub protected: bool,
}

/// What a plan intends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// A new stack.
    Create,
    /// A stack whose creation was interrupted, or that Terraform tainted: the destroy half removes
    /// nothing, the create half adopts.
    Resume,
    /// A change in place.
    Update,
    /// Destroy, then create.
    Replace,
    /// Destroy.
    Destroy,
}

impl Private {
    /// From the bytes that Terraform stored; anything unreadable counts as lost.
    pub fn decode(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// For Terraform to store.
    pub fn encode(&self) -> Vec<u8> {
        // Maps with string keys and plain values always have a JSON form.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The same, with an intent.
    #[must_use]
    pub fn intending(self, intent: Intent) -> Self {
        Self { intent: Some(intent), ..self }
    }
}
