//! What stands in a new stack's way: names that are taken, address blocks that are in use.

use stellar_engine::Error;

use crate::{Aws, call};

impl Aws {
    /// The VPCs of the region with their IPv4 blocks.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn vpc_blocks(&self, region: &str) -> Result<Vec<(String, Vec<String>)>, Error> {
        let ec2 = self.ec2(region);
        let pages = || ec2.describe_vpcs().into_paginator().items().send();
        let found: Vec<_> = call("ec2:DescribeVpcs", || pages().collect()).await?;
        let blocks = |vpc: &aws_sdk_ec2::types::Vpc| {
            let all = vpc.cidr_block_association_set().iter().filter_map(|block| block.cidr_block());
            let mut all: Vec<String> = all.chain(vpc.cidr_block()).map(str::to_owned).collect();
            all.sort();
            all.dedup();
            all
        };
        Ok(found.iter().map(|vpc| (vpc.vpc_id().unwrap_or_default().to_owned(), blocks(vpc))).collect())
    }

    /// True when an object of this kind and name exists, whoever made it. Only kinds with names of their own are known
    /// here; of another kind nothing is taken.
    ///
    /// # Errors
    /// Those of the calls.
    pub async fn is_taken(&self, region: &str, kind: &str, name: &str) -> Result<bool, Error> {
        let found = match kind {
            "eks/cluster" => {
                let eks = self.eks(region);
                call("eks:DescribeCluster", || eks.describe_cluster().name(name).send()).await.map(drop)
            }
            "rds/instance" => {
                let rds = self.rds(region);
                let request = || rds.describe_db_instances().db_instance_identifier(name).send();
                call("rds:DescribeDBInstances", request).await.map(drop)
            }
            "elasticache/replication-group" => {
                let cache = self.elasticache(region);
                let request = || cache.describe_replication_groups().replication_group_id(name).send();
                call("elasticache:DescribeReplicationGroups", request).await.map(drop)
            }
            _ => return Ok(false),
        };
        Ok(Error::absent_is_none(found)?.is_some())
    }
}
