//! Clients per service and region, made once, and the account behind the credentials.

use std::{
    collections::{BTreeMap, HashMap},
    env,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_config::{
    BehaviorVersion, ConfigLoader, Region, SdkConfig, identity::IdentityCache, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ec2::types::RouteTable;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::origin::Origin;
use stellar_engine::{Error, ErrorClass};
use tokio::sync::OnceCell;

use crate::{
    Settings,
    call::{self, call},
    classify::{is_refusal, remedy},
    credentials, fresh, http,
    together::Together,
};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take to begin: no call of ours takes AWS that long, and a connection that a network in between
/// has dropped stays silent for ever.
const ANSWER: Duration = Duration::from_secs(60);

/// Who the credentials belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Twelve digits.
    pub account: String,
    /// The caller's ARN.
    pub arn: String,
    /// `aws`, `aws-cn` or `aws-us-gov`, from the ARN.
    pub partition: String,
}

/// The AWS clients of one provider instance.
#[derive(Debug)]
pub struct Aws {
    config: SdkConfig,
    /// Endpoints of single services.
    endpoints: BTreeMap<String, String>,
    /// Where the credentials come from, for people.
    source: String,
    caller: OnceCell<Caller>,
    clients: Clients,
    /// Built with an option of its own.
    s3: Mutex<HashMap<String, aws_sdk_s3::Client>>,
    /// Three kinds read the same descriptions.
    pub(crate) route_tables: Together<Result<Arc<Vec<RouteTable>>, Error>>,
}

macro_rules! clients {
    ($($service:ident: $crate_name:ident),* $(,)?) => {
        /// The services whose endpoints can be set one by one, by the names that the settings use.
        pub const SERVICES: &[&str] = &["s3", $(stringify!($service)),*];

        /// One client per region, for each service.
        #[derive(Debug, Default)]
        struct Clients {
            $($service: Mutex<HashMap<String, $crate_name::Client>>,)*
        }

        impl Aws {
            $(
                /// The service's client for the region.
                pub fn $service(&self, region: &str) -> $crate_name::Client {
                    // A poisoned lock only says that another task panicked while inserting; the map is still whole.
                    let mut clients = self.clients.$service.lock().unwrap_or_else(|e| e.into_inner());
                    let make = || $crate_name::Client::new(&self.config_of(stringify!($service), region));
                    clients.entry(region.to_owned()).or_insert_with(make).clone()
                }
            )*
        }
    };
}

clients! {
    cloudfront: aws_sdk_cloudfront,
    ec2: aws_sdk_ec2,
    eks: aws_sdk_eks,
    elasticache: aws_sdk_elasticache,
    elbv2: aws_sdk_elasticloadbalancingv2,
    iam: aws_sdk_iam,
    kms: aws_sdk_kms,
    logs: aws_sdk_cloudwatchlogs,
    pricing: aws_sdk_pricing,
    rds: aws_sdk_rds,
    secretsmanager: aws_sdk_secretsmanager,
    servicequotas: aws_sdk_servicequotas,
    sts: aws_sdk_sts,
}

/// What the settings, the environment and the shared files say, to be read now.
pub(crate) fn loader(settings: &Settings, client: &SharedHttpClient) -> ConfigLoader {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        // Of what fetches credentials; of our own calls, `call` is the one retry layer and the engine the one that waits.
        .retry_config(credentials::retries())
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(ANSWER).build())
        .http_client(client.clone());
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    loader = credentials::shared_files(loader, settings, client);
    if let Some(url) = &settings.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let Some(fips) = settings.fips {
        loader = loader.use_fips(fips);
    }
    if let Some(dual_stack) = settings.dual_stack {
        loader = loader.use_dual_stack(dual_stack);
    }
    loader
}

impl Aws {
    /// Without any configuration: for what kinds state about themselves, which needs no call.
    pub fn offline() -> Arc<Self> {
        let config = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
        Arc::new(Self::with(config, BTreeMap::new()))
    }

    /// Reads the environment, the shared files and the settings; makes no call.
    ///
    /// # Errors
    /// [`ErrorClass::Permanent`] for a proxy or a certificate file that cannot be used.
    pub async fn load(settings: &Settings) -> Result<Self, Error> {
        let client = http::client(settings)?;
        call::set_retries(settings.max_retries);
        let config = loader(settings, &client).load().await;
        // Whoever holds credentials for a while is `fresh`, which also sees that files have changed.
        let config =
            config.to_builder().identity_cache(IdentityCache::no_cache()).retry_config(RetryConfig::disabled());
        let config = config.credentials_provider(fresh::base(settings.clone(), client)).build();
        let loaded = Self::with(config, settings.endpoints.clone());
        // Roles are taken on at the endpoint of STS, if it has one of its own.
        let config = credentials::assumed(loaded.config_at("sts", loaded.config.clone()), settings).await;
        let provider = config.credentials_provider();
        let mut whole = loaded.config.to_builder();
        whole.set_credentials_provider(provider);
        Ok(Self {
            source: credentials::source(settings, &|name| env::var(name).ok()),
            ..Self::with(whole.build(), loaded.endpoints)
        })
    }

