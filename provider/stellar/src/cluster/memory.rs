//! What is known of a stack beside Terraform's state: its facts, the configuration last begun, and what is leaving.
//!
//! Private state holds it too, as a cache. The claim's record is what counts as soon as an operation did not end well, or
//! ended without Terraform having stored what it answered: whatever the record wanted perhaps exists, also when the next
//! configuration is the old one again.

use std::collections::{BTreeMap, BTreeSet};

use stellar_aws::claim::{Claim, Phase, Record};
use stellar_engine::{Address, Component, Error, Graph, Kinds, Leaving, leaving};
use tfplugin_sdk::Value;

use super::{facts::Facts, model::Cluster, private::Private, resource::Region, stack::expand, state};

/// Facts of a stack and what the last operation left behind.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// What was looked up.
    pub facts: Facts,
    /// Components that an unfinished operation had still to remove, or has perhaps made.
    pub leaving: Vec<Leaving>,
    /// The number of the claim's newest record.
    pub record: u64,
    /// Terraform's state was answered after that record: nothing has been begun since.
    pub is_current: bool,
    /// The configuration of the last operation; `None` when only the cache was asked.
    config: Option<serde_json::Value>,
}

impl Memory {
    /// Of a stack that begins.
    pub fn of_new(facts: Facts) -> Self {
        Self { facts, ..Self::default() }
    }

    /// From the cache while the stack is at rest and nothing was begun since, else from the claim.
    ///
    /// # Errors
    /// Of the calls.
    pub async fn recall(region: &Region, name: &str, claim: Option<&Claim>, private: &Private) -> Result<Self, Error> {
        let at_rest = claim.is_none_or(|claim| matches!(claim.phase(), Phase::Ready | Phase::Created));
        let number = claim.map_or(private.record, Claim::last_record);
        let is_current = private.record == number;
        let cached =
            |facts: Facts| Self { facts, leaving: private.leaving.clone(), record: number, is_current, config: None };
        if let (true, true, Some(facts)) = (at_rest, is_current, &private.facts) {
            return Ok(cached(facts.clone()));
        }
        let record = match claim {
            Some(claim) => region.claims.recall(name, claim).await?,
            None => None,
        };
        let Some(record) = record else {
            return Ok(cached(private.facts.clone().unwrap_or_else(|| Facts::of(&region.caller))));
        };
        // Whichever is newer has looked up more, never something else.
        let (cache, remembered) = (private.facts.clone(), serde_json::from_value(record.facts).ok());
        let facts = if is_current { cache.or(remembered) } else { remembered.or(cache) };
        let leaving = match claim.is_some_and(|claim| claim.phase() == Phase::Ready) {
            true => Vec::new(),
            false => serde_json::from_value(record.leaving).unwrap_or_default(),
        };
        Ok(Self {
            facts: facts.unwrap_or_else(|| Facts::of(&region.caller)),
            leaving,
            record: number,
            is_current,
            config: Some(record.config),
        })
    }

    /// Adds to what is leaving everything that the last operation wanted and `stated`, the graph of Terraform's state, does
    /// not have.
    ///
    /// # Errors
    /// When this version does not understand the record.
    pub fn look_beyond(&mut self, stated: &Graph, name: &str, claim: &str, region: &Region) -> Result<(), Error> {
        let begun = self.begun(name, claim, region)?;
        let known: BTreeSet<Address> = self.leaving.iter().map(|one| one.address.clone()).collect();
        let wanted = leaving(&begun, stated, &BTreeMap::new());
        self.leaving.extend(wanted.into_iter().filter(|one| !known.contains(&one.address)));
        Ok(())
    }

    /// What the last operation, as far as it is known, wanted there to be.
    ///
    /// # Errors
    /// When this version does not understand the record.
    pub fn begun(&self, name: &str, claim: &str, region: &Region) -> Result<Graph, Error> {
        let Some(config) = self.config.as_ref().filter(|config| config.is_object()) else {
            return Ok(Graph::default());
        };
        let stranger = |error: String| {
            Error::permanent(format!(
                "the claim of the stack {name} remembers a configuration that this version of the provider does not understand \
                 ({error}); use the version that applied it"
            ))
        };
        let value = state::from_json(config).map_err(|e| stranger(e.to_string()))?;
        let before: Cluster = state::decode(&value).map_err(|e| stranger(e.to_string()))?;
        let graph = expand(&before, claim, &region.name, &self.facts).map_err(|e| stranger(e.to_string()))?;
        with_leaving(graph, &self.leaving, &region.kinds)
    }

    /// For the claim to remember.
    ///
    /// # Errors
    /// Never in practice: plain data has a JSON form.
    pub fn record(config: &Value, facts: &Facts, leaving: &[Leaving]) -> Result<Record, Error> {
        let json = |what: &str, value: Result<serde_json::Value, serde_json::Error>| {
            value.map_err(|e| Error::bug(format!("{what}: {e}")))
        };
        Ok(Record {
            config: state::json(config),
            facts: json("facts", serde_json::to_value(facts))?,
            leaving: json("what is leaving", serde_json::to_value(leaving))?,
        })
    }
}

/// The graph together with what is leaving.
///
/// # Errors
/// [`stellar_engine::ErrorClass::Bug`] for a kind or a graph that cannot be.
pub fn with_leaving(graph: Graph, leaving: &[Leaving], kinds: &Kinds) -> Result<Graph, Error> {
    let components: Result<Vec<Component>, Error> = leaving.iter().map(|one| one.component(kinds)).collect();
    graph.with(components?).map_err(|e| Error::bug(e.to_string()))
}

/// Recorded ids together with those of what is leaving.
pub fn recorded(state: &Cluster, leaving: &[Leaving]) -> BTreeMap<Address, String> {
    let mut all = state::recorded(state);
    for one in leaving {
        if let Some(id) = &one.id {
            all.entry(one.address.clone()).or_insert_with(|| id.clone());
        }
    }
    all
}
