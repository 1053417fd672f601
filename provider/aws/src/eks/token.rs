//! Tokens for the Kubernetes API of an EKS cluster.
//!
//! A token is a signed `sts:GetCallerIdentity` request that was not sent: `k8s-aws-v1.` and the URL in URL-safe base64
//! without padding. EKS sends it, and so learns who made it. The header `x-k8s-aws-id` binds it to one cluster
//! (aws-iam-authenticator, "API Authorization from Outside a Cluster"). It is taken for 15 minutes.

use std::time::{Duration, SystemTime};

use aws_credential_types::{Credentials, provider::ProvideCredentials};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4::SigningParams,
};
use aws_smithy_types::{DateTime, date_time::Format};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use stellar_engine::{Error, ErrorClass};

use crate::{Aws, call, partition};

/// For how long EKS takes a token after it was signed.
const LIFE: Duration = Duration::from_secs(15 * 60);
/// What EKS's own tools write into `X-Amz-Expires`; EKS refuses more than 15 minutes.
const EXPIRES: Duration = Duration::from_secs(60);
/// Characters that a query keeps as they are (RFC 3986, "unreserved").
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a Kubernetes client needs to reach a cluster.
#[derive(Clone, PartialEq, Eq)]
pub struct Access {
    /// URL of the API server.
    pub endpoint: String,
    /// Certificate of its authority, base64 of PEM.
    pub certificate_authority: String,
    /// A fresh token.
    pub token: String,
    /// When the token is no longer taken, as `2026-11-21T04:00:00Z`.
    pub expires_at: String,
}

impl Aws {
    /// Access to the cluster of this name, as the caller.
    ///
    /// # Errors
    /// Those of `eks:DescribeCluster`; [`ErrorClass::Denied`] without credentials.
    pub async fn cluster_access(&self, region: &str, cluster: &str) -> Result<Access, Error> {
        let eks = self.eks(region);
        let found = call("eks:DescribeCluster", || eks.describe_cluster().name(cluster).send()).await?;
        let found = found.cluster();
        let endpoint = found.and_then(|cluster| cluster.endpoint()).map(str::to_owned);
        let authority = found.and_then(|cluster| cluster.certificate_authority()?.data()).map(str::to_owned);
        let (Some(endpoint), Some(certificate_authority)) = (endpoint, authority) else {
            return Err(Error::busy(format!(
                "the cluster {cluster} in {region} has no endpoint yet: it is still being created"
            )));
        };
        let now = SystemTime::now();
        let token = token(&self.credentials().await?, region, cluster, now)?;
        let expires_at = DateTime::from(now + LIFE).fmt(Format::DateTime);
        let expires_at = expires_at.map_err(|e| Error::bug(format!("the clock shows no date: {e}")))?;
        Ok(Access { endpoint, certificate_authority, token, expires_at })
    }

    /// The credentials behind all clients.
    async fn credentials(&self) -> Result<Credentials, Error> {
        let denied = |why: String| Error::new(ErrorClass::Denied, why);
        let provider = self.credentials_provider().ok_or_else(|| denied("there are no credentials".to_owned()))?;
        provider.provide_credentials().await.map_err(|e| denied(format!("no credentials: {e}")))
    }
}

/// The token of these credentials for the cluster, signed at `now`.
fn token(credentials: &Credentials, region: &str, cluster: &str, now: SystemTime) -> Result<String, Error> {
    let suffix = partition::dns_suffix(partition::of_region(region));
    let url = format!("https://sts.{region}.{suffix}/?Action=GetCallerIdentity&Version=2011-06-15");
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(EXPIRES);
    let identity = credentials.clone().into();
    let unsigned = |error: &dyn std::fmt::Display| Error::bug(format!("the token cannot be signed: {error}"));
    let params = SigningParams::builder().identity(&identity).region(region).name("sts").time(now).settings(settings);
    let params = params.build().map_err(|e| unsigned(&e))?.into();
    let headers = [("x-k8s-aws-id", cluster)].into_iter();
    let request = SignableRequest::new("GET", url.as_str(), headers, SignableBody::Bytes(&[]));
    let (instructions, _) = sign(request.map_err(|e| unsigned(&e))?, &params).map_err(|e| unsigned(&e))?.into_parts();
    let signature =
        instructions.params().iter().map(|(key, value)| format!("&{key}={}", utf8_percent_encode(value, QUERY)));
    Ok(format!("k8s-aws-v1.{}", url_safe(&format!("{url}{}", signature.collect::<String>()))))
}

/// Base64 as in URLs, without padding (RFC 4648, section 5).
fn url_safe(text: &str) -> String {
    aws_smithy_types::base64::encode(text).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_signed_request_for_one_cluster() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let url = |credentials: &Credentials, region: &str, cluster: &str| {
            let token = token(credentials, region, cluster, now).expect("signed");
            let encoded = token.strip_prefix("k8s-aws-v1.").expect("prefix").replace('-', "+").replace('_', "/");
            assert!(!token.contains(['=', '+', '/']), "{token}");
            let padding = "=".repeat((4 - encoded.len() % 4) % 4);
            String::from_utf8(aws_smithy_types::base64::decode(encoded + &padding).expect("base64")).expect("text")
        };
        let lasting = Credentials::new("AKID", "secret", None, None, "test");
        let session = Credentials::new("AKID", "secret", Some("a+b/c=".to_owned()), None, "test");
        let shop = url(&lasting, "eu-west-1", "shop");
        for part in [
            "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&",
            "X-Amz-Algorithm=AWS4-HMAC-SHA256",
            "X-Amz-Credential=AKID%2F20231114%2Feu-west-1%2Fsts%2Faws4_request",
            "X-Amz-Date=20231114T221320Z",
            "X-Amz-Expires=60",
            "X-Amz-SignedHeaders=host%3Bx-k8s-aws-id",
            "X-Amz-Signature=",
        ] {
            assert!(shop.contains(part), "{part} is not in {shop}");
        }
        assert!(!shop.contains("secret"));
        assert_ne!(shop, url(&lasting, "eu-west-1", "other"), "the cluster is signed too");
        assert!(url(&session, "eu-west-1", "shop").contains("X-Amz-Security-Token=a%2Bb%2Fc%3D"));
        assert!(url(&lasting, "cn-north-1", "shop").starts_with("https://sts.cn-north-1.amazonaws.com.cn/"));
    }
}
