//! A distribution's configuration: CloudFront's form from ours, and back.
//!
//! CloudFront's create call fills in defaults, its update call wants every member (Developer Guide,
//! "Required fields for creating and updating distributions"), so everything is spelled out.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types::{
    Aliases, AllowedMethods, CacheBehavior, CacheBehaviors, CachedMethods, CustomHeaders, CustomOriginConfig,
    DefaultCacheBehavior, DistributionConfig, FunctionAssociations, GeoRestriction, GeoRestrictionType, HttpVersion,
    LambdaFunctionAssociations, Method, Origin as SdkOrigin, OriginProtocolPolicy, OriginShield, OriginSslProtocols,
    Origins, Restrictions, S3OriginConfig, SslProtocol, SslSupportMethod, TrustedKeyGroups, TrustedSigners,
    ViewerCertificate,
};
use stellar_engine::{Error, Input};

use super::{
    built,
    distribution::{Behavior, Distribution, Origin, PathBehavior, Tls},
};

/// A new configuration.
pub(super) fn new(caller_reference: &str, comment: &str, desired: &Distribution) -> Result<DistributionConfig, Error> {
    let no_limit = GeoRestriction::builder().restriction_type(GeoRestrictionType::None).quantity(0).build();
    let config = DistributionConfig::builder()
        .caller_reference(caller_reference)
        .comment(comment)
        .enabled(true)
        .http_version(HttpVersion::Http2and3)
        .is_ipv6_enabled(true)
        .restrictions(Restrictions::builder().geo_restriction(built(no_limit)?).build());
    let mut config = built(config.build())?;
    apply(&mut config, desired)?;
    Ok(config)
}

/// Brings everything that we own in line, and leaves the rest.
pub(super) fn apply(config: &mut DistributionConfig, desired: &Distribution) -> Result<(), Error> {
    config.enabled = desired.enabled;
    config.price_class = Some(desired.price_class.as_str().into());
    config.web_acl_id = Some(desired.web_acl_arn.value()?.clone());
    config.viewer_certificate = Some(certificate(&desired.tls)?);
    let aliases: Vec<String> = desired.aliases.value()?.iter().cloned().collect();
    config.aliases = Some(built(Aliases::builder().quantity(quantity(&aliases)).set_items(Some(aliases)).build())?);
    let items = desired.origins.iter().map(|(id, o)| origin(id, o)).collect::<Result<Vec<_>, _>>()?;
    config.origins = Some(built(Origins::builder().quantity(quantity(&items)).set_items(Some(items)).build())?);
    config.default_cache_behavior = Some(default_behavior(&desired.default_behavior)?);
    let items = desired.behaviors.iter().map(path_behavior).collect::<Result<Vec<_>, _>>()?;
    config.cache_behaviors =
        Some(built(CacheBehaviors::builder().quantity(quantity(&items)).set_items(Some(items)).build())?);
    Ok(())
}

fn certificate(tls: &Tls) -> Result<ViewerCertificate, Error> {
    let certificate = ViewerCertificate::builder().minimum_protocol_version(tls.minimum.as_str().into());
    Ok(match &tls.certificate_arn {
        None => certificate.cloud_front_default_certificate(true).build(),
        Some(arn) => {
            let arn = arn.value()?;
            certificate.acm_certificate_arn(arn).ssl_support_method(SslSupportMethod::SniOnly).build()
        }
    })
}

fn origin(id: &str, desired: &Origin) -> Result<SdkOrigin, Error> {
    let origin = SdkOrigin::builder()
        .id(id)
        .domain_name(desired.domain.value()?)
        .origin_path("")
        .custom_headers(built(CustomHeaders::builder().quantity(0).build())?)
        .connection_attempts(3)
        .connection_timeout(10)
        .origin_shield(built(OriginShield::builder().enabled(false).build())?);
    let origin = match &desired.access_control {
        Some(id) => origin
            .origin_access_control_id(id.value()?)
            // Empty: the legacy identity is not used.
            .s3_origin_config(S3OriginConfig::builder().origin_access_identity("").build()),
        None => origin.origin_access_control_id("").custom_origin_config(https_only()?),
    };
    built(origin.build())
}

