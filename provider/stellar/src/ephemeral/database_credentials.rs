//! `stellar_database_credentials`: the login of a stack's database.

use std::sync::Arc;

use stellar_engine::Error;
use tfplugin_sdk::{Attr, EphemeralResource, Model, OpenRequest, OpenResponse, Path, Schema, async_trait};

use super::refused;
use crate::session::Session;

/// The ephemeral resource `stellar_database_credentials`.
pub struct DatabaseCredentials {
    session: Arc<Session>,
}

/// The master user of a stack's database and its password, read from Secrets Manager for this run and stored nowhere.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Credentials {
    /// ARN of the secret: `stellar_cluster.this.rds.secret_arn`.
    #[attr(required)]
    secret_arn: Attr<String>,
    /// Name of the master user.
    #[attr(computed)]
    username: Attr<String>,
    /// Its password.
    #[attr(computed, sensitive)]
    password: Attr<String>,
}

impl DatabaseCredentials {
    /// On the provider instance's session.
    pub fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    async fn credentials(&self, config: Credentials) -> Result<Credentials, Error> {
        let arn = config.secret_arn.known().map_or("", String::as_str);
        let region: Attr<String> = arn.split(':').nth(3).filter(|region| !region.is_empty()).map(str::to_owned).into();
        let (aws, region) = self.session.place(&region).await?;
        self.session.caller(&aws, &region).await?;
        let login = aws.login(arn).await?;
        Ok(Credentials { username: login.username.into(), password: login.password.into(), ..config })
    }
}

#[async_trait]
impl EphemeralResource for DatabaseCredentials {
    fn type_name(&self) -> &str {
        "stellar_database_credentials"
    }

    fn schema(&self) -> Schema {
        Schema::of::<Credentials>()
    }

    async fn open(&self, request: OpenRequest) -> OpenResponse {
        let config = match Credentials::decode(&request.config, &Path::root()) {
            Ok(config) => config,
            Err(error) => return OpenResponse { diagnostics: error.into(), ..OpenResponse::default() },
        };
        match self.credentials(config).await {
            Ok(found) => OpenResponse { result: Some(found.encode()), ..OpenResponse::default() },
            Err(error) => refused("secret_arn", "The database's credentials cannot be read", &error),
        }
    }
}
