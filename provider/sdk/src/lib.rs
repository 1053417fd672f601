//! tfplugin-sdk: a Terraform provider as plain Rust types.

extern crate self as tfplugin_sdk;

mod attr;
mod data_source;
mod debug;
mod diagnostics;
mod function;
mod json;
pub mod log;
mod model;
mod number;
mod path;
pub mod plan;
mod provider;
mod resource;
mod schema;
mod serve;
mod server;
mod transport;
mod type_json;
mod value;
mod wire;

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
pub use serve::{ServeError, serve};
pub use tfplugin_sdk_derive::Model;
pub use tokio_util::sync::CancellationToken;
pub use transport::tls::TlsError;
pub use type_json::TypeError;
pub use value::{Dynamic, Value};
