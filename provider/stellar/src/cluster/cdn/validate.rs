//! What can be said about the CDN from the configuration alone.

mod requests;

use std::collections::BTreeSet;

use tfplugin_sdk::{Attr, Diagnostics, Path};

use self::requests::validate_requests;
use super::{Cdn, CustomOrigin, ErrorResponse, source::Requests};
use crate::cluster::{
    buckets::Buckets,
    check::{self, one_of, within},
};

const PRICE_CLASSES: [&str; 3] = ["100", "200", "All"];

/// Security policies without TLS 1.0 and 1.1 (Developer Guide, "Supported protocols and ciphers between viewers and
/// CloudFront").
const TLS: [&str; 3] = ["TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"];

/// Errors that can be answered otherwise (Developer Guide, "HTTP status codes for which CloudFront caches errors").
const ERRORS: [i64; 11] = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/// The status codes that a page can be sent with (API reference of CustomErrorResponse).
const STATUSES: [i64; 12] = [200, 400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/// Headers that CloudFront sets itself or removes (Developer Guide, "Custom headers that CloudFront can't add to origin
/// requests").
const NOT_ADDED: [&str; 14] = [
    "cache-control",
    "connection",
    "content-length",
    "cookie",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "pragma",
    "range",
    "transfer-encoding",
];

/// Checks the section; `path` is its own, `buckets` the section from which behaviors name buckets.
pub fn validate(config: &Cdn, path: &Path, buckets: &Attr<Buckets>, d: &mut Diagnostics) {
    if let Attr::Known(origin) = &config.default_origin {
        validate_requests(&Requests::from(origin), &config.origins, buckets, &path.attr("default_origin"), d);
    }
    let mut paths = BTreeSet::new();
    for (i, behavior) in config.behaviors.known().into_iter().flatten().enumerate() {
        let path = path.attr("behaviors").index(i);
        validate_requests(&Requests::from(behavior), &config.origins, buckets, &path, d);
        let Attr::Known(pattern) = &behavior.path else { continue };
        if !is_pattern(pattern) {
            let detail = format!(
                "{pattern:?} must begin with `/` or `*`, and hold letters, digits and _-.*$/~\"'@:+&? only, at most 255 of \
                 them. `*` alone is what default_origin is for."
            );
            d.attribute_error(path.attr("path"), "Invalid path", detail);
        }
        if !paths.insert(pattern) {
            let detail = format!("An earlier behavior takes {pattern:?} already; this one would never answer.");
            d.attribute_error(path.attr("path"), "Path used twice", detail);
        }
    }
    for (key, origin) in config.origins.known().into_iter().flatten() {
        let path = path.attr("origins").key(key);
        check::key(key, &path, d);
        validate_origin(origin, &path, d);
    }
    validate_errors(config, &path.attr("error_responses"), d);
    validate_names(config, path, d);
    if let Attr::Known(root) = &config.default_root_object
        && (root.is_empty() || root.starts_with('/') || root.len() > 255)
    {
        let detail = format!("{root:?} must be the name of an object, such as index.html, without a leading slash.");
        d.attribute_error(path.attr("default_root_object"), "Invalid root object", detail);
    }
    if let Attr::Known(class) = &config.price_class
        && !PRICE_CLASSES.contains(&class.as_str())
    {
        let detail = format!("{class:?} must be one of {}.", PRICE_CLASSES.join(", "));
        d.attribute_error(path.attr("price_class"), "Unknown price class", detail);
    }
}

fn validate_origin(origin: &CustomOrigin, path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(domain) = &origin.domain
        && !is_host(domain)
    {
        let detail = format!("{domain:?} must be a host name such as api.example.com, without scheme, port and path.");
        d.attribute_error(path.attr("domain"), "Invalid origin", detail);
    }
    one_of(&origin.protocol, &["https", "http"], &path.attr("protocol"), d);
    if let Attr::Known(port) = origin.port
        && !matches!(port, 80 | 443 | 1024..=65535)
    {
        let detail = format!("CloudFront connects to the ports 80, 443 and 1024 to 65535, not to {port}.");
        d.attribute_error(path.attr("port"), "Port not offered", detail);
    }
    if let Attr::Known(text) = &origin.path
        && (!text.starts_with('/') || text.ends_with('/') || text.len() > 255)
    {
        let detail = format!("{text:?} must begin with a slash and not end with one, such as /v1.");
        d.attribute_error(path.attr("path"), "Invalid path", detail);
    }
    within(&origin.read_timeout_seconds, 1..=120, "The timeout in seconds", &path.attr("read_timeout_seconds"), d);
    within(&origin.keepalive_seconds, 1..=120, "The time in seconds", &path.attr("keepalive_seconds"), d);
    let headers = origin.headers.known().into_iter().flatten();
    for (name, _) in headers.filter(|(name, _)| !is_header(name) || is_reserved(name)) {
        let detail = format!("CloudFront does not add the header {name:?} to requests.");
        d.attribute_error(path.attr("headers").key(name), "Invalid header", detail);
    }
}

fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NOT_ADDED.contains(&name.as_str()) || name.starts_with("x-amz-") || name.starts_with("x-edge-")
}

