//! What a managed resource implements.

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::{Attribute, Capabilities, DecodeError, Deferral, Diagnostics, Path, Schema, Value, json, plan};

/// A managed resource.
///
/// # Assumptions
/// Every value in a request or response is the schema's whole object. Private state is opaque to Terraform and at most
/// a cache: it is lost when a provider dies during an update.
///
/// # Guarantees
/// A panic becomes an error that keeps the best known state and private state. `cancel` fires when the user interrupts;
/// return soon, with the state reached so far. Answers are checked before they leave: a faulty one becomes an error that says so.
#[async_trait]
pub trait Resource: Send + Sync {
    /// Full name: `"stellar_cluster"`.
    fn type_name(&self) -> &str;

    /// The schema.
    fn schema(&self) -> Schema;

    /// Schema of the identity, for resources that have one (Terraform 1.12).
    fn identity(&self) -> Option<IdentitySchema> {
        None
    }

    /// Checks the configuration. Values may be unknown; the provider may not be configured.
    async fn validate(&self, request: ValidateRequest) -> Diagnostics {
        let _ = request;
        Diagnostics::new()
    }

    /// Brings a stored state to the current schema. Called for every object on every run, mostly with the current
    /// version: then attributes that no longer exist are dropped and new ones are null.
    async fn upgrade(&self, request: UpgradeRequest) -> UpgradeResponse {
        request.same_version(&self.schema())
    }

    /// Brings the state up to date. No state in the answer means: gone.
    async fn read(&self, request: ReadRequest) -> ReadResponse;

    /// Plans a create, update or destroy. The default marks computed attributes unknown where something changes and
    /// replaces for the attributes that ask for it: see [`crate::plan`].
    async fn plan(&self, request: PlanRequest) -> PlanResponse {
        plan::default_plan(&self.schema(), request)
    }

    /// Creates the object. State together with errors means: exists, unfinished; Terraform taints it.
    async fn create(&self, request: CreateRequest) -> ApplyResponse;

    /// Changes the object in place.
    async fn update(&self, request: UpdateRequest) -> ApplyResponse;

    /// Deletes the object. State in the answer means: not gone yet. Deleting what is already gone succeeds.
    async fn delete(&self, request: DeleteRequest) -> ApplyResponse;

    /// Finds an object by what the user gave; Terraform reads it next.
    async fn import(&self, request: ImportRequest) -> ImportResponse {
        let _ = request;
        let mut response = ImportResponse::default();
        let detail = format!("{} cannot be imported.", self.type_name());
        response.diagnostics.error("Import is not supported", detail);
        response
    }

    /// A configuration for an object of this state, for `terraform query -generate-config-out` and `import` blocks.
    async fn generate_config(&self, state: Value) -> Value {
        plan::generate_config(&self.schema(), state)
    }

    /// Takes over the state of another resource type, for a `moved` block.
    async fn move_state(&self, request: MoveRequest) -> MoveResponse {
        let mut response = MoveResponse::default();
        let detail = format!(
            "{} cannot take over the state of {} ({}).",
            self.type_name(),
            request.source_type,
            request.source_provider
        );
        response.diagnostics.error("Move is not supported", detail);
        response
    }
}

/// Schema of a resource's identity: what finds one object again, without secrets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IdentitySchema {
    /// Version of the stored identity.
    pub version: i64,
    /// Strings, numbers, bools or lists of them. `required` and `optional` mean: to import.
    pub attributes: Vec<Attribute>,
}

/// To [`Resource::validate`].
#[derive(Clone, Debug)]
pub struct ValidateRequest {
    /// The configuration.
    pub config: Value,
    /// What the client can do.
    pub capabilities: Capabilities,
}

/// To [`Resource::upgrade`].
#[derive(Clone, Debug)]
pub struct UpgradeRequest {
    /// Version of the schema that the state was stored with.
    pub version: i64,
    /// The stored state.
    pub json: serde_json::Value,
    /// The stored state as text, which keeps every digit of its numbers.
    pub text: String,
}

/// From [`Resource::upgrade`].
#[derive(Clone, Debug, Default)]
pub struct UpgradeResponse {
    /// The state of the current schema.
    pub state: Option<Value>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

impl UpgradeRequest {
    /// The stored state, read leniently: unknown attributes are ignored, missing ones null, numbers and bools become
    /// strings where the schema wants strings.
    ///
    /// # Errors
    /// When an attribute has a type that cannot be converted.
    pub fn decode(&self, schema: &Schema) -> Result<Value, DecodeError> {
        json::decode_state(&self.text, &schema.attributes)
    }

