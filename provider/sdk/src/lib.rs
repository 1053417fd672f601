//! A Terraform provider as plain Rust types: protocol 6.11, for Terraform 1.5 and OpenTofu 1.8 or newer.
//!
//! The crate is the server half of Terraform's plugin protocol. A provider describes its objects as structs, implements
//! a few calls, and hands itself to [`serve`]. The crate does what every provider owes Terraform: handshake and mutual
//! TLS, interrupts, logs, schemas, exact numbers, state of older versions, plans, and answers that Terraform accepts even
//! when the provider's code fails.
//!
//! # A provider in 60 lines
//! ```no_run
//! use std::sync::Arc;
//! use tfplugin_sdk::*;
//!
//! /// A text in a file.
//! #[derive(Default, Schema)]
//! struct Note {
//!     /// Path of the file.
//!     #[attr(required, requires_replace)]
//!     path: Attr<String>,
//!     /// What the file holds.
//!     #[attr(required)]
//!     text: Attr<String>,
//! }
//!
//! struct NoteResource;
//!
//! fn save(planned: Value) -> ApplyResponse {
//!     let mut response = ApplyResponse::default();
//!     let text = |name: &str| planned.get(name).as_str().unwrap_or_default();
//!     match std::fs::write(text("path"), text("text")) {
//!         Ok(()) => response.state = Some(planned),
//!         Err(error) => response.diagnostics.error("The note cannot be written", error.to_string()),
//!     }
//!     response
//! }
//!
//! #[async_trait]
//! impl Resource for NoteResource {
//!     fn type_name(&self) -> &str { "notes_note" }
//!     fn schema(&self) -> Schema { Schema::of::<Note>() }
//!
//!     async fn read(&self, request: ReadRequest) -> ReadResponse {
//!         let path = request.state.get("path").as_str().unwrap_or_default();
//!         let found = std::fs::read_to_string(path).ok();   // None: gone
//!         let state = found.map(|text| Note { path: path.into(), text: text.into() }.encode());
//!         ReadResponse { state, private: request.private, ..Default::default() }
//!     }
//!     async fn create(&self, request: CreateRequest) -> ApplyResponse { save(request.planned) }
//!     async fn update(&self, request: UpdateRequest) -> ApplyResponse { save(request.planned) }
//!     async fn delete(&self, request: DeleteRequest) -> ApplyResponse {
//!         let _ = std::fs::remove_file(request.prior.get("path").as_str().unwrap_or_default());
//!         ApplyResponse::default()
//!     }
//! }
//!
//! struct Notes;
//!
//! #[async_trait]
//! impl Provider for Notes {
//!     fn type_name(&self) -> &str { "notes" }
//!     fn version(&self) -> &str { "0.1.0" }
//!     fn schema(&self) -> Schema { Schema::default() }
//!     async fn configure(&self, _: ConfigureRequest) -> Diagnostics { Diagnostics::new() }
//!     fn resources(&self) -> Vec<Arc<dyn Resource>> { vec![Arc::new(NoteResource)] }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), ServeError> {
//!     serve(Notes).await
//! }
//! ```
//! `examples/notes` is such a provider as one would really write it, with one of everything that a provider can offer.
//!
//! # Guarantees
//! - Every call is answered: what the provider's code does wrong, a panic included, becomes a diagnostic. A gRPC error
//!   means that the transport failed, or that the call is one of state stores, which are not served.
//! - What may exist is never forgotten: a create that panics, or answers nothing, keeps the planned state.
//! - No answer leaves that Terraform would take for a bug without saying why: a plan that differs from the
//!   configuration, a value that is unknown after apply, a state that breaks its plan, an identity that changed, a
//!   deferral that nobody allowed. The diagnostic names the attribute, and whose fault it is.
//! - The duties of every provider are done before its code runs: defaults are filled in, write-only values are null
//!   everywhere but in the configuration, the attributes' own rules are checked.
//! - Numbers are exact in both directions; a refinement of an unknown value is kept.
//! - Only the holder of the announced client certificate may connect. A message of more than 256 MiB, one that is nested
//!   deeper than 128, or has more than 4 Mi parts, is refused, and the process lives on.
//! - Strings of sensitive and write-only attributes are masked in the log.
//! - An interrupt reaches every running call by its [`CancellationToken`], and none that begins later. A list whose client
//!   is gone is dropped; an action is told, and comes to its own end.
//!
//! # Assumptions
//! - The process is started by Terraform 1.5, OpenTofu 1.8, or newer, or by a debugger's client.
//! - `main` runs on tokio's multi-threaded runtime. Nothing else writes to standard output.
//! - Private state is a cache: Terraform drops it when a provider dies in an update.
//! - Calls run side by side, as many as Terraform's `-parallelism`; the traits take `&self`.
//!
//! # Errors
//! | type | when |
//! |---|---|
//! | [`ServeError`] | the socket, TLS or the handshake cannot be set up: the only way in which [`serve`] fails |
//! | [`DecodeError`] | a value does not fit a model; converts into [`Diagnostics`] at the attribute |
//! | [`Diagnostics`] | what a user sees: summary, detail, attribute |
//! | [`FunctionError`] | a function's call failed, as a whole or at one argument |
//! | [`PrivateError`] | private state is not what was stored |
//! | [`TypeError`], [`ParseNumberError`] | a text is no type, or no number |
//!
//! # Layers
//! - Values and models: [`Value`], [`Attr`], [`Model`], [`Schema`], [`Path`], [`Diagnostics`]. No protocol in them.
//! - Traits: [`Provider`], [`Resource`], [`DataSource`], [`EphemeralResource`], [`ListResource`], [`Action`],
//!   [`Function`].
//! - `server`: one file per call. It turns every failure, a panic included, into diagnostics plus the best known state.
//! - `wire`: values and schemas as the protocol's messages.
//! - `transport`: socket, TLS, HTTP/2, and the services of a plugin process.

