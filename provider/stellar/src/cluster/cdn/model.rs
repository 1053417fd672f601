//! What the user writes for the CDN and what comes back.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin_sdk::{Attr, Schema};

/// A CloudFront distribution over HTTP/2, HTTP/3 and IPv6. Every change is made in place, within minutes. Viewers always
/// use HTTPS.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Cdn {
    /// Answers requests that no behavior takes.
    #[attr(required)]
    pub default_origin: Attr<DefaultOrigin>,
    /// Answers requests by path; the first that matches counts. Default: none.
    pub behaviors: Attr<Vec<Behavior>>,
    /// Web servers that need settings, by a short name that `origin` takes in place of a host name. Default: none.
    pub origins: Attr<BTreeMap<String, CustomOrigin>>,
    /// Object that `/` stands for, `index.html`. Default: none.
    pub default_root_object: Attr<String>,
    /// What viewers get in place of errors. Default: what the origin answers, kept for 10 seconds.
    pub error_responses: Attr<Vec<ErrorResponse>>,
    /// Host names of your own, such as `cdn.example.com`; they need `certificate_arn`, and a DNS record that leads to the
    /// distribution. Default: none.
    pub aliases: Attr<BTreeSet<String>>,
    /// ARN of an ACM certificate in us-east-1 that covers the aliases. Default: CloudFront's own
    /// certificate for its own host name, with which viewers may use TLS 1.0.
    pub certificate_arn: Attr<String>,
    /// Least security policy of viewers, with `certificate_arn`: `TLSv1.2_2021`, `TLSv1.2_2025` or `TLSv1.3_2025`.
    /// Default: `TLSv1.2_2021`.
    pub minimum_tls: Attr<String>,
    /// Edge locations that take part: `100` (North America, Europe, Israel), `200` (most) or `All`. Default: `100`.
    pub price_class: Attr<String>,
    /// ARN of a web ACL of scope CLOUDFRONT. Default: none.
    pub waf_arn: Attr<String>,
}

/// Requests that no behavior takes.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct DefaultOrigin {
    /// Key of a bucket. Exactly one of `bucket` and `origin` is set.
    pub bucket: Attr<String>,
    /// Host name that answers HTTPS on port 443 with a valid certificate, or a key of `origins`.
    pub origin: Attr<String>,
    /// Methods that are let through: `GET`, `HEAD`; with `OPTIONS`; or with `PUT`, `POST`, `PATCH`, `DELETE` and `OPTIONS`.
    /// Others are not offered. Default: the first three from a bucket, which is only read, and all from an origin.
    pub methods: Attr<BTreeSet<String>>,
    /// `redirect-to-https` (default for a bucket) or `https-only` (default for an origin: a redirected request loses its body).
    pub viewer_protocol: Attr<String>,
    /// Compresses answers that viewers accept compressed. Default: `true`.
    pub compress: Attr<bool>,
    /// Keeps answers at the edge. What an origin answers is then made without the viewer's cookies and headers, unless
    /// `cache_key` or `forward` names them; uncached it gets everything but `Host`. Default: `true` for a bucket, or with
    /// `ttl` or `cache_key`, else `false`.
    pub cache: Attr<bool>,
    /// How long answers are kept. Default: what the origin says, a day if it says nothing.
    pub ttl: Attr<Ttl>,
    /// For which requests the same answer counts. Default: query strings tell requests to an origin apart, nothing those
    /// to a bucket.
    pub cache_key: Attr<CacheKey>,
    /// What an origin gets of the viewer's request beside what `cache_key` names. Default: see `cache`.
    pub forward: Attr<Forward>,
    /// Id of a response headers policy, AWS's or your own. Default: none.
    pub response_headers_policy_id: Attr<String>,
    /// Ids of key groups by one of which URLs or cookies must be signed. Default: anybody may ask.
    pub key_group_ids: Attr<BTreeSet<String>>,
}

