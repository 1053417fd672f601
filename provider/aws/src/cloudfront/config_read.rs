//! A described distribution's configuration in our form; [`super::config`] is the way there.

use std::collections::BTreeMap;

use aws_sdk_cloudfront::types::{
    Aliases, AllowedMethods, CacheBehavior, CacheBehaviors, CustomErrorResponse, CustomErrorResponses, CustomHeaders,
    CustomOriginConfig, DefaultCacheBehavior, DistributionConfig, Origin as SdkOrigin, OriginProtocolPolicy, Origins,
    TrustedKeyGroups, ViewerCertificate,
};
use stellar_engine::Input;

use super::distribution::{Behavior, Distribution, ErrorResponse, Host, Origin, PathBehavior, Server, Tls};

/// The configuration in our form.
pub(super) fn read(config: &DistributionConfig) -> Distribution {
    let origins = config.origins().map(Origins::items).unwrap_or_default();
    let behaviors = config.cache_behaviors().map(CacheBehaviors::items).unwrap_or_default();
    let responses = config.custom_error_responses().map(CustomErrorResponses::items).unwrap_or_default();
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
        root_object: config.default_root_object().unwrap_or_default().into(),
        error_responses: responses.iter().map(read_error_response).collect(),
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
    let headers = origin.custom_headers().map(CustomHeaders::items).unwrap_or_default();
    let pair = |header: &aws_sdk_cloudfront::types::OriginCustomHeader| {
        (header.header_name().to_owned(), header.header_value().to_owned())
    };
    let server = match origin.custom_origin_config() {
        Some(config) => Server::Host(read_host(config)),
        None => Server::Bucket(origin.origin_access_control_id().unwrap_or_default().into()),
    };
    Origin {
        domain: origin.domain_name().into(),
        path: origin.origin_path().unwrap_or_default().to_owned(),
        headers: Input::Known(headers.iter().map(pair).collect::<BTreeMap<_, _>>()),
        server,
    }
}

fn read_host(config: &CustomOriginConfig) -> Host {
    let protocol = config.origin_protocol_policy();
    let default = Host::default();
    Host {
        protocol: protocol.as_str().to_owned(),
        port: if *protocol == OriginProtocolPolicy::HttpOnly { config.http_port() } else { config.https_port() },
        read_timeout: config.origin_read_timeout().unwrap_or(default.read_timeout),
        keepalive: config.origin_keepalive_timeout().unwrap_or(default.keepalive),
    }
}

fn read_error_response(response: &CustomErrorResponse) -> (i32, ErrorResponse) {
    let path = filled(response.response_page_path()).map(str::to_owned);
    let status = filled(response.response_code()).and_then(|code| code.parse().ok());
    let ttl = response.error_caching_min_ttl().unwrap_or_default();
    (response.error_code(), ErrorResponse { page: path.zip(status), ttl })
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
            origin_request_policy: filled(behavior.origin_request_policy_id()).map(Input::from),
            response_headers_policy: filled(behavior.response_headers_policy_id()).map(Input::from),
            key_groups: Input::Known(
                behavior
                    .trusted_key_groups()
                    .map(TrustedKeyGroups::items)
                    .unwrap_or_default()
                    .iter()
                    .cloned()
                    .collect(),
            ),
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
