//! What is known of the components while outputs are computed: the same code gives the outputs of
//! a plan (with unknowns where something will change) and those of an apply.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use stellar_engine::{Address, Observed, input};
use tfplugin_sdk::Attr;

/// Observed components, and which of them this plan touches.
#[derive(Debug)]
pub struct View<'a> {
    /// What exists; outputs that this plan may alter are marked as unknown.
    pub observed: &'a BTreeMap<Address, Observed>,
    /// Components whose outputs will all be others: created or replaced.
    pub touched: &'a BTreeSet<Address>,
}

impl View<'_> {
    /// A text output: null when the component does not exist, unknown when it is touched.
    pub fn get(&self, address: &Address, output: &str) -> Attr<String> {
        match self.json(address, output) {
            Attr::Known(Value::String(text)) => Attr::Known(text),
            Attr::Known(Value::Null) | Attr::Null => Attr::Null,
            Attr::Known(other) => Attr::Known(other.to_string()),
            Attr::Unknown => Attr::Unknown,
        }
    }

    /// An output in its own shape.
    pub fn json(&self, address: &Address, output: &str) -> Attr<Value> {
        if self.touched.contains(address) {
            return Attr::Unknown;
        }
        match self.observed.get(address).and_then(|o| o.outputs.get(output)) {
            Some(value) if !input::is_resolved(value) => Attr::Unknown,
            Some(value) => Attr::Known(value.clone()),
            None => Attr::Null,
        }
    }

    /// The same output of several components, in order; unknown as a whole when one is.
    pub fn list(&self, addresses: &[Address], output: &str) -> Attr<Vec<String>> {
        let mut all = Vec::new();
        for address in addresses {
            match self.get(address, output) {
                Attr::Known(text) => all.push(text),
                Attr::Unknown => return Attr::Unknown,
                Attr::Null => {}
            }
        }
        Attr::Known(all)
    }

    /// The component of a slot that stands at the end of this apply: one that is made now, else the one that exists.
    pub fn newest(&self, slot: &str) -> Option<&Address> {
        let within = |address: &&Address| address.as_str().strip_prefix(slot).is_some_and(|rest| rest.starts_with('/'));
        let made = self.touched.iter().filter(|address| !self.observed.contains_key(*address)).find(within);
        made.or_else(|| self.observed.keys().find(within))
    }

    /// True when the component exists or will after this apply.
    pub fn has(&self, address: &Address) -> bool {
        self.observed.contains_key(address) || self.touched.contains(address)
    }
}
