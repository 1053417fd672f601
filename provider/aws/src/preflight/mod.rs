//! Look-ups before anything is created: quotas and their use, offerings, versions, names. They only read.

mod offers;
mod quotas;
mod taken;

pub use offers::{Lifecycle, Release, Support, Type};
pub use quotas::{Family, Used};
