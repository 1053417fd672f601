//! Whole values in requests and answers.

use super::decode;
use super::encode::{self, Problem};
use super::proto::{DynamicValue, RawState, ResourceIdentityData};
use crate::{AttrType, DecodeError, Diagnostics, Path, Value, json};

/// Reads a value of a request. Absent or empty means null; JSON is read where there is no MessagePack.
pub(crate) fn value(wire: Option<&DynamicValue>, ty: &AttrType) -> Result<Value, DecodeError> {
    let root = Path::root();
    match wire {
        Some(wire) if !wire.msgpack.is_empty() => decode::msgpack(&wire.msgpack, ty, &root),
        Some(wire) if !wire.json.is_empty() => json::decode(&text(&wire.json)?, ty, &root),
        _ => Ok(Value::Null),
    }
}

/// As [`value`], with null as `None`.
pub(crate) fn value_opt(wire: Option<&DynamicValue>, ty: &AttrType) -> Result<Option<Value>, DecodeError> {
    value(wire, ty).map(|value| if value.is_null() { None } else { Some(value) })
}

/// Reads an identity; `None` when the client sends none or the resource has none.
pub(crate) fn identity_value(
    wire: Option<&ResourceIdentityData>,
    ty: Option<&AttrType>,
) -> Result<Option<Value>, DecodeError> {
    match (wire, ty) {
        (Some(wire), Some(ty)) => value_opt(wire.identity_data.as_ref(), ty),
        _ => Ok(None),
    }
}

/// The JSON text of a stored state. Terraform before 0.12 stored a flat map, which nobody can have any more.
pub(crate) fn raw_json(wire: Option<&RawState>) -> Result<String, DecodeError> {
    match wire {
        Some(raw) if !raw.json.is_empty() => text(&raw.json),
        Some(raw) if !raw.flatmap.is_empty() => {
            Err(DecodeError::new(&Path::root(), "is stored as a flat map (Terraform 0.11 or older)"))
        }
        _ => Ok("null".into()),
    }
}

fn text(bytes: &[u8]) -> Result<String, DecodeError> {
    let text = std::str::from_utf8(bytes).map_err(|_| DecodeError::new(&Path::root(), "must be valid UTF-8"))?;
    Ok(text.trim().into())
}

/// Writes the values of one answer and remembers where they do not fit the schema.
pub(crate) struct Answer<'a> {
    ty: &'a AttrType,
    identity: Option<&'a AttrType>,
    problems: Vec<Problem>,
}

impl<'a> Answer<'a> {
    pub(crate) fn new(ty: &'a AttrType, identity: Option<&'a AttrType>) -> Self {
        Self { ty, identity, problems: Vec::new() }
    }

    /// A planned value: unknowns are allowed.
    pub(crate) fn planned(&mut self, value: Option<&Value>) -> DynamicValue {
        self.write(value.unwrap_or(&Value::Null), self.ty, false)
    }

    /// A value of the state: wholly known. A stray unknown becomes null.
    pub(crate) fn state(&mut self, value: Option<&Value>) -> DynamicValue {
        self.write(value.unwrap_or(&Value::Null), self.ty, true)
    }

    /// An identity, if the resource has one.
    pub(crate) fn identity(&mut self, value: Option<&Value>, known: bool) -> Option<ResourceIdentityData> {
        let (Some(ty), Some(value)) = (self.identity, value) else {
            return None;
        };
        Some(ResourceIdentityData { identity_data: Some(self.write(value, ty, known)) })
    }

    /// Reports what did not fit as errors. `what` names the answer: "the planned state".
    pub(crate) fn report(self, what: &str, diagnostics: &mut Diagnostics) {
        for Problem { path, message } in self.problems {
            let place = if path.is_root() { "The value".into() } else { format!("Attribute {path}") };
            let detail = format!("{place} of {what} {message}. This is a fault of the provider; please report it.");
            diagnostics.attribute_error(path, "Provider gave an invalid answer", detail);
        }
    }

    fn write(&mut self, value: &Value, ty: &AttrType, known: bool) -> DynamicValue {
        let (msgpack, problems) = encode::msgpack(value, ty, known);
        self.problems.extend(problems);
        DynamicValue { msgpack, json: Vec::new() }
    }
}