fn https_only() -> Result<CustomOriginConfig, Error> {
    let protocols = OriginSslProtocols::builder().quantity(1).items(SslProtocol::TlSv12).build();
    let config = CustomOriginConfig::builder()
        .http_port(80)
        .https_port(443)
        .origin_protocol_policy(OriginProtocolPolicy::HttpsOnly)
        .origin_ssl_protocols(built(protocols)?)
        .origin_read_timeout(30)
        .origin_keepalive_timeout(5)
        .build();
    built(config)
}

/// The default behavior and those for paths are two types with the same members.
macro_rules! behavior {
    ($builder:expr, $desired:expr) => {{
        let desired: &Behavior = $desired;
        let behavior = $builder
            .target_origin_id(&desired.origin)
            .viewer_protocol_policy(desired.viewer_protocol.as_str().into())
            .allowed_methods(methods(&desired.methods)?)
            .compress(desired.compress)
            .cache_policy_id(desired.cache_policy.value()?)
            .set_origin_request_policy_id(desired.origin_request_policy.clone())
            .smooth_streaming(false)
            .field_level_encryption_id("")
            .trusted_signers(built(TrustedSigners::builder().enabled(false).quantity(0).build())?)
            .trusted_key_groups(built(TrustedKeyGroups::builder().enabled(false).quantity(0).build())?)
            .function_associations(built(FunctionAssociations::builder().quantity(0).build())?)
            .lambda_function_associations(built(LambdaFunctionAssociations::builder().quantity(0).build())?);
        built(behavior.build())
    }};
}

fn default_behavior(desired: &Behavior) -> Result<DefaultCacheBehavior, Error> {
    behavior!(DefaultCacheBehavior::builder(), desired)
}

fn path_behavior(desired: &PathBehavior) -> Result<CacheBehavior, Error> {
    behavior!(CacheBehavior::builder().path_pattern(&desired.path), &desired.behavior)
}

fn methods(allowed: &BTreeSet<String>) -> Result<AllowedMethods, Error> {
    let cached = CachedMethods::builder().quantity(2).items(Method::Get).items(Method::Head).build();
    let items = allowed.iter().map(|method| method.as_str().into()).collect();
    built(
        AllowedMethods::builder()
            .quantity(quantity(allowed))
            .set_items(Some(items))
            .cached_methods(built(cached)?)
            .build(),
    )
}

/// CloudFront counts its lists, and has quotas far below the limit of the type.
fn quantity<'a, C: IntoIterator>(items: &'a C) -> i32
where
    &'a C: IntoIterator,
{
    i32::try_from(items.into_iter().count()).unwrap_or(i32::MAX)
}

/// The configuration in our form.
pub(super) fn read(config: &DistributionConfig) -> Distribution {
    let origins = config.origins().map(Origins::items).unwrap_or_default();
    let behaviors = config.cache_behaviors().map(CacheBehaviors::items).unwrap_or_default();
    let aliases = config.aliases().map(Aliases::items).unwrap_or_default();
    Distribution {
        enabled: config.enabled(),
        aliases: Input::Known(aliases.iter().cloned().collect()),
        price_class: config.price_class().map(|class| class.as_str().to_owned()).unwrap_or_default(),
        web_acl_arn: config.web_acl_id().unwrap_or_default().into(),
        tls: config.viewer_certificate().map(read_tls).unwrap_or_default(),
        origins: origins.iter().map(|origin| (origin.id().to_owned(), read_origin(origin))).collect(),
        default_behavior: config.default_cache_behavior().map(read_default).unwrap_or_default(),
        behaviors: behaviors.iter().map(read_path).collect(),
    }
}

fn read_tls(certificate: &ViewerCertificate) -> Tls {
    let minimum = certificate.minimum_protocol_version().map(|version| version.as_str());
    Tls {
        certificate_arn: filled(certificate.acm_certificate_arn()).map(Input::from),
        // Of its own certificate CloudFront may leave it out.
        minimum: minimum.unwrap_or("TLSv1").to_owned(),
    }
}

fn read_origin(origin: &SdkOrigin) -> Origin {
    Origin {
        domain: origin.domain_name().into(),
        access_control: filled(origin.origin_access_control_id()).map(Input::from),
    }
}