/// Requests of some paths.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Behavior {
    /// Path with wildcards, such as `/images/*`; case matters.
    #[attr(required)]
    pub path: Attr<String>,
    /// Key of a bucket. Exactly one of `bucket` and `origin` is set.
    pub bucket: Attr<String>,
    /// Host name that answers HTTPS on port 443 with a valid certificate, or a key of `origins`.
    pub origin: Attr<String>,
    /// Methods that are let through: `GET`, `HEAD`; with `OPTIONS`; or with `PUT`, `POST`, `PATCH`, `DELETE` and `OPTIONS`.
    /// Others are not offered. Default: the first three from a bucket, which is only read, and all from an origin.
    pub methods: Attr<BTreeSet<String>>,
    /// `redirect-to-https` (default for a bucket) or `https-only` (default for an origin: a redirected request loses its body).
    pub viewer_protocol: Attr<String>,
    /// Compresses answers that viewers accept compressed. Default: `true`.
    pub compress: Attr<bool>,
    /// Keeps answers at the edge. What an origin answers is then made without the viewer's cookies and headers, unless
    /// `cache_key` or `forward` names them; uncached it gets everything but `Host`. Default: `true` for a bucket, or with
    /// `ttl` or `cache_key`, else `false`.
    pub cache: Attr<bool>,
    /// How long answers are kept. Default: what the origin says, a day if it says nothing.
    pub ttl: Attr<Ttl>,
    /// For which requests the same answer counts. Default: query strings tell requests to an origin apart, nothing those
    /// to a bucket.
    pub cache_key: Attr<CacheKey>,
    /// What an origin gets of the viewer's request beside what `cache_key` names. Default: see `cache`.
    pub forward: Attr<Forward>,
    /// Id of a response headers policy, AWS's or your own. Default: none.
    pub response_headers_policy_id: Attr<String>,
    /// Ids of key groups by one of which URLs or cookies must be signed. Default: anybody may ask.
    pub key_group_ids: Attr<BTreeSet<String>>,
}

/// A web server.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct CustomOrigin {
    /// Host name.
    #[attr(required)]
    pub domain: Attr<String>,
    /// `https` (default; with TLS 1.2 and a valid certificate) or `http`, in plain text.
    pub protocol: Attr<String>,
    /// TCP port: 80, 443, or 1024 to 65535. Default: 443, with `http` 80.
    pub port: Attr<i64>,
    /// Put in front of every request's path, such as `/v1`. Default: nothing.
    pub path: Attr<String>,
    /// Headers that every request to it carries. They are no place for secrets: state and CloudFront show them.
    pub headers: Attr<BTreeMap<String, String>>,
    /// Seconds to wait for an answer, 1 to 120; CloudFront wants a raised quota beyond 60. Default: 30.
    pub read_timeout_seconds: Attr<i64>,
    /// Seconds for which an idle connection is kept, 1 to 120; CloudFront wants a raised quota beyond 60. Default: 5.
    pub keepalive_seconds: Attr<i64>,
}

/// What viewers get in place of an error.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct ErrorResponse {
    /// Status code of the origin: 400, 403, 404, 405, 414, 416, 500, 501, 502, 503 or 504. A bucket answers 403 for an
    /// object that does not exist.
    #[attr(required)]
    pub code: Attr<i64>,
    /// Path of the page that is sent, `/index.html`. Default: the origin's own answer.
    pub path: Attr<String>,
    /// Status code with which the page is sent. Default: `code`.
    pub status: Attr<i64>,
    /// Seconds for which the error is kept. Default: 10.
    pub ttl: Attr<i64>,
}

/// Names that are part of the cache key. They reach the origin, too. At most 10 each.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct CacheKey {
    /// Query strings, or `*` for all. Default: all for an origin, none for a bucket.
    pub query_strings: Attr<BTreeSet<String>>,
    /// Cookies, or `*` for all. Default: none.
    pub cookies: Attr<BTreeSet<String>>,
    /// Headers, such as `Authorization` or `Accept-Language`. Default: none.
    pub headers: Attr<BTreeSet<String>>,
}

/// Names that reach the origin. At most 10 each.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Forward {
    /// Query strings, or `*` for all. Default: none.
    pub query_strings: Attr<BTreeSet<String>>,
    /// Cookies, or `*` for all. Default: none.
    pub cookies: Attr<BTreeSet<String>>,
    /// Headers, or `*` for all that the viewer sent, `Host` among them. Default: none.
    pub headers: Attr<BTreeSet<String>>,
}

/// Seconds in the cache.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Ttl {
    /// At least, whatever the origin says. Default: `0`.
    pub min: Attr<i64>,
    /// When the origin says nothing. Default: `86400`, within `min` and `max`.
    pub default: Attr<i64>,
    /// At most. Default: `31536000`, at least `min`.
    pub max: Attr<i64>,
}

/// The distribution as it is.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Cloudfront {
    /// Id of the distribution.
    #[attr(computed)]
    pub id: Attr<String>,
    /// ARN of the distribution.
    #[attr(computed)]
    pub arn: Attr<String>,
    /// Host name of the distribution.
    #[attr(computed)]
    pub domain_name: Attr<String>,
    /// Hosted zone for alias records that lead to the distribution.
    #[attr(computed)]
    pub hosted_zone_id: Attr<String>,
}
