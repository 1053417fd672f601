//! What the user writes for buckets and what comes back.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin_sdk::{Attr, Schema};

/// The section: buckets by a short key, which names them in the rest of the configuration.
pub type Buckets = BTreeMap<String, Bucket>;

/// A private bucket: encrypted with a KMS key, without ACLs and public access, reached by TLS only.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Bucket {
    /// Name of the bucket, unique in the world. Default: derived from the stack's name, the key and the claim. Changing
    /// it replaces the bucket, which `allow_replace` must permit.
    pub name: Attr<String>,
    /// Keeps overwritten and deleted objects as noncurrent versions. Default: `true`. Switched off, versions that exist stay.
    pub versioning: Attr<bool>,
    /// What S3 moves or removes by itself after some days. Default: nothing.
    pub lifecycle: Attr<Vec<LifecycleRule>>,
    /// Which web pages may use the bucket from a browser; the first rule that matches a request counts. Default: none.
    pub cors: Attr<Vec<CorsRule>>,
    /// Deleting the bucket deletes its objects first. Otherwise a bucket that holds objects is kept, together with the key
    /// that they need, and listed in `retained`. Default: `false`.
    pub force_destroy: Attr<bool>,
}

/// A lifecycle rule. Days count from an object's creation, for noncurrent versions from their replacement.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct LifecycleRule {
    /// Applies to keys that start with this. Default: all.
    pub prefix: Attr<String>,
    /// Moves current versions to other storage classes.
    pub transitions: Attr<Vec<Transition>>,
    /// Removes current versions after so many days.
    pub expiration_days: Attr<i64>,
    /// Moves noncurrent versions to other storage classes.
    pub noncurrent_transitions: Attr<Vec<Transition>>,
    /// Removes noncurrent versions for good after so many days.
    pub noncurrent_expiration_days: Attr<i64>,
    /// Removes the parts of unfinished uploads after so many days.
    pub abort_uploads_days: Attr<i64>,
}

/// A move to another storage class.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Transition {
    /// After so many days; at least 30 for `STANDARD_IA` and `ONEZONE_IA`.
    #[attr(required)]
    pub days: Attr<i64>,
    /// `STANDARD_IA`, `ONEZONE_IA`, `INTELLIGENT_TIERING`, `GLACIER_IR`, `GLACIER` or `DEEP_ARCHIVE`.
    #[attr(required)]
    pub storage_class: Attr<String>,
}

/// A CORS rule.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct CorsRule {
    /// Origins such as `https://app.example.com`, with at most one `*` each.
    #[attr(required)]
    pub allowed_origins: Attr<BTreeSet<String>>,
    /// `GET`, `PUT`, `HEAD`, `POST`, `DELETE`.
    #[attr(required)]
    pub allowed_methods: Attr<BTreeSet<String>>,
    /// Request headers that a preflight may ask for. Default: none.
    pub allowed_headers: Attr<BTreeSet<String>>,
    /// Response headers that scripts may read. Default: none.
    pub exposed_headers: Attr<BTreeSet<String>>,
    /// How long browsers keep the answer to a preflight, in seconds. Default: the browser's own.
    pub max_age_seconds: Attr<i64>,
}

/// A bucket as it is.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct S3Bucket {
    /// Name of the bucket.
    #[attr(computed)]
    pub name: Attr<String>,
    /// ARN of the bucket.
    #[attr(computed)]
    pub arn: Attr<String>,
    /// Host name of the bucket in its region.
    #[attr(computed)]
    pub domain_name: Attr<String>,
    /// ARN of the key that encrypts new objects; who reads them needs `kms:Decrypt` on it.
    #[attr(computed)]
    pub kms_key_arn: Attr<String>,
}
