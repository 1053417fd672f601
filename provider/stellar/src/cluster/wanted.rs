//! What a stack's claim says that there should be: for whoever looks on from another machine.

use std::sync::Arc;

use stellar_aws::claim::{Claim, Claims};
use stellar_engine::{Error, Graph, Kinds};
use tfplugin_sdk::Attr;

use super::{memory::Memory, private::Private, resource::ClusterResource};
use crate::session::Session;

/// Looks at stacks of one region.
pub struct Onlooker {
    region: super::resource::Region,
}

impl Onlooker {
    /// In the region.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn new(session: Arc<Session>, region: &str) -> Result<Self, Error> {
        let region = ClusterResource::new(session).region(&Attr::from(region)).await?;
        Ok(Self { region })
    }

    /// The region's claims.
    pub fn claims(&self) -> &Claims {
        &self.region.claims
    }

    /// The region's name.
    pub fn region(&self) -> &str {
        &self.region.name
    }

    /// The kinds, for what they state about themselves.
    pub fn kinds(&self) -> &Kinds {
        &self.region.kinds
    }

    /// The components that the last operation wanted, or had still to remove. Empty for a record that this version does not
    /// understand.
    ///
    /// # Errors
    /// Those of the calls.
    pub async fn graph(&self, name: &str, claim: &Claim) -> Result<Graph, Error> {
        let memory = Memory::recall(&self.region, name, Some(claim), &Private::default()).await?;
        Ok(memory.begun(name, &claim.id, &self.region).unwrap_or_default())
    }
}
