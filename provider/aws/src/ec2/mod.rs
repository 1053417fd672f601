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
mod ids;
mod instance_types;
mod interfaces;
pub(crate) mod tags;
mod zones;

use std::sync::Arc;

use stellar_engine::{AnyKind, Properties};

use crate::{Aws, access::Needs};
pub(crate) use blockers::{group_blockers, rules_of};
pub use existing::{ExistingSubnet, ExistingVpc, endpoint_services, existing_vpc};
pub(crate) use find::pick;
pub(crate) use ids::id_type;
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

/// What IAM must allow for each of them.
pub(crate) fn needs() -> Vec<(&'static str, Needs)> {
    vec![
        (elastic_ip::ElasticIp::KIND, elastic_ip::NEEDS),
        (flow_log::FlowLog::KIND, flow_log::NEEDS),
        (internet_gateway::InternetGateway::KIND, internet_gateway::NEEDS),
        (launch_template::LaunchTemplate::KIND, launch_template::NEEDS),
        (nat_gateway::NatGateway::KIND, nat_gateway::NEEDS),
        (route::Route::KIND, route::NEEDS),
        (route_table::RouteTable::KIND, route_table::NEEDS),
        (route_table_association::RouteTableAssociation::KIND, route_table_association::NEEDS),
        (security_group::SecurityGroup::KIND, security_group::NEEDS),
        (security_group_rule::SecurityGroupRule::KIND, security_group_rule::NEEDS),
        (subnet::Subnet::KIND, subnet::NEEDS),
        (vpc::Vpc::KIND, vpc::NEEDS),
        (vpc_cidr::VpcCidr::KIND, vpc_cidr::NEEDS),
        (vpc_endpoint::VpcEndpoint::KIND, vpc_endpoint::NEEDS),
    ]
}
