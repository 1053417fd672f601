//! Observed values in the form in which they equal the desired ones when they mean the same.

use std::collections::BTreeSet;

use serde_json::Value;
use stellar_engine::{Error, Input, Observed};

/// A set that AWS reports in any order: in the desired order when it holds the same elements, else sorted.
pub(crate) fn in_order_of(
    found: impl IntoIterator<Item = String>,
    desired: Option<&[Input<String>]>,
) -> Vec<Input<String>> {
    let found: BTreeSet<String> = found.into_iter().collect();
    let known: Option<BTreeSet<String>> =
        desired.and_then(|list| list.iter().map(|input| input.value().ok().cloned()).collect());
    match desired {
        Some(desired) if known.as_ref() == Some(&found) => desired.to_vec(),
        _ => found.into_iter().map(Input::Known).collect(),
    }
}

/// The values of resolved inputs.
pub(crate) fn values(inputs: &[Input<String>]) -> Result<Vec<String>, Error> {
    inputs.iter().map(|input| input.value().cloned()).collect()
}

/// A version that AWS reports in full: as desired when that is the same version or its beginning
/// (`17` stands for any `17.x`), else in full.
pub(crate) fn version_like(found: &str, desired: Option<&str>) -> String {
    let covers =
        |wanted: &&str| found.strip_prefix(*wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    desired.filter(covers).unwrap_or(found).to_owned()
}

/// The ARN that `read` published, for services that tag by ARN.
pub(crate) fn arn_of<P>(observed: &Observed<P>) -> &str {
    observed.outputs.get("arn").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desired_order_wins_when_the_elements_are_the_same() {
        let list = |ids: &[&str]| ids.iter().map(|id| Input::from(*id)).collect::<Vec<_>>();
        let rows: [(&[&str], Option<&[&str]>, &[&str]); 6] = [
            (&["a", "b"], Some(&["b", "a"]), &["b", "a"]),
            (&["b", "a"], Some(&["a", "b"]), &["a", "b"]),
            (&["b", "a"], Some(&["c", "a"]), &["a", "b"]),
            (&["b", "a"], Some(&["b"]), &["a", "b"]),
            (&["b", "a"], None, &["a", "b"]),
            (&[], Some(&[]), &[]),
        ];
        for (found, desired, expected) in rows {
            let desired = desired.map(list);
            let found = found.iter().map(|id| (*id).to_owned());
            assert_eq!(in_order_of(found, desired.as_deref()), list(expected));
        }
    }

    #[test]
    fn a_shorter_version_stands_for_all_that_begin_with_it() {
        let rows = [
            ("17.6", Some("17"), "17"),
            ("17.6", Some("17.6"), "17.6"),
            ("17.6", Some("17.5"), "17.6"),
            ("17.6", Some("1"), "17.6"),
            ("7.1.0", Some("7.1"), "7.1"),
            ("17.6", None, "17.6"),
        ];
        for (found, desired, expected) in rows {
            assert_eq!(version_like(found, desired), expected, "{found} {desired:?}");
        }
    }
}
