//! What a list resource implements (Terraform 1.14, `terraform query`).

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{Diagnostics, Schema, ValidateRequest, Value};

/// Finds the objects of a managed resource that exist, whoever made them.
///
/// # Assumptions
/// The provider has a managed resource of the same name, and it has an identity.
///
/// # Guarantees
/// The list ends early when the client has enough or is gone: [`Sink::send`] then fails, and `cancel` fires.
#[async_trait]
pub trait ListResource: Send + Sync {
    /// Full name; that of the managed resource.
    fn type_name(&self) -> &str;

    /// The schema of the query.
    fn schema(&self) -> Schema;

    /// Checks the query. Values may be unknown; the provider may not be configured.
    async fn validate(&self, request: ValidateRequest) -> Diagnostics {
        let _ = request;
        Diagnostics::new()
    }

    /// Sends what is found, as it is found. The diagnostics are about the list as a whole.
    async fn list(&self, request: ListRequest, sink: Sink) -> Diagnostics;
}

/// To [`ListResource::list`].
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// The query.
    pub config: Value,
    /// Whether every [`Found`] must carry its state.
    pub include_resource: bool,
    /// How many objects the client wants at most.
    pub limit: usize,
    /// Fires when the user interrupts, the limit is reached, or the client is gone.
    pub cancel: CancellationToken,
}

/// One object.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Its identity, whole.
    pub identity: Value,
    /// What people call it.
    pub display_name: String,
    /// Its state, as the managed resource would read it.
    pub state: Option<Value>,
    /// Errors and warnings about this object.
    pub diagnostics: Diagnostics,
}

/// Where a list goes.
#[derive(Debug)]
pub struct Sink {
    pub(crate) events: mpsc::Sender<Found>,
}

/// Nobody wants more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client has enough")]
pub struct Enough;

impl Sink {
    /// Sends one object, at the client's pace.
    ///
    /// # Errors
    /// When the limit is reached or the client is gone: end the list.
    pub async fn send(&mut self, found: Found) -> Result<(), Enough> {
        self.events.send(found).await.map_err(|_| Enough)
    }
}
