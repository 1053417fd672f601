//! What the user writes for the CDN and what comes back.

use std::collections::BTreeSet;

use tfplugin_sdk::{Attr, Schema};

/// A CloudFront distribution over HTTP/2, HTTP/3 and IPv6. Viewers of buckets are redirected to HTTPS; other origins
/// answer HTTPS only.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Cdn {
    /// Answers requests that no behavior takes.
    #[attr(required)]
    pub default_origin: Attr<DefaultOrigin>,
    /// Answers requests by path; the first that matches counts. Default: none.
    pub behaviors: Attr<Vec<Behavior>>,
    /// Host names of your own, such as `cdn.example.com`; they need `certificate_arn`, and a DNS record that leads to the
    /// distribution. Default: none.
    pub aliases: Attr<BTreeSet<String>>,
    /// ARN of an ACM certificate in us-east-1 that covers the aliases; viewers then need TLS 1.2. Default: CloudFront's own
    /// certificate for its own host name.
    pub certificate_arn: Attr<String>,
    /// Edge locations that take part: `100` (North America, Europe, Israel), `200` (most) or `All`. Default: `100`.
    pub price_class: Attr<String>,
    /// ARN of a web ACL of scope CLOUDFRONT. Default: none.
    pub waf_arn: Attr<String>,
}

/// A bucket of the section `buckets`, or a host.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct DefaultOrigin {
    /// Key of a bucket. Exactly one of `bucket` and `origin` is set.
    pub bucket: Attr<String>,
    /// Host name that answers HTTPS on port 443 with a valid certificate.
    pub origin: Attr<String>,
}

/// Requests of some paths. From a bucket they are `GET`, `HEAD` and `OPTIONS`, from an origin all methods.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Behavior {
    /// Path with wildcards, such as `/images/*`; case matters.
    #[attr(required)]
    pub path: Attr<String>,
    /// Key of a bucket. Exactly one of `bucket` and `origin` is set.
    pub bucket: Attr<String>,
    /// Host name that answers HTTPS on port 443 with a valid certificate.
    pub origin: Attr<String>,
    /// Keeps answers at the edge. What an origin answers is kept per query string and without the viewer's cookies and
    /// headers, which it does not get; uncached it gets everything but `Host`. Default: `true` for a bucket or with `ttl`,
    /// else `false`.
    pub cache: Attr<bool>,
    /// How long answers are kept. Default: what the origin says, a day if it says nothing.
    pub ttl: Attr<Ttl>,
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
