//! Amazon CloudFront: the CDN. A global service; every region's client reaches it.

pub mod cache_policy;
pub mod distribution;
pub mod managed;
pub mod origin_access_control;
pub mod origin_request_policy;

mod config;
mod config_read;
pub mod names;

use std::sync::Arc;

use aws_sdk_cloudfront::error::BuildError;
use stellar_engine::{AnyKind, Error, Properties, Scope};

use crate::{Aws, access::Needs};

/// The kinds of this service: a new one is one new file and one line here.
pub(crate) fn kinds(aws: &Arc<Aws>) -> Vec<Arc<dyn AnyKind>> {
    vec![
        Arc::new(cache_policy::Kind(aws.clone())),
        Arc::new(distribution::Kind(aws.clone())),
        Arc::new(origin_access_control::Kind(aws.clone())),
        Arc::new(origin_request_policy::Kind(aws.clone())),
    ]
}

/// What IAM must allow for each of them.
pub(crate) fn needs() -> Vec<(&'static str, Needs)> {
    vec![
        (cache_policy::CachePolicy::KIND, cache_policy::NEEDS),
        (distribution::Distribution::KIND, distribution::NEEDS),
        (origin_access_control::OriginAccessControl::KIND, origin_access_control::NEEDS),
        (origin_request_policy::OriginRequestPolicy::KIND, origin_request_policy::NEEDS),
    ]
}

/// The comment or description by which objects without tags prove whose they are, at most 128 characters.
fn mark(scope: &Scope) -> String {
    format!("stellar:claim {} of the stack {}", scope.claim, scope.stack)
}

/// An error unless the text that CloudFront keeps with an object is the stack's [`mark`].
fn prove(scope: &Scope, noun: &str, name: &str, text: Option<&str>) -> Result<(), Error> {
    if text.is_some_and(|text| text.contains(&scope.claim)) {
        return Ok(());
    }
    Err(Error::foreign(format!(
        "the {noun} {name} exists, but its description does not hold the claim {} of this stack",
        scope.claim
    )))
}

/// The SDK's builders fail only when a required member was never set, which is our mistake.
fn built<T>(result: Result<T, BuildError>) -> Result<T, Error> {
    result.map_err(|e| Error::bug(format!("request to CloudFront: {e}")))
}

/// The version of an object that an update or delete is based on.
fn etag(tag: Option<String>, operation: &str) -> Result<String, Error> {
    tag.ok_or_else(|| Error::permanent(format!("{operation} answered without an ETag")))
}
