//! The JSON form of types: `"string"`, `["list", T]`, `["object", {name: T}]`.
//!
//! Source: Terraform's documentation of the plugin wire format.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::{AttrType, Attribute, Nesting};

/// A type that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a type")]
pub struct TypeError(String);

impl AttrType {
    /// The JSON text of the type; nested attributes appear as objects.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.json().to_string()
    }

    /// Reads a type's JSON text.
    ///
    /// # Errors
    /// When it is not a type.
    pub fn from_json(text: &str) -> Result<Self, TypeError> {
        let error = || TypeError(shown(text));
        let json = serde_json::from_str(text).map_err(|_| error())?;
        from_json(&json).ok_or_else(error)
    }

    fn json(&self) -> Json {
        match self {
            Self::String => json!("string"),
            Self::Number => json!("number"),
            Self::Bool => json!("bool"),
            Self::Dynamic => json!("dynamic"),
            Self::List(element) => json!(["list", element.json()]),
            Self::Set(element) => json!(["set", element.json()]),
            Self::Map(element) => json!(["map", element.json()]),
            Self::Tuple(elements) => {
                json!(["tuple", elements.iter().map(Self::json).collect::<Vec<_>>()])
            }
            Self::Object(types) => {
                let types: BTreeMap<_, _> = types.iter().map(|(name, ty)| (name, ty.json())).collect();
                json!(["object", types])
            }
            Self::Nested { nesting, attributes } => {
                let object = object_json(attributes);
                match nesting {
                    Nesting::Single => object,
                    Nesting::List => json!(["list", object]),
                    Nesting::Set => json!(["set", object]),
                    Nesting::Map => json!(["map", object]),
                }
            }
        }
    }
}

/// The text for a message: its beginning, when it is long.
fn shown(text: &str) -> String {
    const LONGEST: usize = 100;
    if text.len() <= LONGEST { text.into() } else { format!("{}…", &text[..text.floor_char_boundary(LONGEST)]) }
}

fn object_json(attributes: &[Attribute]) -> Json {
    let types: BTreeMap<_, _> = attributes.iter().map(|attribute| (&attribute.name, attribute.ty.json())).collect();
    json!(["object", types])
}

/// An object's third element, the names of optional attributes, matters only to Terraform's own conversions.
fn from_json(json: &Json) -> Option<AttrType> {
    if let Some(name) = json.as_str() {
        return match name {
            "string" => Some(AttrType::String),
            "number" => Some(AttrType::Number),
            "bool" => Some(AttrType::Bool),
            "dynamic" => Some(AttrType::Dynamic),
            _ => None,
        };
    }
    let (kind, argument) = match json.as_array()?.as_slice() {
        [kind, argument] | [kind, argument, _] => (kind.as_str()?, argument),
        _ => return None,
    };
    let element = || from_json(argument).map(Box::new);
    match kind {
        "list" => element().map(AttrType::List),
        "set" => element().map(AttrType::Set),
        "map" => element().map(AttrType::Map),
        "tuple" => argument.as_array()?.iter().map(from_json).collect::<Option<_>>().map(AttrType::Tuple),
        "object" => {
            let types = argument.as_object()?.iter().map(|(name, ty)| Some((name.clone(), from_json(ty)?)));
            types.collect::<Option<_>>().map(AttrType::Object)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_survive_the_way_through_json() {
        let texts = [
            r#""string""#,
            r#""dynamic""#,
            r#"["list",["map","number"]]"#,
            r#"["set",["tuple",["string","bool"]]]"#,
            r#"["object",{"a":"string","b":["list","number"]}]"#,
        ];
        for text in texts {
            assert_eq!(AttrType::from_json(text).map(|ty| ty.to_json()), Ok(text.into()));
        }
        let optional = AttrType::from_json(r#"["object",{"a":"string"},["a"]]"#);
        assert_eq!(optional.map(|ty| ty.to_json()), Ok(r#"["object",{"a":"string"}]"#.into()));
    }

    #[test]
    fn nested_attributes_have_the_type_of_their_objects() {
        let attributes = vec![Attribute::required("a", AttrType::Number)];
        let ty = AttrType::Nested { nesting: Nesting::Map, attributes };
        assert_eq!(ty.to_json(), r#"["map",["object",{"a":"number"}]]"#);
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in ["", "string", r#""text""#, "[]", r#"["list"]"#, r#"["list","x"]"#, r#"["object",["a"]]"#] {
            assert_eq!(AttrType::from_json(text), Err(TypeError(text.into())));
        }
    }
}
