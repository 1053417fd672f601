//! Composes what Terraform stores: the inputs as they were written, and the outputs from what exists.

use std::collections::{BTreeMap, BTreeSet};

use stellar_engine::{Address, Graph, Kinds, Observed, Status};
use tfplugin_sdk::{Attr, DecodeError, Model, Path, Schema, UpgradeRequest, Value};

use super::{
    model::{Cluster, ComponentOutput},
    sections,
    view::View,
};

/// The model of a whole state, plan or configuration.
pub fn decode(value: &Value) -> Result<Cluster, DecodeError> {
    Cluster::decode(value, &Path::root())
}

/// `inputs` with every computed attribute (and the region) taken from `computed`.
pub fn compose(inputs: &Value, computed: &Cluster) -> Value {
    let (Value::Map(mut state), Value::Map(mut outputs)) = (inputs.clone(), computed.encode()) else {
        return inputs.clone();
    };
    for attribute in Cluster::attributes().into_iter().filter(|attribute| attribute.computed) {
        if let Some(value) = outputs.remove(&attribute.name) {
            state.insert(attribute.name, value);
        }
    }
    Value::Map(state)
}

/// Computed attributes when nothing about the outcome is known.
pub fn all_unknown(region: Attr<String>) -> Cluster {
    Cluster {
        region,
        id: Attr::Unknown,
        claim: Attr::Unknown,
        owner: Attr::Unknown,
        tags_all: Attr::Unknown,
        status: Attr::Unknown,
        pending: Attr::Unknown,
        components: Attr::Unknown,
        changes: Attr::Unknown,
        retained: Attr::Unknown,
        estimated_monthly_cost_usd: Attr::Unknown,
        cost: Attr::Unknown,
        cost_notes: Attr::Unknown,
        vpc: Attr::Unknown,
        eks: Attr::Unknown,
        rds: Attr::Unknown,
        elasticache: Attr::Unknown,
        s3: Attr::Unknown,
        cloudfront: Attr::Unknown,
        ..Cluster::default()
    }
}

/// The `components` output: an entry per address, its id unknown when touched, null when absent.
pub fn components(
    graph: &Graph,
    observed: &BTreeMap<Address, Observed>,
    touched: &BTreeSet<Address>,
) -> Attr<BTreeMap<String, ComponentOutput>> {
    let entry = |address: &Address, kind: &str| {
        let id = match observed.get(address) {
            _ if touched.contains(address) => Attr::Unknown,
            Some(observed) => Attr::Known(observed.id.clone()),
            None => Attr::Null,
        };
        (address.to_string(), ComponentOutput { kind: Attr::Known(kind.to_owned()), id })
    };
    Attr::Known(graph.iter().map(|c| entry(&c.address, c.kind)).collect())
}

/// Data that is gone stays on record with its last id: only so does the next plan know that an empty object would take
/// its place, and refuse that.
pub fn keep_lost(
    components: &mut Attr<BTreeMap<String, ComponentOutput>>,
    recorded: &BTreeMap<Address, String>,
    graph: &Graph,
    observed: &BTreeMap<Address, Observed>,
    kinds: &Kinds,
) {
    let Attr::Known(components) = components else { return };
    for (address, id) in recorded.iter().filter(|(address, _)| !observed.contains_key(*address)) {
        let Some(component) = graph.get(address) else { continue };
        if kinds.traits(component.kind).is_ok_and(|traits| traits.data) {
            let kept = ComponentOutput { kind: Attr::Known(component.kind.to_owned()), id: Attr::Known(id.clone()) };
            components.insert(address.to_string(), kept);
        }
    }
}

/// Fills the sections' outputs of `computed`.
pub fn set_outputs(
    computed: &mut Cluster,
    config: &Cluster,
    observed: &BTreeMap<Address, Observed>,
    touched: &BTreeSet<Address>,
) {
    sections::outputs(config, &View { observed, touched }, computed);
}

/// A value as JSON, for the record that the claim keeps; unknown values become null.
pub fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(bool) => (*bool).into(),
        Value::Number(number) => {
            serde_json::from_str(&number.to_string()).unwrap_or_else(|_| number.to_string().into())
        }
        Value::String(text) => text.clone().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(entries) => {
            entries.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), json(v))).collect()
        }
        _ => serde_json::Value::Null,
    }
}

/// The way back from [`json`]: by the schema and leniently, since an earlier version may have written it.
///
/// # Errors
/// When an attribute has a type that cannot be converted.
pub fn from_json(record: &serde_json::Value) -> Result<Value, DecodeError> {
    let schema = Schema::of::<Cluster>();
    let stored = UpgradeRequest { version: schema.version, json: record.clone(), text: record.to_string() };
    stored.decode(&schema)
}

/// Ids by address, as the state records them.
pub fn recorded(state: &Cluster) -> BTreeMap<Address, String> {
    let components = state.components.known().into_iter().flatten();
    components.filter_map(|(address, c)| Some((address.parse().ok()?, c.id.known()?.clone()))).collect()
}

/// `ready`, `degraded` or `incomplete`.
pub fn status(pending: &BTreeSet<Address>, observed: &BTreeMap<Address, Observed>) -> &'static str {
    if !pending.is_empty() {
        "incomplete"
    } else if observed.values().any(|o| matches!(o.status, Status::Degraded(_) | Status::Failed(_) | Status::Unmade(_)))
    {
        "degraded"
    } else {
        "ready"
    }
}

/// `actual`, except where the plan promised a value: Terraform insists on that one, and the next
/// refresh shows what changed in between.
pub fn keep_promises(planned: &Value, actual: Value) -> Value {
    match (planned, actual) {
        (planned, actual) if planned.is_unknown() => actual,
        (Value::Map(planned), Value::Map(mut actual)) => {
            let kept = planned
                .iter()
                .map(|(key, p)| (key.clone(), keep_promises(p, actual.remove(key).unwrap_or(Value::Null))));
            Value::Map(kept.collect())
        }
        (Value::List(planned), Value::List(actual)) if planned.len() == actual.len() => {
            Value::List(planned.iter().zip(actual).map(|(p, a)| keep_promises(p, a)).collect())
        }
        (planned, _) => planned.clone(),
    }
}

/// The prior output where the view says nothing: for a plan whose cache of observed objects was lost.
pub fn keep_prior(prior: &Value, view: Value) -> Value {
    match (prior, view) {
        (_, view) if view.is_unknown() => view,
        (Value::Map(prior), Value::Map(view)) => Value::Map(
            view.into_iter()
                .map(|(key, v)| (key.clone(), keep_prior(prior.get(&key).unwrap_or(&Value::Null), v)))
                .collect(),
        ),
        (prior, Value::Null | Value::List(_)) => prior.clone(),
        (_, view) => view,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, Value)]) -> Value {
        Value::Map(pairs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect())
    }

    #[test]
    fn promised_values_win_and_unknown_ones_are_filled() {
        let text = |s: &str| Value::String(s.to_owned());
        let planned = map(&[("a", text("1")), ("b", Value::Unknown), ("c", Value::Null)]);
        let actual = map(&[("a", text("2")), ("b", text("3")), ("c", text("4"))]);
        assert_eq!(keep_promises(&planned, actual), map(&[("a", text("1")), ("b", text("3")), ("c", Value::Null)]));
    }
}
