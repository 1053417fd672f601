//! Values to MessagePack, directed by the schema.
//!
//! Terraform fails with little explanation when an answer does not have exactly the schema's shape. So the writer always
//! produces that shape: what does not fit becomes null, and is reported as a [`Problem`] of the provider.

use std::collections::BTreeMap;

use rmp::encode;

use super::refinement;
use crate::number::Repr;
use crate::{AttrType, Attribute, Nesting, Number, Path, Value};

/// A place where an answer does not fit the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub path: Path,
    pub message: String,
}

/// An unknown value without refinements: extension 0 with one byte.
const UNKNOWN: [u8; 3] = [0xd4, 0, 0];

/// Writes `value` as type `ty`. With `known`, unknown values are problems.
pub(crate) fn msgpack(value: &Value, ty: &AttrType, known: bool) -> (Vec<u8>, Vec<Problem>) {
    let mut writer = Writer { out: Vec::new(), problems: Vec::new(), known };
    writer.value(value, ty, &Path::root());
    (writer.out, writer.problems)
}

struct Writer {
    out: Vec<u8>,
    problems: Vec<Problem>,
    known: bool,
}

impl Writer {
    fn value(&mut self, value: &Value, ty: &AttrType, path: &Path) {
        match (ty, value) {
            (_, Value::Null) => self.nil(),
            (_, Value::Unknown) => self.unknown(path),
            (_, Value::Refined(refinement)) if !self.known => refinement::write(refinement, &mut self.out),
            (_, Value::Refined(_)) => self.unknown(path),
            (AttrType::Dynamic, value) => self.dynamic(value, path),
            (AttrType::String, Value::String(text)) => self.string(text),
            (AttrType::Number, Value::Number(number)) => self.number(number, path),
            (AttrType::Bool, Value::Bool(value)) => written(encode::write_bool(&mut self.out, *value)),
            (AttrType::List(element), Value::List(items)) => {
                self.list(items, path, |writer, item, path| writer.value(item, element, path));
            }
            (AttrType::Set(element), Value::List(items)) => {
                self.list(items, path, |writer, item, _| writer.value(item, element, path));
            }
            (AttrType::Map(element), Value::Map(entries)) => {
                self.map(entries, path, |writer, item, path| writer.value(item, element, path));
            }
            (AttrType::Tuple(types), Value::List(items)) if types.len() == items.len() => {
                self.array(items.len());
                for (index, (item, ty)) in items.iter().zip(types).enumerate() {
                    self.value(item, ty, &path.index(index));
                }
            }
            (AttrType::Object(types), Value::Map(entries)) => {
                self.object(entries, types.len(), types.iter().map(|(name, ty)| (name.as_str(), ty)), path);
            }
            (AttrType::Nested { nesting, attributes }, value) => self.nested(*nesting, attributes, value, path),
            (ty, value) => self.problem(path, format!("must be of type {}, not {}", ty.to_json(), value.kind())),
        }
    }

    fn nested(&mut self, nesting: Nesting, attributes: &[Attribute], value: &Value, path: &Path) {
        match (nesting, value) {
            (Nesting::Single, value) => self.single(attributes, value, path),
            (Nesting::List, Value::List(items)) => {
                self.list(items, path, |writer, item, path| writer.single(attributes, item, path));
            }
            (Nesting::Set, Value::List(items)) => {
                self.list(items, path, |writer, item, _| writer.single(attributes, item, path));
            }
            (Nesting::Map, Value::Map(entries)) => {
                self.map(entries, path, |writer, item, path| writer.single(attributes, item, path));
            }
            (_, value) => self.problem(path, format!("must be a collection of objects, not {}", value.kind())),
        }
    }

    fn single(&mut self, attributes: &[Attribute], value: &Value, path: &Path) {
        match value {
            Value::Null => self.nil(),
            unknown if unknown.is_unknown() => self.unknown(path),
            Value::Map(entries) => self.whole(attributes, entries, path),
            value => self.problem(path, format!("must be an object, not {}", value.kind())),
        }
    }

    /// An object with every attribute and block.
    fn whole(&mut self, attributes: &[Attribute], entries: &BTreeMap<String, Value>, path: &Path) {
        self.map_length(attributes.len());
        for attribute in attributes {
            self.string(&attribute.name);
            let path = path.attr(&attribute.name);
            match entries.get(&attribute.name) {
                // Terraform has no null for collections of blocks.
                None | Some(Value::Null) if attribute.is_blocks() => self.empty(&attribute.ty),
                Some(value) => self.value(value, &attribute.ty, &path),
                None => self.problem(&path, "is missing".into()),
            }
        }
        if entries.keys().any(|name| !attributes.iter().any(|attribute| attribute.name == *name)) {
            self.superfluous(path);
        }
    }

