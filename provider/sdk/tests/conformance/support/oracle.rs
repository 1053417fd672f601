//! What Terraform core does with values around a provider's calls: the proposed state, and the two checks that end in
//! "bug in the provider". Written from the protocol's rules, on JSON, apart from the server's own checks.

use std::collections::BTreeSet;

use serde_json::json;

use super::fields::{Field, Kind};
use super::{Json, UNKNOWN};

fn unknown(value: &Json) -> bool {
    value == UNKNOWN
}

fn items(value: &Json) -> &[Json] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn keys(value: &Json) -> BTreeSet<&String> {
    value.as_object().into_iter().flat_map(|entries| entries.keys()).collect()
}

/// Equal as values of this kind.
fn same(kind: &Kind, left: &Json, right: &Json) -> bool {
    let unordered = matches!(kind, Kind::Leaf { set: true } | Kind::Set(_));
    match (left, right) {
        (Json::Array(left), Json::Array(right)) if unordered => {
            left.len() == right.len() && left.iter().all(|item| right.contains(item))
        }
        _ => left == right,
    }
}

/// Configuration and prior state, merged as core proposes it.
pub fn proposed(fields: &[Field], prior: &Json, config: &Json) -> Json {
    if !config.is_object() {
        return config.clone();
    }
    fields
        .iter()
        .map(|field| (field.name.clone(), proposed_value(field, &prior[&field.name], &config[&field.name])))
        .collect()
}

fn proposed_value(field: &Field, prior: &Json, config: &Json) -> Json {
    if field.write_only {
        return json!(null);
    }
    if config.is_null() {
        return match field.computed {
            true if prior.is_null() || from_config(field, prior) => json!(null),
            true => prior.clone(),
            false => config.clone(),
        };
    }
    match &field.kind {
        _ if unknown(config) => config.clone(),
        Kind::Leaf { .. } => config.clone(),
        Kind::Single(inner) => proposed(inner, prior, config),
        Kind::List(inner) => {
            let element = |(index, config): (usize, &Json)| proposed(inner, &prior[index], config);
            items(config).iter().enumerate().map(element).collect()
        }
        Kind::Map(inner) => {
            let entries = config.as_object().expect("a map");
            entries.iter().map(|(key, config)| (key.clone(), proposed(inner, &prior[key], config))).collect()
        }
        Kind::Set(inner) => {
            let mut unused: Vec<&Json> = items(prior).iter().collect();
            let element = |config: &Json| {
                let found = unused.iter().position(|prior| came_from(inner, prior, config));
                let prior = found.map_or(&Json::Null, |found| unused.remove(found));
                proposed(inner, prior, config)
            };
            items(config).iter().map(element).collect()
        }
    }
}

/// A nested value holds something that only a configuration can have set.
fn from_config(field: &Field, prior: &Json) -> bool {
    let set =
        |inner: &[Field], value: &Json| inner.iter().any(|field| !field.computed && !value[&field.name].is_null());
    match &field.kind {
        Kind::Leaf { .. } => false,
        Kind::Single(inner) => field.optional && set(inner, prior),
        Kind::List(inner) | Kind::Set(inner) => field.optional && items(prior).iter().any(|item| set(inner, item)),
        Kind::Map(inner) => {
            field.optional && prior.as_object().is_some_and(|entries| entries.values().any(|item| set(inner, item)))
        }
    }
}

/// Equal but for computed attributes that the configuration leaves out.
fn came_from(fields: &[Field], prior: &Json, config: &Json) -> bool {
    fields.iter().all(|field| {
        let (prior, config) = (&prior[&field.name], &config[&field.name]);
        field.write_only || (field.computed && config.is_null()) || same(&field.kind, prior, config)
    })
}

/// What core would refuse in a plan.
pub fn plan_faults(fields: &[Field], prior: &Json, config: &Json, planned: &Json) -> Vec<String> {
    let mut faults = Vec::new();
    if config.is_null() != planned.is_null() {
        faults.push("planned null, or not null for a destroy".to_owned());
    } else if !config.is_null() {
        object_plan(fields, prior, config, planned, "", &mut faults);
    }
    faults
}

fn object_plan(fields: &[Field], prior: &Json, config: &Json, planned: &Json, path: &str, faults: &mut Vec<String>) {
    let names: BTreeSet<_> = fields.iter().map(|field| &field.name).collect();
    if keys(planned) != names {
        return faults.push(format!("{path}: not exactly the schema's attributes"));
    }
    for field in fields {
        let at = |value: &'_ Json| value[&field.name].clone();
        let (prior, config, planned) = (at(prior), at(config), at(planned));
        field_plan(field, &prior, &config, &planned, &format!("{path}.{}", field.name), faults);
    }
}

