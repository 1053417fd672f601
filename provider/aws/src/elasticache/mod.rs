//! Amazon ElastiCache: Valkey and Redis OSS.

pub mod offer;
pub mod parameter_group;
pub mod replication_group;
pub mod subnet_group;

mod replication_group_view;
mod tags;

use std::sync::Arc;

use stellar_engine::{AnyKind, Properties};

use crate::{Aws, access::Needs};

/// The kinds of this service: a new one is one new file and one line here.
pub(crate) fn kinds(aws: &Arc<Aws>) -> Vec<Arc<dyn AnyKind>> {
    vec![
        Arc::new(parameter_group::Kind(aws.clone())),
        Arc::new(replication_group::Kind(aws.clone())),
        Arc::new(subnet_group::Kind(aws.clone())),
    ]
}

/// What IAM must allow for each of them.
pub(crate) fn needs() -> Vec<(&'static str, Needs)> {
    vec![
        (parameter_group::ParameterGroup::KIND, parameter_group::NEEDS),
        (replication_group::ReplicationGroup::KIND, replication_group::NEEDS),
        (subnet_group::SubnetGroup::KIND, subnet_group::NEEDS),
    ]
}
