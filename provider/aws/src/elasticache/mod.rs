//! Amazon ElastiCache: Valkey and Redis OSS.

pub mod offer;
pub mod parameter_group;
pub mod replication_group;
pub mod subnet_group;

mod replication_group_view;
mod tags;

use std::sync::Arc;

use stellar_engine::AnyKind;

use crate::Aws;

/// The kinds of this service: a new one is one new file and one line here.
pub(crate) fn kinds(aws: &Arc<Aws>) -> Vec<Arc<dyn AnyKind>> {
    vec![
        Arc::new(parameter_group::Kind(aws.clone())),
        Arc::new(replication_group::Kind(aws.clone())),
        Arc::new(subnet_group::Kind(aws.clone())),
    ]
}
