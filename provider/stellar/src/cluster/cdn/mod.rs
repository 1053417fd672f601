//! The section `cdn`: one CloudFront distribution in front of buckets and of other hosts.

mod expand;
mod model;
mod origins;
mod outputs;
mod policies;
mod source;
mod validate;

use stellar_engine::{Address, address};

pub use expand::expand;
pub use model::{Behavior, CacheKey, Cdn, Cloudfront, CustomOrigin, DefaultOrigin, ErrorResponse, Forward, Ttl};
pub use outputs::outputs;
pub use source::served_buckets;
pub use validate::validate;

/// The component of the distribution.
pub fn distribution() -> Address {
    address!("cdn/distribution")
}
