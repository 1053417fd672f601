//! What users write in `network`, and what they get in `vpc`.

use std::collections::BTreeSet;

use tfplugin_sdk::{Attr, Schema};

/// The VPC and its subnets: public (load balancers, NAT gateways), private (nodes and pods) and
/// database, one of each per zone. The S3 gateway endpoint, which is free of charge, is always there. The VPC's default
/// security group is kept without rules.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Network {
    /// The VPC's IPv4 block, from `/16` to `/22`; cannot be changed later. Default: `10.0.0.0/16`. Each private
    /// subnet gets an eighth of it, each public and database subnet a 64th, at a place that does not
    /// depend on the number of zones.
    pub cidr: Attr<String>,
    /// Further IPv4 blocks of the VPC, `/16` to `/28`, at most 4; they are added and removed in place. The stack's own
    /// subnets stay in `cidr`: these are for subnets of yours, or for pods. Default: none.
    pub secondary_cidrs: Attr<BTreeSet<String>>,
    /// In how many availability zones there are subnets, 2 to 6. Default: 3. The zones are chosen at creation
    /// among those that offer EKS, and stay.
    pub zone_count: Attr<i64>,
    /// The availability zones by name, instead of `zone_count`. A zone may be added at the end; replacing
    /// one replaces its subnets.
    pub availability_zones: Attr<Vec<String>>,
    /// How private subnets reach the internet: `per_zone` (a NAT gateway in each zone; survives the loss of a
    /// zone), `single` (one for all; costs less) or `none` (not at all: then `endpoints` must
    /// name every AWS service that nodes need). Default: `per_zone`. Another mode changes routes in place; connections
    /// through a gateway that goes are cut.
    pub nat: Attr<String>,
    /// AWS services that are reached within the VPC, by the last part of their service names: `ecr.api`, `ecr.dkr`,
    /// `sts`, `logs` … Each is billed per zone and hour, except `dynamodb`, which is free like S3. Default: none.
    pub endpoints: Attr<BTreeSet<String>>,
    /// Records of all traffic of the VPC in CloudWatch Logs. Default: none.
    pub flow_logs: Attr<FlowLogs>,
    /// A VPC that exists already and stays untouched. With it, only `flow_logs` may be set beside it.
    pub existing: Attr<Existing>,
}

/// VPC flow logs.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct FlowLogs {
    /// How long records are kept, in days; one of the values that CloudWatch Logs offers. Default: 30.
    pub retention_days: Attr<i64>,
}

/// A network that the user brings along.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Existing {
    /// The VPC's id. DNS support and DNS hostnames must be on; this and the subnets are checked before anything is made.
    #[attr(required)]
    pub vpc_id: Attr<String>,
    /// Private subnets with a way to the internet or to the endpoints of AWS, in at least two zones.
    #[attr(required)]
    pub private_subnet_ids: Attr<Vec<Attr<String>>>,
    /// Public subnets, for load balancers. Default: none.
    pub public_subnet_ids: Attr<Vec<Attr<String>>>,
    /// Subnets for databases and caches, in at least two zones. Default: the private ones.
    pub database_subnet_ids: Attr<Vec<Attr<String>>>,
}

/// The network as it is. Lists have one element per zone, in the order of `availability_zones`.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Vpc {
    /// The VPC's id.
    #[attr(computed)]
    pub id: Attr<String>,
    /// The VPC's ARN; null with `existing`.
    #[attr(computed)]
    pub arn: Attr<String>,
    /// The VPC's IPv4 block; null with `existing`.
    #[attr(computed)]
    pub cidr: Attr<String>,
    /// The VPC's further blocks.
    #[attr(computed)]
    pub secondary_cidrs: Attr<Vec<String>>,
    /// The availability zones by name; null with `existing`.
    #[attr(computed)]
    pub availability_zones: Attr<Vec<String>>,
    /// Ids of the public subnets.
    #[attr(computed)]
    pub public_subnet_ids: Attr<Vec<String>>,
    /// Ids of the private subnets.
    #[attr(computed)]
    pub private_subnet_ids: Attr<Vec<String>>,
    /// Ids of the database subnets.
    #[attr(computed)]
    pub database_subnet_ids: Attr<Vec<String>>,
    /// Id of the route table of all public subnets; null with `existing`.
    #[attr(computed)]
    pub public_route_table_id: Attr<String>,
    /// Ids of the route tables of the private subnets; null with `existing`.
    #[attr(computed)]
    pub private_route_table_ids: Attr<Vec<String>>,
    /// Id of the route table of all database subnets; null with `existing`.
    #[attr(computed)]
    pub database_route_table_id: Attr<String>,
    /// Id of the internet gateway; null with `existing`.
    #[attr(computed)]
    pub internet_gateway_id: Attr<String>,
    /// Public addresses from which private subnets reach the internet; null with `existing`.
    #[attr(computed)]
    pub nat_public_ips: Attr<Vec<String>>,
    /// Id of the S3 gateway endpoint; null with `existing`.
    #[attr(computed)]
    pub s3_endpoint_id: Attr<String>,
    /// Id of the security group of the interface endpoints; null without them.
    #[attr(computed)]
    pub endpoint_security_group_id: Attr<String>,
    /// Name of the log group of the flow logs; null without them.
    #[attr(computed)]
    pub flow_log_group: Attr<String>,
}
