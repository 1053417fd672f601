//! The way through a value along its schema, with the configuration and the prior state beside it.

use std::collections::BTreeMap;

use crate::{AttrType, Attribute, Nesting, Value};

/// The same place in the configuration and in the prior state.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    pub config: &'a Value,
    pub prior: &'a Value,
    /// Whether the configuration has the object that the attribute belongs to.
    pub configured: bool,
}

impl<'a> Beside<'a> {
    pub(super) fn new(config: &'a Value, prior: &'a Value) -> Self {
        Self { config, prior, configured: config.as_map().is_some() }
    }

    fn down(self, config: &'a Value, prior: &'a Value) -> Self {
        Self { config, prior, configured: self.config.as_map().is_some() }
    }
}

/// Applies `change` to every attribute, parents first.
pub(super) fn walk(
    attributes: &[Attribute],
    value: Value,
    beside: Beside<'_>,
    change: &impl Fn(&Attribute, Value, Beside<'_>) -> Value,
) -> Value {
    let Value::Map(mut entries) = value else {
        return value;
    };
    for attribute in attributes {
        let Some(entry) = entries.remove(&attribute.name) else {
            continue;
        };
        let here = beside.down(beside.config.get(&attribute.name), beside.prior.get(&attribute.name));
        let entry = descend(attribute, change(attribute, entry, here), here, change);
        entries.insert(attribute.name.clone(), entry);
    }
    Value::Map(entries)
}

fn descend(
    attribute: &Attribute,
    value: Value,
    here: Beside<'_>,
    change: &impl Fn(&Attribute, Value, Beside<'_>) -> Value,
) -> Value {
    let AttrType::Nested { nesting, attributes } = &attribute.ty else {
        return value;
    };
    let into = |value, config, prior| walk(attributes, value, here.down(config, prior), change);
    match (nesting, value) {
        (Nesting::Single, value) => into(value, here.config, here.prior),
        (Nesting::Map, Value::Map(entries)) => {
            let walked = entries.into_iter().map(|(key, value)| {
                let value = into(value, here.config.get(&key), here.prior.get(&key));
                (key, value)
            });
            Value::Map(walked.collect::<BTreeMap<_, _>>())
        }
        (Nesting::List, Value::List(items)) => {
            let (configs, priors) =
                (here.config.as_list().unwrap_or_default(), here.prior.as_list().unwrap_or_default());
            let walked = items.into_iter().enumerate().map(|(index, item)| {
                into(item, configs.get(index).unwrap_or(&Value::Null), priors.get(index).unwrap_or(&Value::Null))
            });
            Value::List(walked.collect())
        }
        (Nesting::Set, Value::List(items)) => {
            let mut configs: Vec<&Value> = here.config.as_list().unwrap_or_default().iter().collect();
            let mut priors: Vec<&Value> = here.prior.as_list().unwrap_or_default().iter().collect();
            let walked = items.into_iter().map(|item| {
                let config = taken(&mut configs, |config| came_from(&item, config)).unwrap_or(&Value::Null);
                let prior = taken(&mut priors, |prior| came_from(prior, config)).filter(|_| !config.is_null());
                into(item, config, prior.unwrap_or(&Value::Null))
            });
            Value::List(walked.collect())
        }
        (_, value) => value,
    }
}

/// Takes the first element that fits: each stands for one element only.
fn taken<'a>(items: &mut Vec<&'a Value>, fits: impl Fn(&Value) -> bool) -> Option<&'a Value> {
    let index = items.iter().position(|item| fits(item))?;
    Some(items.remove(index))
}

/// True when `item` has every value that `config` sets: how a set's element is found again.
fn came_from(item: &Value, config: &Value) -> bool {
    match (item, config) {
        (_, Value::Null) => true,
        (Value::Map(item), Value::Map(config)) => {
            config.iter().all(|(key, config)| came_from(item.get(key).unwrap_or(&Value::Null), config))
        }
        (item, config) => item == config || (item.is_unknown() && config.is_unknown()),
    }
}
