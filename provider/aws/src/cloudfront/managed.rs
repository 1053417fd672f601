//! Policies that AWS offers in every account; their ids are the same everywhere.
//!
//! Source: CloudFront Developer Guide, "Use managed cache policies" and "Use managed origin request policies".

/// Cache policy: a day (1 s to a year if the origin says so), compressed, without query strings,
/// cookies or headers in the key.
pub const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

/// Cache policy: nothing is cached.
pub const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

/// Origin request policy: everything the viewer sent, except `Host`, which must name the origin.
pub const ALL_VIEWER_EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

/// Origin request policy: the headers by which S3 decides about CORS.
pub const CORS_S3_ORIGIN: &str = "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf";
