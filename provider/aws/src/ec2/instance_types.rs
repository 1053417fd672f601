//! Instance types of a region.

use std::collections::BTreeSet;

use stellar_engine::Error;

use super::tags;
use crate::{Aws, call};

/// The most values that a filter takes (EC2 API reference, "Filter").
const MOST_VALUES: usize = 200;

/// Those of the types that the region offers.
///
/// # Errors
/// Those of `ec2:DescribeInstanceTypeOfferings`.
pub async fn offered_types(aws: &Aws, region: &str, types: &BTreeSet<String>) -> Result<BTreeSet<String>, Error> {
    let ec2 = aws.ec2(region);
    let types: Vec<&String> = types.iter().collect();
    let mut found = BTreeSet::new();
    for some in types.chunks(MOST_VALUES) {
        let wanted = tags::any_of("instance-type", some.iter().copied());
        // One page holds 1000.
        let request = || ec2.describe_instance_type_offerings().filters(wanted.clone()).send();
        let output = call("ec2:DescribeInstanceTypeOfferings", request).await?;
        let names = output.instance_type_offerings().iter().filter_map(|offering| offering.instance_type());
        found.extend(names.map(|name| name.as_str().to_owned()));
    }
    Ok(found)
}
