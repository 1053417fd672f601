//! What can be said about the requests of a behavior, or of all others.

use std::collections::{BTreeMap, BTreeSet};

use stellar_aws::cloudfront::names::ALL;
use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{
    super::{CustomOrigin, Ttl, expand::METHODS, policies::seconds, source::Requests},
    is_host,
};
use crate::cluster::{
    buckets::{Bucket, Buckets},
    check::one_of,
};

/// Storage classes whose objects must be restored before anybody can read them.
const ARCHIVES: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];

/// Query strings, cookies or headers that one policy may name (Developer Guide, "Quotas on policies").
const MOST_NAMES: usize = 10;

/// Headers that an origin request policy cannot name (Developer Guide, "Control origin requests with a policy").
const NOT_FORWARDED: [&str; 2] = ["authorization", "accept-encoding"];

/// Checks where the answers come from, and how requests are treated.
pub(super) fn validate_requests(
    requests: &Requests<'_>,
    origins: &Attr<BTreeMap<String, CustomOrigin>>,
    buckets: &Attr<Buckets>,
    path: &Path,
    d: &mut Diagnostics,
) {
    match (requests.bucket, requests.origin) {
        (Attr::Known(_), Attr::Known(_)) => {
            d.attribute_error(path.clone(), "Two sources", "Set one of bucket and origin, not both.");
        }
        (Attr::Null, Attr::Null) => {
            let detail = "Set bucket (a key of the section buckets) or origin (a host name, or a key of cdn.origins).";
            d.attribute_error(path.clone(), "No source", detail);
        }
        _ => {}
    }
    if let Attr::Known(origin) = requests.origin {
        validate_origin(origin, origins, &path.attr("origin"), d);
    }
    if let Attr::Known(key) = requests.bucket {
        validate_bucket(key, &path.attr("bucket"), buckets, d);
    }
    validate_methods(requests, &path.attr("methods"), d);
    one_of(requests.viewer_protocol, &["redirect-to-https", "https-only"], &path.attr("viewer_protocol"), d);
    validate_cache(requests, path, d);
    validate_forward(requests, &path.attr("forward"), d);
}

/// Keys have no dot, host names have.
fn validate_origin(text: &str, origins: &Attr<BTreeMap<String, CustomOrigin>>, path: &Path, d: &mut Diagnostics) {
    if is_host(text) || origins.is_unknown() {
        return;
    }
    let keys: Vec<&str> = origins.known().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    if keys.contains(&text) {
        return;
    }
    let there = if keys.is_empty() { "none".to_owned() } else { keys.join(", ") };
    let detail = format!(
        "{text:?} must be a host name such as api.example.com, without scheme, port and path, or a key of \
         cdn.origins, which has: {there}."
    );
    d.attribute_error(path.clone(), "Invalid origin", detail);
}

fn validate_bucket(key: &str, path: &Path, buckets: &Attr<Buckets>, d: &mut Diagnostics) {
    if buckets.is_unknown() {
        return;
    }
    let known = buckets.known();
    let Some(bucket) = known.and_then(|buckets| buckets.get(key)) else {
        let keys: Vec<&str> = known.into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        let there = if keys.is_empty() { "none".to_owned() } else { keys.join(", ") };
        let detail = format!("There is no bucket {key:?} in the section buckets. There is: {there}.");
        d.attribute_error(path.clone(), "Unknown bucket", detail);
        return;
    };
    if let Some(class) = archive(bucket) {
        let detail = format!(
            "Lifecycle moves current objects of {key:?} to {class}, where the CDN cannot read them: it will \
             answer 403. Use GLACIER_IR, or noncurrent_transitions."
        );
        d.attribute_warning(path.clone(), "Archived objects cannot be served", detail);
    }
}

/// The archive to which a rule moves current versions.
fn archive(bucket: &Bucket) -> Option<&str> {
    let rules = bucket.lifecycle.known().into_iter().flatten();
    let moves = rules.flat_map(|rule| rule.transitions.known().into_iter().flatten());
    moves.filter_map(|t| t.storage_class.known()).map(String::as_str).find(|class| ARCHIVES.contains(class))
}

