//! How to reach AWS, as the provider's configuration says. What is not said comes from the usual environment
//! variables and shared files.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

/// Everything that leads to AWS: credentials, endpoints, the network in between.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The default region; else `AWS_REGION` or the profile's.
    pub region: Option<String>,
    /// A named profile; it goes before credentials in the environment, as it is named on purpose.
    pub profile: Option<String>,
    /// Shared configuration files instead of `~/.aws/config`; empty = the default.
    pub config_files: Vec<PathBuf>,
    /// Shared credentials files instead of `~/.aws/credentials`; empty = the default.
    pub credentials_files: Vec<PathBuf>,
    /// Exchanges an OpenID Connect token for credentials.
    pub web_identity: Option<WebIdentity>,
    /// A role to take on with whatever credentials were found.
    pub assume_role: Option<AssumeRole>,
    /// An endpoint that serves every service (the lab, or a proxy).
    pub endpoint_url: Option<String>,
    /// Endpoints of single services, by the names in [`crate::SERVICES`].
    pub endpoints: BTreeMap<String, String>,
    /// How often a throttled or failed request is repeated; else often enough for about 40 s.
    pub max_retries: Option<u32>,
    /// A proxy; else what `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say.
    pub proxy: Option<Proxy>,
    /// A PEM file with certificates to trust beside the system's; else `AWS_CA_BUNDLE`.
    pub ca_bundle: Option<PathBuf>,
    /// Endpoints whose cryptography is validated by FIPS 140; else `AWS_USE_FIPS_ENDPOINT`.
    pub fips: Option<bool>,
    /// Endpoints that answer over IPv6 too; else `AWS_USE_DUALSTACK_ENDPOINT`.
    pub dual_stack: Option<bool>,
}

/// `sts:AssumeRole`.
#[derive(Clone, Debug, Default)]
pub struct AssumeRole {
    /// ARN of the role.
    pub role_arn: String,
    /// What the role's trust policy asks for.
    pub external_id: Option<String>,
    /// Name of the session, in CloudTrail and in the caller's ARN.
    pub session_name: Option<String>,
    /// How long credentials last before they are renewed; STS's default is one hour.
    pub duration: Option<Duration>,
    /// Session tags.
    pub tags: BTreeMap<String, String>,
    /// A session policy (JSON) that narrows the role's rights.
    pub policy: Option<String>,
    /// Managed policies that narrow the role's rights.
    pub policy_arns: Vec<String>,
}

/// `sts:AssumeRoleWithWebIdentity`.
#[derive(Clone, Debug, Default)]
pub struct WebIdentity {
    /// ARN of the role; else `AWS_ROLE_ARN`.
    pub role_arn: Option<String>,
    /// Name of the session; else `AWS_ROLE_SESSION_NAME`.
    pub session_name: Option<String>,
    /// File with the token, read anew each time; else `AWS_WEB_IDENTITY_TOKEN_FILE`, else the token itself in
    /// `AWS_WEB_IDENTITY_TOKEN`.
    pub token_file: Option<PathBuf>,
    /// How long credentials last before they are renewed; STS's default is one hour.
    pub duration: Option<Duration>,
    /// A session policy (JSON) that narrows the role's rights.
    pub policy: Option<String>,
    /// Managed policies that narrow the role's rights.
    pub policy_arns: Vec<String>,
}

/// A proxy between here and AWS.
#[derive(Clone, Debug, Default)]
pub struct Proxy {
    /// `http://user:password@host:port`.
    pub url: String,
    /// Hosts that are reached directly, as in `NO_PROXY`.
    pub except: Option<String>,
}
