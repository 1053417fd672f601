//! A network that somebody else made, and the endpoint services of a region: what to know before using them.

use aws_sdk_ec2::types::{Filter, ServiceDetail, VpcAttributeName};
use stellar_engine::Error;

use super::tags;
use crate::{Aws, call};

/// A VPC that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExistingVpc {
    /// Its own resolver is on.
    pub dns_support: bool,
    /// Instances get names.
    pub dns_hostnames: bool,
    /// Its subnets.
    pub subnets: Vec<ExistingSubnet>,
}

/// A subnet that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExistingSubnet {
    /// `subnet-…`.
    pub id: String,
    /// The zone by name.
    pub zone: String,
    /// Addresses that nobody has yet.
    pub free_addresses: i32,
}

/// The VPC with this id; `None` when the account has none in the region.
///
/// # Errors
/// Those of `ec2:DescribeVpcs`, `ec2:DescribeVpcAttribute` and `ec2:DescribeSubnets`.
pub async fn existing_vpc(aws: &Aws, region: &str, id: &str) -> Result<Option<ExistingVpc>, Error> {
    let ec2 = aws.ec2(region);
    let filter = tags::filter("vpc-id", id);
    let vpcs = call("ec2:DescribeVpcs", || ec2.describe_vpcs().filters(filter.clone()).send()).await?;
    if vpcs.vpcs().is_empty() {
        return Ok(None);
    }
    let attribute = |name: VpcAttributeName| {
        let ec2 = ec2.clone();
        async move {
            let request = || ec2.describe_vpc_attribute().vpc_id(id).attribute(name.clone()).send();
            let output = call("ec2:DescribeVpcAttribute", request).await?;
            let value = output.enable_dns_support().or(output.enable_dns_hostnames()).and_then(|value| value.value());
            Ok(value.unwrap_or_default())
        }
    };
    let subnets = async {
        let pages = || ec2.describe_subnets().filters(filter.clone()).into_paginator().items();
        let all: Vec<_> = call("ec2:DescribeSubnets", || pages().send().collect()).await?;
        Ok(all.iter().map(subnet).collect())
    };
    let (dns_support, dns_hostnames, subnets) = futures::try_join!(
        attribute(VpcAttributeName::EnableDnsSupport),
        attribute(VpcAttributeName::EnableDnsHostnames),
        subnets,
    )?;
    Ok(Some(ExistingVpc { dns_support, dns_hostnames, subnets }))
}

fn subnet(subnet: &aws_sdk_ec2::types::Subnet) -> ExistingSubnet {
    ExistingSubnet {
        id: subnet.subnet_id().unwrap_or_default().to_owned(),
        zone: subnet.availability_zone().unwrap_or_default().to_owned(),
        free_addresses: subnet.available_ip_address_count().unwrap_or_default(),
    }
}

/// AWS's endpoint services of these names (`com.amazonaws.us-east-1.ecr.api`), with the zones in which each is offered.
/// Names that are unknown in the region are left out.
///
/// # Errors
/// Those of `ec2:DescribeVpcEndpointServices`.
pub async fn endpoint_services(aws: &Aws, region: &str, names: &[String]) -> Result<Vec<(String, Vec<String>)>, Error> {
    let ec2 = &aws.ec2(region);
    let list = async |filter: Filter| {
        let mut all = Vec::new();
        let mut token = None;
        loop {
            let request = || ec2.describe_vpc_endpoint_services().filters(filter.clone()).set_next_token(token.clone());
            let page = call("ec2:DescribeVpcEndpointServices", || request().send()).await?;
            let row = |service: &ServiceDetail| Some((service.service_name()?.to_owned(), zones(service)));
            all.extend(page.service_details().iter().filter_map(row));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(all);
            }
        }
    };
    tags::list_any_of("service-name", names, list).await
}

fn zones(service: &ServiceDetail) -> Vec<String> {
    service.availability_zones().to_vec()
}
