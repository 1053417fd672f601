//! CORS rules of a bucket: which web pages may use it from a browser.

use std::collections::BTreeSet;

use aws_sdk_s3::types::CorsRule as SdkRule;
use serde::{Deserialize, Serialize};
use stellar_engine::Error;

/// One rule; S3 takes the first that matches a request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CorsRule {
    /// `https://app.example.com`, with at most one `*`.
    pub allowed_origins: BTreeSet<String>,
    /// `GET`, `PUT`, `HEAD`, `POST`, `DELETE`.
    pub allowed_methods: BTreeSet<String>,
    /// Request headers that a preflight may ask for.
    pub allowed_headers: BTreeSet<String>,
    /// Response headers that scripts may read.
    pub exposed_headers: BTreeSet<String>,
    /// How long browsers keep the answer to a preflight, in seconds.
    pub max_age_seconds: Option<i32>,
}

/// The rules as S3 answers them.
pub(super) fn from_sdk(rules: &[SdkRule]) -> Vec<CorsRule> {
    let set = |items: &[String]| items.iter().cloned().collect();
    let rule = |rule: &SdkRule| CorsRule {
        allowed_origins: set(rule.allowed_origins()),
        allowed_methods: set(rule.allowed_methods()),
        allowed_headers: set(rule.allowed_headers()),
        exposed_headers: set(rule.expose_headers()),
        max_age_seconds: rule.max_age_seconds(),
    };
    rules.iter().map(rule).collect()
}

/// The rules as S3 takes them.
pub(super) fn to_sdk(rules: &[CorsRule]) -> Result<Vec<SdkRule>, Error> {
    // S3 refuses empty lists, so what is not there is not sent.
    let list = |items: &BTreeSet<String>| (!items.is_empty()).then(|| items.iter().cloned().collect::<Vec<_>>());
    let rule = |rule: &CorsRule| {
        SdkRule::builder()
            .set_allowed_origins(list(&rule.allowed_origins))
            .set_allowed_methods(list(&rule.allowed_methods))
            .set_allowed_headers(list(&rule.allowed_headers))
            .set_expose_headers(list(&rule.exposed_headers))
            .set_max_age_seconds(rule.max_age_seconds)
            .build()
            .map_err(|e| Error::bug(format!("CORS rule: {e}")))
    };
    rules.iter().map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_read_as_it_was_written() {
        let set = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<BTreeSet<_>>();
        let small =
            CorsRule { allowed_origins: set(&["*"]), allowed_methods: set(&["GET", "HEAD"]), ..CorsRule::default() };
        let full = CorsRule {
            allowed_headers: set(&["authorization"]),
            exposed_headers: set(&["etag"]),
            max_age_seconds: Some(3600),
            ..small.clone()
        };
        let rules = vec![full, small];
        assert_eq!(from_sdk(&to_sdk(&rules).unwrap()), rules);
    }
}
