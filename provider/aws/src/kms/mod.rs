//! AWS KMS: encryption keys.

pub mod key;

mod own;

use std::sync::Arc;

use stellar_engine::{AnyKind, Properties};

use crate::{Aws, access::Needs};
pub use own::{OwnKey, own_key};

/// The kinds of this service: a new one is one new file and one line here.
pub(crate) fn kinds(aws: &Arc<Aws>) -> Vec<Arc<dyn AnyKind>> {
    vec![Arc::new(key::Kind(aws.clone()))]
}

/// What IAM must allow for each of them.
pub(crate) fn needs() -> Vec<(&'static str, Needs)> {
    vec![(key::Key::KIND, key::NEEDS)]
}
