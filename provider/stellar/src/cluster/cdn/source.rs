//! Where the answers to a request come from.

use std::collections::BTreeSet;

use stellar_engine::Input;
use tfplugin_sdk::Attr;

use super::{Behavior, Cdn, DefaultOrigin};
use crate::cluster::known::{NotYetKnown, known};

/// A bucket of the stack or any host.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// By its key.
    Bucket(String),
    /// By its name.
    Host(Input<String>),
}

impl Source {
    /// Of requests that no behavior takes.
    pub(super) fn of_default(origin: &DefaultOrigin) -> Result<Self, NotYetKnown> {
        Self::new(&origin.bucket, &origin.origin)
    }

    /// Of the requests of a behavior.
    pub(super) fn of(behavior: &Behavior) -> Result<Self, NotYetKnown> {
        Self::new(&behavior.bucket, &behavior.origin)
    }

    /// Only whether it is a bucket, and which, decides about components; a host may be known later.
    fn new(bucket: &Attr<String>, host: &Attr<String>) -> Result<Self, NotYetKnown> {
        Ok(match (known(bucket, "cdn bucket")?, host) {
            (Some(bucket), _) => Self::Bucket(bucket.clone()),
            (None, Attr::Known(host)) => Self::Host(host.as_str().into()),
            (None, _) => Self::Host(Input::Unknown),
        })
    }
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
    let default = known(&config.default_origin, "cdn.default_origin")?.map(Source::of_default);
    let sources = default.into_iter().chain(behaviors(config)?.iter().map(Source::of));
    let bucket = |source| match source {
        Ok(Source::Bucket(key)) => Some(Ok(key)),
        Ok(Source::Host(_)) => None,
        Err(error) => Some(Err(error)),
    };
    sources.filter_map(bucket).collect()
}
