//! What an action implements (Terraform 1.14).

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{Capabilities, Deferral, Diagnostics, Schema, ValidateRequest, Value};

/// Something to do that leaves no state: `terraform apply -invoke`, or before and after a resource's changes.
#[async_trait]
pub trait Action: Send + Sync {
    /// Full name: `"stellar_failover"`.
    fn type_name(&self) -> &str;

    /// The schema. Nothing in it is computed.
    fn schema(&self) -> Schema;

    /// Checks the configuration. Values may be unknown; the provider may not be configured.
    async fn validate(&self, request: ValidateRequest) -> Diagnostics {
        let _ = request;
        Diagnostics::new()
    }

    /// Checks whether it could be invoked. Values may be unknown. Changes nothing.
    async fn plan(&self, request: PlanActionRequest) -> PlanActionResponse {
        let _ = request;
        PlanActionResponse::default()
    }

    /// Does it. Runs with a wholly known configuration, and to its end even when the client is gone.
    async fn invoke(&self, request: InvokeRequest, progress: Progress) -> Diagnostics;
}

/// To [`Action::plan`].
#[derive(Clone, Debug)]
pub struct PlanActionRequest {
    /// The configuration.
    pub config: Value,
    /// What the client can do.
    pub capabilities: Capabilities,
    /// Fires when the user interrupts.
    pub cancel: CancellationToken,
}

/// From [`Action::plan`].
#[derive(Clone, Debug, Default)]
pub struct PlanActionResponse {
    /// Not now: see [`Deferral`].
    pub deferred: Option<Deferral>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// To [`Action::invoke`].
#[derive(Clone, Debug)]
pub struct InvokeRequest {
    /// The configuration.
    pub config: Value,
    /// What the client can do.
    pub capabilities: Capabilities,
    /// Fires when the user interrupts or the client is gone.
    pub cancel: CancellationToken,
}

/// Tells the user how far an action is.
#[derive(Clone, Debug)]
pub struct Progress {
    pub(crate) messages: mpsc::Sender<String>,
}

impl Progress {
    /// Shows a line. An action goes on when nobody reads it any more.
    pub async fn tell(&self, message: impl Into<String> + Send) {
        let _ = self.messages.send(message.into()).await;
    }
}
