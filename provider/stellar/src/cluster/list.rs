//! The list resource `stellar_cluster` (`terraform query`, Terraform 1.14): every stack of a region, ready to be imported.

use std::sync::Arc;

use stellar_aws::claim::Listed;
use stellar_engine::Error;
use tfplugin_sdk::{
    Attr, Capabilities, Diagnostics, Found, ListRequest, ListResource, Model, Path, ReadRequest, Schema, Sink,
    ValidateRequest, async_trait,
};

use super::{
    import::{self, Wanted},
    read,
    resource::{ClusterResource, Region, fail, identity},
    validate::validate_region,
};
use crate::session::Session;

/// The list resource `stellar_cluster`.
#[derive(Debug)]
pub struct ClusterList {
    cluster: ClusterResource,
}

/// The stacks of a region, whoever made them and in whatever phase they are.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Query {
    /// The region. Default: the provider's.
    region: Attr<String>,
}

impl ClusterList {
    /// On the provider instance's session.
    pub fn new(session: Arc<Session>) -> Self {
        Self { cluster: ClusterResource::new(session) }
    }

    async fn run(&self, query: &Query, request: &ListRequest, sink: &mut Sink) -> Result<(), Error> {
        let region = self.cluster.region(&query.region).await?;
        for listed in region.claims.list().await? {
            let found = self.found(&region, &listed, request).await;
            if request.cancel.is_cancelled() || sink.send(found).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// A stack's identity, and on request its state as an import followed by a refresh gives it.
    async fn found(&self, region: &Region, listed: &Listed, request: &ListRequest) -> Found {
        let identity = identity(&region.caller.account, &region.name, &listed.name);
        let display_name = format!("{} ({})", listed.name, listed.claim.phase());
        let mut found = Found { identity, display_name, ..Found::default() };
        if !request.include_resource {
            return found;
        }
        let wanted = Wanted { account: None, region: region.name.clone().into(), name: listed.name.clone() };
        let (imported, _) = match import::find(&self.cluster, &wanted).await {
            Ok(imported) => imported,
            Err(error) => {
                fail(&mut found.diagnostics, "The stack was not read", &error);
                return found;
            }
        };
        let read = read::read(
            &self.cluster,
            ReadRequest {
                state: imported.state.clone().unwrap_or_default(),
                private: imported.private,
                identity: imported.identity,
                capabilities: Capabilities::default(),
                cancel: request.cancel.clone(),
            },
        );
        let read = read.await;
        found.state = read.state.or(imported.state);
        found.diagnostics = read.diagnostics;
        found
    }
}

#[async_trait]
impl ListResource for ClusterList {
    fn type_name(&self) -> &str {
        "stellar_cluster"
    }

    fn schema(&self) -> Schema {
        Schema::of::<Query>()
    }

    async fn validate(&self, request: ValidateRequest) -> Diagnostics {
        let mut d = Diagnostics::new();
        match Query::decode(&request.config, &Path::root()) {
            Ok(query) => validate_region(&query.region, &Path::root(), &mut d),
            Err(error) => return error.into(),
        }
        d
    }

    async fn list(&self, request: ListRequest, mut sink: Sink) -> Diagnostics {
        let mut d = Diagnostics::new();
        match Query::decode(&request.config, &Path::root()) {
            Ok(query) => {
                if let Err(error) = self.run(&query, &request, &mut sink).await {
                    fail(&mut d, "The stacks were not listed", &error);
                }
            }
            Err(error) => return error.into(),
        }
        d
    }
}
