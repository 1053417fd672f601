//! Instance types of a region.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::Filter;
use stellar_engine::Error;

use super::tags;
use crate::{Aws, call};

/// Those of the types that the region offers.
///
/// # Errors
/// Those of `ec2:DescribeInstanceTypeOfferings`.
pub async fn offered_types(aws: &Aws, region: &str, types: &BTreeSet<String>) -> Result<BTreeSet<String>, Error> {
    let ec2 = &aws.ec2(region);
    let list = async |wanted: Filter| {
        let pages = || ec2.describe_instance_type_offerings().filters(wanted.clone()).into_paginator().items();
        let request = || pages().send().collect::<Result<Vec<_>, _>>();
        call("ec2:DescribeInstanceTypeOfferings", request).await
    };
    let offerings = tags::list_any_of("instance-type", types, list).await?;
    let names = offerings.iter().filter_map(|offering| offering.instance_type());
    Ok(names.map(|name| name.as_str().to_owned()).collect())
}
