//! Between this crate's types and the protocol's messages. Nothing outside `wire`, `server` and `transport` knows
//! tonic or prost.

#[allow(dead_code, reason = "generated code; `expect` does not see inside")]
pub(crate) mod proto {
    include!("../gen/tfplugin6.rs");
}
mod decode;
mod encode;
mod messages;
mod refinement;
mod schema;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use messages::{capabilities, deferred, diagnostics, path};
pub(crate) use schema::{action, function, identity_schema, schema};
pub(crate) use values::{Answer, identity_value, raw_json, value, value_opt};
