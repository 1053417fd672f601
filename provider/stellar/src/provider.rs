//! The provider itself: its configuration and what it offers.

use std::sync::Arc;

use async_trait::async_trait;
use stellar_aws::Settings;
use tfplugin_sdk::{Attr, ConfigureRequest, Diagnostics, Model, Path, Provider, Resource, Schema, Value};

use crate::{cluster::ClusterResource, session::Session};

/// The provider `stellar`.
#[derive(Debug, Default)]
pub struct Stellar {
    session: Arc<Session>,
}

/// The `provider "stellar"` block. Everything else comes from the usual AWS environment variables
/// and shared files.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Configuration {
    /// The region of resources that do not name one. Default: `AWS_REGION`, `AWS_DEFAULT_REGION`, or the profile's.
    pub region: Attr<String>,
    /// A profile of the shared AWS configuration files. Default: `AWS_PROFILE`.
    pub profile: Attr<String>,
    /// One endpoint for all services, for a simulator or a proxy. Default: `AWS_ENDPOINT_URL`.
    pub endpoint_url: Attr<String>,
}

#[async_trait]
impl Provider for Stellar {
    fn type_name(&self) -> &str {
        "stellar"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn schema(&self) -> Schema {
        Schema {
            version: 0,
            description: "Runs an application platform on AWS: a whole platform is one resource.".to_owned(),
            attributes: Configuration::attributes(),
        }
    }

    async fn configure(&self, request: ConfigureRequest) -> Diagnostics {
        match Configuration::decode(&request.config, &Path::root()) {
            Ok(configuration) => {
                self.session.configure(settings(&configuration, &request.config));
                Diagnostics::new()
            }
            Err(error) => error.into(),
        }
    }

    fn quiet_crates(&self) -> Vec<&'static str> {
        // Their debug output holds whole requests and answers, secrets included.
        vec!["aws_config", "aws_runtime", "aws_sdk", "aws_sigv4", "aws_smithy", "h2", "hyper", "hyper_util", "rustls"]
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        vec![Arc::new(ClusterResource::new(self.session.clone()))]
    }
}

fn settings(configuration: &Configuration, config: &Value) -> Option<Settings> {
    config.is_wholly_known().then(|| Settings {
        region: configuration.region.known().cloned(),
        profile: configuration.profile.known().cloned(),
        endpoint_url: configuration.endpoint_url.known().cloned(),
    })
}
