//! Checks of a plan before it leaves, so that a fault of the provider is named where it is.
//!
//! Terraform's rule: what the configuration sets is planned as set, or stays as it was; what it leaves out may be planned
//! only if it is computed.

use super::{FAULT, no_result};
use crate::{AttrType, Attribute, Diagnostics, Nesting, Path, Schema, Value};

/// The violations in a plan; `config` is `None` for a destroy.
pub(in crate::server) fn plan(
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

/// The violations in the result of an ephemeral resource: it is the configuration with the computed attributes
/// filled in. That nothing is unknown is checked when it is written.
pub(in crate::server) fn result(schema: &Schema, config: &Value, result: Option<&Value>) -> Diagnostics {
    let mut found = Diagnostics::new();
    match result {
        Some(result) => attributes(&schema.attributes, &Value::Null, config, result, &Path::root(), &mut found),
        None => found = no_result(),
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
    // Refinements do not count.
    let as_configured =
        planned == config || (planned.is_unknown() && config.is_unknown()) || is_empty(attribute, config, planned);
    if attribute.write_only || computed_only || as_configured || kept || (config.is_null() && attribute.computed) {
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
        // No element of a set can be told from another, and two may become one: only their number can be wrong.
        (Nesting::Set, Value::List(configs), Value::List(items)) if configs.len() >= items.len() => {}
        _ => violation(path, "does not have the elements of the configuration", found),
    }
}

/// Null for a collection of blocks is written as an empty one.
fn is_empty(attribute: &Attribute, config: &Value, planned: &Value) -> bool {
    let empty = |value: &Value| value.as_list().map(<[Value]>::len).or(value.as_map().map(|map| map.len())) == Some(0);
    attribute.is_blocks() && planned.is_null() && empty(config)
}

fn violation(path: &Path, reason: &str, found: &mut Diagnostics) {
    let detail = format!("The planned value of {path} {reason}. {FAULT}");
    found.attribute_error(path.clone(), "Provider gave an invalid plan", detail);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        let object = || vec![Attribute::required("a", AttrType::String), Attribute::computed("b", AttrType::String)];
        let nested = |nesting| AttrType::Nested { nesting, attributes: object() };
        let attributes = vec![
            Attribute::optional("set_by_user", AttrType::String),
            Attribute::computed("set_by_provider", AttrType::String),
            Attribute { optional: true, ..Attribute::computed("set_by_both", AttrType::String) },
            Attribute::optional("single", nested(Nesting::Single)),
            Attribute::optional("list", nested(Nesting::List)),
            Attribute::optional("set", nested(Nesting::Set)),
            Attribute::optional("map", nested(Nesting::Map)),
        ];
        Schema { attributes, ..Schema::default() }
    }

    fn object(a: &str, b: Value) -> Value {
        Value::map([("a", a.into()), ("b", b)])
    }

    #[test]
    fn a_plan_keeps_to_the_configuration_where_the_user_decides() {
        let none = || Value::Null;
        let text = |text: &str| Value::from(text);
        let one = |a: &str, b: Value| Value::List(vec![object(a, b)]);
        let map = |key: &str, a: &str| Value::map([(key, object(a, Value::Null))]);
        // attribute, prior, configuration, plan, path of the violation
        let cases = [
            ("set_by_user", none(), text("x"), text("x"), ""),
            ("set_by_user", text("X"), text("x"), text("X"), ""),
            ("set_by_user", text("y"), text("x"), text("y"), ""),
            ("set_by_user", text("y"), text("x"), text("z"), "set_by_user"),
            ("set_by_user", text("y"), none(), text("y"), "set_by_user"),
            ("set_by_user", none(), text("x"), none(), "set_by_user"),
            ("set_by_user", none(), text("x"), Value::Unknown, "set_by_user"),
            ("set_by_user", none(), Value::Unknown, Value::Unknown, ""),
            ("set_by_provider", text("y"), none(), text("z"), ""),
            ("set_by_both", text("y"), none(), Value::Unknown, ""),
            ("set_by_both", none(), text("x"), text("z"), "set_by_both"),
            ("single", none(), object("x", none()), object("x", Value::Unknown), ""),
            ("single", none(), object("x", none()), object("z", none()), "single.a"),
            ("single", none(), object("x", none()), Value::Unknown, "single"),
            ("single", none(), none(), object("x", none()), "single"),
            ("list", none(), one("x", none()), one("x", text("b")), ""),
            ("list", none(), one("x", none()), one("z", none()), "list[0].a"),
            ("list", none(), one("x", none()), Value::List(vec![]), "list"),
            ("set", none(), one("x", none()), one("x", text("b")), ""),
            ("set", none(), Value::List(vec![]), one("x", none()), "set"),
            ("map", none(), map("k", "x"), map("k", "x"), ""),
            ("map", none(), map("k", "x"), map("k", "z"), r#"map["k"].a"#),
            ("map", none(), map("k", "x"), map("other", "x"), "map"),
        ];
        for (name, prior, config, planned, expected) in cases {
            let case = format!("{name}: {prior:?}, {config:?}, {planned:?}");
            let whole = |value| Value::map([(name, value)]);
            let (prior, config, planned) = (whole(prior), whole(config), whole(planned));
            let found = plan(&schema(), Some(&prior), Some(&config), Some(&planned));
            let paths: Vec<_> = found.iter().filter_map(|found| found.path.as_ref().map(Path::to_string)).collect();
            assert_eq!(paths.join(" "), expected, "{case}");
        }
    }

    #[test]
    fn a_destroy_plans_nothing_and_everything_else_something() {
        let value = Value::map::<&str>([]);
        let some = Some(&value);
        for (config, planned, errors) in [(None, None, 0), (None, some, 1), (some, None, 1), (some, some, 0)] {
            assert_eq!(plan(&Schema::default(), None, config, planned).len(), errors);
        }
    }
}
