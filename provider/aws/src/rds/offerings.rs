//! Which instance classes RDS offers for an engine in a region, and with what.

use std::collections::BTreeSet;

use stellar_engine::Error;

use crate::{Aws, call};

/// What RDS offers of one class for one version of an engine, in one region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offering {
    /// Names of the zones that have it; empty: not offered in the region.
    pub zones: BTreeSet<String>,
    /// `gp3`, `io2`, `aurora` …
    pub storage_types: BTreeSet<String>,
    /// A standby in another zone is possible.
    pub multi_az: bool,
}

impl Offering {
    /// False when no zone of the region has the class.
    pub fn is_offered(&self) -> bool {
        !self.zones.is_empty()
    }
}

/// What RDS offers of the class. `version` is a full version, or `None` for any.
///
/// # Errors
/// Those of the call; an unknown version is [`stellar_engine::ErrorClass::Permanent`].
pub async fn offering(
    aws: &Aws,
    region: &str,
    engine: &str,
    version: Option<&str>,
    class: &str,
) -> Result<Offering, Error> {
    let rds = aws.rds(region);
    let request = || {
        let options = rds.describe_orderable_db_instance_options().engine(engine).db_instance_class(class).vpc(true);
        let options = options.set_engine_version(version.map(str::to_owned));
        options.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
    };
    let options = call("rds:DescribeOrderableDBInstanceOptions", request).await?;
    let mut offering = Offering::default();
    for option in &options {
        offering.zones.extend(option.availability_zones().iter().filter_map(|zone| zone.name().map(str::to_owned)));
        offering.storage_types.extend(option.storage_type().map(str::to_owned));
        offering.multi_az |= option.multi_az_capable().unwrap_or_default();
    }
    Ok(offering)
}
