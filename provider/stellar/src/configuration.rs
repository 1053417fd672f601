//! The `provider "stellar"` block: its attributes, what is checked of them, and what they mean for the AWS clients.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::Duration,
};

use stellar_aws::{SERVICES, Settings};
use tfplugin_sdk::{Attr, Diagnostics, Path, Schema};

use crate::{
    cluster::{check::one_of, validate::check_tags},
    tagging::Tagging,
};

/// Runs an application platform on AWS: a whole platform is one resource.
///
/// Credentials come from where AWS's other tools find them: environment variables, shared files with SSO and
/// `credential_process`, web identities (also Terraform Cloud's dynamic credentials), containers and instances. Access
/// keys are no attributes, because a configuration is no place for secrets: use `profile`, or `AWS_ACCESS_KEY_ID` and
/// `AWS_SECRET_ACCESS_KEY`.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Configuration {
    /// The region of resources that do not name one. Default: `AWS_REGION`, `AWS_DEFAULT_REGION`, or the profile's.
    pub region: Attr<String>,
    /// A profile of the shared AWS configuration files. Named here it goes before credentials in the environment.
    /// Default: `AWS_PROFILE`.
    pub profile: Attr<String>,
    /// Shared configuration files. Default: `AWS_CONFIG_FILE`, else `~/.aws/config`.
    pub shared_config_files: Attr<Vec<String>>,
    /// Shared credentials files. Default: `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`.
    pub shared_credentials_files: Attr<Vec<String>>,
    /// A role to take on, with whatever credentials were found.
    pub assume_role: Attr<AssumeRole>,
    /// A role to take on with an OpenID Connect token.
    pub assume_role_with_web_identity: Attr<WebIdentity>,
    /// Tags of every object, unless a resource sets the same key.
    pub default_tags: Attr<DefaultTags>,
    /// Tags that others manage: they are neither set nor changed nor removed.
    pub ignore_tags: Attr<IgnoreTags>,
    /// The only accounts in which this provider may work. With credentials of another one nothing is called.
    pub allowed_account_ids: Attr<BTreeSet<String>>,
    /// Accounts in which this provider must not work.
    pub forbidden_account_ids: Attr<BTreeSet<String>>,
    /// One endpoint for all services, for a simulator or a proxy. Default: `AWS_ENDPOINT_URL`.
    pub endpoint_url: Attr<String>,
    /// Endpoints of single services, for instance `{ ec2 = "https://vpce-….ec2.us-east-1.vpce.amazonaws.com" }`.
    /// Default: `AWS_ENDPOINT_URL_EC2` and the like.
    pub endpoints: Attr<BTreeMap<String, String>>,
    /// How often a throttled or failed request is repeated. Default: often enough for about 40 seconds.
    pub max_retries: Attr<i64>,
    /// A proxy for all requests, as `http://user:password@host:port`. Default: `HTTPS_PROXY` and `HTTP_PROXY`.
    #[attr(sensitive)]
    pub http_proxy: Attr<String>,
    /// The same for HTTPS, which all of AWS's endpoints speak. Where both are set, they must be equal.
    #[attr(sensitive)]
    pub https_proxy: Attr<String>,
    /// Hosts that are reached without the proxy, as a comma-separated list. Default: `NO_PROXY`.
    pub no_proxy: Attr<String>,
    /// A PEM file with certificates to trust beside those of the system. Default: `AWS_CA_BUNDLE`.
    pub custom_ca_bundle: Attr<String>,
    /// Uses endpoints whose cryptography is validated by FIPS 140, which not every region and service has. Default:
    /// `AWS_USE_FIPS_ENDPOINT`, else false.
    pub use_fips_endpoint: Attr<bool>,
    /// Uses endpoints that answer over IPv6 too, which not every service has. Default: `AWS_USE_DUALSTACK_ENDPOINT`, else
    /// false.
    pub use_dualstack_endpoint: Attr<bool>,
    /// `on` (default) or `off`: whether plans check quotas, offerings and the like beforehand.
    pub preflight: Attr<String>,
    /// A directory in which every apply and destroy leaves a report: one HTML file with a timeline of all components.
    /// Default: `STELLAR_REPORT_DIR`, else none is written.
    pub report_dir: Attr<String>,
}

