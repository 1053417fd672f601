//! The data source `stellar_cluster`: a stack by its name, with all outputs, for other workspaces.
//!
//! It reads what an import reads, and stores nothing: neither in Terraform's private state nor in the claim.

use std::{collections::BTreeSet, sync::Arc};

use stellar_aws::claim::Phase;
use stellar_engine::Error;
use tfplugin_sdk::{
    Attribute, DataSource, Diagnostics, Model, Path, ReadDataRequest, ReadDataResponse, ReadRequest, Schema,
    ValidateRequest, Value, async_trait,
};

use super::{
    import::{self, Wanted},
    model::Cluster,
    private::Private,
    read,
    resource::{ClusterResource, fail},
    state,
    validate::validate_place,
};
use crate::session::Session;

/// The data source `stellar_cluster`.
#[derive(Debug)]
pub struct ClusterData {
    cluster: ClusterResource,
}

impl ClusterData {
    /// On the provider instance's session.
    pub fn new(session: Arc<Session>) -> Self {
        Self { cluster: ClusterResource::new(session) }
    }

    async fn find(&self, config: &Cluster, request: &ReadDataRequest, d: &mut Diagnostics) -> Result<Value, Error> {
        let name = config.name.known().cloned().unwrap_or_default();
        let (imported, claim) =
            import::find(&self.cluster, &Wanted { account: None, region: config.region.clone(), name }).await?;
        let state = imported.state.ok_or_else(|| Error::bug("an import without a state"))?;
        let request = ReadRequest {
            state,
            private: imported.private,
            identity: imported.identity,
            capabilities: request.capabilities,
            cancel: request.cancel.clone(),
        };
        let found = read::read(&self.cluster, request).await;
        d.extend(found.diagnostics);
        let observed = Private::decode(&found.private).observed.unwrap_or_default();
        let state = found.state.ok_or_else(|| Error::permanent("the stack went away while it was read"))?;
        // The state of an import counts as unfinished until its owner has seen it; here nobody becomes the owner.
        let at_rest = matches!(claim.phase(), Phase::Created | Phase::Ready);
        let status = if at_rest { state::status(&BTreeSet::new(), &observed) } else { "incomplete" };
        Ok(outputs(&state, status))
    }
}

#[async_trait]
impl DataSource for ClusterData {
    fn type_name(&self) -> &str {
        "stellar_cluster"
    }

    fn schema(&self) -> Schema {
        Schema {
            version: 0,
            description: "A cluster that another workspace or stack manages, by its name, with all its outputs."
                .to_owned(),
            attributes: attributes(),
        }
    }

    async fn validate(&self, request: ValidateRequest) -> Diagnostics {
        let mut d = Diagnostics::new();
        match Cluster::decode(&request.config, &Path::root()) {
            Ok(config) => validate_place(&config, &Path::root(), &mut d),
            Err(error) => return error.into(),
        }
        d
    }

    async fn read(&self, request: ReadDataRequest) -> ReadDataResponse {
        let mut diagnostics = Diagnostics::new();
        let config = match Cluster::decode(&request.config, &Path::root()) {
            Ok(config) => config,
            Err(error) => return ReadDataResponse { diagnostics: error.into(), ..ReadDataResponse::default() },
        };
        // Not every CLI validates data sources before it reads them.
        validate_place(&config, &Path::root(), &mut diagnostics);
        if diagnostics.has_errors() {
            return ReadDataResponse { diagnostics, ..ReadDataResponse::default() };
        }
        let state = match self.find(&config, &request, &mut diagnostics).await {
            Ok(state) => Some(state),
            Err(error) => {
                fail(&mut diagnostics, "The stack was not found", &error);
                None
            }
        };
        ReadDataResponse { state: state.filter(|_| !diagnostics.has_errors()), diagnostics, deferred: None }
    }
}

/// The resource's outputs, and what finds the stack.
fn attributes() -> Vec<Attribute> {
    let kept = |attribute: &Attribute| attribute.computed || attribute.name == "name";
    let plain = |attribute: Attribute| Attribute { requires_replace: false, ..attribute };
    Cluster::attributes().into_iter().filter(kept).map(plain).collect()
}

/// The outputs in a resource's state. What the record names and the account lacks is pending: there is no plan here
/// that would say so.
fn outputs(state: &Value, status: &str) -> Value {
    let names: BTreeSet<String> = attributes().into_iter().map(|attribute| attribute.name).collect();
    let mut outputs = state.as_map().cloned().unwrap_or_default();
    outputs.retain(|name, _| names.contains(name));
    let absent = |component: &Value| component.get("id").is_null();
    let components = outputs.get("components").and_then(Value::as_map).into_iter().flatten();
    let pending: Vec<&str> = components.filter(|(_, c)| absent(c)).map(|(address, _)| address.as_str()).collect();
    let status = if pending.is_empty() { status } else { "incomplete" };
    let (status, pending) = (Value::from(status), Value::from(pending));
    outputs.insert("status".to_owned(), status);
    outputs.insert("pending".to_owned(), pending);
    Value::Map(outputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_source_has_every_output_and_no_section() {
        let names: Vec<String> = attributes().into_iter().map(|attribute| attribute.name).collect();
        for name in ["name", "region", "status", "vpc", "eks", "rds", "tags_all"] {
            assert!(names.contains(&name.to_owned()), "{name}");
        }
        for name in ["network", "kubernetes", "deletion_protection"] {
            assert!(!names.contains(&name.to_owned()), "{name}");
        }
    }

    #[test]
    fn a_component_without_an_object_is_pending() {
        let component = |id: Value| Value::map([("id", id)]);
        let state = |id: Value| {
            let components = Value::map([("network/vpc", component("vpc-1".into())), ("network/eip", component(id))]);
            Value::map([("name", "shop".into()), ("components", components), ("network", Value::Null)])
        };
        let rows = [
            (state("eip-1".into()), "ready", "ready", 0),
            (state("eip-1".into()), "degraded", "degraded", 0),
            (state(Value::Null), "ready", "incomplete", 1),
        ];
        for (state, observed, status, pending) in rows {
            let found = outputs(&state, observed);
            assert_eq!(found.get("status").as_str(), Some(status));
            assert_eq!(found.get("pending").as_list().map(<[Value]>::len), Some(pending));
            assert!(!found.as_map().is_some_and(|map| map.contains_key("network")));
        }
    }
}
