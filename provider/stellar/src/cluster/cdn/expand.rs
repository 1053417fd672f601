//! The CDN as components: how it signs requests to buckets, its policies, and the distribution.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use stellar_aws::cloudfront::{
    distribution::{Behavior as BehaviorProps, Distribution, ErrorResponse as ErrorProps, PathBehavior, Tls},
    origin_access_control::OriginAccessControl,
};
use stellar_engine::{Address, Input, address};
use tfplugin_sdk::Attr;

use super::{
    Cdn, ErrorResponse, distribution,
    origins::Origins,
    policies, served_buckets,
    source::{Requests, Source, behaviors},
};
use crate::cluster::{
    build::Builder,
    known::{NotYetKnown, known},
};

/// Stands for the path of all other requests; no slug of a path has a `_`.
const DEFAULT_SLUG: &str = "default_origin";
/// Slugs are part of origin ids, which have at most 128 characters, and of the tag `Name`.
const SLUG_LIMIT: usize = 64;

/// The methods that CloudFront lets through together (API reference of AllowedMethods).
pub(super) const METHODS: [&[&str]; 3] =
    [&["GET", "HEAD"], &["GET", "HEAD", "OPTIONS"], &["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]];

/// The longest name of an origin access control.
const OAC_NAME_LIMIT: usize = 64;
/// Seconds for which CloudFront keeps errors when it is not told.
const ERROR_TTL: i64 = 10;

/// Adds the components of the section.
///
/// # Errors
/// When something that decides about components is not known yet: behaviors, their paths, buckets and caching.
pub fn expand(config: &Cdn, b: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    let signs = if served_buckets(config)?.is_empty() { None } else { Some(add_access_control(b)) };
    let mut origins = Origins { named: known(&config.origins, "cdn.origins")?, signs, all: BTreeMap::new() };
    let default = known(&config.default_origin, "cdn.default_origin")?.cloned().unwrap_or_default();
    let default_behavior = behavior(&Requests::from(&default), DEFAULT_SLUG, &mut origins, b)?;
    let mut by_path = Vec::new();
    for config in behaviors(config)? {
        let path = known(&config.path, "cdn.behaviors[*].path")?.cloned().unwrap_or_default();
        let behavior = behavior(&Requests::from(config), &slug(&path), &mut origins, b)?;
        by_path.push(PathBehavior { path, behavior });
    }
    let props = Distribution {
        enabled: true,
        aliases: leaf(&config.aliases, BTreeSet::new()),
        price_class: format!("PriceClass_{}", known(&config.price_class, "cdn.price_class")?.map_or("100", |c| c)),
        web_acl_arn: leaf(&config.waf_arn, String::new()),
        tls: tls(config)?,
        origins: origins.all,
        default_behavior,
        behaviors: by_path,
        root_object: leaf(&config.default_root_object, String::new()),
        error_responses: error_responses(config)?,
    };
    b.add(distribution(), &props);
    Ok(())
}

fn leaf<T: Clone>(attr: &Attr<T>, default: T) -> Input<T> {
    match attr {
        Attr::Known(value) => Input::Known(value.clone()),
        Attr::Null => Input::Known(default),
        Attr::Unknown => Input::Unknown,
    }
}

fn add_access_control(b: &mut Builder<'_>) -> Address {
    let props = OriginAccessControl { name: b.names.unique("buckets", OAC_NAME_LIMIT), signing: "always".to_owned() };
    b.add(address!("cdn/origin-access-control"), &props)
}

fn behavior(
    requests: &Requests<'_>,
    slug: &str,
    origins: &mut Origins<'_>,
    b: &mut Builder<'_>,
) -> Result<BehaviorProps, NotYetKnown> {
    let source = requests.source()?;
    let (viewer_protocol, methods) = match source {
        Source::Bucket(_) => ("redirect-to-https", METHODS[1]),
        Source::Named(_) | Source::Host(_) => ("https-only", METHODS[2]),
    };
    let default_methods = || methods.iter().map(|method| (*method).to_owned()).collect();
    Ok(BehaviorProps {
        origin: origins.add(&source, slug)?,
        viewer_protocol: known(requests.viewer_protocol, "cdn viewer_protocol")?.map_or(viewer_protocol, |p| p).into(),
        methods: known(requests.methods, "cdn methods")?.cloned().unwrap_or_else(default_methods),
        compress: known(requests.compress, "cdn compress")?.copied().unwrap_or(true),
        cache_policy: policies::cache(requests, slug, b)?,
        origin_request_policy: policies::forward(requests, slug, b)?,
        response_headers_policy: match requests.response_headers_policy_id {
            Attr::Null => None,
            id => Some(leaf(id, String::new())),
        },
        key_groups: leaf(requests.key_group_ids, BTreeSet::new()),
    })
}

fn tls(config: &Cdn) -> Result<Tls, NotYetKnown> {
    let minimum = known(&config.minimum_tls, "cdn.minimum_tls")?.map_or("TLSv1.2_2021", String::as_str);
    Ok(match &config.certificate_arn {
        Attr::Null => Tls { certificate_arn: None, minimum: "TLSv1".to_owned() },
        arn => Tls { certificate_arn: Some(leaf(arn, String::new())), minimum: minimum.to_owned() },
    })
}

/// Validation has refused codes that are none.
fn error_responses(config: &Cdn) -> Result<BTreeMap<i32, ErrorProps>, NotYetKnown> {
    let code = |value: i64| i32::try_from(value).unwrap_or_default();
    let response = |response: &ErrorResponse| {
        let of = known(&response.code, "cdn.error_responses[*].code")?.copied().map_or(0, code);
        let status = known(&response.status, "cdn.error_responses[*].status")?.copied().map_or(of, code);
        let path = known(&response.path, "cdn.error_responses[*].path")?.cloned();
        let ttl = known(&response.ttl, "cdn.error_responses[*].ttl")?.copied().unwrap_or(ERROR_TTL);
        Ok((of, ErrorProps { page: path.map(|path| (path, status)), ttl }))
    };
    known(&config.error_responses, "cdn.error_responses")?.into_iter().flatten().map(response).collect()
}

/// A short name for a path: `/images/*` is `images`. Where characters had to go, 4 digits of the path's
/// hash keep two paths apart.
fn slug(path: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let words: String = path.chars().map(word).collect();
    let words = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    if path == format!("/{words}/*") && words.len() <= SLUG_LIMIT {
        return words;
    }
    let words = words.get(..SLUG_LIMIT).unwrap_or(&words).trim_end_matches('-');
    let hash: String = Sha256::digest(path).iter().take(2).map(|byte| format!("{byte:02x}")).collect();
    [words, hash.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stellar_aws::cloudfront::managed;
    use stellar_engine::{Component, Tags};

    use super::*;
    use crate::cluster::{
        cdn::{Behavior, CacheKey, CustomOrigin, DefaultOrigin, Forward, Ttl},
        facts::Facts,
    };

    fn expanded(config: &Cdn) -> Result<Vec<Component>, NotYetKnown> {
        let facts = Facts::default();
        let mut b = Builder::new("shop", &"0".repeat(32), "us-east-1", &facts, Tags::new());
        expand(config, &mut b)?;
        Ok(b.finish())
    }

    fn lines(config: &Cdn) -> Vec<String> {
        expanded(config).unwrap().iter().map(|c| format!("{} {}", c.address, c.kind)).collect()
    }

    fn cdn(behaviors: Vec<Behavior>) -> Cdn {
        let origin = DefaultOrigin { bucket: "images".into(), ..DefaultOrigin::default() };
        Cdn { default_origin: origin.into(), behaviors: behaviors.into(), ..Cdn::default() }
    }

    fn from_bucket(path: &str, ttl: Attr<Ttl>) -> Behavior {
        Behavior { path: path.into(), bucket: "images".into(), ttl, ..Behavior::default() }
    }

    fn from_host(path: &str, cache: Attr<bool>) -> Behavior {
        Behavior { path: path.into(), origin: "api.example.com".into(), cache, ..Behavior::default() }
    }

    fn ttl(min: i64, default: i64, max: i64) -> Attr<Ttl> {
        Ttl { min: min.into(), default: default.into(), max: max.into() }.into()
    }

    const OAC: &str = "cdn/origin-access-control cloudfront/origin-access-control";
    const DISTRIBUTION: &str = "cdn/distribution cloudfront/distribution";

    #[test]
    fn components_follow_from_the_configuration() {
        let only_host = DefaultOrigin { origin: "www.example.com".into(), ..DefaultOrigin::default() };
        let minimum_profile = vec![
            from_bucket("/images/*", ttl(0, 86_400, 31_536_000)),
            from_host("/api/*", false.into()),
            from_bucket("/reports/*", ttl(0, 3600, 86_400)),
        ];
        let rows: [(Cdn, &[&str]); 4] = [
            (cdn(vec![]), &[OAC, DISTRIBUTION]),
            (Cdn { default_origin: only_host.into(), ..Cdn::default() }, &[DISTRIBUTION]),
            (
                cdn(minimum_profile),
                &[
                    OAC,
                    "cdn/cache-policy/images cloudfront/cache-policy",
                    "cdn/cache-policy/reports cloudfront/cache-policy",
                    DISTRIBUTION,
                ],
            ),
            (
                cdn(vec![from_host("/pages/*", true.into()), from_bucket("/files/*", Attr::Null)]),
                &[OAC, "cdn/cache-policy/pages cloudfront/cache-policy", DISTRIBUTION],
            ),
        ];
        for (config, expected) in rows {
            assert_eq!(lines(&config), expected);
        }
    }

    #[test]
    fn each_behavior_gets_the_policies_of_its_source() {
        let own = json!({"$ref": ["cdn/cache-policy/x", "id"]});
        let rows = [
            (from_bucket("/x/*", Attr::Null), json!(managed::CACHING_OPTIMIZED), json!(managed::CORS_S3_ORIGIN), 3),
            (from_bucket("/x/*", ttl(1, 2, 3)), own.clone(), json!(managed::CORS_S3_ORIGIN), 3),
            (
                from_host("/x/*", Attr::Null),
                json!(managed::CACHING_DISABLED),
                json!(managed::ALL_VIEWER_EXCEPT_HOST),
                7,
            ),
            (from_host("/x/*", true.into()), own, json!(null), 7),
        ];
        for (config, cache, request, methods) in rows {
            let components = expanded(&cdn(vec![config])).unwrap();
            let behavior = &components.last().unwrap().desired["behaviors"][0]["behavior"];
            assert_eq!(behavior["cache_policy"], cache);
            assert_eq!(behavior["origin_request_policy"], request);
            assert_eq!(behavior["methods"].as_array().map(Vec::len), Some(methods));
        }
    }

    #[test]
    fn a_host_may_be_known_later_and_a_bucket_may_not() {
        let later = Behavior { origin: Attr::Unknown, ..from_host("/api/*", false.into()) };
        let components = expanded(&cdn(vec![later])).unwrap();
        assert_eq!(components.last().unwrap().desired["origins"]["host/api"]["domain"], json!({"$unknown": true}));
        let unknown = Behavior { bucket: Attr::Unknown, ..from_bucket("/x/*", Attr::Null) };
        assert!(expanded(&cdn(vec![unknown])).is_err());
    }

    #[test]
    fn a_named_origin_brings_its_settings() {
        let web = CustomOrigin {
            domain: "web.example.com".into(),
            protocol: "http".into(),
            path: "/v1".into(),
            ..CustomOrigin::default()
        };
        let behavior = Behavior { origin: "web".into(), ..from_host("/x/*", Attr::Null) };
        let config = Cdn { origins: BTreeMap::from([("web".to_owned(), web)]).into(), ..cdn(vec![behavior]) };
        let components = expanded(&config).unwrap();
        let origin = &components.last().unwrap().desired["origins"]["origin/web"];
        let host = json!({"protocol": "http-only", "port": 80, "read_timeout": 30, "keepalive": 5});
        assert_eq!((&origin["server"]["host"], &origin["path"]), (&host, &json!("/v1")));
        let unknown = Behavior { origin: "nope".into(), ..from_host("/x/*", Attr::Null) };
        assert!(expanded(&cdn(vec![unknown])).is_err());
    }

    #[test]
    fn names_in_keys_and_forwarding_get_policies_of_their_own() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let key = CacheKey { headers: set(&["Authorization"]).into(), ..CacheKey::default() };
        let forward = Forward { cookies: set(&["session"]).into(), ..Forward::default() };
        let behavior = Behavior { cache_key: key.into(), forward: forward.into(), ..from_host("/x/*", Attr::Null) };
        let components = expanded(&cdn(vec![behavior])).unwrap();
        let find = |address: &str| components.iter().find(|c| c.address.as_str() == address).map(|c| &c.desired);
        let cache = find("cdn/cache-policy/x").expect("a cache policy");
        assert_eq!((&cache["headers"], &cache["query_strings"]), (&json!(["Authorization"]), &json!(["*"])));
        let request = find("cdn/origin-request-policy/x").expect("an origin request policy");
        assert_eq!((&request["cookies"], &request["headers"]), (&json!(["session"]), &json!([])));
    }

    #[test]
    fn no_path_takes_the_origin_of_all_other_requests() {
        let default_origin = DefaultOrigin { origin: "www.example.com".into(), ..DefaultOrigin::default() };
        let behavior = Behavior { path: "/default/*".into(), origin: "api.example.com".into(), ..Behavior::default() };
        let config = Cdn { default_origin: default_origin.into(), behaviors: vec![behavior].into(), ..Cdn::default() };
        let components = expanded(&config).unwrap();
        let origins = &components.last().unwrap().desired["origins"];
        assert_eq!(origins["host/default_origin"]["domain"], "www.example.com");
        assert_eq!(origins["host/default"]["domain"], "api.example.com");
    }

    #[test]
    fn slugs_are_short_and_stay_apart() {
        assert_eq!(slug("/images/*"), "images");
        let paths = ["/images/*", "/images*", "/Images/*", "/a/b/*", "/a-b/*", "/a/b-*", "*.jpg", "/?"];
        let slugs: BTreeSet<_> = paths.iter().map(|path| slug(path)).collect();
        assert_eq!(slugs.len(), paths.len());
        for slug in slugs {
            assert!(slug.parse::<Address>().is_ok(), "{slug}");
        }
    }
}
