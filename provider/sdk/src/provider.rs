//! What a provider implements.

use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::{Action, DataSource, Diagnostics, EphemeralResource, Function, ListResource, Resource, Schema, Value};

/// A provider: its own configuration and its resources, data sources and functions.
///
/// # Guarantees
/// `validate` and functions may run before `configure`, which never runs when Terraform only validates. `configure` may
/// be called several times, by several Terraform processes when debugged, so what it sets lives behind a lock that
/// resources share.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// The prefix of every resource's name: `"stellar"`.
    fn type_name(&self) -> &str;

    /// The provider's version, for logs.
    fn version(&self) -> &str;

    /// The source address in full, by which `-debug` announces the provider.
    fn address(&self) -> String {
        format!("registry.terraform.io/{0}/{0}", self.type_name())
    }

    /// Crates that the provider uses and whose log matters from WARN on only: those that tell much, or tell secrets.
    fn quiet_crates(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Schema of the `provider` block.
    fn schema(&self) -> Schema;

    /// Checks the `provider` block. Values may be unknown.
    async fn validate(&self, config: Value) -> Diagnostics {
        let _ = config;
        Diagnostics::new()
    }

    /// Takes the `provider` block. Values may be unknown while planning: fail at first use, not here.
    async fn configure(&self, request: ConfigureRequest) -> Diagnostics;

    /// The resources.
    fn resources(&self) -> Vec<Arc<dyn Resource>>;

    /// The data sources.
    fn data_sources(&self) -> Vec<Arc<dyn DataSource>> {
        Vec::new()
    }

    /// The ephemeral resources.
    fn ephemeral_resources(&self) -> Vec<Arc<dyn EphemeralResource>> {
        Vec::new()
    }

    /// The list resources, each for a managed resource of the same name.
    fn list_resources(&self) -> Vec<Arc<dyn ListResource>> {
        Vec::new()
    }

    /// The actions.
    fn actions(&self) -> Vec<Arc<dyn Action>> {
        Vec::new()
    }

    /// The functions.
    fn functions(&self) -> Vec<Arc<dyn Function>> {
        Vec::new()
    }
}

/// The `provider` block and who sent it.
#[derive(Clone, Debug)]
pub struct ConfigureRequest {
    /// The provider schema's whole object.
    pub config: Value,
    /// Version of Terraform or OpenTofu.
    pub terraform_version: String,
    /// What the client can do.
    pub capabilities: Capabilities,
    /// Fires when the user interrupts.
    pub cancel: CancellationToken,
}

/// What the calling Terraform can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// A resource may answer "later" (experimental).
    pub deferral_allowed: bool,
    /// Write-only attributes are known (Terraform 1.11).
    pub write_only_attributes_allowed: bool,
    /// The plan at apply time gets the first plan's private state (Terraform 1.16).
    pub store_planned_private: bool,
    /// Computed blocks are known (Terraform 1.16).
    pub computed_blocks_allowed: bool,
}
