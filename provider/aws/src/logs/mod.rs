//! Amazon CloudWatch Logs.

pub mod log_group;

use std::sync::Arc;

use stellar_engine::{AnyKind, Properties};

use crate::{Aws, access::Needs};

/// The kinds of this service: a new one is one new file and one line here.
pub(crate) fn kinds(aws: &Arc<Aws>) -> Vec<Arc<dyn AnyKind>> {
    vec![Arc::new(log_group::Kind(aws.clone()))]
}

/// What IAM must allow for each of them.
pub(crate) fn needs() -> Vec<(&'static str, Needs)> {
    vec![(log_group::LogGroup::KIND, log_group::NEEDS)]
}
