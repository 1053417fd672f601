//! What every plan owes Terraform, for the default plan and for resources with a plan of their own.
//!
//! In this order: defaults and write-only attributes (for every resource, before its plan is asked); then, where anything
//! differs from the prior state, unknown for what is computed; the attributes' modifiers; replacement.

mod modifier;
mod replace;
mod walk;

pub use modifier::{Modifier, keep_if_same, keep_prior, replace_if};
pub use replace::requires_replace;

use modifier::Rule;
use walk::{Beside, walk};

use crate::{PlanRequest, PlanResponse, Schema, Value};

/// The plan of a resource without rules of its own: write-only attributes null, computed attributes without
/// configuration unknown where anything changes, modifiers, replacement for the attributes that ask for it.
#[must_use]
pub fn default_plan(schema: &Schema, request: PlanRequest) -> PlanResponse {
    let private = request.prior_private;
    let (Some(proposed), Some(config)) = (request.proposed, request.config) else {
        return PlanResponse { private, identity: request.identity, ..PlanResponse::default() };
    };
    let none = Value::Null;
    let prior = request.prior.as_ref().unwrap_or(&none);
    let proposed = null_write_only(schema, fill_defaults(schema, &config, proposed));
    let mut planned = keep_same(schema, &config, prior, proposed);
    if *prior != planned {
        planned = keep_computed(schema, &config, prior, unknown_computed(schema, &config, planned));
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

/// Fills in the defaults of the attributes that the configuration does not set.
#[must_use]
pub fn fill_defaults(schema: &Schema, config: &Value, proposed: Value) -> Value {
    walk(&schema.attributes, proposed, Beside::new(config, &Value::Null), &|attribute, value, beside| match &attribute
        .default
    {
        Some(default) if beside.configured && beside.config.is_null() => default.clone(),
        _ => value,
    })
}

/// Makes write-only attributes null: they may only be read from the configuration.
#[must_use]
pub fn null_write_only(schema: &Schema, value: Value) -> Value {
    let nothing = Beside::new(&Value::Null, &Value::Null);
    walk(&schema.attributes, value, nothing, &|attribute, value, _| match attribute.write_only {
        true => Value::Null,
        false => value,
    })
}

/// Makes every computed attribute that neither the configuration nor a default sets unknown, at every depth.
#[must_use]
pub fn unknown_computed(schema: &Schema, config: &Value, planned: Value) -> Value {
    walk(&schema.attributes, planned, Beside::new(config, &Value::Null), &|attribute, value, beside| {
        let default = attribute.default.is_some() && beside.configured;
        match attribute.computed && beside.config.is_null() && !default {
            true => Value::Unknown,
            false => value,
        }
    })
}

/// The configuration that would make an object of this state: without what only the provider sets, and without what is
/// as its default.
#[must_use]
pub fn generate_config(schema: &Schema, state: Value) -> Value {
    let nothing = Beside::new(&Value::Null, &Value::Null);
    walk(&schema.attributes, state, nothing, &|attribute, value, _| {
        let provider_s = attribute.computed && !attribute.optional;
        let as_default = attribute.default.as_ref() == Some(&value);
        let left_out = provider_s || as_default || attribute.write_only || attribute.deprecated.is_some();
        if left_out { Value::Null } else { value }
    })
}

/// Keeps the prior value where the configuration means the same.
fn keep_same(schema: &Schema, config: &Value, prior: &Value, planned: Value) -> Value {
    walk(&schema.attributes, planned, Beside::new(config, prior), &|attribute, value, beside| {
        let both = !value.is_null() && value.is_wholly_known() && !beside.prior.is_null() && !beside.config.is_null();
        let same = |rule: &Rule| matches!(rule, Rule::Same(same) if same(beside.prior, &value));
        if both && attribute.modifiers.iter().any(|modifier| same(&modifier.rule)) {
            beside.prior.clone()
        } else {
            value
        }
    })
}

/// Keeps the prior value of computed attributes that never change.
fn keep_computed(schema: &Schema, config: &Value, prior: &Value, planned: Value) -> Value {
    walk(&schema.attributes, planned, Beside::new(config, prior), &|attribute, value, beside| {
        let keeps = attribute.modifiers.iter().any(|modifier| matches!(modifier.rule, Rule::Keep));
        let computed = value.is_unknown() && beside.config.is_null() && !beside.prior.is_null();
        if keeps && computed { beside.prior.clone() } else { value }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{AttrType, Attribute, Nesting};

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
