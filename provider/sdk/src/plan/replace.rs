//! Which changes replace the resource.

use super::modifier::Rule;
use crate::{AttrType, Attribute, Nesting, Path, Schema, Value};

/// The changed attributes that have `requires_replace`, or a modifier that asks for it. A changed set with such an attribute inside is named itself,
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
        if replaces(attribute, prior, planned) {
            paths.push(path);
            continue;
        }
        let AttrType::Nested { nesting, attributes } = &attribute.ty else {
            continue;
        };
        match (nesting, prior, planned) {
            (Nesting::Single, Value::Map(_), Value::Map(_)) => replaced_in(attributes, prior, planned, &path, paths),
            (Nesting::Set, ..) if attributes.iter().any(may_replace) => paths.push(path),
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

fn replaces(attribute: &Attribute, prior: &Value, planned: &Value) -> bool {
    let asks = |rule: &Rule| matches!(rule, Rule::Replace(replace) if replace(prior, planned));
    attribute.requires_replace || attribute.modifiers.iter().any(|modifier| asks(&modifier.rule))
}

fn may_replace(attribute: &Attribute) -> bool {
    attribute.requires_replace || attribute.modifiers.iter().any(|modifier| matches!(modifier.rule, Rule::Replace(_)))
}
