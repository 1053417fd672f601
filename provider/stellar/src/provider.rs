//! The provider itself: its configuration and what it offers.

use std::sync::Arc;

use async_trait::async_trait;
use tfplugin_sdk::{
    ConfigureRequest, DataSource, DecodeError, Diagnostics, EphemeralResource, Function, ListResource, Model, Path,
    Provider, Resource, Schema, Value,
};

use crate::{
    cluster::{ClusterData, ClusterList, ClusterResource, PolicyData},
    configuration::{self, Configuration},
    ephemeral, functions,
    preflight::is_off,
    session::{Session, Setup},
    stacks::Stacks,
};

/// The provider `stellar`.
#[derive(Debug, Default)]
pub struct Stellar {
    session: Arc<Session>,
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
        Schema::of::<Configuration>()
    }

    async fn validate(&self, config: Value) -> Diagnostics {
        decode(&config).map_or_else(Diagnostics::from, |configuration| configuration::validate(&configuration))
    }

    async fn configure(&self, request: ConfigureRequest) -> Diagnostics {
        match decode(&request.config) {
            Ok(configuration) => {
                self.session.configure(setup(&configuration));
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

    fn data_sources(&self) -> Vec<Arc<dyn DataSource>> {
        vec![
            Arc::new(ClusterData::new(self.session.clone())),
            Arc::new(PolicyData::new(self.session.clone())),
            Arc::new(Stacks::new(self.session.clone())),
        ]
    }

    fn list_resources(&self) -> Vec<Arc<dyn ListResource>> {
        vec![Arc::new(ClusterList::new(self.session.clone()))]
    }

    fn ephemeral_resources(&self) -> Vec<Arc<dyn EphemeralResource>> {
        ephemeral::all(&self.session)
    }

    fn functions(&self) -> Vec<Arc<dyn Function>> {
        functions::all()
    }
}

fn decode(config: &Value) -> Result<Configuration, DecodeError> {
    Configuration::decode(config, &Path::root())
}

fn setup(configuration: &Configuration) -> Setup {
    // A list of accounts that is not known yet guards nothing, so the connection waits for it too.
    let guarded = !configuration.allowed_account_ids.is_unknown() && !configuration.forbidden_account_ids.is_unknown();
    Setup {
        settings: configuration.settings().filter(|_| guarded),
        tagging: configuration.tagging(),
        allowed_accounts: configuration.allowed_account_ids.known().cloned(),
        forbidden_accounts: configuration.forbidden_account_ids.known().cloned().unwrap_or_default(),
        skips_preflight: is_off(&configuration.preflight),
        report_dir: configuration.report_dir(),
    }
}