fn validate_errors(config: &Cdn, path: &Path, d: &mut Diagnostics) {
    let mut codes = BTreeSet::new();
    for (i, response) in config.error_responses.known().into_iter().flatten().enumerate() {
        let path = path.index(i);
        let ErrorResponse { code, path: page, status, ttl } = response;
        among(code, &ERRORS, &path.attr("code"), d);
        among(status, &STATUSES, &path.attr("status"), d);
        within(ttl, 0..=31_536_000, "The time in seconds", &path.attr("ttl"), d);
        if let Attr::Known(code) = code
            && !codes.insert(*code)
        {
            d.attribute_error(path.attr("code"), "Code used twice", format!("{code} has a response already."));
        }
        if status.is_known() && page.is_null() {
            let detail = "Another status needs a page: set path, too.";
            d.attribute_error(path.attr("status"), "Status without a page", detail);
        }
        if page.known().is_some_and(|page| !page.starts_with('/')) {
            let detail = "The path of a page begins with a slash, such as /index.html.";
            d.attribute_error(path.attr("path"), "Invalid path", detail);
        }
    }
}

fn among(value: &Attr<i64>, choices: &[i64], path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(number) = value
        && !choices.contains(number)
    {
        let choices: Vec<String> = choices.iter().map(i64::to_string).collect();
        d.attribute_error(path.clone(), "Invalid value", format!("{number} is not one of {}.", choices.join(", ")));
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
    one_of(&config.minimum_tls, &TLS, &path.attr("minimum_tls"), d);
    if config.minimum_tls.is_known() && config.certificate_arn.is_null() {
        let detail = "CloudFront's own certificate comes with its own security policy: set certificate_arn, too.";
        d.attribute_error(path.attr("minimum_tls"), "Security policy without a certificate", detail);
    }
    if let Attr::Known(arn) = &config.waf_arn
        && !is_arn(arn, "wafv2", ":global/webacl/")
    {
        let detail = format!("{arn:?} must be the ARN of a web ACL of scope CLOUDFRONT, which lives in us-east-1.");
        d.attribute_error(path.attr("waf_arn"), "Invalid web ACL", detail);
    }
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

/// A header's name (RFC 9110, "Field names").
fn is_header(text: &str) -> bool {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.len() <= 256 && text.chars().all(token)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::cluster::{
        buckets::{Bucket, LifecycleRule, Transition},
        cdn::{Behavior, CacheKey, DefaultOrigin, Forward, Ttl},
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

    fn set(names: &[&str]) -> Attr<BTreeSet<String>> {
        names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>().into()
    }

    fn served(origin: CustomOrigin) -> Cdn {
        let origin = CustomOrigin { domain: "web.example.com".into(), ..origin };
        Cdn { origins: BTreeMap::from([("web".to_owned(), origin)]).into(), ..base() }
    }

    fn answered(code: i64, path: Attr<String>, status: Attr<i64>) -> Cdn {
        let response = ErrorResponse { code: code.into(), path, status, ..ErrorResponse::default() };
        Cdn { error_responses: vec![response].into(), ..base() }
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
    fn treatment_of_requests_is_what_cloudfront_offers() {
        let at = |field: &str| format!("cdn.behaviors[0].{field}");
        let bucket = || Behavior { bucket: "images".into(), origin: Attr::Null, ..api() };
        let key = |headers: &[&str]| CacheKey { headers: set(headers), ..CacheKey::default() };
        let forward = |headers: &[&str]| Forward { headers: set(headers), ..Forward::default() };
        let many: Vec<String> = (0..11).map(|n| format!("h{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let rows = [
            (Behavior { origin: "web".into(), ..api() }, at("origin"), "Invalid origin"),
            (Behavior { methods: set(&["GET", "POST"]), ..api() }, at("methods"), "Methods not offered"),
            (
                Behavior { methods: set(&["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]), ..bucket() },
                at("methods"),
                "Methods not offered",
            ),
            (Behavior { viewer_protocol: "allow-all".into(), ..api() }, at("viewer_protocol"), "Invalid value"),
            (
                Behavior { cache: false.into(), cache_key: key(&["A"]).into(), ..api() },
                at("cache_key"),
                "Cache key without a cache",
            ),
            (Behavior { cache_key: key(&["*"]).into(), ..api() }, at("cache_key.headers"), "Headers must be named"),
            (Behavior { cache_key: key(&many).into(), ..api() }, at("cache_key.headers"), "Too many names"),
            (Behavior { forward: forward(&["*", "A"]).into(), ..api() }, at("forward.headers"), "Names beside *"),
            (
                Behavior { forward: forward(&["Authorization"]).into(), ..api() },
                at("forward.headers"),
                "Header not forwarded",
            ),
            (Behavior { forward: forward(&[]).into(), ..bucket() }, at("forward"), "Nothing to forward to a bucket"),
        ];
        for (behavior, path, summary) in rows {
            assert_eq!(problems(&with(behavior), images(Bucket::default())), [(path, summary.to_owned())]);
        }
    }

    #[test]
    fn origins_and_error_responses_are_what_cloudfront_offers() {
        let origin = CustomOrigin::default;
        let headers = Attr::Known(BTreeMap::from([("Host".to_owned(), "x".to_owned())]));
        let at = |field: &str| format!("cdn.origins[\"web\"].{field}");
        let error = |field: &str| format!("cdn.error_responses[0].{field}");
        let rows = [
            (served(CustomOrigin { protocol: "ftp".into(), ..origin() }), at("protocol"), "Invalid value"),
            (served(CustomOrigin { port: 22.into(), ..origin() }), at("port"), "Port not offered"),
            (served(CustomOrigin { path: "v1/".into(), ..origin() }), at("path"), "Invalid path"),
            (
                served(CustomOrigin { read_timeout_seconds: 0.into(), ..origin() }),
                at("read_timeout_seconds"),
                "Number out of range",
            ),
            (served(CustomOrigin { headers, ..origin() }), at("headers[\"Host\"]"), "Invalid header"),
            (answered(418, Attr::Null, Attr::Null), error("code"), "Invalid value"),
            (answered(404, Attr::Null, 200.into()), error("status"), "Status without a page"),
            (answered(404, "x.html".into(), Attr::Null), error("path"), "Invalid path"),
            (
                Cdn { default_root_object: "/index.html".into(), ..base() },
                "cdn.default_root_object".to_owned(),
                "Invalid root object",
            ),
            (
                Cdn { minimum_tls: "TLSv1.2_2021".into(), ..base() },
                "cdn.minimum_tls".to_owned(),
                "Security policy without a certificate",
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
            served(CustomOrigin {
                protocol: "http".into(),
                port: 8080.into(),
                path: "/v1".into(),
                ..Default::default()
            }),
            answered(403, "/index.html".into(), 200.into()),
            with(Behavior { methods: set(&["GET", "HEAD"]), ..api() }),
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
