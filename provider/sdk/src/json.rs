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
        AttrType::List(element) => list(text, path, |item, path| decode(item, element, path)),
        AttrType::Set(element) => list(text, path, |item, _| decode(item, element, path)),
        AttrType::Map(element) => map(text, path, |item, path| decode(item, element, path)),
        AttrType::Tuple(elements) => {
            let items: Vec<&RawValue> = parse(text, path, "a list")?;
            if items.len() != elements.len() {
                return Err(DecodeError::new(path, format!("must have {} elements", elements.len())));
            }
            let decoded = items.iter().zip(elements).enumerate();
            let decoded = decoded.map(|(index, (item, ty))| decode(item.get(), ty, &path.index(index)));
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
        Ok((name.to_owned(), decode(text, ty, &path.attr(name))?))
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
    let number = text.trim_matches('"').parse().map_err(|_| DecodeError::new(path, "must be a number"))?;
    Ok(Value::Number(number))
}

/// `{"type": …, "value": …}`.
fn dynamic(text: &str, path: &Path) -> Result<Value, DecodeError> {
    let entries: BTreeMap<String, &RawValue> = parse(text, path, "an object with type and value")?;
    let entry = |name: &str| entries.get(name).map_or("null", |entry| entry.get());
    let ty = AttrType::from_json(entry("type")).map_err(|error| DecodeError::new(path, error.to_string()))?;
    let value = decode(entry("value"), &ty, path)?;
    Ok(Value::Dynamic(Box::new(Dynamic { ty, value })))
}

fn parse<'a, T: serde::Deserialize<'a>>(text: &'a str, path: &Path, expected: &str) -> Result<T, DecodeError> {
    serde_json::from_str(text).map_err(|_| DecodeError::new(path, format!("must be {expected}")))
}
