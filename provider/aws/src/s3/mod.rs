//! Amazon S3: buckets and what guards them.

pub mod bucket;
pub mod bucket_policy;
pub mod cors;
pub mod lifecycle;

mod api;

use std::sync::Arc;

use stellar_engine::{AnyKind, Properties};

use crate::{Aws, access::Needs};

/// The kinds of this service: a new one is one new file and one line here.
pub(crate) fn kinds(aws: &Arc<Aws>) -> Vec<Arc<dyn AnyKind>> {
    vec![Arc::new(bucket::Kind(aws.clone())), Arc::new(bucket_policy::Kind(aws.clone()))]
}

/// What IAM must allow for each of them.
pub(crate) fn needs() -> Vec<(&'static str, Needs)> {
    vec![(bucket::Bucket::KIND, bucket::NEEDS), (bucket_policy::BucketPolicy::KIND, bucket_policy::NEEDS)]
}
