//! VPC endpoints: private ways to AWS services.

use stellar_aws::ec2::{
    security_group::SecurityGroup, security_group_rule::SecurityGroupRule, vpc_endpoint::VpcEndpoint,
};
use stellar_engine::{Address, Input, address};

use super::{Network, expand::Made};
use crate::cluster::build::Builder;
use crate::cluster::known::{NotYetKnown, known};

/// Services that are reached by routes instead of addresses, free of charge.
const GATEWAYS: [&str; 2] = ["s3", "dynamodb"];

/// Adds the S3 gateway endpoint and those that are asked for.
pub(super) fn expand(config: &Network, made: &Made, b: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    let wanted = known(&config.endpoints, "network.endpoints")?.cloned().unwrap_or_default();
    let (gateways, interfaces): (Vec<_>, Vec<_>) = wanted.iter().partition(|s| GATEWAYS.contains(&s.as_str()));
    gateway(b, made, "s3");
    for service in gateways.into_iter().filter(|service| *service != "s3") {
        gateway(b, made, service);
    }
    if interfaces.is_empty() {
        return Ok(());
    }
    let group = security_group(b, made);
    for service in interfaces {
        let endpoint = VpcEndpoint {
            endpoint_type: "Interface".to_owned(),
            subnet_ids: Some(made.private.iter().map(|subnet| Input::output(subnet, "id")).collect()),
            security_group_ids: Some(vec![Input::output(&group, "id")]),
            private_dns: Some(true),
            ..endpoint(b, made, service)
        };
        b.add(address!("network/endpoint/{service}"), &endpoint);
    }
    Ok(())
}

fn gateway(b: &mut Builder<'_>, made: &Made, service: &str) {
    let tables = made.tables.iter().map(|table| Input::output(table, "id")).collect();
    let gateway = VpcEndpoint {
        endpoint_type: "Gateway".to_owned(),
        route_table_ids: Some(tables),
        ..endpoint(b, made, service)
    };
    b.add(address!("network/endpoint/{service}"), &gateway);
}

/// What all endpoints have in common.
fn endpoint(b: &Builder<'_>, made: &Made, service: &str) -> VpcEndpoint {
    VpcEndpoint {
        vpc_id: Input::output(&made.vpc, "id"),
        service_name: format!("com.amazonaws.{}.{service}", b.region),
        ..VpcEndpoint::default()
    }
}

/// One group for all interface endpoints: HTTPS from within the VPC.
fn security_group(b: &mut Builder<'_>, made: &Made) -> Address {
    let group = SecurityGroup {
        name: b.names.regional("endpoints", 255),
        description: "HTTPS from the VPC to the endpoints of AWS services".to_owned(),
        vpc_id: Input::output(&made.vpc, "id"),
        ..SecurityGroup::default()
    };
    let group = b.add(address!("network/security-group/endpoints"), &group);
    let rule = SecurityGroupRule {
        group_id: Input::output(&group, "id"),
        protocol: "tcp".to_owned(),
        ports: Some((443, 443)),
        cidr: Some(made.cidr.to_string()),
        description: Some("HTTPS from the VPC".to_owned()),
        ..SecurityGroupRule::default()
    };
    b.add(address!("network/security-group-rule/endpoints"), &rule);
    group
}
