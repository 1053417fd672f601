//! What can be said about the CDN from the configuration alone.

use std::collections::BTreeSet;

use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{Behavior, Cdn, Ttl, expand::seconds};
use crate::cluster::buckets::{Bucket, Buckets};

const PRICE_CLASSES: [&str; 3] = ["100", "200", "All"];

/// Storage classes whose objects must be restored before anybody can read them.
const ARCHIVES: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];

/// Checks the section; `path` is its own, `buckets` the section from which behaviors name buckets.
pub fn validate(config: &Cdn, path: &Path, buckets: &Attr<Buckets>, d: &mut Diagnostics) {
    if let Attr::Known(origin) = &config.default_origin {
        validate_source(&origin.bucket, &origin.origin, &path.attr("default_origin"), buckets, d);
    }
    let mut paths = BTreeSet::new();
    for (i, behavior) in config.behaviors.known().into_iter().flatten().enumerate() {
        let path = path.attr("behaviors").index(i);
        validate_behavior(behavior, &path, buckets, d);
        if let Attr::Known(pattern) = &behavior.path
            && !paths.insert(pattern)
        {
            let detail = format!("An earlier behavior takes {pattern:?} already; this one would never answer.");
            d.attribute_error(path.attr("path"), "Path used twice", detail);
        }
    }
    validate_names(config, path, d);
    if let Attr::Known(class) = &config.price_class
        && !PRICE_CLASSES.contains(&class.as_str())
    {
        let detail = format!("{class:?} must be one of {}.", PRICE_CLASSES.join(", "));
        d.attribute_error(path.attr("price_class"), "Unknown price class", detail);
    }
}

/// Aliases, certificate and web ACL.
fn validate_names(config: &Cdn, path: &Path, d: &mut Diagnostics) {
    for alias in config.aliases.known().into_iter().flatten() {
        if !is_host(alias.strip_prefix("*.").unwrap_or(alias)) {
            d.attribute_error(path.attr("aliases"), "Invalid alias", format!("{alias:?} is not a host name."));
        }
    }
    let has_alias = config.aliases.known().is_some_and(|aliases| !aliases.is_empty());
    if has_alias && config.certificate_arn.is_null() {
        let detail = "CloudFront's own certificate covers its own host name only: set certificate_arn.";
        d.attribute_error(path.attr("aliases"), "Aliases without a certificate", detail);
    }
    if let Attr::Known(arn) = &config.certificate_arn
        && !is_arn(arn, "acm", ":certificate/")
    {
        let detail = format!("{arn:?} must be the ARN of an ACM certificate in us-east-1, wherever the stack lives.");
        d.attribute_error(path.attr("certificate_arn"), "Invalid certificate", detail);
    }
    if let Attr::Known(arn) = &config.waf_arn
        && !is_arn(arn, "wafv2", ":global/webacl/")
    {
        let detail = format!("{arn:?} must be the ARN of a web ACL of scope CLOUDFRONT, which lives in us-east-1.");
        d.attribute_error(path.attr("waf_arn"), "Invalid web ACL", detail);
    }
}

