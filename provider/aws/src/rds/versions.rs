//! Which versions of an engine RDS offers for new databases, and to which it upgrades.

use aws_sdk_rds::types::UpgradeTarget;
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

/// The full version to ask for so that a database of the full version `from` becomes `wanted`, a major or a full
/// version: the newest that RDS upgrades to directly.
///
/// # Errors
/// [`stellar_engine::ErrorClass::Permanent`] when there is no direct way, with the versions to which there is one.
pub(super) async fn target(aws: &Aws, region: &str, engine: &str, from: &str, wanted: &str) -> Result<String, Error> {
    let rds = aws.rds(region);
    let request = || rds.describe_db_engine_versions().engine(engine).engine_version(from).send();
    let found = call("rds:DescribeDBEngineVersions", request).await?;
    let targets = found.db_engine_versions().first().map_or(&[][..], |version| version.valid_upgrade_target());
    choose(targets, wanted).ok_or_else(|| {
        let mut majors: Vec<&str> = targets.iter().filter_map(UpgradeTarget::engine_version).map(major).collect();
        majors.sort_by_key(|version| parts(version));
        majors.dedup();
        let ways = if majors.is_empty() { "none".to_owned() } else { majors.join(", ") };
        Error::permanent(format!(
            "RDS does not upgrade {engine} {from} to {wanted}; it upgrades to versions of: {ways}"
        ))
    })
}

/// The newest among the targets that is `wanted` or begins with it.
fn choose(targets: &[UpgradeTarget], wanted: &str) -> Option<String> {
    let fits =
        |version: &&str| version.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let versions = targets.iter().filter_map(UpgradeTarget::engine_version).filter(fits);
    versions.max_by_key(|version| parts(version)).map(str::to_owned)
}

/// A version that AWS reports in full, as desired where it is that one: `17` stands for every `17.x`, and a pinned minor
/// version for newer ones of its major, which AWS installs when it withdraws the old one and from which there is no
/// way back.
pub(super) fn installed(found: &str, desired: Option<&str>) -> String {
    let is_newer_minor = |wanted: &&str| major(wanted) == major(found) && parts(wanted) <= parts(found);
    desired.filter(is_newer_minor).unwrap_or(found).to_owned()
}

/// `17.10` as `[17, 10]`, so that it comes after `17.9`.
pub(super) fn parts(version: &str) -> Vec<u32> {
    version.split(['.', '-']).map(|part| part.trim_start_matches('r').parse().unwrap_or_default()).collect()
}

/// The first part of a version: PostgreSQL's major version.
pub(super) fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let mut versions = ["17.10", "17.9", "17.2-r2", "17.2", "17.2-r10"];
        versions.sort_by_key(|version| parts(version));
        assert_eq!(versions, ["17.2", "17.2-r2", "17.2-r10", "17.9", "17.10"]);
    }

    #[test]
    fn what_aws_installs_is_as_desired() {
        let rows = [
            ("17.6", Some("17"), "17"),
            ("17.6", Some("17.6"), "17.6"),
            ("17.10", Some("17.9"), "17.9"),
            ("17.5", Some("17.6"), "17.5"),
            ("17.6", Some("16"), "17.6"),
            ("17.6", Some("1"), "17.6"),
            ("17.6", None, "17.6"),
        ];
        for (found, desired, expected) in rows {
            assert_eq!(installed(found, desired), expected, "{found} {desired:?}");
        }
    }

    #[test]
    fn the_newest_direct_upgrade_is_chosen() {
        let target = |version: &str| UpgradeTarget::builder().engine_version(version).build();
        let targets: Vec<_> = ["16.9", "16.10", "17.5", "17.6", "1.7"].into_iter().map(target).collect();
        for (wanted, expected) in
            [("16", Some("16.10")), ("17", Some("17.6")), ("17.5", Some("17.5")), ("18", None), ("1", Some("1.7"))]
        {
            assert_eq!(choose(&targets, wanted).as_deref(), expected, "{wanted}");
        }
    }
}
