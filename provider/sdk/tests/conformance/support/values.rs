//! Values as JSON in tests, as MessagePack on the wire.

use rmpv::Value as Msgpack;
pub use serde_json::Value as Json;
use serde_json::json;

use super::proto::DynamicValue;

/// Stands for an unknown value.
pub const UNKNOWN: &str = "(unknown)";

/// A whole object of the test resource: null but for `entries`.
pub fn object(entries: Json) -> Json {
    let mut object = json!({
        "name": null, "mode": null, "size": null, "any": null, "tags": null, "pools": null, "rules": null,
        "gate": [], "limits": null, "secret": null, "note": null, "id": null,
    });
    for (key, value) in entries.as_object().expect("an object") {
        object[key] = value.clone();
    }
    object
}

pub fn to_wire(value: &Json) -> DynamicValue {
    let mut msgpack = Vec::new();
    rmpv::encode::write_value(&mut msgpack, &to_msgpack(value)).expect("writing to memory");
    DynamicValue { msgpack, json: Vec::new() }
}

pub fn from_wire(value: Option<&DynamicValue>) -> Json {
    let Some(value) = value else {
        return Json::Null;
    };
    assert!(value.json.is_empty(), "answers are MessagePack");
    let mut bytes = value.msgpack.as_slice();
    let read = rmpv::decode::read_value(&mut bytes).expect("MessagePack");
    assert!(bytes.is_empty(), "nothing follows a value");
    from_msgpack(&read)
}

fn to_msgpack(value: &Json) -> Msgpack {
    match value {
        Json::Null => Msgpack::Nil,
        Json::Bool(value) => (*value).into(),
        Json::Number(number) if number.is_i64() => number.as_i64().expect("checked").into(),
        // As Terraform sends what no int64 holds.
        Json::Number(number) => number.to_string().into(),
        Json::String(text) if text == UNKNOWN => Msgpack::Ext(0, vec![0]),
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => Msgpack::Array(items.iter().map(to_msgpack).collect()),
        Json::Object(entries) => {
            Msgpack::Map(entries.iter().map(|(key, value)| (key.as_str().into(), to_msgpack(value))).collect())
        }
    }
}

fn from_msgpack(value: &Msgpack) -> Json {
    match value {
        Msgpack::Nil => Json::Null,
        Msgpack::Boolean(value) => json!(value),
        Msgpack::Integer(value) => json!(value.as_i64()),
        Msgpack::F64(value) => json!(value),
        Msgpack::F32(value) => json!(value),
        Msgpack::String(text) => json!(text.as_str()),
        Msgpack::Binary(bytes) => json!(String::from_utf8_lossy(bytes)),
        Msgpack::Array(items) => items.iter().map(from_msgpack).collect(),
        Msgpack::Map(entries) => {
            entries.iter().map(|(key, value)| (key.as_str().expect("a key"), from_msgpack(value))).collect()
        }
        Msgpack::Ext(0, body) if body == &[0] => json!(UNKNOWN),
        Msgpack::Ext(..) => panic!("an unknown value is written as d4 00 00"),
    }
}