mod action;
mod attr;
mod data_source;
mod debug;
mod deferral;
mod diagnostics;
mod ephemeral;
mod function;
#[cfg(test)]
mod fuzz;
mod json;
mod list;
pub mod log;
mod model;
mod number;
mod path;
pub mod plan;
mod private;
mod provider;
mod refinement;
mod resource;
mod schema;
mod serve;
mod server;
mod transport;
mod type_json;
mod typed;
pub mod validators;
mod value;
mod wire;

pub use action::{Action, InvokeRequest, PlanActionRequest, PlanActionResponse, Progress};
pub use async_trait::async_trait;
pub use attr::{Attr, AttrValue, DecodeError};
pub use data_source::{DataSource, ReadDataRequest, ReadDataResponse};
pub use deferral::Deferral;
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use ephemeral::{CloseRequest, EphemeralResource, OpenRequest, OpenResponse, RenewRequest, RenewResponse};
pub use function::{Function, FunctionError, Parameter, Signature};
pub use list::{Enough, Found, ListRequest, ListResource, Sink};
pub use model::Model;
#[doc(hidden)]
pub use model::expect_object;
pub use number::{Number, ParseNumberError};
pub use path::{Path, Step};
pub use private::{Private, PrivateError};
pub use provider::{Capabilities, ConfigureRequest, Provider};
pub use refinement::{Bound, Refinement};
pub use resource::{
    ApplyResponse, CreateRequest, DeleteRequest, IdentitySchema, ImportRequest, ImportResponse, MoveRequest,
    MoveResponse, PlanRequest, PlanResponse, ReadRequest, ReadResponse, Resource, UpdateRequest, UpgradeRequest,
    UpgradeResponse, ValidateRequest,
};
pub use schema::{AttrType, Attribute, Nesting, Schema};
pub use serve::{ServeError, serve};
pub use tfplugin_sdk_derive::Schema;
pub use tokio_util::sync::CancellationToken;
pub use transport::tls::TlsError;
pub use type_json::TypeError;
pub use typed::{Call, TypedFunction};
pub use value::{Dynamic, Value};
