//! MessagePack to values, directed by the schema.
//!
//! Terraform sends numbers as integers, floats or decimal text, unknown values as extensions of any code, and dynamic
//! values as a pair of type and value.

use std::collections::BTreeMap;

use rmp::Marker;
use rmp::decode::{self, RmpRead};

use super::refinement;
use crate::{AttrType, DecodeError, Dynamic, Nesting, Number, Path, Value};

type Result<T> = std::result::Result<T, DecodeError>;

/// Reads one value of type `ty` from `bytes`.
pub(crate) fn msgpack(bytes: &[u8], ty: &AttrType, path: &Path) -> Result<Value> {
    let mut reader = Reader::new(bytes);
    let value = reader.value(ty, path)?;
    if reader.bytes.is_empty() { Ok(value) } else { Err(DecodeError::new(path, "has bytes after its end")) }
}

/// The deepest nesting. Only dynamic values can nest deeper than their schema, and none does so by far.
const DEEPEST: usize = 128;

/// The most elements in one message, so that a message of single bytes does not become gigabytes.
const MOST: usize = 4 << 20;

/// A message that is being read.
pub(super) struct Reader<'a> {
    /// What is not read yet.
    pub(super) bytes: &'a [u8],
    depth: usize,
    values: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, depth: 0, values: 0 }
    }

    pub(super) fn value(&mut self, ty: &AttrType, path: &Path) -> Result<Value> {
        if self.depth == DEEPEST {
            return Err(DecodeError::new(path, format!("is nested deeper than {DEEPEST}")));
        }
        self.depth += 1;
        let value = self.any(ty, path);
        self.depth -= 1;
        value
    }

    fn any(&mut self, ty: &AttrType, path: &Path) -> Result<Value> {
        match self.peek(path)? {
            Marker::Null => {
                self.bytes = &self.bytes[1..];
                Ok(Value::Null)
            }
            Marker::FixExt1
            | Marker::FixExt2
            | Marker::FixExt4
            | Marker::FixExt8
            | Marker::FixExt16
            | Marker::Ext8
            | Marker::Ext16
            | Marker::Ext32 => self.extension(path),
            _ => self.known(ty, path),
        }
    }

    fn known(&mut self, ty: &AttrType, path: &Path) -> Result<Value> {
        match ty {
            AttrType::String => self.string(path).map(Value::from),
            AttrType::Number => self.number(path).map(Value::Number),
            AttrType::Bool => decode::read_bool(&mut self.bytes).map(Value::Bool).map_err(|_| expected(path, "a bool")),
            AttrType::Dynamic => self.dynamic(path),
            AttrType::List(element) => self.list(path, |reader, path| reader.value(element, path)),
            AttrType::Set(element) => self.list(path, |reader, _| reader.value(element, path)),
            AttrType::Map(element) => self.map(path, |reader, path, _| reader.value(element, path)),
            AttrType::Tuple(elements) => self.tuple(elements, path),
            AttrType::Object(types) => self.object(path, |name| types.get(name)),
            AttrType::Nested { nesting, attributes } => {
                let ty = |name: &str| attributes.iter().find(|found| found.name == name).map(|found| &found.ty);
                let single = |reader: &mut Self, path: &Path| match reader.peek(path)? {
                    Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => reader.object(path, ty),
                    // Null or unknown; whatever else comes is an error of its own.
                    _ => reader.value(&AttrType::Object(BTreeMap::new()), path),
                };
                match nesting {
                    Nesting::Single => single(self, path),
                    Nesting::List => self.list(path, single),
                    Nesting::Set => self.list(path, |reader, _| single(reader, path)),
                    Nesting::Map => self.map(path, |reader, path, _| single(reader, path)),
                }
            }
        }
    }

    fn peek(&self, path: &Path) -> Result<Marker> {
        let first = self.bytes.first().ok_or_else(|| DecodeError::new(path, "ends too early"))?;
        Ok(Marker::from_u8(*first))
    }

    fn take(&mut self, length: u32, path: &Path) -> Result<&'a [u8]> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (taken, rest) =
            self.bytes.split_at_checked(length).ok_or_else(|| DecodeError::new(path, "ends too early"))?;
        self.bytes = rest;
        Ok(taken)
    }

    /// Every extension means unknown.
    fn extension(&mut self, path: &Path) -> Result<Value> {
        let meta = decode::read_ext_meta(&mut self.bytes).map_err(|_| DecodeError::new(path, "ends too early"))?;
        let body = self.take(meta.size, path)?;
        Ok(if meta.typeid == refinement::CODE { refinement::read(body) } else { Value::Unknown })
    }

    fn bytes(&mut self, path: &Path) -> Result<&'a [u8]> {
        let length = match self.peek(path)? {
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => decode::read_bin_len(&mut self.bytes),
            _ => decode::read_str_len(&mut self.bytes),
        };
        let length = length.map_err(|_| expected(path, "a string"))?;
        self.take(length, path)
    }

    pub(super) fn string(&mut self, path: &Path) -> Result<&'a str> {
        std::str::from_utf8(self.bytes(path)?).map_err(|_| DecodeError::new(path, "must be valid UTF-8"))
    }

    fn number(&mut self, path: &Path) -> Result<Number> {
        let short = |_| DecodeError::new(path, "ends too early");
        match self.peek(path)? {
            Marker::F32 => decode::read_f32(&mut self.bytes)
                .map(|value| Number::received(value.into()))
                .map_err(|_| expected(path, "a number")),
            Marker::F64 => {
                decode::read_f64(&mut self.bytes).map(Number::received).map_err(|_| expected(path, "a number"))
            }
            Marker::U64 => {
                self.bytes.read_u8().map_err(short)?;
                self.bytes.read_data_u64().map(Number::from).map_err(|_| expected(path, "a number"))
            }
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                self.string(path)?.parse().map_err(|_| expected(path, "a number"))
            }
            _ => decode::read_int::<i64, _>(&mut self.bytes).map(Number::from).map_err(|_| expected(path, "a number")),
        }
    }

    /// `[type as JSON, value]`
    fn dynamic(&mut self, path: &Path) -> Result<Value> {
        if self.array(path)? != 2 {
            return Err(expected(path, "a pair of type and value"));
        }
        let ty = AttrType::from_json(self.string(path)?).map_err(|error| DecodeError::new(path, error.to_string()))?;
        let value = self.value(&ty, path)?;
        Ok(Value::Dynamic(Box::new(Dynamic { ty, value })))
    }

    fn afford(&mut self, elements: u32, path: &Path) -> Result<()> {
        self.values = self.values.saturating_add(elements as usize);
        if self.values <= MOST { Ok(()) } else { Err(DecodeError::new(path, format!("has more than {MOST} parts"))) }
    }

    fn array(&mut self, path: &Path) -> Result<u32> {
        decode::read_array_len(&mut self.bytes).map_err(|_| expected(path, "a list"))
    }

    fn list(&mut self, path: &Path, item: impl Fn(&mut Self, &Path) -> Result<Value>) -> Result<Value> {
        let length = self.array(path)?;
        self.afford(length, path)?;
        let items = (0..length as usize).map(|index| item(self, &path.index(index)));
        items.collect::<Result<_>>().map(Value::List)
    }

    fn tuple(&mut self, elements: &[AttrType], path: &Path) -> Result<Value> {
        if self.array(path)? as usize != elements.len() {
            return Err(DecodeError::new(path, format!("must have {} elements", elements.len())));
        }
        let items = elements.iter().enumerate().map(|(index, ty)| self.value(ty, &path.index(index)));
        items.collect::<Result<_>>().map(Value::List)
    }

    fn map(&mut self, path: &Path, item: impl Fn(&mut Self, &Path, &str) -> Result<Value>) -> Result<Value> {
        let length = decode::read_map_len(&mut self.bytes).map_err(|_| expected(path, "a map"))?;
        self.afford(length, path)?;
        let entries = (0..length).map(|_| {
            let key = self.string(path)?;
            Ok((key.to_owned(), item(self, &path.key(key), key)?))
        });
        entries.collect::<Result<_>>().map(Value::Map)
    }

    fn object<'t>(&mut self, path: &Path, ty: impl Fn(&str) -> Option<&'t AttrType>) -> Result<Value> {
        self.map(path, |reader, _, name| {
            let path = path.attr(name);
            let ty = ty(name).ok_or_else(|| DecodeError::new(&path, "is not an attribute of the schema"))?;
            reader.value(ty, &path)
        })
    }
}

fn expected(path: &Path, what: &str) -> DecodeError {
    DecodeError::new(path, format!("must be {what}"))
}
