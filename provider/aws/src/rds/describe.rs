//! Bulk reads of instances and clusters: one call for all that a stack has of them.

use aws_sdk_rds::types::{DbCluster, DbInstance, Filter};
use stellar_engine::Error;

use crate::{Aws, call};

/// The instances that match one filter, in one call; none without values.
pub(super) async fn instances(
    aws: &Aws,
    region: &str,
    filter: &str,
    values: Vec<String>,
) -> Result<Vec<DbInstance>, Error> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let rds = aws.rds(region);
    let filter = Filter::builder().name(filter).set_values(Some(values)).build();
    let request = || {
        let pages = rds.describe_db_instances().filters(filter.clone());
        pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
    };
    Error::absent_is_none(call("rds:DescribeDBInstances", request).await).map(Option::unwrap_or_default)
}

/// The clusters that match one filter, in one call; none without values.
pub(super) async fn clusters(
    aws: &Aws,
    region: &str,
    filter: &str,
    values: Vec<String>,
) -> Result<Vec<DbCluster>, Error> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let rds = aws.rds(region);
    let filter = Filter::builder().name(filter).set_values(Some(values)).build();
    let request = || {
        let pages = rds.describe_db_clusters().filters(filter.clone());
        pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
    };
    Error::absent_is_none(call("rds:DescribeDBClusters", request).await).map(Option::unwrap_or_default)
}

/// The object that `is_it` accepts, or the error of the call that should have found it.
pub(super) fn pick<T>(all: &Result<Vec<T>, Error>, is_it: impl Fn(&T) -> bool) -> Result<Option<&T>, Error> {
    let all = all.as_ref().map_err(Error::clone)?;
    Ok(all.iter().find(|one| is_it(one)))
}
