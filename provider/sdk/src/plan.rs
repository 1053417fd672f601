//! What every plan owes Terraform, for the default plan and for resources with a plan of their own.

use std::collections::BTreeMap;

use crate::{AttrType, Attribute, Nesting, Path, PlanRequest, PlanResponse, Schema, Value};

/// The plan of a resource without rules of its own: write-only attributes null, computed attributes without
/// configuration unknown where anything changes, replacement for attributes with `requires_replace`.
#[must_use]
pub fn default_plan(schema: &Schema, request: PlanRequest) -> PlanResponse {
    let private = request.prior_private;
    let (Some(proposed), Some(config)) = (request.proposed, request.config) else {
        return PlanResponse { private, identity: request.identity, ..PlanResponse::default() };
    };
    let mut planned = null_write_only(schema, proposed);
    if request.prior.as_ref() != Some(&planned) {
        planned = unknown_computed(schema, &config, planned);
    }
    let requires_replace = match &request.prior {
        Some(prior) => requires_replace(schema, prior, &planned),
        None => Vec::new(),
    };
    PlanResponse {
        planned: Some(planned),
        requires_replace,
        private,
        identity: request.identity,
        ..PlanResponse::default()
    }
}

/// Makes write-only attributes null: they may only be read from the configuration.
#[must_use]
pub fn null_write_only(schema: &Schema, value: Value) -> Value {
    walk(&schema.attributes, value, &Value::Null, &|attribute, value, _| match attribute.write_only {
        true => Value::Null,
        false => value,
    })
}

/// Makes every computed attribute that the configuration does not set unknown, at every depth.
#[must_use]
pub fn unknown_computed(schema: &Schema, config: &Value, planned: Value) -> Value {
    walk(
        &schema.attributes,
        planned,
        config,
        &|attribute, value, config| match attribute.computed && config.is_null() {
            true => Value::Unknown,
            false => value,
        },
    )
}

/// The changed attributes that have `requires_replace`. A changed set with such an attribute inside is named itself,
/// because no path leads to a set's element.
#[must_use]
pub fn requires_replace(schema: &Schema, prior: &Value, planned: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    replaced_in(&schema.attributes, prior, planned, &Path::root(), &mut paths);
    paths
}

fn replaced_in(attributes: &[Attribute], prior: &Value, planned: &Value, path: &Path, paths: &mut Vec<Path>) {
    for attribute in attributes {
        let path = path.attr(&attribute.name);
        let (prior, planned) = (prior.get(&attribute.name), planned.get(&attribute.name));
        if prior == planned {
            continue;
        }
        if attribute.requires_replace {
            paths.push(path);
            continue;
        }
        let AttrType::Nested { nesting, attributes } = &attribute.ty else {
            continue;
        };
        match (nesting, prior, planned) {
            (Nesting::Single, ..) => replaced_in(attributes, prior, planned, &path, paths),
            (Nesting::Set, ..) if attributes.iter().any(|attribute| attribute.requires_replace) => paths.push(path),
            (Nesting::List, Value::List(prior), Value::List(planned)) => {
                for (index, (prior, planned)) in prior.iter().zip(planned).enumerate() {
                    replaced_in(attributes, prior, planned, &path.index(index), paths);
                }
            }
            (Nesting::Map, Value::Map(prior), Value::Map(planned)) => {
                for (key, planned) in planned {
                    let Some(prior) = prior.get(key) else {
                        continue;
                    };
                    replaced_in(attributes, prior, planned, &path.key(key), paths);
                }
            }
            _ => {}
        }
    }
}

/// Applies `change` to every attribute, parents first, with the configuration's value for it.
fn walk(
    attributes: &[Attribute],
    value: Value,
    config: &Value,
    change: &impl Fn(&Attribute, Value, &Value) -> Value,
) -> Value {
    let Value::Map(mut entries) = value else {
        return value;
    };
    for attribute in attributes {
        let Some(entry) = entries.remove(&attribute.name) else {
            continue;
        };
        let config = config.get(&attribute.name);
        let entry = descend(attribute, change(attribute, entry, config), config, change);
        entries.insert(attribute.name.clone(), entry);
    }
    Value::Map(entries)
}

fn descend(
    attribute: &Attribute,
    value: Value,
    config: &Value,
    change: &impl Fn(&Attribute, Value, &Value) -> Value,
) -> Value {
    let AttrType::Nested { nesting, attributes } = &attribute.ty else {
        return value;
    };
    match (nesting, value) {
        (Nesting::Single, value) => walk(attributes, value, config, change),
        (Nesting::Map, Value::Map(entries)) => {
            let walked = entries.into_iter().map(|(key, value)| {
                let value = walk(attributes, value, config.get(&key), change);
                (key, value)
            });
            Value::Map(walked.collect::<BTreeMap<_, _>>())
        }
        (Nesting::List | Nesting::Set, Value::List(items)) => {
            let configs = config.as_list().unwrap_or_default();
            let walked = items.into_iter().enumerate().map(|(index, item)| {
                let config = match nesting {
                    Nesting::Set => configs.iter().find(|config| came_from(&item, config)),
                    _ => configs.get(index),
                };
                walk(attributes, item, config.unwrap_or(&Value::Null), change)
            });
            Value::List(walked.collect())
        }
        (_, value) => value,
    }
}

/// True when `item` has every value that `config` sets: how a set's element is found again.
fn came_from(item: &Value, config: &Value) -> bool {
    match (item, config) {
        (_, Value::Null) => true,
        (Value::Map(item), Value::Map(config)) => {
            config.iter().all(|(key, config)| came_from(item.get(key).unwrap_or(&Value::Null), config))
        }
        (item, config) => item == config,
    }
}
