//! Which versions of an engine RDS offers for new databases.

use stellar_engine::Error;

use crate::{Aws, call};

/// The newest version of a parameter group family (`postgres17`) of an engine that RDS offers in the region.
///
/// # Errors
/// [`stellar_engine::ErrorClass::Permanent`] when it offers none.
pub async fn newest(aws: &Aws, region: &str, engine: &str, family: &str) -> Result<String, Error> {
    let rds = aws.rds(region);
    let request = || {
        let pages = rds.describe_db_engine_versions().engine(engine).db_parameter_group_family(family);
        pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
    };
    let versions = call("rds:DescribeDBEngineVersions", request).await?;
    // Versions on their way out are listed but cannot be created.
    let offered = versions.iter().filter(|version| version.status().is_none_or(|status| status == "available"));
    let newest = offered.filter_map(|version| version.engine_version()).max_by_key(|version| parts(version));
    let none = || Error::permanent(format!("RDS offers no version of {engine} in the family {family} in {region}"));
    newest.map(str::to_owned).ok_or_else(none)
}

/// `17.10` as `[17, 10]`, so that it comes after `17.9`.
fn parts(version: &str) -> Vec<u32> {
    version.split(['.', '-']).map(|part| part.parse().unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let mut versions = ["17.10", "17.9", "17.2-r2", "17.2"];
        versions.sort_by_key(|version| parts(version));
        assert_eq!(versions, ["17.2", "17.2-r2", "17.9", "17.10"]);
    }
}
