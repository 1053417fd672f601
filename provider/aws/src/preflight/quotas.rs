//! What the account may have, and what it has.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, Instance, InstanceLifecycleType, Subnet};
use stellar_engine::{Error, ErrorClass};

use crate::{Aws, call, ec2::tags};

/// Something that a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    /// VPCs in the region.
    Vpcs,
    /// Internet gateways in the region.
    InternetGateways,
    /// Elastic IP addresses in the region.
    Addresses,
    /// EKS clusters in the region.
    Clusters,
    /// RDS and Aurora instances in the region.
    Databases,
    /// Aurora and Multi-AZ clusters in the region.
    DatabaseClusters,
    /// ElastiCache nodes in the region.
    CacheNodes,
    /// vCPUs of running instances of a family, bought in one way.
    Vcpus(Family, bool),
}

/// A family of instance types that has quotas of its own (EC2 User Guide, "Amazon EC2 instance type quotas").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// A, C, D, H, I, M, R, T, Z.
    Standard,
    /// G and VT.
    Graphics,
    /// P.
    Accelerated,
}

impl Family {
    /// The family of an instance type; `None` for those that are not counted here (Inf, Trn, X …).
    pub fn of(instance_type: &str) -> Option<Self> {
        let letters: String = instance_type.chars().take_while(char::is_ascii_lowercase).collect();
        match letters.as_str() {
            "g" | "gr" | "vt" => Some(Self::Graphics),
            "p" => Some(Self::Accelerated),
            "a" | "c" | "d" | "h" | "i" | "im" | "is" | "m" | "r" | "t" | "z" => Some(Self::Standard),
            _ => None,
        }
    }

    /// Its quota's code in the service `ec2`.
    pub fn quota(self, spot: bool) -> &'static str {
        match (self, spot) {
            (Self::Standard, false) => "L-1216C47A",
            (Self::Standard, true) => "L-34B43A08",
            (Self::Graphics, false) => "L-DB2E81BA",
            (Self::Graphics, true) => "L-3819A6DF",
            (Self::Accelerated, false) => "L-417A185B",
            (Self::Accelerated, true) => "L-7212CCBC",
        }
    }
}

impl Aws {
    /// A quota's value in force; AWS's default where the account has none of its own.
    ///
    /// # Errors
    /// Those of the calls; a quota that AWS does not know.
    pub async fn quota(&self, region: &str, service: &str, code: &str) -> Result<f64, Error> {
        let quotas = self.servicequotas(region);
        let request = || quotas.get_service_quota().service_code(service).quota_code(code).send();
        let applied = call("servicequotas:GetServiceQuota", request).await;
        let absent = |error: &Error| {
            error.class == ErrorClass::Absent || error.code.as_deref() == Some("NoSuchResourceException")
        };
        let found = match applied {
            Ok(found) => found.quota().and_then(|quota| quota.value()),
            Err(error) if absent(&error) => {
                let request = || quotas.get_aws_default_service_quota().service_code(service).quota_code(code).send();
                let default = call("servicequotas:GetAWSDefaultServiceQuota", request).await?;
                default.quota().and_then(|quota| quota.value())
            }
            Err(error) => return Err(error),
        };
        found.ok_or_else(|| Error::permanent(format!("the quota {service}/{code} has no value")))
    }

    /// How much of something there is.
    ///
    /// # Errors
    /// Those of the listing calls.
    pub async fn in_use(&self, region: &str, used: Used) -> Result<f64, Error> {
        let count = match used {
            Used::Vpcs => self.vpc_blocks(region).await?.len(),
            Used::InternetGateways => {
                let ec2 = self.ec2(region);
                let pages = || ec2.describe_internet_gateways().into_paginator().items().send();
                let found: Vec<_> = call("ec2:DescribeInternetGateways", || pages().collect()).await?;
                found.len()
            }
            Used::Addresses => {
                let ec2 = self.ec2(region);
                call("ec2:DescribeAddresses", || ec2.describe_addresses().send()).await?.addresses().len()
            }
            Used::Clusters => {
                let eks = self.eks(region);
                let found: Vec<_> =
                    call("eks:ListClusters", || eks.list_clusters().into_paginator().items().send().collect()).await?;
                found.len()
            }
            Used::Databases => {
                let rds = self.rds(region);
                let pages = || rds.describe_db_instances().into_paginator().items().send();
                let found: Vec<_> = call("rds:DescribeDBInstances", || pages().collect()).await?;
                found.len()
            }
            Used::DatabaseClusters => {
                let rds = self.rds(region);
                let pages = || rds.describe_db_clusters().into_paginator().items().send();
                let found: Vec<_> = call("rds:DescribeDBClusters", || pages().collect()).await?;
                found.len()
            }
            Used::CacheNodes => {
                let cache = self.elasticache(region);
                let pages = || cache.describe_cache_clusters().into_paginator().items().send();
                let found: Vec<_> = call("elasticache:DescribeCacheClusters", || pages().collect()).await?;
                let nodes = found.iter().map(|cluster| cluster.num_cache_nodes().unwrap_or(1));
                usize::try_from(nodes.sum::<i32>()).unwrap_or_default()
            }
            Used::Vcpus(family, spot) => return self.running_vcpus(region, family, spot).await,
        };
        // Counts of objects are far below 2^52.
        Ok(count as f64)
    }

