//! Amazon RDS: relational databases, as instances and as Aurora clusters.

pub mod cluster;
pub mod cluster_instance;
pub mod cluster_parameter_group;
pub mod instance;
pub mod parameter_group;
pub mod parameters;
pub mod restore;
pub mod subnet_group;
pub mod versions;

mod blockers;
mod cluster_create;
mod cluster_modify;
mod cluster_view;
mod describe;
mod farewell;
mod instance_create;
mod instance_modify;
mod instance_view;
mod marks;
mod status;
mod tags;
mod waiting;

use std::sync::Arc;

use stellar_engine::{AnyKind, Properties};

use crate::{Aws, access::Needs};

/// The kinds of this service: a new one is one new file and one line here.
pub(crate) fn kinds(aws: &Arc<Aws>) -> Vec<Arc<dyn AnyKind>> {
    vec![
        Arc::new(cluster::Kind(aws.clone())),
        Arc::new(cluster_instance::Kind(aws.clone())),
        Arc::new(cluster_parameter_group::Kind(aws.clone())),
        Arc::new(instance::Kind(aws.clone())),
        Arc::new(parameter_group::Kind(aws.clone())),
        Arc::new(subnet_group::Kind(aws.clone())),
    ]
}

/// What IAM must allow for each of them.
pub(crate) fn needs() -> Vec<(&'static str, Needs)> {
    vec![
        (cluster::Cluster::KIND, cluster::NEEDS),
        (cluster_instance::ClusterInstance::KIND, cluster_instance::NEEDS),
        (cluster_parameter_group::ClusterParameterGroup::KIND, cluster_parameter_group::NEEDS),
        (instance::Instance::KIND, instance::NEEDS),
        (parameter_group::ParameterGroup::KIND, parameter_group::NEEDS),
        (subnet_group::SubnetGroup::KIND, subnet_group::NEEDS),
    ]
}
