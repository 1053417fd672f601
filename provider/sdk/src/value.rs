//! Values of Terraform's type system, detached from the wire.

use std::collections::BTreeMap;

use crate::{AttrType, Number, Path, Refinement, Step};

/// Any Terraform value. A resource's or provider's value is a [`Value::Map`] with every attribute of its schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// A value that is known only after apply.
    Unknown,
    /// An unknown value of which something is known. Only for attributes where that matters: [`Value::is_unknown`] holds.
    Refined(Box<Refinement>),
    /// A bool.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// A list, set or tuple. The order of a set's elements means nothing.
    List(Vec<Value>),
    /// A map or an object.
    Map(BTreeMap<String, Value>),
    /// The value of a dynamic attribute, with its type. An untyped null or unknown is `Null` or `Unknown`.
    Dynamic(Box<Dynamic>),
}

/// A value that carries its type, for attributes of [`AttrType::Dynamic`].
#[derive(Clone, Debug, PartialEq)]
pub struct Dynamic {
    /// The type of `value`; a concrete one.
    pub ty: AttrType,
    /// The value, possibly null or unknown.
    pub value: Value,
}

impl Value {
    /// An object or map from its entries.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// True for null, typed or not.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.plain(), Self::Null)
    }

    /// True when the value itself is unknown; a map with unknown elements is not.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.plain(), Self::Unknown | Self::Refined(_))
    }

    /// True when nothing at any depth is unknown.
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        match self.plain() {
            Self::Unknown | Self::Refined(_) => false,
            Self::List(items) => items.iter().all(Self::is_wholly_known),
            Self::Map(entries) => entries.values().all(Self::is_wholly_known),
            _ => true,
        }
    }

    /// The entry `key` of a map or object; null when there is none.
    #[must_use]
    pub fn get(&self, key: &str) -> &Value {
        self.as_map().and_then(|entries| entries.get(key)).unwrap_or(&Self::Null)
    }

    /// The value at `path`; null when there is none, unknown below an unknown.
    #[must_use]
    pub fn at(&self, path: &Path) -> &Value {
        path.steps().iter().fold(self, |value, step| match step {
            _ if value.is_unknown() => value,
            Step::Attr(key) | Step::Key(key) => value.get(key),
            Step::Index(index) => value.as_list().and_then(|items| items.get(*index)).unwrap_or(&Self::Null),
        })
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self.plain() {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The bool, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.plain() {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        match self.plain() {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The elements, if it is a list, set or tuple.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Value]> {
        match self.plain() {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, if it is a map or an object.
    #[must_use]
    pub fn as_map(&self) -> Option<&BTreeMap<String, Value>> {
        match self.plain() {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// What kind of value this is, for messages: "a string".
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.plain() {
            Self::Null => "null",
            Self::Unknown | Self::Refined(_) => "unknown",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) | Self::Dynamic(_) => "a map",
        }
    }

    /// The value without the type that a dynamic one carries.
    fn plain(&self) -> &Value {
        match self {
            Self::Dynamic(dynamic) => dynamic.value.plain(),
            value => value,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Number> for Value {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Number(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<BTreeMap<String, T>> for Value {
    fn from(entries: BTreeMap<String, T>) -> Self {
        Self::map(entries.into_iter().map(|(key, value)| (key, value.into())))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Value {
        let dynamic = Dynamic { ty: AttrType::String, value: Value::from("x") };
        Value::map([
            ("pools", Value::map([("api", Value::map([("taints", Value::from(vec!["a", "b"]))]))])),
            ("later", Value::Unknown),
            ("any", Value::Dynamic(Box::new(dynamic))),
        ])
    }

    #[test]
    fn at_follows_the_path_and_stays_unknown_below_an_unknown() {
        let taints = Path::root().attr("pools").key("api").attr("taints");
        let cases = [
            (taints.index(1), Value::from("b")),
            (taints.index(2), Value::Null),
            (Path::root().attr("absent").attr("deeper"), Value::Null),
            (Path::root().attr("later").attr("deeper"), Value::Unknown),
        ];
        for (path, expected) in cases {
            assert_eq!(sample().at(&path), &expected, "{path}");
        }
    }

    #[test]
    fn dynamic_values_answer_as_what_they_hold() {
        assert_eq!(sample().get("any").as_str(), Some("x"));
        let null = Value::Dynamic(Box::new(Dynamic { ty: AttrType::String, value: Value::Null }));
        assert!(null.is_null());
    }

    #[test]
    fn one_unknown_leaf_makes_a_value_not_wholly_known() {
        assert!(!sample().is_wholly_known());
        assert!(sample().get("pools").is_wholly_known());
        assert!(!sample().is_unknown());
    }
}
