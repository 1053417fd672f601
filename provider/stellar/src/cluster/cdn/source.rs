//! Where the answers to a request come from, and how it is treated on the way.

use std::collections::BTreeSet;

use stellar_engine::Input;
use tfplugin_sdk::Attr;

use super::{Behavior, CacheKey, Cdn, DefaultOrigin, Forward, Ttl};
use crate::cluster::known::{NotYetKnown, known};

/// What default origin and behaviors have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Requests<'a> {
    pub bucket: &'a Attr<String>,
    pub origin: &'a Attr<String>,
    pub methods: &'a Attr<BTreeSet<String>>,
    pub viewer_protocol: &'a Attr<String>,
    pub compress: &'a Attr<bool>,
    pub cache: &'a Attr<bool>,
    pub ttl: &'a Attr<Ttl>,
    pub cache_key: &'a Attr<CacheKey>,
    pub forward: &'a Attr<Forward>,
    pub response_headers_policy_id: &'a Attr<String>,
    pub key_group_ids: &'a Attr<BTreeSet<String>>,
}

/// The two types have the same fields; Terraform's schemas cannot share them.
macro_rules! requests_of {
    ($type:ty) => {
        impl<'a> From<&'a $type> for Requests<'a> {
            fn from(config: &'a $type) -> Self {
                Self {
                    bucket: &config.bucket,
                    origin: &config.origin,
                    methods: &config.methods,
                    viewer_protocol: &config.viewer_protocol,
                    compress: &config.compress,
                    cache: &config.cache,
                    ttl: &config.ttl,
                    cache_key: &config.cache_key,
                    forward: &config.forward,
                    response_headers_policy_id: &config.response_headers_policy_id,
                    key_group_ids: &config.key_group_ids,
                }
            }
        }
    };
}

requests_of!(DefaultOrigin);
requests_of!(Behavior);

impl Requests<'_> {
    /// Only whether it is a bucket, and which, decides about components; a host may be known later.
    pub(super) fn source(&self) -> Result<Source, NotYetKnown> {
        Ok(match (known(self.bucket, "cdn bucket")?, self.origin) {
            (Some(bucket), _) => Source::Bucket(bucket.clone()),
            // Host names have a dot, keys have none.
            (None, Attr::Known(key)) if !key.contains('.') => Source::Named(key.clone()),
            (None, Attr::Known(host)) => Source::Host(host.as_str().into()),
            (None, _) => Source::Host(Input::Unknown),
        })
    }

    /// Whether answers are kept.
    pub(super) fn is_cached(&self) -> Result<bool, NotYetKnown> {
        let is_bucket = known(self.bucket, "cdn bucket")?.is_some();
        let has_ttl = known(self.ttl, "cdn ttl")?.is_some();
        let has_key = known(self.cache_key, "cdn cache_key")?.is_some();
        Ok(known(self.cache, "cdn cache")?.copied().unwrap_or(is_bucket || has_ttl || has_key))
    }
}

/// A bucket of the stack, or a web server.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// By its key in the section `buckets`.
    Bucket(String),
    /// By its key in `origins`.
    Named(String),
    /// By its host name.
    Host(Input<String>),
}

/// The behaviors of a distribution.
pub(super) fn behaviors(config: &Cdn) -> Result<&[Behavior], NotYetKnown> {
    Ok(known(&config.behaviors, "cdn.behaviors")?.map(Vec::as_slice).unwrap_or_default())
}

/// The keys of the buckets that the CDN reads.
///
/// # Errors
/// When a behavior or its bucket is not known yet.
pub fn served_buckets(config: &Cdn) -> Result<BTreeSet<String>, NotYetKnown> {
    let default = known(&config.default_origin, "cdn.default_origin")?.map(Requests::from);
    let all = default.into_iter().chain(behaviors(config)?.iter().map(Requests::from));
    let bucket = |requests: Requests<'_>| match requests.source() {
        Ok(Source::Bucket(key)) => Some(Ok(key)),
        Ok(Source::Named(_) | Source::Host(_)) => None,
        Err(error) => Some(Err(error)),
    };
    all.filter_map(bucket).collect()
}