    fn with(config: SdkConfig, endpoints: BTreeMap<String, String>) -> Self {
        Self {
            config,
            endpoints,
            source: String::new(),
            caller: OnceCell::new(),
            clients: Clients::default(),
            s3: Mutex::default(),
            route_tables: Together::default(),
        }
    }

    /// The default region of the configuration, if there is one.
    pub fn default_region(&self) -> Option<&str> {
        self.config.region().map(Region::as_ref)
    }

    /// The endpoint of a service, if it is not AWS's own.
    pub fn endpoint_of(&self, service: &str) -> Option<&str> {
        self.endpoints.get(service).map(String::as_str).or(self.config.endpoint_url())
    }

    /// Where the credentials of all clients come from.
    pub(crate) fn credentials_provider(&self) -> Option<SharedCredentialsProvider> {
        self.config.credentials_provider()
    }

    /// The S3 client for the region; path-style where one endpoint serves everything.
    pub fn s3(&self, region: &str) -> aws_sdk_s3::Client {
        let mut clients = self.s3.lock().unwrap_or_else(|e| e.into_inner());
        let make = || {
            let config = self.config_of("s3", region);
            // Buckets have no host names of their own there.
            let path_style = config.endpoint_url().is_some();
            let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(path_style);
            aws_sdk_s3::Client::from_conf(config.build())
        };
        clients.entry(region.to_owned()).or_insert_with(make).clone()
    }

    /// The account behind the credentials, asked once.
    ///
    /// # Errors
    /// [`stellar_engine::ErrorClass::Denied`] without valid credentials, `Unreachable` without a connection.
    pub async fn caller(&self, region: &str) -> Result<&Caller, Error> {
        self.caller
            .get_or_try_init(|| async {
                let sts = self.sts(region);
                let answer = call("sts:GetCallerIdentity", || sts.get_caller_identity().send()).await;
                let identity = answer.map_err(|error| self.located(error))?;
                let arn = identity.arn().unwrap_or_default().to_owned();
                let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
                Ok(Caller { account: identity.account().unwrap_or_default().to_owned(), arn, partition })
            })
            .await
    }

    /// With the source of credentials that are none or that AWS does not take, or the endpoint that was not reached if it is
    /// not AWS's own: a wrong one is the usual cause.
    fn located(&self, error: Error) -> Error {
        match self.endpoint_of("sts") {
            Some(url) if error.class == ErrorClass::Unreachable => {
                Error { message: format!("{} at {url}", error.message.trim_end_matches('.')), ..error }
            }
            _ if error.class == ErrorClass::Denied && !self.source.is_empty() => match error.code.as_deref() {
                None => Error { message: format!("{} ({})", error.message, self.source), ..error },
                Some(code) if is_refusal(code) => {
                    let said = error.message.trim_end_matches('.');
                    let message = format!("{said}. The credentials come from {}. {}", self.source, remedy(code));
                    Error { message, ..error }
                }
                Some(_) => error,
            },
            _ => error,
        }
    }

    fn config_of(&self, service: &str, region: &str) -> SdkConfig {
        self.config_at(service, self.config.to_builder().region(Region::new(region.to_owned())).build())
    }

    /// The configuration with the service's own endpoint, which goes before the one for all services.
    fn config_at(&self, service: &str, config: SdkConfig) -> SdkConfig {
        match self.endpoints.get(service) {
            None => config,
            Some(url) => {
                let mut builder = config.to_builder().endpoint_url(url);
                // Otherwise AWS_ENDPOINT_URL would win over it.
                builder.insert_origin("endpoint_url", Origin::shared_config());
                builder.build()
            }
        }
    }
}

#[cfg(test)]
impl Aws {
    /// Against a server of a test.
    #[cfg(test)]
    pub(crate) fn at(url: &str) -> Arc<Self> {
        let credentials = aws_credential_types::Credentials::new("id", "secret", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            // Who assumes a role asks for it.
            .time_source(aws_types::sdk_config::SharedTimeSource::default())
            .endpoint_url(url);
        Arc::new(Self::with(config.build(), BTreeMap::new()))
    }

    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::serve;

    #[tokio::test]
    async fn credentials_that_aws_does_not_take_are_told_with_their_source() {
        let answer = |code: &str| {
            format!(
                "403 Forbidden\r\nContent-Type: text/xml\r\n\r\n<ErrorResponse><Error><Code>{code}</Code>\
                 <Message>No.</Message></Error></ErrorResponse>"
            )
        };
        let rows = [
            (
                "InvalidClientTokenId",
                "No. The credentials come from the profile \"a\". AWS does not know the access key",
            ),
            ("SignatureDoesNotMatch", "No. The credentials come from the profile \"a\". The secret key"),
            ("ExpiredToken", "No. The credentials come from the profile \"a\". They have expired"),
            ("AccessDenied", "No."),
        ];
        for (code, expected) in rows {
            let (url, _) = serve(vec![answer(code)]).await;
            let mut aws = Arc::into_inner(Aws::at(&url)).unwrap();
            aws.source = "the profile \"a\"".to_owned();
            let error = aws.caller("eu-west-1").await.unwrap_err();
            assert_eq!((error.class, error.code.as_deref()), (ErrorClass::Denied, Some(code)));
            assert!(error.message.starts_with(expected), "{error}");
        }
    }
}