fn validate_methods(requests: &Requests<'_>, path: &Path, d: &mut Diagnostics) {
    let Attr::Known(methods) = requests.methods else { return };
    let is_set = |set: &&[&str]| methods.iter().map(String::as_str).eq(set.iter().copied());
    let Some(set) = METHODS.iter().position(is_set) else {
        let sets: Vec<String> = METHODS.iter().map(|set| set.join(", ")).collect();
        let detail = format!("CloudFront lets through one of these sets: {}.", sets.join("; "));
        d.attribute_error(path.clone(), "Methods not offered", detail);
        return;
    };
    if set == METHODS.len() - 1 && requests.bucket.is_known() {
        let detail = "Buckets are only read through the CDN: GET, HEAD and OPTIONS.";
        d.attribute_error(path.clone(), "Methods not offered", detail);
    }
}

fn validate_cache(requests: &Requests<'_>, path: &Path, d: &mut Diagnostics) {
    let uncached = requests.cache.known() == Some(&false);
    for (field, is_set) in [("ttl", requests.ttl.is_known()), ("cache_key", requests.cache_key.is_known())] {
        if uncached && is_set {
            let summary = if field == "ttl" { "TTL without a cache" } else { "Cache key without a cache" };
            d.attribute_error(path.attr(field), summary, format!("Remove {field}, or set cache = true."));
        }
    }
    if let (Attr::Known(ttl), false) = (requests.ttl, uncached) {
        validate_ttl(ttl, &path.attr("ttl"), d);
    }
    let Attr::Known(key) = requests.cache_key else { return };
    let path = path.attr("cache_key");
    for (field, names) in [("query_strings", &key.query_strings), ("cookies", &key.cookies), ("headers", &key.headers)]
    {
        validate_names(names, &path.attr(field), d);
    }
    if key.headers.known().is_some_and(|headers| headers.contains(ALL)) {
        let detail = "With every header in the key no answer would be used twice. Name those that answers depend on.";
        d.attribute_error(path.attr("headers"), "Headers must be named", detail);
    }
}

fn validate_forward(requests: &Requests<'_>, path: &Path, d: &mut Diagnostics) {
    let Attr::Known(forward) = requests.forward else { return };
    if requests.bucket.is_known() {
        let detail = "A bucket gets the headers by which S3 decides about CORS and nothing else. Remove forward.";
        d.attribute_error(path.clone(), "Nothing to forward to a bucket", detail);
    }
    let all = [("query_strings", &forward.query_strings), ("cookies", &forward.cookies), ("headers", &forward.headers)];
    for (field, names) in all {
        validate_names(names, &path.attr(field), d);
    }
    let headers = forward.headers.known().into_iter().flatten();
    for name in headers.filter(|name| NOT_FORWARDED.contains(&name.to_ascii_lowercase().as_str())) {
        let detail = format!("CloudFront forwards {name} only as part of cache_key.headers, or to uncached requests.");
        d.attribute_error(path.attr("headers"), "Header not forwarded", detail);
    }
}

fn validate_names(names: &Attr<BTreeSet<String>>, path: &Path, d: &mut Diagnostics) {
    let Attr::Known(names) = names else { return };
    if names.contains(ALL) && names.len() > 1 {
        let detail = "\"*\" stands for every name: leave the others out.";
        d.attribute_error(path.clone(), "Names beside *", detail);
    } else if names.len() > MOST_NAMES {
        let detail = format!("A policy names at most {MOST_NAMES}, not {}.", names.len());
        d.attribute_error(path.clone(), "Too many names", detail);
    }
}

fn validate_ttl(ttl: &Ttl, path: &Path, d: &mut Diagnostics) {
    let Ok((min, default, max)) = seconds(ttl) else { return };
    if max <= 0 {
        d.attribute_error(path.attr("max"), "TTL without a cache", "To cache nothing, set cache = false instead.");
    } else if !(0 <= min && min <= default && default <= max) {
        let detail = format!("0 <= min ({min}) <= default ({default}) <= max ({max}) must hold.");
        d.attribute_error(path.clone(), "Invalid TTL", detail);
    }
}
