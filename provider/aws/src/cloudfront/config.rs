//! A distribution's configuration: CloudFront's form from ours; [`super::config_read`] leads back.
//!
//! CloudFront's create call fills in defaults, its update call wants every member (Developer Guide,
//! "Required fields for creating and updating distributions"), so everything is spelled out.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudfront::types::{
    Aliases, AllowedMethods, CacheBehavior, CacheBehaviors, CachedMethods, CustomErrorResponse, CustomErrorResponses,
    CustomHeaders, CustomOriginConfig, DefaultCacheBehavior, DistributionConfig, FunctionAssociations, GeoRestriction,
    GeoRestrictionType, HttpVersion, LambdaFunctionAssociations, Method, Origin as SdkOrigin, OriginCustomHeader,
    OriginShield, OriginSslProtocols, Origins, Restrictions, S3OriginConfig, SslProtocol, SslSupportMethod,
    TrustedKeyGroups, TrustedSigners, ViewerCertificate,
};
use stellar_engine::{Error, Input};

use super::{
    built,
    distribution::{Behavior, Distribution, ErrorResponse, Host, Origin, PathBehavior, Server, Tls},
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
    config.default_root_object = Some(desired.root_object.value()?.clone());
    let items = desired.error_responses.iter().map(error_response).collect::<Result<Vec<_>, _>>()?;
    let responses = CustomErrorResponses::builder().quantity(quantity(&items)).set_items(Some(items)).build();
    config.custom_error_responses = Some(built(responses)?);
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
        .origin_path(&desired.path)
        .custom_headers(headers(desired.headers.value()?)?)
        .connection_attempts(3)
        .connection_timeout(10)
        .origin_shield(built(OriginShield::builder().enabled(false).build())?);
    let origin = match &desired.server {
        Server::Bucket(access_control) => origin
            .origin_access_control_id(access_control.value()?)
            // Empty: the legacy identity is not used.
            .s3_origin_config(S3OriginConfig::builder().origin_access_identity("").build()),
        Server::Host(host) => origin.origin_access_control_id("").custom_origin_config(web_server(host)?),
    };
    built(origin.build())
}

fn headers(desired: &BTreeMap<String, String>) -> Result<CustomHeaders, Error> {
    let header = |(name, value)| built(OriginCustomHeader::builder().header_name(name).header_value(value).build());
    let items = desired.iter().map(header).collect::<Result<Vec<_>, _>>()?;
    built(CustomHeaders::builder().quantity(quantity(&items)).set_items(Some(items)).build())
}

/// The port of the protocol that is not spoken must be given, too.
fn web_server(host: &Host) -> Result<CustomOriginConfig, Error> {
    let protocols = OriginSslProtocols::builder().quantity(1).items(SslProtocol::TlSv12).build();
    let plain = host.protocol == "http-only";
    let config = CustomOriginConfig::builder()
        .http_port(if plain { host.port } else { 80 })
        .https_port(if plain { 443 } else { host.port })
        .origin_protocol_policy(host.protocol.as_str().into())
        .origin_ssl_protocols(built(protocols)?)
        .origin_read_timeout(host.read_timeout)
        .origin_keepalive_timeout(host.keepalive)
        .build();
    built(config)
}

fn error_response((code, desired): (&i32, &ErrorResponse)) -> Result<CustomErrorResponse, Error> {
    // CloudFront writes "no page" as empty texts.
    let (path, status) = match &desired.page {
        Some((path, status)) => (path.clone(), status.to_string()),
        None => Default::default(),
    };
    let response = CustomErrorResponse::builder().error_code(*code).response_page_path(path).response_code(status);
    built(response.error_caching_min_ttl(desired.ttl).build())
}

fn key_groups(desired: &Behavior) -> Result<TrustedKeyGroups, Error> {
    let ids: Vec<String> = desired.key_groups.value()?.iter().cloned().collect();
    let groups = TrustedKeyGroups::builder().enabled(!ids.is_empty()).quantity(quantity(&ids));
    built(groups.set_items((!ids.is_empty()).then_some(ids)).build())
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
            .set_origin_request_policy_id(optional(&desired.origin_request_policy)?)
            .set_response_headers_policy_id(optional(&desired.response_headers_policy)?)
            .smooth_streaming(false)
            .field_level_encryption_id("")
            .trusted_signers(built(TrustedSigners::builder().enabled(false).quantity(0).build())?)
            .trusted_key_groups(key_groups(desired)?)
            .function_associations(built(FunctionAssociations::builder().quantity(0).build())?)
            .lambda_function_associations(built(LambdaFunctionAssociations::builder().quantity(0).build())?);
        built(behavior.build())
    }};
}

fn optional(id: &Option<Input<String>>) -> Result<Option<String>, Error> {
    id.as_ref().map(|id| id.value().cloned()).transpose()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudfront::{config_read::read, managed};

    fn behavior(origin: &str, methods: &[&str]) -> Behavior {
        Behavior {
            origin: origin.to_owned(),
            viewer_protocol: "redirect-to-https".to_owned(),
            methods: methods.iter().map(|method| (*method).to_owned()).collect(),
            compress: true,
            cache_policy: managed::CACHING_OPTIMIZED.into(),
            ..Behavior::default()
        }
    }

    fn small() -> Distribution {
        let server = Server::Bucket("OAC1".into());
        let bucket = Origin { domain: "b.s3.us-east-1.amazonaws.com".into(), server, ..Origin::default() };
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
        let plain = Host { protocol: "http-only".to_owned(), port: 8080, read_timeout: 60, keepalive: 10 };
        let api = Origin {
            domain: "api.example.com".into(),
            path: "/v1".to_owned(),
            headers: Input::Known(BTreeMap::from([("X-From".to_owned(), "cdn".to_owned())])),
            server: Server::Host(plain),
        };
        let mut full = small();
        full.origins.insert("host/api".to_owned(), api);
        full.origins.insert("host/web".to_owned(), Origin { domain: "web.example.com".into(), ..Origin::default() });
        full.root_object = "index.html".into();
        let page = Some(("/index.html".to_owned(), 200));
        full.error_responses =
            BTreeMap::from([(403, ErrorResponse { page, ttl: 10 }), (500, ErrorResponse { page: None, ttl: 0 })]);
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
        behavior.origin_request_policy = Some(managed::ALL_VIEWER_EXCEPT_HOST.into());
        behavior.response_headers_policy = Some("67f7725c-6f97-4210-82d7-5512b31e9d03".into());
        behavior.key_groups = Input::Known(BTreeSet::from(["group-1".to_owned()]));
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
        config.staging = Some(true);
        apply(&mut config, &small()).unwrap();
        assert_eq!(read(&config), small());
        assert_eq!(config.staging(), Some(true));
        assert_eq!(config.caller_reference(), "reference");
    }

    #[test]
    fn lists_are_sent_with_their_length() {
        let config = new("reference", "comment", &full()).unwrap();
        assert_eq!(config.origins().map(Origins::quantity), Some(3));
        assert_eq!(config.cache_behaviors().map(CacheBehaviors::quantity), Some(2));
        assert_eq!(config.aliases().map(Aliases::quantity), Some(1));
        let methods = config.default_cache_behavior().and_then(DefaultCacheBehavior::allowed_methods);
        assert_eq!(methods.map(AllowedMethods::quantity), Some(2));
    }
}
