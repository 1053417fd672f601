//! Where credentials come from: a named profile, a web identity, or the SDK's default chain; then a role on top.
//!
//! The default chain is the usual one: environment, web identity of the environment (`AWS_ROLE_ARN` and
//! `AWS_WEB_IDENTITY_TOKEN_FILE`, as Terraform Cloud's dynamic credentials set them), shared files with SSO and
//! `credential_process`, container, instance.

use std::{env, fmt, fs, path::PathBuf};

use aws_config::{
    ConfigLoader, Region, SdkConfig, profile::ProfileFileCredentialsProvider, provider_config::ProviderConfig,
    sts::AssumeRoleProvider,
};
use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, error::CredentialsError, future},
};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_sts::types::PolicyDescriptorType;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::{
    fresh,
    settings::{AssumeRole, Settings, WebIdentity},
};

/// The session name when none is given.
const SESSION: &str = "stellar";
/// STS answers in every region; this one is asked when the provider has no region of its own.
const STS_REGION: Region = Region::from_static("us-east-1");

/// Sets the profile and the shared files. A profile that was named on purpose goes before credentials in the
/// environment, as in AWS's other tools.
pub(crate) fn shared_files(mut loader: ConfigLoader, settings: &Settings, http: &SharedHttpClient) -> ConfigLoader {
    let files = profile_files(settings);
    if let Some(files) = &files {
        loader = loader.profile_files(files.clone());
    }
    let Some(profile) = &settings.profile else { return loader };
    let config = ProviderConfig::without_region().with_region(Some(region(settings.region.as_deref())));
    let config = config.with_http_client(http.clone());
    let mut credentials = ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&config);
    if let Some(files) = files {
        credentials = credentials.profile_files(files);
    }
    loader.profile_name(profile).credentials_provider(credentials.build())
}

/// The configuration with the credentials that the settings ask for on top of those it has.
pub(crate) async fn assumed(mut config: SdkConfig, settings: &Settings) -> SdkConfig {
    if let Some(identity) = &settings.web_identity {
        let exchange = Exchange { sts: sts(&config), identity: identity.clone() };
        config = config.to_builder().credentials_provider(fresh::held(exchange)).build();
    }
    if let Some(role) = &settings.assume_role {
        let provider = assume(&config, role).await;
        config = config.to_builder().credentials_provider(fresh::held(provider)).build();
    }
    config
}

fn region(name: Option<&str>) -> Region {
    name.map_or(STS_REGION, |name| Region::new(name.to_owned()))
}

fn profile_files(settings: &Settings) -> Option<EnvConfigFiles> {
    if settings.config_files.is_empty() && settings.credentials_files.is_empty() {
        return None;
    }
    let mut files = EnvConfigFiles::builder()
        .include_default_config_file(settings.config_files.is_empty())
        .include_default_credentials_file(settings.credentials_files.is_empty());
    for file in &settings.config_files {
        files = files.with_file(EnvConfigFileKind::Config, file);
    }
    for file in &settings.credentials_files {
        files = files.with_file(EnvConfigFileKind::Credentials, file);
    }
    Some(files.build())
}

fn sts(config: &SdkConfig) -> aws_sdk_sts::Client {
    let region = region(config.region().map(Region::as_ref));
    aws_sdk_sts::Client::new(&config.to_builder().region(region).build())
}

async fn assume(config: &SdkConfig, role: &AssumeRole) -> AssumeRoleProvider {
    let mut builder = AssumeRoleProvider::builder(&role.role_arn)
        .configure(config)
        .region(region(config.region().map(Region::as_ref)))
        .session_name(role.session_name.as_deref().unwrap_or(SESSION))
        .policy_arns(role.policy_arns.clone())
        .tags(role.tags.clone());
    if let Some(id) = &role.external_id {
        builder = builder.external_id(id);
    }
    if let Some(duration) = role.duration {
        builder = builder.session_length(duration);
    }
    if let Some(policy) = &role.policy {
        builder = builder.policy(policy);
    }
    builder.build().await
}

/// Exchanges an OpenID Connect token for credentials, each time they have expired.
struct Exchange {
    sts: aws_sdk_sts::Client,
    identity: WebIdentity,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("identity", &self.identity).finish_non_exhaustive()
    }
}

impl ProvideCredentials for Exchange {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.exchange())
    }
}

impl Exchange {
    async fn exchange(&self) -> provider::Result {
        let identity = &self.identity;
        let role = identity.role_arn.clone().or_else(|| env::var("AWS_ROLE_ARN").ok());
        let role =
            role.ok_or_else(|| invalid("no role: set assume_role_with_web_identity.role_arn or AWS_ROLE_ARN"))?;
        let session = identity.session_name.clone().or_else(|| env::var("AWS_ROLE_SESSION_NAME").ok());
        let policies = identity.policy_arns.iter().map(|arn| PolicyDescriptorType::builder().arn(arn).build());
        let policies: Vec<_> = policies.collect();
        let request = self
            .sts
            .assume_role_with_web_identity()
            .role_arn(role)
            .role_session_name(session.unwrap_or_else(|| SESSION.to_owned()))
            .web_identity_token(token(identity.token_file.clone())?)
            .set_duration_seconds(identity.duration.and_then(|duration| i32::try_from(duration.as_secs()).ok()))
            .set_policy(identity.policy.clone())
            .set_policy_arns((!policies.is_empty()).then_some(policies));
        let answer = request.send().await.map_err(CredentialsError::provider_error)?;
        let found = answer.credentials().ok_or_else(|| invalid("STS answered without credentials"))?;
        Ok(Credentials::new(
            found.access_key_id(),
            found.secret_access_key(),
            Some(found.session_token().to_owned()),
            (*found.expiration()).try_into().ok(),
            "web identity",
        ))
    }
}

/// The token of the file, else of the environment. A file is read each time, since tokens are renewed in it.
fn token(file: Option<PathBuf>) -> Result<String, CredentialsError> {
    let file = file.or_else(|| env::var_os("AWS_WEB_IDENTITY_TOKEN_FILE").map(PathBuf::from));
    match file {
        Some(file) => fs::read_to_string(&file)
            .map(|text| text.trim().to_owned())
            .map_err(|error| invalid(format!("the web identity token in {} cannot be read: {error}", file.display()))),
        None => env::var("AWS_WEB_IDENTITY_TOKEN").map_err(|_| {
            invalid("no web identity token: set web_identity_token_file, AWS_WEB_IDENTITY_TOKEN_FILE or AWS_WEB_IDENTITY_TOKEN")
        }),
    }
}

fn invalid(message: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CredentialsError {
    CredentialsError::invalid_configuration(message.into())
}
