//! The resource as Terraform calls it: each call goes to the file of its name.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use stellar_aws::{
    Aws, Caller,
    claim::{Claim, Claims, new_id},
};
use stellar_engine::{Error, Kinds, Scope};
use tfplugin_sdk::{
    ApplyResponse, Attr, AttrType, Attribute, CancellationToken, CreateRequest, DeleteRequest, Diagnostics,
    IdentitySchema, ImportRequest, ImportResponse, Model, PlanRequest, PlanResponse, ReadRequest, ReadResponse,
    Resource, Schema, UpdateRequest, ValidateRequest, Value,
};

use super::{
    model::Cluster,
    origin,
    private::{Intent, Private},
    state,
};
use crate::{
    report::{Head, Report},
    session::Session,
    trouble,
};

/// `stellar_cluster`.
#[derive(Debug)]
pub struct ClusterResource {
    pub(super) session: Arc<Session>,
}

/// One region of the account, as one call works in it.
pub(super) struct Region {
    pub aws: Arc<Aws>,
    pub kinds: Kinds,
    pub claims: Claims,
    pub caller: Caller,
    pub name: String,
    /// See [`Scope::operation`].
    pub operation: String,
    /// Where reports of operations are written, if anywhere.
    pub report_dir: Option<PathBuf>,
}

impl ClusterResource {
    /// On the provider instance's session.
    pub fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    /// Destroys a stack that was imported for nothing else. `unprotected` overrides the recorded deletion protection.
    pub async fn destroy_without_state(
        &self,
        state: Value,
        private: Vec<u8>,
        unprotected: bool,
        cancel: CancellationToken,
    ) -> ApplyResponse {
        let prior = match (state, unprotected) {
            (Value::Map(mut inputs), true) => {
                inputs.insert("deletion_protection".to_owned(), Value::Bool(false));
                Value::Map(inputs)
            }
            (state, _) => state,
        };
        let private = Private::decode(&private).intending(Intent::Destroy).encode();
        self.delete(DeleteRequest { prior, private, identity: None, cancel }).await
    }

    /// Connects: the region of the configuration, else the provider's, and who we are there.
    pub(super) async fn region(&self, region: &Attr<String>) -> Result<Region, Error> {
        let (aws, name) = self.session.place(region).await?;
        let caller = self.session.caller(&aws, &name).await?;
        let kinds = Session::kinds(&aws);
        let report_dir = self.session.report_dir();
        let (claims, operation) = (Claims::new(aws.clone(), &name), new_id());
        Ok(Region { claims, kinds, caller, name, operation, aws, report_dir })
    }
}

impl Region {
    /// Who works on a stack here, and at what.
    pub(super) fn head(&self, stack: &str, operation: &str) -> Head {
        Head {
            stack: stack.to_owned(),
            region: self.name.clone(),
            operation: operation.to_owned(),
            by: self.caller.arn.clone(),
            from: origin::place(),
        }
    }

    /// Writes the report of an operation, where one is wanted. A report that cannot be written changes nothing.
    pub(super) fn file(&self, report: &Report, diagnostics: &mut Diagnostics) {
        let Some(directory) = &self.report_dir else { return };
        match report.write(directory) {
            Ok(path) => tracing::info!(path = %path.display(), "report written"),
            Err(error) => diagnostics.warning(
                "The report was not written",
                format!("{}: {error}. Nothing else depends on it.", directory.display()),
            ),
        }
    }

    /// Goes on with what those have begun who died with the stack in their hands.
    pub(super) fn continues(&mut self, claim: &Claim) {
        self.operation = claim.last_released().to_string();
    }

    /// The scope of a stack here.
    pub(super) fn scope(&self, stack: &str, claim: &str, graphs: &[&stellar_engine::Graph]) -> Scope {
        let tags = graphs.iter().flat_map(|graph| graph.iter()).map(|c| (c.address.clone(), c.tags.clone()));
        Scope {
            stack: stack.to_owned(),
            claim: claim.to_owned(),
            account: self.caller.account.clone(),
            partition: self.caller.partition.clone(),
            region: self.name.clone(),
            operation: self.operation.clone(),
            tags: Arc::new(tags.collect()),
        }
    }
}

#[async_trait]
impl Resource for ClusterResource {
    fn type_name(&self) -> &str {
        "stellar_cluster"
    }

    fn schema(&self) -> Schema {
        Schema {
            version: 0,
            description: "One application platform in one region: network, EKS, database, cache, buckets and CDN."
                .to_owned(),
            attributes: Cluster::attributes(),
        }
    }

    fn identity(&self) -> Option<IdentitySchema> {
        let described =
            |attribute: Attribute, description: &str| Attribute { description: description.to_owned(), ..attribute };
        Some(IdentitySchema {
            version: 0,
            attributes: vec![
                described(Attribute::required("name", AttrType::String), "Name of the stack."),
                described(
                    Attribute::optional("region", AttrType::String),
                    "Region of the stack. Default: the provider's.",
                ),
                described(
                    Attribute::optional("account", AttrType::String),
                    "AWS account. Default: that of the credentials.",
                ),
            ],
        })
    }

    async fn validate(&self, request: ValidateRequest) -> Diagnostics {
        match state::decode(&request.config) {
            Ok(config) => super::validate::validate(&config),
            Err(error) => error.into(),
        }
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        super::read::read(self, request).await
    }

    async fn plan(&self, request: PlanRequest) -> PlanResponse {
        super::plan::plan(self, request).await
    }

    async fn create(&self, request: CreateRequest) -> ApplyResponse {
        let (planned, cancel) = (request.planned.clone(), request.cancel.clone());
        super::bill::fill(self, &planned, super::apply::create(self, request).await, &cancel).await
    }

    async fn update(&self, request: UpdateRequest) -> ApplyResponse {
        let (planned, cancel) = (request.planned.clone(), request.cancel.clone());
        super::bill::fill(self, &planned, super::apply::update(self, request).await, &cancel).await
    }

    async fn delete(&self, request: DeleteRequest) -> ApplyResponse {
        super::destroy::delete(self, request).await
    }

    async fn import(&self, request: ImportRequest) -> ImportResponse {
        super::import::import(self, request).await
    }
}

/// The identity of a stack.
pub(super) fn identity(account: &str, region: &str, name: &str) -> Value {
    Value::map([("account", Value::from(account)), ("region", Value::from(region)), ("name", Value::from(name))])
}

/// An engine error as a diagnostic.
pub(super) fn fail(diagnostics: &mut Diagnostics, summary: &str, error: &Error) {
    let (summary, detail) = trouble::explain(summary, error);
    diagnostics.error(summary, detail);
}
