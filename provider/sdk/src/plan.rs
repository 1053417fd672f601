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
/// because no path leads to a set's element. A nested object that is added or removed as a whole changes nothing that
/// could be replaced.
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
            (Nesting::Single, Value::Map(_), Value::Map(_)) => replaced_in(attributes, prior, planned, &path, paths),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// `name` replaces; `pool` and `pools` hold objects whose `image` replaces; `rules` is a set of them.
    fn schema() -> Schema {
        let object = vec![
            Attribute { requires_replace: true, ..Attribute::optional("image", AttrType::String) },
            Attribute { optional: true, ..Attribute::computed("arn", AttrType::String) },
        ];
        let nested = |nesting| AttrType::Nested { nesting, attributes: object.clone() };
        let attributes = vec![
            Attribute { requires_replace: true, ..Attribute::required("name", AttrType::String) },
            Attribute::optional("pool", nested(Nesting::Single)),
            Attribute::optional("list", nested(Nesting::List)),
            Attribute::optional("pools", nested(Nesting::Map)),
            Attribute::optional("rules", nested(Nesting::Set)),
            Attribute::computed("id", AttrType::String),
        ];
        Schema { attributes, ..Schema::default() }
    }

    fn object(image: &str) -> Value {
        Value::map([("image", image.into()), ("arn", Value::Null)])
    }

    fn with(name: &str, value: Value) -> Value {
        let mut entries: BTreeMap<String, Value> =
            schema().attributes.iter().map(|attribute| (attribute.name.clone(), Value::Null)).collect();
        entries.insert(name.into(), value);
        Value::Map(entries)
    }

    #[test]
    fn only_a_changed_value_replaces_and_only_where_it_was_and_stays() {
        let list = |images: &[&str]| Value::List(images.iter().map(|image| object(image)).collect());
        let map = |key: &str, image: &str| Value::map([(key, object(image))]);
        let cases: [(&str, Value, Value, &[&str]); 12] = [
            ("name", "a".into(), "a".into(), &[]),
            ("name", "a".into(), "b".into(), &["name"]),
            ("name", "a".into(), Value::Unknown, &["name"]),
            ("pool", object("a"), object("b"), &["pool.image"]),
            ("pool", Value::Null, object("b"), &[]),
            ("pool", object("a"), Value::Null, &[]),
            ("pool", object("a"), Value::Unknown, &[]),
            ("list", list(&["a", "b"]), list(&["a", "c", "d"]), &["list[1].image"]),
            ("pools", map("x", "a"), map("x", "b"), &[r#"pools["x"].image"#]),
            ("pools", map("x", "a"), map("y", "b"), &[]),
            ("rules", list(&["a"]), list(&["b"]), &["rules"]),
            ("id", "a".into(), Value::Unknown, &[]),
        ];
        for (name, prior, planned, expected) in cases {
            let paths = requires_replace(&schema(), &with(name, prior.clone()), &with(name, planned.clone()));
            let paths: Vec<_> = paths.iter().map(ToString::to_string).collect();
            assert_eq!(paths, expected, "{name}: {prior:?} to {planned:?}");
        }
    }

    #[test]
    fn computed_attributes_without_configuration_become_unknown_at_every_depth() {
        let set = |image: &str, arn: Value| Value::map([("image", image.into()), ("arn", arn)]);
        let none = Value::Null;
        let cases = [
            // A configured value stays, and so does everything below an unknown.
            ("pool", set("a", "mine".into()), set("a", "mine".into()), set("a", "mine".into())),
            ("pool", object("a"), set("a", "old".into()), set("a", Value::Unknown)),
            ("pool", Value::Unknown, Value::Unknown, Value::Unknown),
            ("pool", none.clone(), none.clone(), none),
            // Elements of a set are found by what the configuration says of them.
            (
                "rules",
                Value::List(vec![set("a", Value::Null), set("b", "mine".into())]),
                Value::List(vec![set("b", "mine".into()), set("a", "old".into())]),
                Value::List(vec![set("b", "mine".into()), set("a", Value::Unknown)]),
            ),
        ];
        for (name, config, proposed, expected) in cases {
            let planned = unknown_computed(&schema(), &with(name, config), with(name, proposed));
            assert_eq!(planned.get(name), &expected);
            assert_eq!(planned.get("id"), &Value::Unknown);
        }
    }
}
