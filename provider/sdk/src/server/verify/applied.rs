//! Checks of an applied state against its plan.
//!
//! Terraform's rule: what the plan showed as known is what there is; what it showed as unknown may be anything. Whether
//! anything is unknown still is checked when the state is written.

use super::FAULT;
use crate::{AttrType, Attribute, Diagnostics, Nesting, Path, Schema, Value};

/// Reports where `state` breaks what `planned` promised.
pub(in crate::server) fn applied(schema: &Schema, planned: &Value, state: &Value, found: &mut Diagnostics) {
    object(&schema.attributes, planned, state, &Path::root(), &mut |path, promise| {
        let detail = format!("The plan {promise} {path}, and after the apply it is different. {FAULT}");
        found.attribute_error(path.clone(), "Provider broke its plan", detail);
    });
}

type Report<'r> = dyn FnMut(&Path, &str) + 'r;

fn object(attributes: &[Attribute], planned: &Value, state: &Value, path: &Path, report: &mut Report<'_>) {
    for attribute in attributes.iter().filter(|attribute| !attribute.write_only) {
        let (planned, state) = (planned.get(&attribute.name), state.get(&attribute.name));
        let no_blocks = attribute.is_blocks() && planned.is_null() != state.is_null() && count(planned) == count(state);
        if !no_blocks {
            value(&attribute.ty, planned, state, &path.attr(&attribute.name), report);
        }
    }
}

/// Null counts as empty.
fn count(value: &Value) -> usize {
    value.as_list().map(<[Value]>::len).or(value.as_map().map(|map| map.len())).unwrap_or_default()
}

fn value(ty: &AttrType, planned: &Value, state: &Value, path: &Path, report: &mut Report<'_>) {
    // What is unknown after an apply is a fault of its own.
    if planned.is_unknown() || state.is_unknown() || planned == state {
        return;
    }
    let attributes = match ty {
        AttrType::Nested { attributes, .. } => attributes.as_slice(),
        _ => &[],
    };
    match (ty, planned, state) {
        (AttrType::Nested { nesting: Nesting::Single, .. }, Value::Map(_), Value::Map(_)) => {
            object(attributes, planned, state, path, report);
        }
        (AttrType::Nested { nesting: Nesting::Map, .. }, Value::Map(plans), Value::Map(states)) => {
            if !plans.keys().eq(states.keys()) {
                return report(path, "showed other keys of");
            }
            for (key, planned) in plans {
                element(attributes, planned, state.get(key), &path.key(key), report);
            }
        }
        (AttrType::Nested { nesting: Nesting::List, .. }, Value::List(plans), Value::List(states)) => {
            if plans.len() != states.len() {
                return report(path, "showed another number of elements of");
            }
            for (index, (planned, state)) in plans.iter().zip(states).enumerate() {
                element(attributes, planned, state, &path.index(index), report);
            }
        }
        (
            AttrType::Nested { nesting: Nesting::Set, .. } | AttrType::Set(_),
            Value::List(plans),
            Value::List(states),
        ) => {
            let one = match ty {
                AttrType::Set(element) => (**element).clone(),
                _ => AttrType::Nested { nesting: Nesting::Single, attributes: attributes.to_vec() },
            };
            // Elements that were unknown may have become one; none can have come up.
            let planned = |state: &Value| plans.iter().any(|planned| fits(&one, planned, state));
            if states.len() > plans.len() || !states.iter().all(planned) {
                report(path, "showed other elements of");
            }
        }
        (AttrType::List(element), Value::List(plans), Value::List(states)) if plans.len() == states.len() => {
            for (index, (planned, state)) in plans.iter().zip(states).enumerate() {
                value(element, planned, state, &path.index(index), report);
            }
        }
        (AttrType::Map(element), Value::Map(plans), Value::Map(states)) if plans.keys().eq(states.keys()) => {
            for (key, planned) in plans {
                value(element, planned, state.get(key), &path.key(key), report);
            }
        }
        (AttrType::Dynamic, planned, state) if planned.is_wholly_known() && same(planned, state) => {}
        (AttrType::Dynamic | AttrType::Object(_) | AttrType::Tuple(_), planned, _) if !planned.is_wholly_known() => {}
        _ => report(path, "showed another value of"),
    }
}

/// An element of a nested collection: an object, or null or unknown.
fn element(attributes: &[Attribute], planned: &Value, state: &Value, path: &Path, report: &mut Report<'_>) {
    match (planned, state) {
        (Value::Map(_), Value::Map(_)) => object(attributes, planned, state, path, report),
        _ if planned.is_unknown() || planned == state => {}
        _ => report(path, "showed another value of"),
    }
}

