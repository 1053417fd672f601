//! Where credentials come from: a named profile, a web identity, or the SDK's default chain; then a role on top.
//!
//! The default chain is the usual one: environment, web identity of the environment (`AWS_ROLE_ARN` and
//! `AWS_WEB_IDENTITY_TOKEN_FILE`, as Terraform Cloud's dynamic credentials set them), shared files with SSO and
//! `credential_process`, container, instance.

use std::{env, fmt, fs, path::PathBuf, time::Duration};

use aws_config::{
    ConfigLoader, Region, SdkConfig, profile::ProfileFileCredentialsProvider, provider_config::ProviderConfig,
    retry::RetryConfig, sts::AssumeRoleProvider,
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

/// Attempts to get credentials, and the longest wait before the second one, which doubles with each.
const ATTEMPTS: u32 = 7;
const FIRST_DELAY: Duration = Duration::from_millis(100);

/// Sets the profile and the shared files. A profile that was named on purpose goes before credentials in the
/// environment, as in AWS's other tools.
pub(crate) fn shared_files(mut loader: ConfigLoader, settings: &Settings, http: &SharedHttpClient) -> ConfigLoader {
    let files = profile_files(settings);
    if let Some(files) = &files {
        loader = loader.profile_files(files.clone());
    }
    let Some(profile) = &settings.profile else { return loader };
    let config = ProviderConfig::without_region().with_region(Some(region(settings.region.as_deref())));
    let config = config.with_http_client(http.clone()).with_retry_config(retries());
    let mut credentials = ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&config);
    if let Some(files) = files {
        credentials = credentials.profile_files(files);
    }
    loader.profile_name(profile).credentials_provider(credentials.build())
}

/// The configuration with the credentials that the settings ask for on top of those it has.
pub(crate) async fn assumed(mut config: SdkConfig, settings: &Settings) -> SdkConfig {
    if let Some(identity) = &settings.web_identity {
        let exchange = Exchange { sts: aws_sdk_sts::Client::new(&for_sts(&config)), identity: identity.clone() };
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

/// How requests for credentials are repeated: those to STS, the instance or the single sign-on happen inside another
/// request, where `call` does not reach them. About six seconds in all.
pub(crate) fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_DELAY)
}

/// The configuration for STS.
fn for_sts(config: &SdkConfig) -> SdkConfig {
    let region = region(config.region().map(Region::as_ref));
    config.to_builder().region(region).retry_config(retries()).build()
}

/// Where the credentials come from, in the order of the default chain, for people.
pub(crate) fn source(settings: &Settings, env: &dyn Fn(&str) -> Option<String>) -> String {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let base = if settings.web_identity.is_some() {
        "the token of assume_role_with_web_identity".to_owned()
    } else if let Some(profile) = &settings.profile {
        format!("the profile {profile:?}")
    } else if set("AWS_ACCESS_KEY_ID").is_some() {
        "the environment (AWS_ACCESS_KEY_ID)".to_owned()
    } else if let Some(profile) = set("AWS_PROFILE") {
        format!("the profile {profile:?} (AWS_PROFILE)")
    } else if set("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() {
        "the default profile or the token of AWS_WEB_IDENTITY_TOKEN_FILE".to_owned()
    } else if set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").or(set("AWS_CONTAINER_CREDENTIALS_FULL_URI")).is_some() {
        "the default profile or the container's role".to_owned()
    } else {
        "the default profile or the instance's role: the environment has none".to_owned()
    };
    match &settings.assume_role {
        Some(role) => format!("the role {}, assumed with {base}", role.role_arn),
        None => base,
    }
}

async fn assume(config: &SdkConfig, role: &AssumeRole) -> AssumeRoleProvider {
    let mut builder = AssumeRoleProvider::builder(&role.role_arn)
        .configure(&for_sts(config))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Aws, tests::serve};

    #[tokio::test]
    async fn roles_are_assumed_also_when_sts_is_busy_or_fails() {
        let refused = |status: &str, code: &str| {
            let body = format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
            format!("{status}\r\nContent-Type: text/xml\r\n\r\n{body}")
        };
        let keys = "<Credentials><AccessKeyId>new</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                    <SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>";
        let made = |operation: &str| {
            let body =
                format!("<{operation}Response><{operation}Result>{keys}</{operation}Result></{operation}Response>");
            format!("200 OK\r\nContent-Type: text/xml\r\n\r\n{body}")
        };
        let role = "arn:aws:iam::123456789012:role/deploy".to_owned();
        let assume = AssumeRole { role_arn: role.clone(), ..AssumeRole::default() };
        let file = std::env::temp_dir().join(format!("stellar-token-{}", std::process::id()));
        fs::write(&file, "token").expect("a temporary file");
        let identity = WebIdentity { role_arn: Some(role), token_file: Some(file.clone()), ..WebIdentity::default() };
        let rows = [
            ("AssumeRole", Settings { assume_role: Some(assume), ..Settings::default() }),
            ("AssumeRoleWithWebIdentity", Settings { web_identity: Some(identity), ..Settings::default() }),
        ];
        for (operation, settings) in rows {
            let first = [refused("400 Bad Request", "Throttling"), refused("503 Unavailable", "ServiceUnavailable")];
            let (url, asked) = serve(first.into_iter().chain([made(operation)]).collect()).await;
            let config = assumed(Aws::at(&url).config().clone(), &settings).await;
            let found = config.credentials_provider().expect("a provider").provide_credentials().await;
            assert_eq!(found.expect(operation).access_key_id(), "new", "{operation}");
            assert_eq!(asked.lock().unwrap().len(), 3, "{operation}");
        }
        fs::remove_file(&file).expect("a temporary file");
    }

    #[test]
    fn people_are_told_where_credentials_come_from() {
        let profile = Settings { profile: Some("a".to_owned()), ..Settings::default() };
        let role = AssumeRole { role_arn: "arn".to_owned(), ..AssumeRole::default() };
        let assumed = Settings { assume_role: Some(role), ..profile.clone() };
        let rows: [(Settings, &[&str], &str); 6] = [
            (profile, &["AWS_ACCESS_KEY_ID"], "the profile \"a\""),
            (assumed, &[], "the role arn, assumed with the profile \"a\""),
            (Settings::default(), &["AWS_ACCESS_KEY_ID", "AWS_PROFILE"], "the environment (AWS_ACCESS_KEY_ID)"),
            (Settings::default(), &["AWS_PROFILE"], "the profile \"set\" (AWS_PROFILE)"),
            (
                Settings::default(),
                &["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
                "the default profile or the container's role",
            ),
            (Settings::default(), &[], "the default profile or the instance's role: the environment has none"),
        ];
        for (settings, variables, expected) in rows {
            let env = |name: &str| variables.contains(&name).then(|| "set".to_owned());
            assert_eq!(source(&settings, &env), expected);
        }
    }
}
