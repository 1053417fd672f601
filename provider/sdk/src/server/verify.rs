//! Checks of a plan before it leaves, so that a fault of the provider is named where it is.
//!
//! Terraform's rule: what the configuration sets is planned as set, or stays as it was; what it leaves out may be planned
//! only if it is computed.

use crate::{AttrType, Attribute, Diagnostics, Nesting, Path, Schema, Value};

const FAULT: &str = "This is a fault of the provider; please report it.";

/// The violations in a plan; `config` is `None` for a destroy.
pub(super) fn plan(
    schema: &Schema,
    prior: Option<&Value>,
    config: Option<&Value>,
    planned: Option<&Value>,
) -> Diagnostics {
    let mut found = Diagnostics::new();
    match (config, planned) {
        (None, Some(_)) => found.error("Provider planned a state for a destroy", FAULT),
        (Some(_), None) => found.error("Provider planned no state", FAULT),
        (Some(config), Some(planned)) => {
            attributes(&schema.attributes, prior.unwrap_or(&Value::Null), config, planned, &Path::root(), &mut found);
        }
        (None, None) => {}
    }
    found
}

fn attributes(
    attributes: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    found: &mut Diagnostics,
) {
    for attribute in attributes {
        let name = &attribute.name;
        check(attribute, prior.get(name), config.get(name), planned.get(name), &path.attr(name), found);
    }
}

fn check(attribute: &Attribute, prior: &Value, config: &Value, planned: &Value, path: &Path, found: &mut Diagnostics) {
    let computed_only = attribute.computed && !attribute.optional;
    let kept = planned == prior && !prior.is_null() && !config.is_null();
    if attribute.write_only || computed_only || planned == config || kept || (config.is_null() && attribute.computed) {
        return;
    }
    let (AttrType::Nested { nesting, attributes: inner }, false, false) =
        (&attribute.ty, config.is_null(), config.is_unknown())
    else {
        let reason = if config.is_null() {
            "sets what the configuration does not set"
        } else {
            "differs from the configuration"
        };
        return violation(path, reason, found);
    };
    match (nesting, config, planned) {
        (Nesting::Single, _, Value::Map(_)) => attributes(inner, prior, config, planned, path, found),
        (Nesting::List, Value::List(configs), Value::List(items)) if configs.len() == items.len() => {
            for (index, (config, item)) in configs.iter().zip(items).enumerate() {
                let path = path.index(index);
                attributes(inner, prior.at(&Path::root().index(index)), config, item, &path, found);
            }
        }
        (Nesting::Map, Value::Map(configs), Value::Map(items)) if configs.keys().eq(items.keys()) => {
            for (key, item) in items {
                attributes(inner, prior.get(key), config.get(key), item, &path.key(key), found);
            }
        }
        // No element of a set can be told from another; Terraform, too, looks only at their number.
        (Nesting::Set, Value::List(configs), Value::List(items)) if configs.len() == items.len() => {}
        _ => violation(path, "does not have the elements of the configuration", found),
    }
}

fn violation(path: &Path, reason: &str, found: &mut Diagnostics) {
    let detail = format!("The planned value of {path} {reason}. {FAULT}");
    found.attribute_error(path.clone(), "Provider gave an invalid plan", detail);
}
