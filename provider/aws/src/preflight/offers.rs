//! What a region offers: instance types and their zones, database classes, versions.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, LocationType};
use aws_sdk_rds::types::LifecycleSupportName;
use futures::try_join;
use stellar_engine::Error;

use crate::{Aws, call, call::unlisted_is_none, ec2::tags};

/// An instance type as the region offers it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Type {
    /// vCPUs of one instance.
    pub vcpus: i32,
    /// Zones that offer it.
    pub zones: BTreeSet<String>,
}

/// How AWS supports a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// At the usual price.
    Standard,
    /// At six times the price.
    Extended,
    /// Not any more.
    Ended,
}

/// A Kubernetes version of EKS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// `1.35`.
    pub version: String,
    /// How it is supported now.
    pub support: Support,
    /// Seconds since 1970 when standard support ends.
    pub standard_until: Option<i64>,
}

/// Until when AWS supports a major version of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// Seconds since 1970 when standard support ends.
    pub standard_until: i64,
}

impl Aws {
    /// Those of the instance types that the region offers, with their zones.
    ///
    /// # Errors
    /// Those of the calls.
    pub async fn instance_types(
        &self,
        region: &str,
        types: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Type>, Error> {
        let ec2 = &self.ec2(region);
        let sizes = async |named: Filter| {
            let pages = || ec2.describe_instance_types().filters(named.clone()).into_paginator().items().send();
            call::<Vec<_>, _, _, _>("ec2:DescribeInstanceTypes", || pages().collect()).await
        };
        let zones = async |named: Filter| {
            let offers = || ec2.describe_instance_type_offerings().location_type(LocationType::AvailabilityZone);
            let pages = || offers().filters(named.clone()).into_paginator().items().send();
            call::<Vec<_>, _, _, _>("ec2:DescribeInstanceTypeOfferings", || pages().collect()).await
        };
        let sizes = tags::list_any_of("instance-type", types, sizes);
        let (sizes, offers) = try_join!(sizes, tags::list_any_of("instance-type", types, zones))?;
        let mut found: BTreeMap<String, Type> = BTreeMap::new();
        for offer in offers {
            let name = offer.instance_type().map(|name| name.as_str().to_owned()).filter(|name| types.contains(name));
            if let (Some(name), Some(zone)) = (name, offer.location()) {
                found.entry(name).or_default().zones.insert(zone.to_owned());
            }
        }
        for size in sizes {
            let vcpus = size.v_cpu_info().and_then(|info| info.default_v_cpus()).unwrap_or_default();
            if let Some(offered) = size.instance_type().and_then(|name| found.get_mut(name.as_str())) {
                offered.vcpus = vcpus;
            }
        }
        Ok(found)
    }

    /// False when RDS does not offer the class for the engine in the region. A region (or a simulator) that lists nothing
    /// at all for the engine says nothing.
    ///
    /// # Errors
    /// Those of the calls.
    pub async fn offers_database(&self, region: &str, engine: &str, class: &str) -> Result<bool, Error> {
        let rds = self.rds(region);
        let lists = async |class: Option<&str>| {
            let options = || rds.describe_orderable_db_instance_options().engine(engine).vpc(true).max_records(20);
            let request = || options().set_db_instance_class(class.map(str::to_owned)).send();
            let found = call("rds:DescribeOrderableDBInstanceOptions", request).await?;
            Ok::<_, Error>(!found.orderable_db_instance_options().is_empty())
        };
        Ok(lists(Some(class)).await? || !lists(None).await?)
    }

    /// Every Kubernetes version that EKS knows, newest first; none where it does not tell.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn kubernetes_releases(&self, region: &str) -> Result<Vec<Release>, Error> {
        let eks = self.eks(region);
        let pages = || eks.describe_cluster_versions().include_all(true).into_paginator().items().send();
        let found: Result<Vec<_>, _> = call("eks:DescribeClusterVersions", || pages().collect()).await;
        Ok(unlisted_is_none(found)?.iter().flatten().filter_map(release).collect())
    }

    /// False when ElastiCache does not offer the node type in the region.
    ///
    /// It has no call for that, but lists what can be reserved, which is every type that it offers. A region (or a
    /// simulator) that lists nothing at all says nothing.
    ///
    /// # Errors
    /// Those of the calls.
    pub async fn offers_cache_node(&self, region: &str, node_type: &str) -> Result<bool, Error> {
        const WHAT: &str = "elasticache:DescribeReservedCacheNodesOfferings";
        let cache = self.elasticache(region);
        let of_type =
            || cache.describe_reserved_cache_nodes_offerings().cache_node_type(node_type).max_records(20).send();
        match call(WHAT, of_type).await {
            Ok(found) if !found.reserved_cache_nodes_offerings().is_empty() => return Ok(true),
            Err(error) if error.code.as_deref() != Some("InvalidParameterValue") => return Err(error),
            _ => {}
        }
        let any = || cache.describe_reserved_cache_nodes_offerings().max_records(20).send();
        Ok(call(WHAT, any).await?.reserved_cache_nodes_offerings().is_empty())
    }

    /// Until when the major version of an engine is supported; `None` when RDS does not say.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn database_support(&self, region: &str, engine: &str, major: &str) -> Result<Option<Lifecycle>, Error> {
        let rds = self.rds(region);
        let request = || rds.describe_db_major_engine_versions().engine(engine).major_engine_version(major).send();
        let found = call("rds:DescribeDBMajorEngineVersions", request).await?;
        let cycles = found.db_major_engine_versions().iter().flat_map(|one| one.supported_engine_lifecycles());
        let is_standard = |name: &LifecycleSupportName| *name == LifecycleSupportName::OpenSourceRdsStandardSupport;
        let mut standard = cycles.filter(|cycle| cycle.lifecycle_support_name().is_some_and(is_standard));
        let end = standard.find_map(|cycle| cycle.lifecycle_support_end_date());
        Ok(end.map(|date| Lifecycle { standard_until: date.secs() }))
    }
}

fn release(found: &aws_sdk_eks::types::ClusterVersionInformation) -> Option<Release> {
    let status = found.version_status().map(|status| status.as_str());
    let support = match status {
        Some("EXTENDED_SUPPORT") => Support::Extended,
        Some("UNSUPPORTED") => Support::Ended,
        _ => Support::Standard,
    };
    let standard_until = found.end_of_standard_support_date().map(|date| date.secs());
    Some(Release { version: found.cluster_version()?.to_owned(), support, standard_until })
}