/// A role to take on.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct AssumeRole {
    /// ARN of the role.
    #[attr(required)]
    pub role_arn: Attr<String>,
    /// What the role's trust policy asks for.
    pub external_id: Attr<String>,
    /// Name of the session, in CloudTrail. Default: `stellar`.
    pub session_name: Attr<String>,
    /// How long credentials last before they are renewed, `15m` to `12h`. Default: one hour.
    pub duration: Attr<String>,
    /// Session tags.
    pub tags: Attr<BTreeMap<String, String>>,
    /// A session policy, as JSON, that narrows the role's rights.
    pub policy: Attr<String>,
    /// ARNs of managed policies that narrow the role's rights.
    pub policy_arns: Attr<Vec<String>>,
}

/// A role to take on with an OpenID Connect token.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct WebIdentity {
    /// ARN of the role. Default: `AWS_ROLE_ARN`.
    pub role_arn: Attr<String>,
    /// Name of the session, in CloudTrail. Default: `AWS_ROLE_SESSION_NAME`, else `stellar`.
    pub session_name: Attr<String>,
    /// File with the token. Default: `AWS_WEB_IDENTITY_TOKEN_FILE`, else the token itself in `AWS_WEB_IDENTITY_TOKEN`.
    pub web_identity_token_file: Attr<String>,
    /// How long credentials last before they are renewed, `15m` to `12h`. Default: one hour.
    pub duration: Attr<String>,
    /// A session policy, as JSON, that narrows the role's rights.
    pub policy: Attr<String>,
    /// ARNs of managed policies that narrow the role's rights.
    pub policy_arns: Attr<Vec<String>>,
}

/// Tags of every object.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct DefaultTags {
    /// The tags. A tag of a resource with the same key goes before it.
    pub tags: Attr<BTreeMap<String, String>>,
}

/// Tags that others manage.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct IgnoreTags {
    /// Their keys.
    pub keys: Attr<BTreeSet<String>>,
    /// Beginnings of their keys.
    pub key_prefixes: Attr<Vec<String>>,
}

/// Checks the block; unknown values are skipped.
pub fn validate(config: &Configuration) -> Diagnostics {
    let mut d = Diagnostics::new();
    let root = Path::root();
    if let Attr::Known(region) = &config.region
        && !is_region(region)
    {
        d.attribute_error(root.attr("region"), "Invalid region", not_a_region(region));
    }
    if let Attr::Known(role) = &config.assume_role {
        let path = root.attr("assume_role");
        check_role(&role.role_arn, &path, &mut d);
        check_duration(&role.duration, &path, &mut d);
    }
    if let Attr::Known(identity) = &config.assume_role_with_web_identity {
        let path = root.attr("assume_role_with_web_identity");
        check_role(&identity.role_arn, &path, &mut d);
        check_duration(&identity.duration, &path, &mut d);
    }
    if let Attr::Known(defaults) = &config.default_tags {
        check_tags(defaults.tags.known(), &root.attr("default_tags").attr("tags"), &mut d);
    }
    one_of(&config.preflight, &["on", "off"], &root.attr("preflight"), &mut d);
    check_ignored(&config.ignore_tags, &root.attr("ignore_tags"), &mut d);
    check_accounts(config, &root, &mut d);
    check_endpoints(config, &root, &mut d);
    if let Attr::Known(retries) = &config.max_retries
        && !(0..=50).contains(retries)
    {
        let detail = format!("max_retries is 0 to 50, not {retries}.");
        d.attribute_error(root.attr("max_retries"), "Number out of range", detail);
    }
    if let (Attr::Known(http), Attr::Known(https)) = (&config.http_proxy, &config.https_proxy)
        && http != https
    {
        let detail =
            "Two different proxies are not yet supported. All of AWS's endpoints speak HTTPS: set https_proxy alone.";
        d.attribute_error(root.attr("http_proxy"), "Two proxies", detail);
    }
    d
}

