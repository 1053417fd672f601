//! Desired against observed, field by field; only fields that we set.

use serde_json::Value;

use crate::{Component, Disruption, FieldChange, Observed, Rule, Scope, Tags, Traits, input};

/// What differs between a component and its object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// Fields that can be brought in line in place.
    pub update: Vec<FieldChange>,
    /// Fields that cannot, with the reason.
    pub replace: Vec<(FieldChange, &'static str)>,
    /// The worst that the in-place changes do to users of the object.
    pub disruption: Option<Disruption>,
}

impl Diff {
    /// True when nothing differs.
    pub fn is_empty(&self) -> bool {
        self.update.is_empty() && self.replace.is_empty()
    }
}

/// Compares the property trees. `desired` may still hold unknown leaves, which count as different.
pub fn diff(traits: &Traits, desired: &Value, observed: &Value) -> Diff {
    let mut diff = Diff::default();
    let Some(fields) = desired.as_object() else { return diff };
    for (field, to) in fields {
        let from = &observed[field];
        let rule = traits.rule(field);
        if matches!(rule, Rule::CreateOnly | Rule::Local) || same(to, from) {
            continue;
        }
        let change = FieldChange { field: field.clone(), from: from.clone(), to: to.clone() };
        match rule {
            Rule::InPlace(disruption) => {
                diff.disruption = diff.disruption.max(Some(disruption));
                diff.update.push(change);
            }
            Rule::AtOnce => diff.update.push(change),
            // Whether a value from outside will really be another one shows only at apply.
            Rule::Replace(_) if !input::is_resolved(to) => diff.update.push(change),
            Rule::Replace(why) => diff.replace.push((change, why)),
            Rule::CreateOnly | Rule::Local => {}
        }
    }
    diff
}

/// Tags to set and tag keys to remove: ours are those that we want now or wanted before; others stay.
pub fn diff_tags(
    scope: &Scope,
    desired: &Component,
    before: Option<&Component>,
    observed: &Observed,
) -> (Tags, Vec<String>) {
    let wanted = scope.tags_of(&desired.address);
    let set = wanted.iter().filter(|(key, value)| observed.tags.get(*key) != Some(value));
    let remove = before.into_iter().flat_map(|b| b.tags.keys());
    let remove = remove.filter(|key| !wanted.contains_key(*key) && observed.tags.contains_key(*key));
    (set.map(|(k, v)| (k.clone(), v.clone())).collect(), remove.cloned().collect())
}

/// Equal as far as `desired` says anything: null stands for "not set by us", at every depth of objects.
fn same(desired: &Value, observed: &Value) -> bool {
    match (desired, observed) {
        (Value::Null, _) => true,
        (Value::Object(d), Value::Object(o)) => {
            let set_alike = d.iter().all(|(key, value)| same(value, o.get(key).unwrap_or(&Value::Null)));
            let nothing_more = o.iter().all(|(key, value)| value.is_null() || d.contains_key(key));
            set_alike && nothing_more
        }
        (Value::Array(d), Value::Array(o)) => d.len() == o.len() && d.iter().zip(o).all(|(d, o)| same(d, o)),
        (Value::Number(d), Value::Number(o)) => d == o || d.as_f64() == o.as_f64(),
        (d, o) => d == o,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TRAITS: Traits = Traits {
        rules: &[
            ("size", Rule::InPlace(Disruption::Brief)),
            ("zone", Rule::Replace("zones are fixed")),
            ("desired", Rule::CreateOnly),
            ("keep", Rule::Local),
        ],
        ..Traits::new("test/thing", "thing")
    };

    #[test]
    fn only_what_we_set_is_compared() {
        let rows = [
            (json!({"size": 1}), json!({"size": 1}), vec![], vec![]),
            (json!({"size": 1}), json!({"size": 1.0}), vec![], vec![]),
            (json!({"size": null}), json!({"size": 2}), vec![], vec![]),
            (json!({"size": 1}), json!({"size": 2}), vec!["size"], vec![]),
            (json!({"size": 1}), json!({}), vec!["size"], vec![]),
            (json!({"zone": "a"}), json!({"zone": "b"}), vec![], vec!["zone"]),
            (json!({"zone": input::unknown()}), json!({"zone": "b"}), vec!["zone"], vec![]),
            (json!({"desired": 1, "keep": true}), json!({"desired": 5, "keep": null}), vec![], vec![]),
            (json!({"labels": {"a": "1"}}), json!({"labels": {"a": "1", "b": "2"}}), vec!["labels"], vec![]),
            (json!({"nested": {"a": null, "b": 1}}), json!({"nested": {"a": 7, "b": 1}}), vec![], vec![]),
            (json!({"list": ["a"]}), json!({"list": ["a", "b"]}), vec!["list"], vec![]),
        ];
        for (desired, observed, update, replace) in rows {
            let found = diff(&TRAITS, &desired, &observed);
            let names = |changes: Vec<&FieldChange>| changes.iter().map(|c| c.field.clone()).collect::<Vec<_>>();
            assert_eq!(names(found.update.iter().collect()), update, "{desired} {observed}");
            assert_eq!(names(found.replace.iter().map(|(c, _)| c).collect()), replace, "{desired} {observed}");
        }
    }
}
