//! `stellar_cluster_auth`: a fresh token for the Kubernetes API.

use std::sync::Arc;

use stellar_engine::Error;
use tfplugin_sdk::{Attr, EphemeralResource, Model, OpenRequest, OpenResponse, Path, Schema, async_trait};

use super::refused;
use crate::session::Session;

/// The ephemeral resource `stellar_cluster_auth`.
pub struct ClusterAuth {
    session: Arc<Session>,
}

/// What the kubernetes and helm providers need to reach a cluster, with a token that is made for this run, lasts 15
/// minutes and is stored nowhere. The token is the caller's: they need an entry in `kubernetes.access`.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Auth {
    /// Name of the EKS cluster. Write `stellar_cluster.this.eks.name`, so that nothing is asked before the cluster exists.
    #[attr(required)]
    name: Attr<String>,
    /// Its region. Default: the provider's.
    region: Attr<String>,
    /// URL of the API server: `host` of the kubernetes provider.
    #[attr(computed)]
    endpoint: Attr<String>,
    /// Certificate of the API server's authority, base64, as in `stellar_cluster.this.eks`: `base64decode()` of it is the
    /// `cluster_ca_certificate` of the kubernetes provider.
    #[attr(computed)]
    certificate_authority: Attr<String>,
    /// The token.
    #[attr(computed, sensitive)]
    token: Attr<String>,
    /// When the token is no longer taken, as `2026-11-21T04:00:00Z`.
    #[attr(computed)]
    expires_at: Attr<String>,
}

impl ClusterAuth {
    /// On the provider instance's session.
    pub fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    async fn auth(&self, config: Auth) -> Result<Auth, Error> {
        let (aws, region) = self.session.place(&config.region).await?;
        self.session.caller(&aws, &region).await?;
        let cluster = config.name.known().map_or("", String::as_str);
        let access = aws.cluster_access(&region, cluster).await?;
        Ok(Auth {
            endpoint: access.endpoint.into(),
            certificate_authority: access.certificate_authority.into(),
            token: access.token.into(),
            expires_at: access.expires_at.into(),
            ..config
        })
    }
}

#[async_trait]
impl EphemeralResource for ClusterAuth {
    fn type_name(&self) -> &str {
        "stellar_cluster_auth"
    }

    fn schema(&self) -> Schema {
        Schema::of::<Auth>()
    }

    async fn open(&self, request: OpenRequest) -> OpenResponse {
        let config = match Auth::decode(&request.config, &Path::root()) {
            Ok(config) => config,
            Err(error) => return OpenResponse { diagnostics: error.into(), ..OpenResponse::default() },
        };
        match self.auth(config).await {
            Ok(auth) => OpenResponse { result: Some(auth.encode()), ..OpenResponse::default() },
            Err(error) => refused("name", "There is no access to the cluster", &error),
        }
    }
}
