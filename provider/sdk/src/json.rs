//! Stored state as JSON, read by schema.
//!
//! State is written by Terraform, possibly long ago and for an older schema, so reading it is lenient. Numbers are read
//! from their text: a float would lose digits.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::{AttrType, Attribute, DecodeError, Dynamic, Nesting, Path, Value};

/// Reads the object `text` with `attributes`.
pub(crate) fn decode_state(text: &str, attributes: &[Attribute]) -> Result<Value, DecodeError> {
    object(text, attributes, &Path::root())
}

/// Reads any JSON as a value of type `ty`.
pub(crate) fn decode(text: &str, ty: &AttrType, path: &Path) -> Result<Value, DecodeError> {
    // The parser refuses JSON nested deeper than 128; what follows walks along the schema.
    let _: serde_json::Value = parse(text, path, "JSON")?;
    typed(text, ty, path)
}

fn typed(text: &str, ty: &AttrType, path: &Path) -> Result<Value, DecodeError> {
    if text == "null" {
        return Ok(Value::Null);
    }
    match ty {
        AttrType::String => string(text, path),
        AttrType::Number => number(text, path),
        AttrType::Bool => match text.trim_matches('"') {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(DecodeError::new(path, "must be a bool")),
        },
        AttrType::Dynamic => dynamic(text, path),
        AttrType::List(element) => list(text, path, |item, path| typed(item, element, path)),
        AttrType::Set(element) => list(text, path, |item, _| typed(item, element, path)),
        AttrType::Map(element) => map(text, path, |item, path| typed(item, element, path)),
        AttrType::Tuple(elements) => {
            let items: Vec<&RawValue> = parse(text, path, "a list")?;
            if items.len() != elements.len() {
                return Err(DecodeError::new(path, format!("must have {} elements", elements.len())));
            }
            let decoded = items.iter().zip(elements).enumerate();
            let decoded = decoded.map(|(index, (item, ty))| typed(item.get(), ty, &path.index(index)));
            decoded.collect::<Result<_, _>>().map(Value::List)
        }
        AttrType::Object(types) => {
            let entries: BTreeMap<String, &RawValue> = parse(text, path, "an object")?;
            entry_per(types.iter().map(|(name, ty)| (name.as_str(), ty)), &entries, path)
        }
        AttrType::Nested { nesting, attributes } => match nesting {
            Nesting::Single => object(text, attributes, path),
            Nesting::List => list(text, path, |item, path| object(item, attributes, path)),
            Nesting::Set => list(text, path, |item, _| object(item, attributes, path)),
            Nesting::Map => map(text, path, |item, path| object(item, attributes, path)),
        },
    }
}

fn object(text: &str, attributes: &[Attribute], path: &Path) -> Result<Value, DecodeError> {
    if text == "null" {
        return Ok(Value::Null);
    }
    let entries: BTreeMap<String, &RawValue> = parse(text, path, "an object")?;
    entry_per(attributes.iter().map(|attribute| (attribute.name.as_str(), &attribute.ty)), &entries, path)
}

/// An object with exactly `types`, from whatever `entries` has.
fn entry_per<'a>(
    types: impl Iterator<Item = (&'a str, &'a AttrType)>,
    entries: &BTreeMap<String, &RawValue>,
    path: &Path,
) -> Result<Value, DecodeError> {
    let decoded = types.map(|(name, ty)| {
        let text = entries.get(name).map_or("null", |entry| entry.get());
        Ok((name.to_owned(), typed(text, ty, &path.attr(name))?))
    });
    decoded.collect::<Result<_, _>>().map(Value::Map)
}

fn list(
    text: &str,
    path: &Path,
    decode: impl Fn(&str, &Path) -> Result<Value, DecodeError>,
) -> Result<Value, DecodeError> {
    let items: Vec<&RawValue> = parse(text, path, "a list")?;
    let decoded = items.iter().enumerate().map(|(index, item)| decode(item.get(), &path.index(index)));
    decoded.collect::<Result<_, _>>().map(Value::List)
}

fn map(
    text: &str,
    path: &Path,
    decode: impl Fn(&str, &Path) -> Result<Value, DecodeError>,
) -> Result<Value, DecodeError> {
    let entries: BTreeMap<String, &RawValue> = parse(text, path, "a map")?;
    let decoded = entries.into_iter().map(|(key, item)| {
        let value = decode(item.get(), &path.key(&key))?;
        Ok((key, value))
    });
    decoded.collect::<Result<_, _>>().map(Value::Map)
}