fn field_plan(field: &Field, prior: &Json, config: &Json, planned: &Json, path: &str, faults: &mut Vec<String>) {
    if field.write_only {
        if !planned.is_null() {
            faults.push(format!("{path}: write-only and not null"));
        }
        return;
    }
    let kept = same(&field.kind, planned, prior) && !prior.is_null() && !config.is_null();
    let provider_s = field.computed && (!field.optional || config.is_null());
    if same(&field.kind, planned, config) || kept || provider_s {
        return;
    }
    if config.is_null() || unknown(config) || !nested_plan(&field.kind, prior, config, planned, path, faults) {
        faults.push(format!("{path}: {planned} is planned, {config} is configured"));
    }
}

/// False when the value has not the shape of the configuration.
fn nested_plan(kind: &Kind, prior: &Json, config: &Json, planned: &Json, path: &str, faults: &mut Vec<String>) -> bool {
    match kind {
        Kind::Leaf { .. } => return false,
        Kind::Single(inner) if planned.is_object() => object_plan(inner, prior, config, planned, path, faults),
        Kind::List(inner) if items(planned).len() == items(config).len() && planned.is_array() => {
            for (index, (config, planned)) in items(config).iter().zip(items(planned)).enumerate() {
                object_plan(inner, &prior[index], config, planned, &format!("{path}[{index}]"), faults);
            }
        }
        Kind::Map(inner) if keys(planned) == keys(config) && planned.is_object() => {
            for key in keys(config) {
                object_plan(inner, &prior[key], &config[key], &planned[key], &format!("{path}[{key}]"), faults);
            }
        }
        Kind::Set(_) => return planned.is_array() && items(planned).len() <= items(config).len(),
        _ => return false,
    }
    true
}

/// What core would refuse after an apply.
pub fn apply_faults(fields: &[Field], planned: &Json, state: &Json) -> Vec<String> {
    let mut faults = Vec::new();
    if planned.is_null() != state.is_null() {
        faults.push(format!("{state} after {planned}"));
    } else if !planned.is_null() {
        object_apply(fields, planned, state, "", &mut faults);
        if state.to_string().contains(UNKNOWN) {
            faults.push("something is unknown".to_owned());
        }
    }
    faults
}

fn object_apply(fields: &[Field], planned: &Json, state: &Json, path: &str, faults: &mut Vec<String>) {
    if unknown(planned) {
        return;
    }
    if planned.is_null() || state.is_null() {
        if planned != state {
            faults.push(format!("{path}: {state} after {planned}"));
        }
        return;
    }
    for field in fields {
        let path = format!("{path}.{}", field.name);
        let (planned, state) = (&planned[&field.name], &state[&field.name]);
        match &field.kind {
            _ if field.write_only && state.is_null() => {}
            Kind::Single(inner) => object_apply(inner, planned, state, &path, faults),
            Kind::List(inner) if items(planned).len() == items(state).len() && !unknown(planned) => {
                for (index, (planned, state)) in items(planned).iter().zip(items(state)).enumerate() {
                    object_apply(inner, planned, state, &format!("{path}[{index}]"), faults);
                }
            }
            Kind::Map(inner) if keys(planned) == keys(state) && !unknown(planned) => {
                for key in keys(planned) {
                    object_apply(inner, &planned[key], &state[key], &format!("{path}[{key}]"), faults);
                }
            }
            Kind::Set(inner) if planned.is_array() && state.is_array() => {
                let fits = |state: &Json| {
                    items(planned).iter().any(|planned| {
                        let mut faults = Vec::new();
                        object_apply(inner, planned, state, "", &mut faults);
                        faults.is_empty()
                    })
                };
                if items(state).len() > items(planned).len() || !items(state).iter().all(fits) {
                    faults.push(format!("{path}: {state} after {planned}"));
                }
            }
            kind if same(kind, planned, state) || may_become(planned, state) => {}
            _ => faults.push(format!("{path}: {state} after {planned}")),
        }
    }
}

/// A leaf: what was unknown may be anything.
fn may_become(planned: &Json, state: &Json) -> bool {
    match (planned, state) {
        _ if unknown(planned) => true,
        (Json::Array(planned), Json::Array(state)) => {
            planned.len() == state.len() && planned.iter().zip(state).all(|(planned, state)| may_become(planned, state))
        }
        (Json::Object(plans), Json::Object(states)) => {
            plans.keys().eq(states.keys()) && plans.iter().all(|(key, planned)| may_become(planned, &states[key]))
        }
        _ => planned == state,
    }
}