/// True for a name of a region's form: `us-east-1`, `us-gov-west-1`.
pub fn is_region(text: &str) -> bool {
    let mut parts = text.rsplit('-');
    let number = parts.next().is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()));
    let words: Vec<&str> = parts.collect();
    let is_word = |word: &&str| word.len() >= 2 && word.chars().all(|c| c.is_ascii_lowercase());
    number && (2..=3).contains(&words.len()) && words.iter().all(is_word)
}

/// What is wrong with a region's name, in a sentence.
pub fn not_a_region(text: &str) -> String {
    format!(
        "{text:?} is not the name of a region such as \"us-east-1\"; zones (\"us-east-1a\") and titles are not regions."
    )
}

fn check_role(arn: &Attr<String>, path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(arn) = arn {
        let fields: Vec<&str> = arn.splitn(6, ':').collect();
        if !matches!(fields[..], ["arn", _, "iam", "", account, role] if is_account(account) && role.starts_with("role/"))
        {
            let detail =
                format!("{arn:?} is not the ARN of an IAM role, as \"arn:aws:iam::123456789012:role/deploy\".");
            d.attribute_error(path.attr("role_arn"), "Invalid role", detail);
        }
    }
}

/// Source: STS API reference, AssumeRole: 900 to 43,200 seconds.
fn check_duration(text: &Attr<String>, path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(text) = text {
        let seconds = humantime::parse_duration(text).map(|duration| duration.as_secs());
        if !seconds.is_ok_and(|seconds| (900..=43_200).contains(&seconds)) {
            let detail = format!("{text:?} is not a duration of 15m to 12h, such as \"1h\".");
            d.attribute_error(path.attr("duration"), "Invalid duration", detail);
        }
    }
}

fn check_ignored(ignored: &Attr<IgnoreTags>, path: &Path, d: &mut Diagnostics) {
    let Attr::Known(ignored) = ignored else { return };
    let keys = ignored.keys.known().into_iter().flatten().filter(|key| *key == "Name" || key.starts_with("stellar:"));
    let prefixes = ignored.key_prefixes.known().into_iter().flatten();
    let prefixes = prefixes.filter(|prefix| "Name".starts_with(*prefix) || "stellar:".starts_with(*prefix));
    for (key, attribute) in keys.map(|key| (key, "keys")).chain(prefixes.map(|prefix| (prefix, "key_prefixes"))) {
        let detail =
            format!("{key:?} covers Name or the tags that begin with \"stellar:\", which this provider sets itself.");
        d.attribute_error(path.attr(attribute), "Tag of this provider", detail);
    }
}

fn check_accounts(config: &Configuration, root: &Path, d: &mut Diagnostics) {
    let lists = [
        ("allowed_account_ids", &config.allowed_account_ids),
        ("forbidden_account_ids", &config.forbidden_account_ids),
    ];
    for (attribute, accounts) in lists {
        for account in accounts.known().into_iter().flatten().filter(|account| !is_account(account)) {
            let detail = format!("{account:?} is not an account's id of twelve digits.");
            d.attribute_error(root.attr(attribute), "Invalid account", detail);
        }
    }
    if let (Attr::Known(_), Attr::Known(_)) = (&config.allowed_account_ids, &config.forbidden_account_ids) {
        let detail = "Set allowed_account_ids or forbidden_account_ids, not both: what is not allowed is forbidden.";
        d.attribute_error(root.attr("forbidden_account_ids"), "Two lists of accounts", detail);
    }
}

fn check_endpoints(config: &Configuration, root: &Path, d: &mut Diagnostics) {
    let is_url =
        |url: &str| url.strip_prefix("https://").or(url.strip_prefix("http://")).is_some_and(|host| !host.is_empty());
    if let Some(url) = config.endpoint_url.known().filter(|url| !is_url(url)) {
        let detail = format!("{url:?} is not a URL such as \"https://host:port\".");
        d.attribute_error(root.attr("endpoint_url"), "Invalid endpoint", detail);
    }
    for (service, url) in config.endpoints.known().into_iter().flatten() {
        let path = root.attr("endpoints").key(service);
        if !SERVICES.contains(&service.as_str()) {
            let detail =
                format!("{service:?} is not one of the services that this provider calls: {}.", SERVICES.join(", "));
            d.attribute_error(path, "Unknown service", detail);
        } else if !is_url(url) {
            d.attribute_error(path, "Invalid endpoint", format!("{url:?} is not a URL such as \"https://host:port\"."));
        }
    }
}

