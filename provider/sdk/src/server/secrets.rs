//! Sensitive values stay out of the log, whatever a provider writes into it.

use super::validate::each;
use crate::log::mask;
use crate::{Path, Schema, Value};

/// A shorter text would mask half of the log.
const SHORTEST: usize = 4;

/// From now on the log shows `***` for the strings of sensitive and write-only attributes. Without a log, nothing.
pub(super) fn hide(schema: &Schema, value: &Value) {
    if !tracing::enabled!(target: "sdk.proto", tracing::Level::ERROR) {
        return;
    }
    each(&schema.attributes, value, &Path::root(), &mut |attribute, place| {
        if attribute.sensitive || attribute.write_only {
            texts(place.value);
        }
    });
}

fn texts(value: &Value) {
    match value {
        Value::String(text) if text.len() >= SHORTEST => mask(text),
        Value::List(items) => items.iter().for_each(texts),
        Value::Map(entries) => entries.values().for_each(texts),
        Value::Dynamic(dynamic) => texts(&dynamic.value),
        _ => {}
    }
}
