//! The policies of a behavior: AWS's own where one fits, else some of the stack.

use std::collections::BTreeSet;

use stellar_aws::cloudfront::{
    cache_policy::CachePolicy, managed, names::ALL, origin_request_policy::OriginRequestPolicy,
};
use stellar_engine::{Input, address};
use tfplugin_sdk::Attr;

use super::{Ttl, source::Requests};
use crate::cluster::{
    build::Builder,
    known::{NotYetKnown, known},
};

/// Seconds in the cache where the user says nothing; CloudFront's own defaults.
const TTL: (i64, i64, i64) = (0, 86_400, 31_536_000);

/// The longest name of a policy.
const NAME_LIMIT: usize = 128;

/// The id of the cache policy.
pub(super) fn cache(requests: &Requests<'_>, slug: &str, b: &mut Builder<'_>) -> Result<Input<String>, NotYetKnown> {
    if !requests.is_cached()? {
        return Ok(managed::CACHING_DISABLED.into());
    }
    let is_bucket = requests.bucket.is_known();
    let ttl = known(requests.ttl, "cdn ttl")?;
    let key = known(requests.cache_key, "cdn cache_key")?;
    if is_bucket && ttl.is_none() && key.is_none() {
        return Ok(managed::CACHING_OPTIMIZED.into());
    }
    let (min_ttl, default_ttl, max_ttl) = ttl.map_or(Ok(TTL), seconds)?;
    let none = Attr::Null;
    let all: &[&str] = if is_bucket { &[] } else { &[ALL] };
    let policy = CachePolicy {
        name: b.names.unique(slug, NAME_LIMIT),
        min_ttl,
        default_ttl,
        max_ttl,
        query_strings: names(key.map_or(&none, |key| &key.query_strings), all)?,
        cookies: names(key.map_or(&none, |key| &key.cookies), &[])?,
        headers: names(key.map_or(&none, |key| &key.headers), &[])?,
    };
    Ok(Input::output(&b.add(address!("cdn/cache-policy/{slug}"), &policy), "id"))
}

/// The id of the origin request policy, if there is one.
pub(super) fn forward(
    requests: &Requests<'_>,
    slug: &str,
    b: &mut Builder<'_>,
) -> Result<Option<Input<String>>, NotYetKnown> {
    let Some(forward) = known(requests.forward, "cdn forward")? else {
        return Ok(match (requests.bucket.is_known(), requests.is_cached()?) {
            (true, _) => Some(managed::CORS_S3_ORIGIN.into()),
            // Cached answers are made without the viewer's data, so that none of them is personal.
            (false, true) => None,
            (false, false) => Some(managed::ALL_VIEWER_EXCEPT_HOST.into()),
        });
    };
    let policy = OriginRequestPolicy {
        name: b.names.unique(slug, NAME_LIMIT),
        query_strings: names(&forward.query_strings, &[])?,
        cookies: names(&forward.cookies, &[])?,
        headers: names(&forward.headers, &[])?,
    };
    Ok(Some(Input::output(&b.add(address!("cdn/origin-request-policy/{slug}"), &policy), "id")))
}

fn names(given: &Attr<BTreeSet<String>>, default: &[&str]) -> Result<BTreeSet<String>, NotYetKnown> {
    let default = || default.iter().map(|name| (*name).to_owned()).collect();
    Ok(known(given, "names of a cdn policy")?.cloned().unwrap_or_else(default))
}

/// Min, default and max, with the defaults pulled into the bounds that are given.
pub(super) fn seconds(ttl: &Ttl) -> Result<(i64, i64, i64), NotYetKnown> {
    let min = known(&ttl.min, "cdn ttl.min")?.copied();
    let max = known(&ttl.max, "cdn ttl.max")?.copied();
    let default = known(&ttl.default, "cdn ttl.default")?.copied();
    let min = min.unwrap_or(TTL.0);
    let max = max.unwrap_or(TTL.2.max(min));
    Ok((min, default.unwrap_or(TTL.1.min(max).max(min)), max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_of_a_ttl_stay_within_its_bounds() {
        let rows = [
            (Ttl::default(), (0, 86_400, 31_536_000)),
            (Ttl { max: 60.into(), ..Ttl::default() }, (0, 60, 60)),
            (Ttl { min: 100_000.into(), ..Ttl::default() }, (100_000, 100_000, 31_536_000)),
        ];
        for (ttl, expected) in rows {
            assert_eq!(seconds(&ttl), Ok(expected));
        }
    }
}