    /// The upgrade of a resource that had only one version so far.
    #[must_use]
    pub fn same_version(&self, schema: &Schema) -> UpgradeResponse {
        let mut response = UpgradeResponse::default();
        if self.version != schema.version {
            let detail = format!(
                "The state was stored with version {} of the schema. This provider knows version {} and no way from \
                 the one to the other. Use the provider version that wrote the state.",
                self.version, schema.version
            );
            response.diagnostics.error("State cannot be upgraded", detail);
            return response;
        }
        match self.decode(schema) {
            Ok(state) => response.state = Some(state),
            Err(error) => response.diagnostics = error.into(),
        }
        response
    }
}

/// To [`Resource::read`].
#[derive(Clone, Debug)]
pub struct ReadRequest {
    /// The stored state.
    pub state: Value,
    /// The stored private state.
    pub private: Vec<u8>,
    /// The stored identity.
    pub identity: Option<Value>,
    /// What the client can do.
    pub capabilities: Capabilities,
    /// Fires when the user interrupts.
    pub cancel: CancellationToken,
}

/// From [`Resource::read`].
#[derive(Clone, Debug, Default)]
pub struct ReadResponse {
    /// The state as it is now; `None` without errors when the object is gone. With errors the stored one is kept.
    pub state: Option<Value>,
    /// Private state to store.
    pub private: Vec<u8>,
    /// Identity to store; `None` keeps the stored one.
    pub identity: Option<Value>,
    /// Not now: see [`Deferral`].
    pub deferred: Option<Deferral>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// To [`Resource::plan`].
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// The state after the refresh; `None` for a create, and for the create half of a replacement.
    pub prior: Option<Value>,
    /// Configuration merged with prior state by Terraform; `None` for a destroy.
    pub proposed: Option<Value>,
    /// The configuration; `None` for a destroy.
    pub config: Option<Value>,
    /// Stored private state; at the create half of a replacement, what the first plan answered.
    pub prior_private: Vec<u8>,
    /// At apply time the private state of the first plan, from Terraform 1.16 on; else empty.
    pub planned_private: Vec<u8>,
    /// The stored identity.
    pub identity: Option<Value>,
    /// What the client can do.
    pub capabilities: Capabilities,
    /// Fires when the user interrupts.
    pub cancel: CancellationToken,
}

/// From [`Resource::plan`].
#[derive(Clone, Debug, Default)]
pub struct PlanResponse {
    /// The state after apply, with unknowns; `None` for a destroy.
    pub planned: Option<Value>,
    /// Attributes whose change needs a replacement. Never inside a set.
    pub requires_replace: Vec<Path>,
    /// Handed to create, update or delete; for a replacement to both halves.
    pub private: Vec<u8>,
    /// The planned identity, if known.
    pub identity: Option<Value>,
    /// Not now: see [`Deferral`]. The planned state is then a guess.
    pub deferred: Option<Deferral>,
    /// Errors and warnings. An error also stops `terraform destroy`.
    pub diagnostics: Diagnostics,
}

/// To [`Resource::create`].
#[derive(Clone, Debug)]
pub struct CreateRequest {
    /// The configuration; the only place of write-only values.
    pub config: Value,
    /// The planned state.
    pub planned: Value,
    /// The planned private state.
    pub private: Vec<u8>,
    /// The planned identity.
    pub identity: Option<Value>,
    /// Fires when the user interrupts.
    pub cancel: CancellationToken,
}

/// To [`Resource::update`].
#[derive(Clone, Debug)]
pub struct UpdateRequest {
    /// The stored state.
    pub prior: Value,
    /// The configuration; the only place of write-only values.
    pub config: Value,
    /// The planned state.
    pub planned: Value,
    /// The planned private state.
    pub private: Vec<u8>,
    /// The planned identity.
    pub identity: Option<Value>,
    /// Fires when the user interrupts.
    pub cancel: CancellationToken,
}

/// To [`Resource::delete`].
#[derive(Clone, Debug)]
pub struct DeleteRequest {
    /// The stored state.
    pub prior: Value,
    /// The planned private state.
    pub private: Vec<u8>,
    /// The planned identity.
    pub identity: Option<Value>,
    /// Fires when the user interrupts.
    pub cancel: CancellationToken,
}

/// From [`Resource::create`], [`Resource::update`] and [`Resource::delete`].
#[derive(Clone, Debug, Default)]
pub struct ApplyResponse {
    /// What exists now. Wholly known.
    pub state: Option<Value>,
    /// Private state to store.
    pub private: Vec<u8>,
    /// Identity to store; `None` keeps the planned one.
    pub identity: Option<Value>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// To [`Resource::import`]. Either `id` or `identity` is set.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// From `terraform import ADDR ID` or an `import` block.
    pub id: Option<String>,
    /// From an `import` block with an identity.
    pub identity: Option<Value>,
    /// What the client can do.
    pub capabilities: Capabilities,
    /// Fires when the user interrupts.
    pub cancel: CancellationToken,
}

/// From [`Resource::import`].
#[derive(Clone, Debug, Default)]
pub struct ImportResponse {
    /// As much of the state as the next read needs.
    pub state: Option<Value>,
    /// Private state to store.
    pub private: Vec<u8>,
    /// Identity to store.
    pub identity: Option<Value>,
    /// Not now: see [`Deferral`].
    pub deferred: Option<Deferral>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// To [`Resource::move_state`].
#[derive(Clone, Debug)]
pub struct MoveRequest {
    /// Source address of the other provider.
    pub source_provider: String,
    /// The other resource type.
    pub source_type: String,
    /// Schema version of the other state.
    pub source_version: i64,
    /// The other state.
    pub json: serde_json::Value,
    /// The other private state.
    pub private: Vec<u8>,
    /// The other identity; null when it has none.
    pub source_identity: serde_json::Value,
}

/// From [`Resource::move_state`].
#[derive(Clone, Debug, Default)]
pub struct MoveResponse {
    /// The state of this resource.
    pub state: Option<Value>,
    /// Private state to store.
    pub private: Vec<u8>,
    /// Identity to store.
    pub identity: Option<Value>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}