/// True for an account's id: twelve digits.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Configuration {
    /// For the AWS clients; `None` while something of it is not known.
    pub fn settings(&self) -> Option<Settings> {
        let role = |role: &AssumeRole| {
            Some(stellar_aws::AssumeRole {
                role_arn: role.role_arn.known()?.clone(),
                external_id: set(&role.external_id)?,
                session_name: set(&role.session_name)?,
                duration: duration(&role.duration)?,
                tags: set(&role.tags)?.unwrap_or_default(),
                policy: set(&role.policy)?,
                policy_arns: set(&role.policy_arns)?.unwrap_or_default(),
            })
        };
        let identity = |identity: &WebIdentity| {
            Some(stellar_aws::WebIdentity {
                role_arn: set(&identity.role_arn)?,
                session_name: set(&identity.session_name)?,
                token_file: set(&identity.web_identity_token_file)?.map(|file| home(&file)),
                duration: duration(&identity.duration)?,
                policy: set(&identity.policy)?,
                policy_arns: set(&identity.policy_arns)?.unwrap_or_default(),
            })
        };
        let files = |files: &Attr<Vec<String>>| {
            Some(set(files)?.unwrap_or_default().iter().map(|file| home(file)).collect::<Vec<_>>())
        };
        let except = set(&self.no_proxy)?;
        let proxy = set(&self.https_proxy)?.or(set(&self.http_proxy)?);
        Some(Settings {
            region: set(&self.region)?,
            profile: set(&self.profile)?,
            config_files: files(&self.shared_config_files)?,
            credentials_files: files(&self.shared_credentials_files)?,
            web_identity: nested(&self.assume_role_with_web_identity, identity)?,
            assume_role: nested(&self.assume_role, role)?,
            endpoint_url: set(&self.endpoint_url)?,
            endpoints: set(&self.endpoints)?.unwrap_or_default(),
            max_retries: set(&self.max_retries)?.and_then(|retries| u32::try_from(retries).ok()),
            proxy: proxy.map(|url| stellar_aws::Proxy { url, except }),
            ca_bundle: set(&self.custom_ca_bundle)?.map(|file| home(&file)),
            fips: set(&self.use_fips_endpoint)?,
            dual_stack: set(&self.use_dualstack_endpoint)?,
        })
    }

    /// Where reports are written, if anywhere.
    pub fn report_dir(&self) -> Option<PathBuf> {
        self.report_dir.known().filter(|directory| !directory.is_empty()).map(|directory| home(directory))
    }

    /// Which tags every object gets, and which are left to others.
    pub fn tagging(&self) -> Tagging {
        let defaults = match &self.default_tags {
            Attr::Known(defaults) => defaults.tags.clone(),
            Attr::Unknown => Attr::Unknown,
            Attr::Null => Attr::Null,
        };
        let ignored = self.ignore_tags.known();
        Tagging {
            defaults,
            ignored_keys: ignored.and_then(|ignored| ignored.keys.known().cloned()).unwrap_or_default(),
            ignored_prefixes: ignored.and_then(|ignored| ignored.key_prefixes.known().cloned()).unwrap_or_default(),
        }
    }
}

/// `None` when unknown, else whether it is set.
fn set<T: Clone>(value: &Attr<T>) -> Option<Option<T>> {
    match value {
        Attr::Known(value) => Some(Some(value.clone())),
        Attr::Null => Some(None),
        Attr::Unknown => None,
    }
}

fn nested<T, U>(value: &Attr<T>, convert: impl Fn(&T) -> Option<U>) -> Option<Option<U>> {
    match value {
        Attr::Known(value) => convert(value).map(Some),
        Attr::Null => Some(None),
        Attr::Unknown => None,
    }
}

fn duration(text: &Attr<String>) -> Option<Option<Duration>> {
    set(text).map(|text| text.and_then(|text| humantime::parse_duration(&text).ok()))
}

/// `~/x` in the user's home directory, as the AWS tools read it.
fn home(file: &str) -> PathBuf {
    match (file.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(file),
    }
}

#[cfg(test)]
mod tests;
