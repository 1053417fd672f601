//! What a data source implements.

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::{Capabilities, Deferral, Diagnostics, Schema, ValidateRequest, Value};

/// A data source.
#[async_trait]
pub trait DataSource: Send + Sync {
    /// Full name: `"stellar_stacks"`.
    fn type_name(&self) -> &str;

    /// The schema.
    fn schema(&self) -> Schema;

    /// Checks the configuration. Values may be unknown; the provider may not be configured.
    async fn validate(&self, request: ValidateRequest) -> Diagnostics {
        let _ = request;
        Diagnostics::new()
    }

    /// Reads. Runs with a wholly known configuration.
    async fn read(&self, request: ReadDataRequest) -> ReadDataResponse;
}

/// To [`DataSource::read`].
#[derive(Clone, Debug)]
pub struct ReadDataRequest {
    /// The configuration.
    pub config: Value,
    /// What the client can do.
    pub capabilities: Capabilities,
    /// Fires when the user interrupts.
    pub cancel: CancellationToken,
}

/// From [`DataSource::read`].
#[derive(Clone, Debug, Default)]
pub struct ReadDataResponse {
    /// The configuration with the computed attributes filled in. Wholly known.
    pub state: Option<Value>,
    /// Not now: see [`Deferral`].
    pub deferred: Option<Deferral>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}
