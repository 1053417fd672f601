//! MessagePack to values, directed by the schema.
//!
//! Terraform sends numbers as integers, floats or decimal text, unknown values as extensions of any code, and dynamic
//! values as a pair of type and value.

use std::collections::BTreeMap;

use rmp::Marker;
use rmp::decode::{self, RmpRead};

use crate::{AttrType, DecodeError, Dynamic, Nesting, Number, Path, Value};

type Result<T> = std::result::Result<T, DecodeError>;

/// Reads one value of type `ty` from `bytes`.
pub(crate) fn msgpack(bytes: &[u8], ty: &AttrType, path: &Path) -> Result<Value> {
    let mut reader = Reader(bytes);
    let value = reader.value(ty, path)?;
    if reader.0.is_empty() { Ok(value) } else { Err(DecodeError::new(path, "has bytes after its end")) }
}

/// The bytes that are not read yet.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn value(&mut self, ty: &AttrType, path: &Path) -> Result<Value> {
        match self.peek(path)? {
            Marker::Null => {
                self.0 = &self.0[1..];
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
            AttrType::Bool => decode::read_bool(&mut self.0).map(Value::Bool).map_err(|_| expected(path, "a bool")),
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
        let first = self.0.first().ok_or_else(|| DecodeError::new(path, "ends too early"))?;
        Ok(Marker::from_u8(*first))
    }

    fn take(&mut self, length: u32, path: &Path) -> Result<&'a [u8]> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(|| DecodeError::new(path, "ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    /// Every extension means unknown. A refinement, such as a known prefix, is dropped: to promise less is allowed.
    fn extension(&mut self, path: &Path) -> Result<Value> {
        let meta = decode::read_ext_meta(&mut self.0).map_err(|_| DecodeError::new(path, "ends too early"))?;
        self.take(meta.size, path)?;
        Ok(Value::Unknown)
    }

    fn bytes(&mut self, path: &Path) -> Result<&'a [u8]> {
        let length = match self.peek(path)? {
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => decode::read_bin_len(&mut self.0),
            _ => decode::read_str_len(&mut self.0),
        };
        let length = length.map_err(|_| expected(path, "a string"))?;
        self.take(length, path)
    }

    fn string(&mut self, path: &Path) -> Result<&'a str> {
        std::str::from_utf8(self.bytes(path)?).map_err(|_| DecodeError::new(path, "must be valid UTF-8"))
    }

    fn number(&mut self, path: &Path) -> Result<Number> {
        let short = |_| DecodeError::new(path, "ends too early");
        match self.peek(path)? {
            Marker::F32 => decode::read_f32(&mut self.0)
                .map(|value| Number::received(value.into()))
                .map_err(|_| expected(path, "a number")),
            Marker::F64 => decode::read_f64(&mut self.0).map(Number::received).map_err(|_| expected(path, "a number")),
            Marker::U64 => {
                self.0.read_u8().map_err(short)?;
                self.0.read_data_u64().map(Number::from).map_err(|_| expected(path, "a number"))
            }
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                self.string(path)?.parse().map_err(|_| expected(path, "a number"))
            }
            _ => decode::read_int::<i64, _>(&mut self.0).map(Number::from).map_err(|_| expected(path, "a number")),
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

    fn array(&mut self, path: &Path) -> Result<u32> {
        decode::read_array_len(&mut self.0).map_err(|_| expected(path, "a list"))
    }

    fn list(&mut self, path: &Path, item: impl Fn(&mut Self, &Path) -> Result<Value>) -> Result<Value> {
        let length = self.array(path)?;
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
        let length = decode::read_map_len(&mut self.0).map_err(|_| expected(path, "a map"))?;
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
