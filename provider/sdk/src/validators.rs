//! Rules for single attributes, as values: `#[attr(validate = validators::one_of(["a", "b"]))]`.
//!
//! A rule sees only known values that are set: what is unknown while planning is checked when it is known.

use std::fmt::{self, Display};
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::{Path, Value};

/// A rule for an attribute's value.
#[derive(Clone)]
pub struct Validator {
    rule: String,
    check: Arc<dyn Fn(&Place<'_>) -> Result<(), String> + Send + Sync>,
}

/// The value that is checked, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Known and not null.
    pub value: &'a Value,
    /// Where it stands.
    pub path: &'a Path,
    /// The object that the attribute belongs to.
    pub object: &'a Value,
}

impl Validator {
    /// A rule of one's own. `rule` says it as the end of a sentence ("must be even"), for documentation; `check` gives
    /// the end of the sentence that begins with the attribute's path.
    pub fn new(
        rule: impl Into<String>,
        check: impl Fn(&Place<'_>) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self { rule: rule.into(), check: Arc::new(check) }
    }

    /// The rule: "must be 1 to 10".
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    pub(crate) fn check(&self, place: &Place<'_>) -> Result<(), String> {
        (self.check)(place)
    }
}

/// Two rules that say the same are the same.
impl PartialEq for Validator {
    fn eq(&self, other: &Self) -> bool {
        self.rule == other.rule
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Validator").field(&self.rule).finish()
    }
}

/// A string that is one of `choices`.
pub fn one_of<const N: usize>(choices: [&str; N]) -> Validator {
    let choices = choices.map(str::to_owned);
    let rule = format!("must be one of {}", choices.join(", "));
    let message = rule.clone();
    Validator::new(rule, move |place| match place.value.as_str() {
        Some(text) if !choices.iter().any(|choice| choice == text) => Err(format!("{message}, not {text:?}")),
        _ => Ok(()),
    })
}

/// A string of so many characters.
pub fn length(range: RangeInclusive<usize>) -> Validator {
    counted("characters", range, |value| value.as_str().map(|text| text.chars().count()))
}

/// A list, set or map of so many elements.
pub fn size(range: RangeInclusive<usize>) -> Validator {
    counted("elements", range, |value| {
        value.as_list().map(<[Value]>::len).or_else(|| value.as_map().map(std::collections::BTreeMap::len))
    })
}

/// A whole number in a range.
pub fn between(range: RangeInclusive<i64>) -> Validator {
    let rule = format!("must be {}", span(&range));
    let message = rule.clone();
    Validator::new(rule, move |place| match place.value.as_number() {
        Some(number) if !number.as_i64().is_some_and(|number| range.contains(&number)) => {
            Err(format!("{message}, not {number}"))
        }
        _ => Ok(()),
    })
}

/// A string of which each character passes `allowed`; `rule` says which: "must be made of a-z".
pub fn made_of(rule: &str, allowed: impl Fn(char) -> bool + Send + Sync + 'static) -> Validator {
    let message = rule.to_owned();
    Validator::new(rule, move |place| match place.value.as_str().and_then(|text| text.chars().find(|c| !allowed(*c))) {
        Some(wrong) => Err(format!("{message}, and has {wrong:?}")),
        None => Ok(()),
    })
}

/// Not together with another attribute of the same object.
pub fn conflicts_with(other: &str) -> Validator {
    let rule = format!("must not be set together with {other}");
    let (message, other) = (rule.clone(), other.to_owned());
    Validator::new(rule, move |place| if place.object.get(&other).is_null() { Ok(()) } else { Err(message.clone()) })
}

/// Only together with another attribute of the same object.
pub fn requires(other: &str) -> Validator {
    let rule = format!("needs {other} to be set, too");
    let (message, other) = (rule.clone(), other.to_owned());
    Validator::new(rule, move |place| if place.object.get(&other).is_null() { Err(message.clone()) } else { Ok(()) })
}

fn counted(
    what: &'static str,
    range: RangeInclusive<usize>,
    count: impl Fn(&Value) -> Option<usize> + Send + Sync + 'static,
) -> Validator {
    let rule = format!("must have {} {what}", span(&range));
    let message = rule.clone();
    Validator::new(rule, move |place| match count(place.value) {
        Some(count) if !range.contains(&count) => Err(format!("{message}, not {count}")),
        _ => Ok(()),
    })
}

fn span<T: Display + PartialEq>(range: &RangeInclusive<T>) -> String {
    if range.start() == range.end() {
        range.start().to_string()
    } else {
        format!("{} to {}", range.start(), range.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_passes_or_says_what_is_wrong() {
        let object = Value::map([("other", "x".into()), ("unset", Value::Null)]);
        let lower = || made_of("must be made of a-z", |c| c.is_ascii_lowercase());
        let list = |n: usize| Value::List(vec![Value::Null; n]);
        let cases = [
            (one_of(["a", "b"]), "a".into(), None),
            (one_of(["a", "b"]), "c".into(), Some("must be one of a, b, not \"c\"")),
            (length(1..=2), "äö".into(), None),
            (length(1..=2), "äöü".into(), Some("must have 1 to 2 characters, not 3")),
            (size(2..=2), list(2), None),
            (size(2..=2), list(1), Some("must have 2 elements, not 1")),
            (size(1..=9), Value::map::<&str>([]), Some("must have 1 to 9 elements, not 0")),
            (between(1..=3), 3_i64.into(), None),
            (between(1..=3), 4_i64.into(), Some("must be 1 to 3, not 4")),
            (between(1..=3), 1.5.into(), Some("must be 1 to 3, not 1.5")),
            (lower(), "abc".into(), None),
            (lower(), "aBc".into(), Some("must be made of a-z, and has 'B'")),
            (conflicts_with("unset"), "v".into(), None),
            (conflicts_with("other"), "v".into(), Some("must not be set together with other")),
            (requires("other"), "v".into(), None),
            (requires("unset"), "v".into(), Some("needs unset to be set, too")),
        ];
        for (validator, value, expected) in cases {
            let place = Place { value: &value, path: &Path::root(), object: &object };
            assert_eq!(validator.check(&place).err().as_deref(), expected, "{} {value:?}", validator.rule());
        }
    }
}