fn validate_behavior(behavior: &Behavior, path: &Path, buckets: &Attr<Buckets>, d: &mut Diagnostics) {
    validate_source(&behavior.bucket, &behavior.origin, path, buckets, d);
    if let Attr::Known(pattern) = &behavior.path
        && !is_pattern(pattern)
    {
        let detail = format!(
            "{pattern:?} must begin with `/` or `*`, and hold letters, digits and _-.*$/~\"'@:+&? only, at most 255 of \
             them. `*` alone is what default_origin is for."
        );
        d.attribute_error(path.attr("path"), "Invalid path", detail);
    }
    if behavior.cache == Attr::Known(false) && behavior.ttl.is_known() {
        d.attribute_error(path.attr("ttl"), "TTL without a cache", "Remove ttl, or set cache = true.");
    } else if let Attr::Known(ttl) = &behavior.ttl {
        validate_ttl(ttl, &path.attr("ttl"), d);
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

fn validate_source(
    bucket: &Attr<String>,
    origin: &Attr<String>,
    path: &Path,
    buckets: &Attr<Buckets>,
    d: &mut Diagnostics,
) {
    match (bucket, origin) {
        (Attr::Known(_), Attr::Known(_)) => {
            d.attribute_error(path.clone(), "Two sources", "Set one of bucket and origin, not both.");
        }
        (Attr::Null, Attr::Null) => {
            let detail = "Set bucket (a key of the section buckets) or origin (a host name).";
            d.attribute_error(path.clone(), "No source", detail);
        }
        _ => {}
    }
    if let Attr::Known(host) = origin
        && !is_host(host)
    {
        let detail = format!("{host:?} must be a host name such as api.example.com, without scheme, port and path.");
        d.attribute_error(path.attr("origin"), "Invalid origin", detail);
    }
    if let Attr::Known(key) = bucket {
        validate_bucket(key, &path.attr("bucket"), buckets, d);
    }
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

fn is_host(text: &str) -> bool {
    let word = |word: &str| {
        (1..=63).contains(&word.len())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !word.starts_with('-')
            && !word.ends_with('-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(word)
}

/// Source: CloudFront Developer Guide, "Path pattern".
fn is_pattern(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.*$/~\"'@:+&?".contains(c);
    text.len() <= 255 && text.starts_with(['/', '*']) && text != "*" && text.chars().all(allowed)
}

/// An ARN of the service in us-east-1, in any partition.
fn is_arn(text: &str, service: &str, part: &str) -> bool {
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    matches!(fields[..], ["arn", _, s, "us-east-1", _, _] if s == service) && text.contains(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{
        buckets::{LifecycleRule, Transition},
        cdn::DefaultOrigin,
    };

    fn problems(config: &Cdn, buckets: Attr<Buckets>) -> Vec<(String, String)> {
        let mut d = Diagnostics::new();
        validate(config, &Path::root().attr("cdn"), &buckets, &mut d);
        d.iter().map(|d| (d.path.clone().unwrap_or_default().to_string(), d.summary.clone())).collect()
    }

    fn images(bucket: Bucket) -> Attr<Buckets> {
        Buckets::from([("images".to_owned(), bucket)]).into()
    }

    fn base() -> Cdn {
        let origin = DefaultOrigin { bucket: "images".into(), ..DefaultOrigin::default() };
        Cdn { default_origin: origin.into(), ..Cdn::default() }
    }

    fn with(behavior: Behavior) -> Cdn {
        Cdn { behaviors: vec![behavior].into(), ..base() }
    }

    fn api() -> Behavior {
        Behavior { path: "/api/*".into(), origin: "api.example.com".into(), ..Behavior::default() }
    }

    fn ttl(min: i64, default: i64, max: i64) -> Attr<Ttl> {
        Ttl { min: min.into(), default: default.into(), max: max.into() }.into()
    }

    fn aliased(alias: &str, certificate_arn: Attr<String>) -> Cdn {
        Cdn { aliases: BTreeSet::from([alias.to_owned()]).into(), certificate_arn, ..base() }
    }

    #[test]
    fn problems_are_told_with_their_attribute() {
        let certificate = || Attr::from("arn:aws:acm:us-east-1:1:certificate/c");
        let here = "cdn.behaviors[0]";
        let at = |field: &str| format!("{here}.{field}");
        let rows = [
            (with(Behavior { bucket: "images".into(), ..api() }), here.to_owned(), "Two sources"),
            (with(Behavior { origin: Attr::Null, ..api() }), here.to_owned(), "No source"),
            (with(Behavior { origin: "https://x.y/z".into(), ..api() }), at("origin"), "Invalid origin"),
            (with(Behavior { origin: Attr::Null, bucket: "nope".into(), ..api() }), at("bucket"), "Unknown bucket"),
            (with(Behavior { path: "api/*".into(), ..api() }), at("path"), "Invalid path"),
            (with(Behavior { path: "*".into(), ..api() }), at("path"), "Invalid path"),
            (with(Behavior { cache: false.into(), ttl: ttl(0, 1, 2), ..api() }), at("ttl"), "TTL without a cache"),
            (with(Behavior { ttl: ttl(0, 0, 0), ..api() }), at("ttl.max"), "TTL without a cache"),
            (with(Behavior { ttl: ttl(5, 1, 9), ..api() }), at("ttl"), "Invalid TTL"),
            (Cdn { price_class: "300".into(), ..base() }, "cdn.price_class".to_owned(), "Unknown price class"),
            (aliased("cdn.example.com", Attr::Null), "cdn.aliases".to_owned(), "Aliases without a certificate"),
            (aliased("https://x", certificate()), "cdn.aliases".to_owned(), "Invalid alias"),
            (
                Cdn { certificate_arn: "arn:aws:acm:us-west-2:1:certificate/c".into(), ..base() },
                "cdn.certificate_arn".to_owned(),
                "Invalid certificate",
            ),
            (
                Cdn { waf_arn: "arn:aws:wafv2:us-east-1:1:regional/webacl/a/b".into(), ..base() },
                "cdn.waf_arn".to_owned(),
                "Invalid web ACL",
            ),
            (
                Cdn { behaviors: vec![api(), api()].into(), ..base() },
                "cdn.behaviors[1].path".to_owned(),
                "Path used twice",
            ),
        ];
        for (config, path, summary) in rows {
            assert_eq!(problems(&config, images(Bucket::default())), [(path, summary.to_owned())]);
        }
    }

    #[test]
    fn what_is_good_or_not_known_yet_passes() {
        let rows = [
            base(),
            with(api()),
            with(Behavior { ttl: ttl(0, 3600, 86_400), ..api() }),
            with(Behavior { origin: Attr::Unknown, path: Attr::Unknown, ..api() }),
            aliased("*.example.com", "arn:aws:acm:us-east-1:1:certificate/c".into()),
            aliased("cdn.example.com", Attr::Unknown),
            Cdn { price_class: "All".into(), ..base() },
        ];
        for config in rows {
            assert_eq!(problems(&config, images(Bucket::default())), []);
        }
    }

    #[test]
    fn a_bucket_is_looked_for_where_the_section_is_known() {
        let rows = [(Attr::Unknown, 0), (Attr::Null, 1), (images(Bucket::default()), 0)];
        for (buckets, expected) in rows {
            assert_eq!(problems(&base(), buckets).len(), expected);
        }
    }

    #[test]
    fn archived_objects_are_warned_of() {
        for (class, expected) in [("GLACIER", 1), ("DEEP_ARCHIVE", 1), ("GLACIER_IR", 0)] {
            let transition = Transition { days: 30.into(), storage_class: class.into() };
            let rule = LifecycleRule { transitions: vec![transition].into(), ..LifecycleRule::default() };
            let bucket = Bucket { lifecycle: vec![rule].into(), ..Bucket::default() };
            assert_eq!(problems(&base(), images(bucket)).len(), expected, "{class}");
        }
    }
}