/// As for writing: two types with the same members.
macro_rules! read_behavior {
    ($behavior:expr) => {{
        let behavior = $behavior;
        let methods = behavior.allowed_methods().map(AllowedMethods::items).unwrap_or_default();
        Behavior {
            origin: behavior.target_origin_id().to_owned(),
            viewer_protocol: behavior.viewer_protocol_policy().as_str().to_owned(),
            methods: methods.iter().map(|method| method.as_str().to_owned()).collect(),
            compress: behavior.compress().unwrap_or_default(),
            cache_policy: behavior.cache_policy_id().unwrap_or_default().into(),
            origin_request_policy: filled(behavior.origin_request_policy_id()).map(str::to_owned),
        }
    }};
}

fn read_default(behavior: &DefaultCacheBehavior) -> Behavior {
    read_behavior!(behavior)
}

fn read_path(behavior: &CacheBehavior) -> PathBehavior {
    PathBehavior { path: behavior.path_pattern().to_owned(), behavior: read_behavior!(behavior) }
}

/// CloudFront writes "not set" as an empty text.
fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::cloudfront::managed;

    fn behavior(origin: &str, methods: &[&str]) -> Behavior {
        Behavior {
            origin: origin.to_owned(),
            viewer_protocol: "redirect-to-https".to_owned(),
            methods: methods.iter().map(|method| (*method).to_owned()).collect(),
            compress: true,
            cache_policy: managed::CACHING_OPTIMIZED.into(),
            origin_request_policy: None,
        }
    }

    fn small() -> Distribution {
        let bucket = Origin { domain: "b.s3.us-east-1.amazonaws.com".into(), access_control: Some("OAC1".into()) };
        Distribution {
            enabled: true,
            price_class: "PriceClass_100".to_owned(),
            tls: Tls { certificate_arn: None, minimum: "TLSv1".to_owned() },
            origins: BTreeMap::from([("bucket/images".to_owned(), bucket)]),
            default_behavior: behavior("bucket/images", &["GET", "HEAD"]),
            ..Distribution::default()
        }
    }

    fn full() -> Distribution {
        let api = Origin { domain: "api.example.com".into(), access_control: None };
        let mut full = small();
        full.origins.insert("host/api".to_owned(), api);
        full.behaviors = ["/a/*", "/b"].map(|path| PathBehavior { path: path.to_owned(), ..path_to_api() }).into();
        full.aliases = BTreeSet::from(["cdn.example.com".to_owned()]).into();
        full.web_acl_arn = "arn:aws:wafv2:us-east-1:1:global/webacl/a/b".into();
        full.tls = Tls {
            certificate_arn: Some("arn:aws:acm:us-east-1:1:certificate/c".into()),
            minimum: "TLSv1.2_2021".to_owned(),
        };
        full
    }

    fn path_to_api() -> PathBehavior {
        let mut behavior = behavior("host/api", &["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]);
        behavior.origin_request_policy = Some(managed::ALL_VIEWER_EXCEPT_HOST.to_owned());
        PathBehavior { path: String::new(), behavior }
    }

    #[test]
    fn a_configuration_is_read_as_it_was_written() {
        for desired in [small(), full()] {
            assert_eq!(read(&new("reference", "comment", &desired).unwrap()), desired);
        }
    }

    #[test]
    fn a_change_takes_away_what_is_not_wanted_any_more_and_keeps_what_is_not_ours() {
        let mut config = new("reference", "comment", &full()).unwrap();
        config.default_root_object = Some("index.html".to_owned());
        apply(&mut config, &small()).unwrap();
        assert_eq!(read(&config), small());
        assert_eq!(config.default_root_object(), Some("index.html"));
        assert_eq!(config.caller_reference(), "reference");
    }

    #[test]
    fn lists_are_sent_with_their_length() {
        let config = new("reference", "comment", &full()).unwrap();
        assert_eq!(config.origins().map(Origins::quantity), Some(2));
        assert_eq!(config.cache_behaviors().map(CacheBehaviors::quantity), Some(2));
        assert_eq!(config.aliases().map(Aliases::quantity), Some(1));
        let methods = config.default_cache_behavior().and_then(DefaultCacheBehavior::allowed_methods);
        assert_eq!(methods.map(AllowedMethods::quantity), Some(2));
    }
}