    fn empty(&mut self, ty: &AttrType) {
        match ty {
            AttrType::Nested { nesting: Nesting::Map, .. } => self.map_length(0),
            _ => self.array(0),
        }
    }

    fn superfluous(&mut self, path: &Path) {
        self.problems.push(Problem { path: path.clone(), message: "has attributes that the schema has not".into() });
    }

    fn object<'a>(
        &mut self,
        entries: &BTreeMap<String, Value>,
        length: usize,
        types: impl Iterator<Item = (&'a str, &'a AttrType)>,
        path: &Path,
    ) {
        self.map_length(length);
        let mut found = 0;
        for (name, ty) in types {
            self.string(name);
            let path = path.attr(name);
            if let Some(value) = entries.get(name) {
                found += 1;
                self.value(value, ty, &path);
            } else {
                self.problem(&path, "is missing".into());
            }
        }
        if found < entries.len() {
            self.superfluous(path);
        }
    }

    fn list(&mut self, items: &[Value], path: &Path, mut write: impl FnMut(&mut Self, &Value, &Path)) {
        self.array(items.len());
        for (index, item) in items.iter().enumerate() {
            write(self, item, &path.index(index));
        }
    }

    fn map(&mut self, entries: &BTreeMap<String, Value>, path: &Path, mut write: impl FnMut(&mut Self, &Value, &Path)) {
        self.map_length(entries.len());
        for (key, item) in entries {
            self.string(key);
            write(self, item, &path.key(key));
        }
    }

    /// `[type as JSON, value]`
    fn dynamic(&mut self, value: &Value, path: &Path) {
        let ty;
        let (ty, value) = match value {
            Value::Dynamic(dynamic) => (&dynamic.ty, &dynamic.value),
            value => {
                ty = type_of(value);
                (&ty, value)
            }
        };
        self.array(2);
        written(encode::write_bin(&mut self.out, ty.to_json().as_bytes()));
        self.value(value, ty, path);
    }

    /// Integers and decimal text; see [`Number`].
    fn number(&mut self, value: &Number, path: &Path) {
        match value.repr() {
            Repr::Float(value) if value.is_nan() => self.problem(path, "must be a number".into()),
            _ => number(value, &mut self.out),
        }
    }

    fn unknown(&mut self, path: &Path) {
        if self.known {
            self.problem(path, "is unknown".into());
        } else {
            self.out.extend(UNKNOWN);
        }
    }

    fn problem(&mut self, path: &Path, message: String) {
        self.nil();
        self.problems.push(Problem { path: path.clone(), message });
    }

    fn nil(&mut self) {
        written(encode::write_nil(&mut self.out));
    }

    fn string(&mut self, text: &str) {
        written(encode::write_str(&mut self.out, text));
    }

    fn array(&mut self, length: usize) {
        written(encode::write_array_len(&mut self.out, wire_length(length)));
    }

    fn map_length(&mut self, length: usize) {
        written(encode::write_map_len(&mut self.out, wire_length(length)));
    }
}

/// Writing to memory cannot fail.
pub(super) fn written<T, E>(_: Result<T, E>) {}

/// Integers and decimal text; see [`Number`].
pub(super) fn number(number: &Number, out: &mut Vec<u8>) {
    match number.repr() {
        Repr::Int(value) => written(encode::write_sint(out, *value)),
        Repr::Uint(value) => written(encode::write_uint(out, *value)),
        Repr::Float(value) => written(encode::write_f64(out, *value)),
        Repr::Text(text) => written(encode::write_str(out, text)),
    }
}

pub(super) fn wire_length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The type of a value that a provider put into a dynamic attribute without saying one.
fn type_of(value: &Value) -> AttrType {
    match value {
        Value::Null | Value::Unknown | Value::Refined(_) => AttrType::Dynamic,
        Value::Bool(_) => AttrType::Bool,
        Value::Number(_) => AttrType::Number,
        Value::String(_) => AttrType::String,
        Value::List(items) => AttrType::Tuple(items.iter().map(type_of).collect()),
        Value::Map(entries) => {
            AttrType::Object(entries.iter().map(|(name, value)| (name.clone(), type_of(value))).collect())
        }
        Value::Dynamic(dynamic) => dynamic.ty.clone(),
    }
}