/// A string; a number or bool that an older schema stored becomes its text.
fn string(text: &str, path: &Path) -> Result<Value, DecodeError> {
    if text.starts_with(['{', '[']) {
        return Err(DecodeError::new(path, "must be a string"));
    }
    if text.starts_with('"') { parse::<String>(text, path, "a string").map(Value::from) } else { Ok(text.into()) }
}

fn number(text: &str, path: &Path) -> Result<Value, DecodeError> {
    let text = text.trim_matches('"');
    let number = match text.parse::<i64>() {
        Ok(whole) => whole.into(),
        Err(_) => text.parse().map_err(|_| DecodeError::new(path, "must be a number"))?,
    };
    Ok(Value::Number(number))
}

/// `{"type": …, "value": …}`.
fn dynamic(text: &str, path: &Path) -> Result<Value, DecodeError> {
    let entries: BTreeMap<String, &RawValue> = parse(text, path, "an object with type and value")?;
    let entry = |name: &str| entries.get(name).map_or("null", |entry| entry.get());
    let ty = AttrType::from_json(entry("type")).map_err(|error| DecodeError::new(path, error.to_string()))?;
    let value = typed(entry("value"), &ty, path)?;
    Ok(Value::Dynamic(Box::new(Dynamic { ty, value })))
}

fn parse<'a, T: serde::Deserialize<'a>>(text: &'a str, path: &Path, expected: &str) -> Result<T, DecodeError> {
    serde_json::from_str(text).map_err(|_| DecodeError::new(path, format!("must be {expected}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, ty: &str) -> Result<Value, String> {
        let ty = AttrType::from_json(ty).expect("a type");
        decode(text, &ty, &Path::root().attr("a")).map_err(|error| error.to_string())
    }

    #[test]
    fn stored_values_are_read_exactly_or_converted_where_an_older_schema_had_another_leaf() {
        let number = |text: &str| Value::Number(text.parse().expect("a number"));
        let cases = [
            ("0.1", r#""number""#, number("0.1")),
            ("\"12\"", r#""number""#, number("12")),
            ("12", r#""string""#, "12".into()),
            ("false", r#""string""#, "false".into()),
            (r#""a\nb""#, r#""string""#, "a\nb".into()),
            ("\"true\"", r#""bool""#, true.into()),
            ("null", r#"["list","string"]"#, Value::Null),
            (r#" [ "x" , null ] "#.trim(), r#"["set","string"]"#, Value::List(vec!["x".into(), Value::Null])),
            (r#"{"k":[true]}"#, r#"["map",["list","bool"]]"#, Value::map([("k", vec![true].into())])),
            (r#"["x",1]"#, r#"["tuple",["string","number"]]"#, Value::List(vec!["x".into(), number("1")])),
            (
                r#"{"x":"1","gone":2}"#,
                r#"["object",{"x":"string","new":"bool"}]"#,
                Value::map([("x", "1".into()), ("new", Value::Null)]),
            ),
        ];
        for (text, ty, expected) in cases {
            assert_eq!(read(text, ty), Ok(expected), "{text} as {ty}");
        }
    }

    #[test]
    fn what_has_another_shape_is_an_error_with_its_path() {
        let cases = [
            ("{}", r#""string""#, "a: must be a string"),
            ("\"x\"", r#""number""#, "a: must be a number"),
            ("1", r#""bool""#, "a: must be a bool"),
            ("{}", r#"["list","string"]"#, "a: must be a list"),
            ("[[1]]", r#"["list","string"]"#, "a[0]: must be a string"),
            (r#"{"k":{"x":[]}}"#, r#"["map",["object",{"x":"bool"}]]"#, r#"a["k"].x: must be a bool"#),
            ("[1]", r#"["tuple",["number","number"]]"#, "a: must have 2 elements"),
            (r#"{"type":"text","value":1}"#, r#""dynamic""#, r#"a: "text" is not a type"#),
        ];
        for (text, ty, expected) in cases {
            assert_eq!(read(text, ty), Err(expected.into()), "{text} as {ty}");
        }
    }
}
