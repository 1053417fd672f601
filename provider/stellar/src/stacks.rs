//! The data source `stellar_stacks`: every stack of a region, for people and programs that have no state of it.

use std::{collections::BTreeMap, sync::Arc};

use stellar_aws::claim::{Claims, Listed};
use stellar_engine::Error;
use tfplugin_sdk::{
    Attr, DataSource, Diagnostics, Model, Path, ReadDataRequest, ReadDataResponse, Schema, ValidateRequest, async_trait,
};

use crate::{cluster::validate::validate_region, session::Session, trouble};

/// The data source `stellar_stacks`.
#[derive(Debug)]
pub struct Stacks {
    session: Arc<Session>,
}

/// Every stack of a region, whoever made it, from what the account holds: also those of which no state is left. What a
/// stack consists of says `stellar_cluster`.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Query {
    /// The region. Default: the provider's.
    region: Attr<String>,
    /// The stacks, by name.
    #[attr(computed)]
    stacks: Attr<BTreeMap<String, Stack>>,
}

/// A stack as its claim shows it.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Stack {
    /// `account/region/name`, by which it is imported.
    #[attr(computed)]
    id: Attr<String>,
    /// Id of the claim, in the tags of all its objects.
    #[attr(computed)]
    claim: Attr<String>,
    /// Where it is in its life: `creating`, `created`, `ready`, `updating` or `deleting`.
    #[attr(computed)]
    phase: Attr<String>,
    /// When its creation began, as `2026-11-21T04:00:00Z`.
    #[attr(computed)]
    created_at: Attr<String>,
    /// True while an operation works on it, or when one died while it did.
    #[attr(computed)]
    busy: Attr<bool>,
}

impl Stacks {
    /// On the provider instance's session.
    pub fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    async fn look(&self, query: Query) -> Result<Query, Error> {
        let (aws, region) = self.session.place(&query.region).await?;
        let caller = self.session.caller(&aws, &region).await?;
        let listed = Claims::new(aws, &region).list().await?;
        let place = format!("{}/{region}", caller.account);
        let stacks = listed.iter().map(|one| (one.name.clone(), stack(one, &place))).collect();
        Ok(Query { stacks: Attr::Known(stacks), ..query })
    }
}

#[async_trait]
impl DataSource for Stacks {
    fn type_name(&self) -> &str {
        "stellar_stacks"
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

    async fn read(&self, request: ReadDataRequest) -> ReadDataResponse {
        let mut diagnostics = Diagnostics::new();
        let query = match Query::decode(&request.config, &Path::root()) {
            Ok(query) => query,
            Err(error) => return ReadDataResponse { diagnostics: error.into(), ..ReadDataResponse::default() },
        };
        // Not every CLI validates data sources before it reads them.
        validate_region(&query.region, &Path::root(), &mut diagnostics);
        if diagnostics.has_errors() {
            return ReadDataResponse { diagnostics, ..ReadDataResponse::default() };
        }
        match self.look(query).await {
            Ok(found) => ReadDataResponse { state: Some(found.encode()), diagnostics, deferred: None },
            Err(error) => {
                let (summary, detail) = trouble::explain("The stacks were not listed", &error);
                diagnostics.error(summary, detail);
                ReadDataResponse { diagnostics, ..ReadDataResponse::default() }
            }
        }
    }
}

fn stack(listed: &Listed, place: &str) -> Stack {
    Stack {
        id: format!("{place}/{}", listed.name).into(),
        claim: listed.claim.id.clone().into(),
        phase: listed.claim.phase().to_string().into(),
        created_at: humantime::format_rfc3339_seconds(listed.created).to_string().into(),
        busy: listed.claim.held().is_some().into(),
    }
}
