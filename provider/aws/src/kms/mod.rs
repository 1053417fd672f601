//! AWS KMS: encryption keys.

pub mod key;

mod own;

use std::sync::Arc;

use stellar_engine::AnyKind;

use crate::Aws;
pub use own::{OwnKey, own_key};

/// The kinds of this service: a new one is one new file and one line here.
pub(crate) fn kinds(aws: &Arc<Aws>) -> Vec<Arc<dyn AnyKind>> {
    vec![Arc::new(key::Kind(aws.clone()))]
}