fn fits(ty: &AttrType, planned: &Value, state: &Value) -> bool {
    let mut fits = true;
    value(ty, planned, state, &Path::root(), &mut |_, _| fits = false);
    fits
}

/// A dynamic value with a type, and the same one without.
fn same(left: &Value, right: &Value) -> bool {
    let plain = |value: &Value| match value {
        Value::Dynamic(dynamic) => dynamic.value.clone(),
        value => value.clone(),
    };
    plain(left) == plain(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        let object = || vec![Attribute::required("a", AttrType::String), Attribute::computed("b", AttrType::String)];
        let nested = |nesting| AttrType::Nested { nesting, attributes: object() };
        let strings = || Box::new(AttrType::String);
        let attributes = vec![
            Attribute::optional("text", AttrType::String),
            Attribute::optional("any", AttrType::Dynamic),
            Attribute::optional("texts", AttrType::List(strings())),
            Attribute::optional("labels", AttrType::Map(strings())),
            Attribute::optional("names", AttrType::Set(strings())),
            Attribute::optional("single", nested(Nesting::Single)),
            Attribute::optional("list", nested(Nesting::List)),
            Attribute::optional("set", nested(Nesting::Set)),
            Attribute::optional("map", nested(Nesting::Map)),
            Attribute { block: true, ..Attribute::optional("block", nested(Nesting::List)) },
            Attribute { write_only: true, ..Attribute::optional("secret", AttrType::String) },
        ];
        Schema { attributes, ..Schema::default() }
    }

    #[test]
    fn an_applied_state_keeps_what_the_plan_showed() {
        let text = |text: &str| Value::from(text);
        let object = |a: &str, b: Value| Value::map([("a", a.into()), ("b", b)]);
        let list = |items: &[Value]| Value::List(items.to_vec());
        let map = |key: &str, item: Value| Value::map([(key, item)]);
        let (none, later) = (Value::Null, Value::Unknown);
        // attribute, plan, state, path of the violation
        let cases = [
            ("text", text("x"), text("x"), ""),
            ("text", text("x"), text("y"), "text"),
            ("text", text("x"), none.clone(), "text"),
            ("text", none.clone(), text("x"), "text"),
            ("text", later.clone(), text("x"), ""),
            ("any", text("x"), 1_i64.into(), "any"),
            ("texts", list(&[text("x"), later.clone()]), list(&[text("x"), text("y")]), ""),
            ("texts", list(&[text("x"), later.clone()]), list(&[text("z"), text("y")]), "texts[0]"),
            ("texts", list(std::slice::from_ref(&later)), list(&[]), "texts"),
            ("labels", map("k", later.clone()), map("k", text("v")), ""),
            ("labels", map("k", text("v")), map("k", text("w")), r#"labels["k"]"#),
            ("labels", map("k", text("v")), map("l", text("v")), "labels"),
            ("names", list(&[text("x"), text("y")]), list(&[text("y"), text("x")]), ""),
            ("names", list(&[text("x"), later.clone()]), list(&[text("x")]), ""),
            ("names", list(&[text("x")]), list(&[text("x"), text("y")]), "names"),
            ("names", list(&[text("x")]), list(&[text("y")]), "names"),
            ("single", object("x", later.clone()), object("x", text("b")), ""),
            ("single", object("x", later.clone()), object("y", text("b")), "single.a"),
            ("single", object("x", none.clone()), none.clone(), "single"),
            ("list", list(&[object("x", later.clone())]), list(&[object("y", none.clone())]), "list[0].a"),
            ("list", list(&[object("x", later.clone())]), list(&[]), "list"),
            ("set", list(&[object("x", later.clone())]), list(&[object("x", text("b"))]), ""),
            ("set", list(&[object("x", later.clone())]), list(&[object("y", text("b"))]), "set"),
            ("map", map("k", object("x", later.clone())), map("k", object("x", text("b"))), ""),
            ("map", map("k", object("x", later)), map("k", none.clone()), r#"map["k"]"#),
            ("block", list(&[]), none.clone(), ""),
            ("secret", none, text("x"), ""),
        ];
        for (name, planned, state, expected) in cases {
            let case = format!("{name}: {planned:?}, {state:?}");
            let mut found = Diagnostics::new();
            applied(&schema(), &Value::map([(name, planned)]), &Value::map([(name, state)]), &mut found);
            let paths: Vec<_> = found.iter().filter_map(|found| found.path.as_ref().map(Path::to_string)).collect();
            assert_eq!(paths.join(" "), expected, "{case}");
        }
    }
}
