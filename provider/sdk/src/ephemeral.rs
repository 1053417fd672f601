//! What an ephemeral resource implements (Terraform 1.10, OpenTofu 1.11).

use std::time::SystemTime;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::{Capabilities, Deferral, Diagnostics, Schema, ValidateRequest, Value};

/// A value that lives as long as one run of Terraform and is never stored: a token, a short-lived credential.
///
/// # Guarantees
/// `open` runs with a wholly known configuration. `renew` runs at or after the time that the last answer named, with the
/// private data of that answer. `close` runs once for every successful `open`, even after an interrupt, and gets the
/// private data of `open`.
#[async_trait]
pub trait EphemeralResource: Send + Sync {
    /// Full name: `"stellar_token"`.
    fn type_name(&self) -> &str;

    /// The schema.
    fn schema(&self) -> Schema;

    /// Checks the configuration. Values may be unknown; the provider may not be configured.
    async fn validate(&self, request: ValidateRequest) -> Diagnostics {
        let _ = request;
        Diagnostics::new()
    }

    /// Makes the value.
    async fn open(&self, request: OpenRequest) -> OpenResponse;

    /// Keeps it alive. Called only if an answer named a time.
    async fn renew(&self, request: RenewRequest) -> RenewResponse {
        let mut response = RenewResponse { private: request.private, ..RenewResponse::default() };
        let detail = format!(
            "{} named a time for its renewal and cannot be renewed. This is a fault of the provider; please report it.",
            self.type_name()
        );
        response.diagnostics.error("Renewal is not supported", detail);
        response
    }

    /// Ends it. What is gone already is ended.
    async fn close(&self, request: CloseRequest) -> Diagnostics {
        let _ = request;
        Diagnostics::new()
    }
}

/// To [`EphemeralResource::open`].
#[derive(Clone, Debug)]
pub struct OpenRequest {
    /// The configuration.
    pub config: Value,
    /// What the client can do.
    pub capabilities: Capabilities,
    /// Fires when the user interrupts.
    pub cancel: CancellationToken,
}

/// From [`EphemeralResource::open`].
#[derive(Clone, Debug, Default)]
pub struct OpenResponse {
    /// The configuration with the computed attributes filled in. Wholly known.
    pub result: Option<Value>,
    /// For `renew` and `close`.
    pub private: Vec<u8>,
    /// When to renew; `None`: never.
    pub renew_at: Option<SystemTime>,
    /// Not now: see [`Deferral`].
    pub deferred: Option<Deferral>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// To [`EphemeralResource::renew`].
#[derive(Clone, Debug)]
pub struct RenewRequest {
    /// From the last `open` or `renew`.
    pub private: Vec<u8>,
    /// Fires when the user interrupts.
    pub cancel: CancellationToken,
}

/// From [`EphemeralResource::renew`].
#[derive(Clone, Debug, Default)]
pub struct RenewResponse {
    /// For the next `renew`; `close` gets that of `open`.
    pub private: Vec<u8>,
    /// When to renew again; `None`: never.
    pub renew_at: Option<SystemTime>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// To [`EphemeralResource::close`].
#[derive(Clone, Debug)]
pub struct CloseRequest {
    /// From `open`.
    pub private: Vec<u8>,
    /// Fires when the user interrupts again; closing starts uninterrupted.
    pub cancel: CancellationToken,
}
