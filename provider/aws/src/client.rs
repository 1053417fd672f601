//! Clients per service and region, made once, and the account behind the credentials.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use stellar_engine::{Error, ErrorClass};
use tokio::sync::OnceCell;

use crate::call::call;

/// How to reach AWS, as the provider's configuration says.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The default region; else `AWS_REGION` or the profile's.
    pub region: Option<String>,
    /// A named profile of the shared configuration files.
    pub profile: Option<String>,
    /// An endpoint that serves every service (the lab, or a proxy).
    pub endpoint_url: Option<String>,
}

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
    path_style: bool,
    caller: OnceCell<Caller>,
    clients: Clients,
}

macro_rules! clients {
    ($($service:ident: $crate_name:ident),* $(,)?) => {
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
                    let make = || $crate_name::Client::new(&self.config_in(region));
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
    iam: aws_sdk_iam,
    kms: aws_sdk_kms,
    logs: aws_sdk_cloudwatchlogs,
    rds: aws_sdk_rds,
    secretsmanager: aws_sdk_secretsmanager,
    sts: aws_sdk_sts,
}

impl Aws {
    /// Without any configuration: for what kinds state about themselves, which needs no call.
    pub fn offline() -> Arc<Self> {
        let config = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
        Arc::new(Self { config, path_style: false, caller: OnceCell::new(), clients: Clients::default() })
    }

    /// Reads the environment, the shared files and the settings; makes no call.
    pub async fn load(settings: &Settings) -> Self {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            // `call` is the one retry layer, the engine the one that waits.
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().connect_timeout(std::time::Duration::from_secs(3)).build());
        if let Some(region) = &settings.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &settings.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = loader.load().await;
        let path_style = config.endpoint_url().is_some();
        Self { config, path_style, caller: OnceCell::new(), clients: Clients::default() }
    }

    /// The default region of the configuration, if there is one.
    pub fn default_region(&self) -> Option<&str> {
        self.config.region().map(Region::as_ref)
    }

    /// The S3 client for the region; path-style where one endpoint serves everything.
    pub fn s3(&self, region: &str) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config_in(region)).force_path_style(self.path_style);
        aws_sdk_s3::Client::from_conf(config.build())
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

    /// With the endpoint that was not reached, if it is not AWS's own: a wrong one is the usual cause.
    fn located(&self, error: Error) -> Error {
        match self.config.endpoint_url() {
            Some(url) if error.class == ErrorClass::Unreachable => {
                Error { message: format!("{} at {url}", error.message.trim_end_matches('.')), ..error }
            }
            _ => error,
        }
    }

    fn config_in(&self, region: &str) -> SdkConfig {
        self.config.to_builder().region(Region::new(region.to_owned())).build()
    }
}