    /// NAT gateways by zone. Those count that are pending, available or being deleted (VPC User Guide, "Amazon VPC
    /// quotas").
    ///
    /// # Errors
    /// Those of the listing calls.
    pub async fn nat_gateways(&self, region: &str) -> Result<BTreeMap<String, f64>, Error> {
        let ec2 = &self.ec2(region);
        let counting = Filter::builder().name("state").values("pending").values("available").values("deleting").build();
        let pages = || ec2.describe_nat_gateways().filter(counting.clone()).into_paginator().items().send();
        let gateways: Vec<_> = call("ec2:DescribeNatGateways", || pages().collect()).await?;
        let ids: BTreeSet<&str> = gateways.iter().filter_map(|one| one.subnet_id()).collect();
        let list = async |named: Filter| {
            let pages = || ec2.describe_subnets().filters(named.clone()).into_paginator().items().send();
            call::<Vec<_>, _, _, _>("ec2:DescribeSubnets", || pages().collect()).await
        };
        let subnets = tags::list_any_of("subnet-id", ids, list).await?;
        let zone = |subnet: &Subnet| Some((subnet.subnet_id()?.to_owned(), subnet.availability_zone()?.to_owned()));
        let zones: BTreeMap<String, String> = subnets.iter().filter_map(zone).collect();
        let mut counts = BTreeMap::new();
        for zone in gateways.iter().filter_map(|gateway| zones.get(gateway.subnet_id()?)) {
            *counts.entry(zone.clone()).or_default() += 1.0;
        }
        Ok(counts)
    }

    /// How many IAM roles the account has, and may have.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn roles(&self, region: &str) -> Result<(f64, f64), Error> {
        let iam = self.iam(region);
        let summary = call("iam:GetAccountSummary", || iam.get_account_summary().send()).await?;
        let entry = |name: &str| {
            let entries = summary.summary_map().into_iter().flatten();
            let value = entries.filter(|(key, _)| key.as_str() == name).map(|(_, value)| f64::from(*value)).next();
            value.ok_or_else(|| Error::permanent(format!("iam:GetAccountSummary answered without {name}")))
        };
        Ok((entry("Roles")?, entry("RolesQuota")?))
    }

    async fn running_vcpus(&self, region: &str, family: Family, spot: bool) -> Result<f64, Error> {
        let ec2 = self.ec2(region);
        let running = Filter::builder().name("instance-state-name").values("pending").values("running").build();
        let pages = || ec2.describe_instances().filters(running.clone()).into_paginator().items().send();
        let found: Vec<_> = call("ec2:DescribeInstances", || pages().collect()).await?;
        let instances = found.iter().flat_map(|reservation| reservation.instances());
        Ok(instances.filter(|instance| counts(instance, family, spot)).map(vcpus).sum())
    }
}

fn counts(instance: &Instance, family: Family, spot: bool) -> bool {
    let is_spot = instance.instance_lifecycle() == Some(&InstanceLifecycleType::Spot);
    let kind = instance.instance_type().map_or("", |kind| kind.as_str());
    is_spot == spot && Family::of(kind) == Some(family)
}

fn vcpus(instance: &Instance) -> f64 {
    let options = instance.cpu_options();
    let part = |count: Option<i32>| f64::from(count.unwrap_or(1));
    options.map_or(1.0, |cpu| part(cpu.core_count()) * part(cpu.threads_per_core()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instance_types_belong_to_families() {
        let rows = [
            ("m5.large", Some(Family::Standard)),
            ("im4gn.large", Some(Family::Standard)),
            ("g5.xlarge", Some(Family::Graphics)),
            ("vt1.3xlarge", Some(Family::Graphics)),
            ("p5.48xlarge", Some(Family::Accelerated)),
            ("inf2.xlarge", None),
            ("x2idn.16xlarge", None),
        ];
        for (kind, family) in rows {
            assert_eq!(Family::of(kind), family, "{kind}");
        }
    }
}
