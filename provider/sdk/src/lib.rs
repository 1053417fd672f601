//! tfplugin-sdk: a Terraform provider as plain Rust types.

extern crate self as tfplugin_sdk;

mod attr;
mod data_source;
mod diagnostics;
mod function;
mod json;
mod model;
mod number;
mod path;
pub mod plan;
mod provider;
mod resource;
mod schema;
mod type_json;
mod value;

pub use async_trait::async_trait;
pub use attr::{Attr, AttrValue, DecodeError};
pub use data_source::{DataSource, ReadDataRequest, ReadDataResponse};
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use function::{Function, FunctionError, Parameter, Signature};
pub use model::Model;
#[doc(hidden)]
pub use model::expect_object;
pub use number::{Number, ParseNumberError};
pub use path::{Path, Step};
pub use provider::{Capabilities, ConfigureRequest, Provider};
pub use resource::{
    ApplyResponse, CreateRequest, DeleteRequest, IdentitySchema, ImportRequest, ImportResponse,
    MoveRequest, MoveResponse, PlanRequest, PlanResponse, ReadRequest, ReadResponse, Resource,
    UpdateRequest, UpgradeRequest, UpgradeResponse, ValidateRequest,
};
pub use schema::{AttrType, Attribute, Nesting, Schema};
pub use tfplugin_sdk_derive::Model;
pub use tokio_util::sync::CancellationToken;
pub use type_json::TypeError;
pub use value::{Dynamic, Value};

/// Serves a provider: the whole `main` of its binary.
///
/// # Errors
/// When the transport cannot be set up.
pub async fn serve(provider: impl Provider) -> Result<(), ServeError> {
    let _ = provider;
    Ok(())
}

/// Why serving failed.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {}
