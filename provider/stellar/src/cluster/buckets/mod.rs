//! The section `buckets`: private, encrypted buckets that only TLS reaches, some of them read by the CDN.

mod expand;
mod model;
mod outputs;
mod validate;

use stellar_engine::{Address, address};

pub use expand::expand;
pub use model::{Bucket, Buckets, CorsRule, LifecycleRule, S3Bucket, Transition};
pub use outputs::outputs;
pub use validate::validate;

/// The component of the bucket with this key.
pub fn bucket(key: &str) -> Address {
    address!("buckets/bucket/{key}")
}
