//! Property values before everything is known: a value, a reference to another component's
//! output, a text made of both, or nothing known yet.
//!
//! Inside a component's property tree (JSON) the three unresolved forms are objects with one
//! reserved key, so the engine finds and resolves them in any tree, also within a policy document:
//! `{"$ref": ["network/vpc", "id"]}`, `{"$concat": ["arn:…/", {"$ref": …}]}`, `{"$unknown": true}`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{Address, Error};

const REF: &str = "$ref";
const CONCAT: &str = "$concat";
const UNKNOWN: &str = "$unknown";

/// A property that may not be known before another component exists.
#[derive(Clone, Debug, PartialEq)]
pub enum Input<T> {
    /// The value itself.
    Known(T),
    /// `(component, output)`: the value that the component publishes once it is ready.
    Ref(Address, String),
    /// A text joined from JSON parts: strings and references.
    Concat(Vec<Value>),
    /// Known only at apply, because it comes from outside (another Terraform resource).
    Unknown,
}

impl<T> Input<T> {
    /// A reference to an output of another component.
    pub fn output(address: &Address, output: &str) -> Self {
        Self::Ref(address.clone(), output.to_owned())
    }

    /// The value; an error of class [`crate::ErrorClass::Bug`] when it is not resolved, which the engine rules out
    /// before it hands properties to a kind.
    pub fn value(&self) -> Result<&T, Error> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Ref(address, output) => Err(Error::bug(format!("reference to {address}.{output} was not resolved"))),
            Self::Concat(_) | Self::Unknown => Err(Error::bug("a property was not resolved")),
        }
    }
}

impl<T> From<T> for Input<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl From<&str> for Input<String> {
    fn from(value: &str) -> Self {
        Self::Known(value.to_owned())
    }
}

impl<T: Default> Default for Input<T> {
    fn default() -> Self {
        Self::Known(T::default())
    }
}

/// The JSON form of a reference, for use inside policy documents and other free trees.
pub fn reference(address: &Address, output: &str) -> Value {
    json!({ REF: [address, output] })
}

/// The JSON form of a joined text: strings and [`reference`]s.
pub fn concat(parts: impl IntoIterator<Item = Value>) -> Value {
    json!({ CONCAT: parts.into_iter().collect::<Vec<_>>() })
}

/// The JSON form of a value that is not known yet.
pub fn unknown() -> Value {
    json!({ UNKNOWN: true })
}

impl<T: Serialize> Serialize for Input<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Ref(address, output) => reference(address, output).serialize(serializer),
            Self::Concat(parts) => concat(parts.iter().cloned()).serialize(serializer),
            Self::Unknown => unknown().serialize(serializer),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Input<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match Leaf::of(&value) {
            Some(Leaf::Ref(address, output)) => Ok(Self::Ref(address, output.to_owned())),
            Some(Leaf::Concat(parts)) => Ok(Self::Concat(parts.clone())),
            Some(Leaf::Unknown) => Ok(Self::Unknown),
            None => serde_json::from_value(value).map(Self::Known).map_err(serde::de::Error::custom),
        }
    }
}

/// One of the reserved objects.
pub(crate) enum Leaf<'a> {
    Ref(Address, &'a str),
    Concat(&'a Vec<Value>),
    Unknown,
}

impl<'a> Leaf<'a> {
    pub(crate) fn of(value: &'a Value) -> Option<Self> {
        let object = value.as_object().filter(|o| o.len() == 1)?;
        let (key, inner) = object.iter().next()?;
        match key.as_str() {
            REF => {
                let address = inner.get(0)?.as_str()?.parse().ok()?;
                Some(Self::Ref(address, inner.get(1)?.as_str()?))
            }
            CONCAT => Some(Self::Concat(inner.as_array()?)),
            UNKNOWN => Some(Self::Unknown),
            _ => None,
        }
    }
}

/// Calls `visit` for every reference in the tree.
pub fn references(tree: &Value, visit: &mut impl FnMut(&Address, &str)) {
    match Leaf::of(tree) {
        Some(Leaf::Ref(address, output)) => visit(&address, output),
        Some(Leaf::Concat(parts)) => parts.iter().for_each(|part| references(part, visit)),
        Some(Leaf::Unknown) => {}
        None => match tree {
            Value::Array(items) => items.iter().for_each(|item| references(item, visit)),
            Value::Object(fields) => fields.values().for_each(|field| references(field, visit)),
            _ => {}
        },
    }
}

/// The tree with every reference replaced by what `lookup` answers; `None` leaves [`unknown`] behind.
pub fn resolve(tree: &Value, lookup: &impl Fn(&Address, &str) -> Option<Value>) -> Value {
    match Leaf::of(tree) {
        Some(Leaf::Ref(address, output)) => lookup(&address, output).unwrap_or_else(unknown),
        Some(Leaf::Concat(parts)) => {
            let parts: Vec<Value> = parts.iter().map(|part| resolve(part, lookup)).collect();
            let text: Option<String> = parts.iter().map(Value::as_str).collect();
            text.map_or_else(unknown, Value::String)
        }
        Some(Leaf::Unknown) => tree.clone(),
        None => match tree {
            Value::Array(items) => items.iter().map(|item| resolve(item, lookup)).collect(),
            Value::Object(fields) => fields.iter().map(|(k, v)| (k.clone(), resolve(v, lookup))).collect(),
            other => other.clone(),
        },
    }
}

/// True when nothing in the tree waits for another component or for Terraform.
pub fn is_resolved(tree: &Value) -> bool {
    Leaf::of(tree).is_none()
        && match tree {
            Value::Array(items) => items.iter().all(is_resolved),
            Value::Object(fields) => fields.values().all(is_resolved),
            _ => true,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address;

    fn known(address: &Address, output: &str) -> Option<Value> {
        (address.as_str() == "network/vpc" && output == "id").then(|| json!("vpc-1"))
    }

    #[test]
    fn references_resolve_anywhere_in_a_tree() {
        let (vpc, other) = (address!("network/vpc"), address!("other"));
        let rows = [
            (reference(&vpc, "id"), json!("vpc-1")),
            (json!({"a": [reference(&vpc, "id"), 1]}), json!({"a": ["vpc-1", 1]})),
            (concat([json!("arn:"), reference(&vpc, "id"), json!("/*")]), json!("arn:vpc-1/*")),
            (concat([json!("arn:"), reference(&other, "id")]), unknown()),
            (json!([reference(&other, "id")]), json!([unknown()])),
        ];
        for (tree, expected) in rows {
            assert_eq!(resolve(&tree, &known), expected, "{tree}");
            assert!(!is_resolved(&tree), "{tree}");
        }
    }

    #[test]
    fn typed_inputs_survive_their_json_form() {
        let vpc = address!("network/vpc");
        for input in [
            Input::Known("x".to_owned()),
            Input::output(&vpc, "id"),
            Input::Concat(vec![json!("a"), reference(&vpc, "id")]),
            Input::Unknown,
        ] {
            let json = serde_json::to_value(&input).unwrap();
            assert_eq!(serde_json::from_value::<Input<String>>(json).unwrap(), input);
        }
    }
}
