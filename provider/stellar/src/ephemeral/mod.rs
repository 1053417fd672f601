//! Ephemeral resources: what only lives for one run and is never stored (Terraform 1.10, OpenTofu 1.11).

mod cluster_auth;
mod database_credentials;

use std::sync::Arc;

use tfplugin_sdk::{Diagnostics, EphemeralResource, OpenResponse, Path};

use crate::{session::Session, trouble};

/// All of them.
pub fn all(session: &Arc<Session>) -> Vec<Arc<dyn EphemeralResource>> {
    vec![
        Arc::new(cluster_auth::ClusterAuth::new(session.clone())),
        Arc::new(database_credentials::DatabaseCredentials::new(session.clone())),
    ]
}

/// An answer that says why there is nothing, at an attribute.
fn refused(attribute: &str, summary: &str, error: &stellar_engine::Error) -> OpenResponse {
    let mut diagnostics = Diagnostics::new();
    let (summary, detail) = trouble::explain(summary, error);
    diagnostics.attribute_error(Path::root().attr(attribute), summary, detail);
    OpenResponse { diagnostics, ..OpenResponse::default() }
}
