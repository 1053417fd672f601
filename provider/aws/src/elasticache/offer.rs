//! What ElastiCache offers in a region: engine versions and the parameters of their families.

use std::collections::BTreeMap;

use aws_sdk_elasticache::types::CacheEngineVersion;
use stellar_engine::Error;

use crate::{Aws, call};

/// A parameter of a family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// In ElastiCache's notation: a range `0-100`, choices `yes,no`, or nothing at all.
    pub allowed: String,
    /// Whether users may set it.
    pub modifiable: bool,
}

/// The versions of an engine, as `8.0`, and the parameter group family of each, oldest first.
///
/// # Errors
/// Those of `elasticache:DescribeCacheEngineVersions`.
pub async fn versions(aws: &Aws, region: &str, engine: &str) -> Result<Vec<(String, String)>, Error> {
    let elasticache = aws.elasticache(region);
    let request = || {
        let pages = elasticache.describe_cache_engine_versions().engine(engine).into_paginator().items();
        pages.send().collect::<Result<Vec<CacheEngineVersion>, _>>()
    };
    let all = call("elasticache:DescribeCacheEngineVersions", request).await?;
    let row = |found: &CacheEngineVersion| {
        Some((found.engine_version()?.to_owned(), found.cache_parameter_group_family()?.to_owned()))
    };
    Ok(all.iter().filter_map(row).collect())
}

/// The parameters of a family such as `valkey8`, by name.
///
/// # Errors
/// Those of `elasticache:DescribeEngineDefaultParameters`.
pub async fn parameters(aws: &Aws, region: &str, family: &str) -> Result<BTreeMap<String, Parameter>, Error> {
    let elasticache = aws.elasticache(region);
    let mut all = BTreeMap::new();
    let mut marker = None;
    loop {
        let request = || elasticache.describe_engine_default_parameters().cache_parameter_group_family(family);
        let request = || request().set_marker(marker.clone()).send();
        let output = call("elasticache:DescribeEngineDefaultParameters", request).await?;
        let Some(page) = output.engine_defaults else { return Ok(all) };
        let entry = |found: &aws_sdk_elasticache::types::Parameter| {
            let allowed = found.allowed_values().unwrap_or_default().to_owned();
            let modifiable = found.is_modifiable().unwrap_or_default();
            Some((found.parameter_name()?.to_owned(), Parameter { allowed, modifiable }))
        };
        all.extend(page.parameters().iter().filter_map(entry));
        marker = page.marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            return Ok(all);
        }
    }
}
