//! Amazon EC2: networks, and what runs in them.

pub mod elastic_ip;
pub mod flow_log;
pub mod internet_gateway;
pub mod launch_template;
pub mod nat_gateway;
pub mod route;
pub mod route_table;
pub mod route_table_association;
pub mod security_group;
pub mod security_group_rule;
pub mod subnet;
pub mod vpc;
pub mod vpc_cidr;
pub mod vpc_endpoint;

mod answer;
mod blockers;
mod existing;
mod find;
mod instance_types;
mod interfaces;
pub(crate) mod tags;
mod zones;

use std::sync::Arc;

use stellar_engine::AnyKind;

use crate::Aws;
pub(crate) use blockers::{group_blockers, rules_of};
pub use existing::{ExistingSubnet, ExistingVpc, endpoint_services, existing_vpc};
pub(crate) use find::pick;
pub use instance_types::offered_types;
pub(crate) use interfaces::{interfaces_of, living_instances};
pub use zones::{Zone, zones};

/// The kinds of this service: a new one is one new file and one line here.
pub(crate) fn kinds(aws: &Arc<Aws>) -> Vec<Arc<dyn AnyKind>> {
    vec![
        Arc::new(elastic_ip::Kind(aws.clone())),
        Arc::new(flow_log::Kind(aws.clone())),
        Arc::new(internet_gateway::Kind(aws.clone())),
        Arc::new(launch_template::Kind(aws.clone())),
        Arc::new(nat_gateway::Kind(aws.clone())),
        Arc::new(route::Kind(aws.clone())),
        Arc::new(route_table::Kind(aws.clone())),
        Arc::new(route_table_association::Kind(aws.clone())),
        Arc::new(security_group::Kind(aws.clone())),
        Arc::new(security_group_rule::Kind(aws.clone())),
        Arc::new(subnet::Kind(aws.clone())),
        Arc::new(vpc::Kind(aws.clone())),
        Arc::new(vpc_cidr::Kind(aws.clone())),
        Arc::new(vpc_endpoint::Kind(aws.clone())),
    ]
}
