//! The CDN as components: how it signs requests to buckets, how long it keeps answers, and the distribution.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use stellar_aws::cloudfront::{
    cache_policy::CachePolicy,
    distribution::{Behavior as BehaviorProps, Distribution, Origin, PathBehavior, Tls},
    managed,
    origin_access_control::OriginAccessControl,
};
use stellar_engine::{Address, Input, address};
use tfplugin_sdk::Attr;

use super::{
    Behavior, Cdn, Ttl, distribution, served_buckets,
    source::{Source, behaviors},
};
use crate::cluster::{
    buckets,
    build::Builder,
    known::{NotYetKnown, known},
};

/// Seconds in the cache where the user says nothing; CloudFront's own defaults.
const TTL: (i64, i64, i64) = (0, 86_400, 31_536_000);

/// Stands for the default origin's path; no slug of a path has a `*`.
const DEFAULT_SLUG: &str = "*";
/// Slugs are part of origin ids, which have at most 128 characters, and of the tag `Name`.
const SLUG_LIMIT: usize = 64;

const READ: &[&str] = &["GET", "HEAD", "OPTIONS"];
const ALL: &[&str] = &["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The longest name of an origin access control and of a cache policy.
const OAC_NAME_LIMIT: usize = 64;
const CACHE_POLICY_NAME_LIMIT: usize = 128;

/// Adds the components of the section.
///
/// # Errors
/// When something that decides about components is not known yet: behaviors, their paths, buckets and caching.
pub fn expand(config: &Cdn, b: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    let signs = if served_buckets(config)?.is_empty() { None } else { Some(add_access_control(b)) };
    let mut origins = BTreeMap::new();
    let default = known(&config.default_origin, "cdn.default_origin")?.cloned().unwrap_or_default();
    let source = Source::of_default(&default)?;
    let cached = matches!(source, Source::Bucket(_));
    let origin = add_origin(&mut origins, &source, DEFAULT_SLUG, signs.as_ref());
    let policy = if cached { managed::CACHING_OPTIMIZED } else { managed::CACHING_DISABLED };
    let default_behavior = behavior(&source, origin, policy.into(), cached);
    let mut by_path = Vec::new();
    for config in behaviors(config)? {
        let path = known(&config.path, "cdn.behaviors[*].path")?.cloned().unwrap_or_default();
        let slug = slug(&path);
        let source = Source::of(config)?;
        let (policy, cached) = cache_policy(config, &source, &slug, b)?;
        let origin = add_origin(&mut origins, &source, &slug, signs.as_ref());
        by_path.push(PathBehavior { path, behavior: behavior(&source, origin, policy, cached) });
    }
    let props = Distribution {
        enabled: true,
        aliases: leaf(&config.aliases, BTreeSet::new()),
        price_class: format!("PriceClass_{}", known(&config.price_class, "cdn.price_class")?.map_or("100", |c| c)),
        web_acl_arn: leaf(&config.waf_arn, String::new()),
        tls: tls(&config.certificate_arn),
        origins,
        default_behavior,
        behaviors: by_path,
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

/// Adds the origin of a source; answers its id. A host gets the id of the behavior, because its name may
/// be known later.
fn add_origin(origins: &mut BTreeMap<String, Origin>, source: &Source, slug: &str, signs: Option<&Address>) -> String {
    let (id, origin) = match source {
        Source::Bucket(key) => {
            let domain = Input::output(&buckets::bucket(key), "domain");
            let access_control = signs.map(|address| Input::output(address, "id"));
            (format!("bucket/{key}"), Origin { domain, access_control })
        }
        Source::Host(host) => (format!("host/{slug}"), Origin { domain: host.clone(), access_control: None }),
    };
    origins.insert(id.clone(), origin);
    id
}

fn behavior(source: &Source, origin: String, cache_policy: Input<String>, cached: bool) -> BehaviorProps {
    let (viewer_protocol, methods, request_policy) = match source {
        Source::Bucket(_) => ("redirect-to-https", READ, Some(managed::CORS_S3_ORIGIN)),
        // A redirected POST would lose its body. Cached answers are made without the viewer's data, so that
        // none of them is personal.
        Source::Host(_) => ("https-only", ALL, (!cached).then_some(managed::ALL_VIEWER_EXCEPT_HOST)),
    };
    BehaviorProps {
        origin,
        viewer_protocol: viewer_protocol.to_owned(),
        methods: methods.iter().map(|method| (*method).to_owned()).collect(),
        compress: true,
        cache_policy,
        origin_request_policy: request_policy.map(str::to_owned),
    }
}

/// The id of the policy for a behavior, an own one where AWS has none that fits; and whether it caches.
fn cache_policy(
    config: &Behavior,
    source: &Source,
    slug: &str,
    b: &mut Builder<'_>,
) -> Result<(Input<String>, bool), NotYetKnown> {
    let is_bucket = matches!(source, Source::Bucket(_));
    let ttl = known(&config.ttl, "cdn.behaviors[*].ttl")?;
    let cached = known(&config.cache, "cdn.behaviors[*].cache")?.copied().unwrap_or(is_bucket || ttl.is_some());
    Ok(match (cached, ttl) {
        (false, _) => (managed::CACHING_DISABLED.into(), false),
        (true, None) if is_bucket => (managed::CACHING_OPTIMIZED.into(), true),
        (true, ttl) => {
            let (min_ttl, default_ttl, max_ttl) = ttl.map_or(Ok(TTL), seconds)?;
            let policy = CachePolicy {
                name: b.names.unique(slug, CACHE_POLICY_NAME_LIMIT),
                min_ttl,
                default_ttl,
                max_ttl,
                query_strings: if is_bucket { "none" } else { "all" }.to_owned(),
            };
            (Input::output(&b.add(address!("cdn/cache-policy/{slug}"), &policy), "id"), true)
        }
    })
}

/// Min, default and max, with the defaults pulled into the bounds that are given.
pub(super) fn seconds(ttl: &Ttl) -> Result<(i64, i64, i64), NotYetKnown> {
    let min = known(&ttl.min, "cdn.behaviors[*].ttl.min")?.copied();
    let max = known(&ttl.max, "cdn.behaviors[*].ttl.max")?.copied();
    let default = known(&ttl.default, "cdn.behaviors[*].ttl.default")?.copied();
    let min = min.unwrap_or(TTL.0);
    let max = max.unwrap_or(TTL.2.max(min));
    Ok((min, default.unwrap_or(TTL.1.min(max).max(min)), max))
}

fn tls(certificate_arn: &Attr<String>) -> Tls {
    match certificate_arn {
        Attr::Null => Tls { certificate_arn: None, minimum: "TLSv1".to_owned() },
        arn => Tls { certificate_arn: Some(leaf(arn, String::new())), minimum: "TLSv1.2_2021".to_owned() },
    }
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
    use stellar_engine::{Component, Tags};

    use super::*;
    use crate::cluster::{cdn::DefaultOrigin, facts::Facts};

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

    #[test]
    fn a_host_may_be_known_later_and_a_bucket_may_not() {
        let later = Behavior { origin: Attr::Unknown, ..from_host("/api/*", false.into()) };
        let components = expanded(&cdn(vec![later])).unwrap();
        assert_eq!(components.last().unwrap().desired["origins"]["host/api"]["domain"], json!({"$unknown": true}));
        let unknown = Behavior { bucket: Attr::Unknown, ..from_bucket("/x/*", Attr::Null) };
        assert!(expanded(&cdn(vec![unknown])).is_err());
    }

    #[test]
    fn no_path_takes_the_origin_of_all_other_requests() {
        let default_origin = DefaultOrigin { origin: "www.example.com".into(), ..DefaultOrigin::default() };
        let behavior = Behavior { path: "/default/*".into(), origin: "api.example.com".into(), ..Behavior::default() };
        let config = Cdn { default_origin: default_origin.into(), behaviors: vec![behavior].into(), ..Cdn::default() };
        let components = expanded(&config).unwrap();
        let origins = &components.last().unwrap().desired["origins"];
        assert_eq!(origins["host/*"]["domain"], "www.example.com");
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
