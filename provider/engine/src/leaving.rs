//! What a stack does not want any more but perhaps still has: it is remembered until it is gone.
//!
//! Prior and desired configuration alone do not tell: when an apply dies between the new configuration's record and the
//! last deletion, Terraform's state holds the new configuration already.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Address, Component, Error, Graph, Kinds, Observed, Tags};

/// A component on its way out, in a form that can be stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leaving {
    /// Its address.
    pub address: Address,
    /// Its kind.
    pub kind: String,
    /// The region whose endpoint is called.
    pub region: String,
    /// The id of its object, where it was seen.
    pub id: Option<String>,
    /// What was desired last, with references.
    pub desired: Value,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
    /// What it came after.
    #[serde(default)]
    pub after: BTreeSet<Address>,
    /// The slot it filled.
    #[serde(default)]
    pub slot: Option<String>,
}

/// Components of `prior` that `desired` does not have.
pub fn leaving(prior: &Graph, desired: &Graph, observed: &BTreeMap<Address, Observed>) -> Vec<Leaving> {
    let gone = prior.iter().filter(|component| desired.get(&component.address).is_none());
    gone.map(|component| Leaving {
        address: component.address.clone(),
        kind: component.kind.to_owned(),
        region: component.region.clone(),
        id: observed.get(&component.address).map(|observed| observed.id.clone()),
        desired: component.desired.clone(),
        tags: component.tags.clone(),
        after: component.after.clone(),
        slot: component.slot.clone(),
    })
    .collect()
}

impl Leaving {
    /// The component again.
    ///
    /// # Errors
    /// [`crate::ErrorClass::Bug`] when there is no such kind any more.
    pub fn component(&self, kinds: &Kinds) -> Result<Component, Error> {
        Ok(Component {
            address: self.address.clone(),
            kind: kinds.traits(&self.kind)?.kind,
            region: self.region.clone(),
            desired: self.desired.clone(),
            tags: self.tags.clone(),
            after: self.after.clone(),
            slot: self.slot.clone(),
        })
    }
}
