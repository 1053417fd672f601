//! Databases that use a group of the stack's: somebody's copy, restored into the same subnets or with the same parameters.

use aws_sdk_rds::types::{DbCluster, DbInstance};
use stellar_engine::{Blocker, Error, Fate, Scope};

use crate::{Aws, call};

/// What a group is to the databases that use it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Group {
    Subnets,
    Parameters,
    ClusterParameters,
}

/// Instances and clusters that use the group.
///
/// # Errors
/// Those of the calls.
pub(super) async fn users(aws: &Aws, scope: &Scope, group: Group, name: &str) -> Result<Vec<Blocker>, Error> {
    let rds = aws.rds(&scope.region);
    let instances = || rds.describe_db_instances().into_paginator().items().send().collect();
    let instances: Vec<DbInstance> = call("rds:DescribeDBInstances", instances).await?;
    let clusters = || rds.describe_db_clusters().into_paginator().items().send().collect();
    let clusters: Vec<DbCluster> = call("rds:DescribeDBClusters", clusters).await?;
    let uses = |instance: &&DbInstance| match group {
        Group::Subnets => instance.db_subnet_group().and_then(|g| g.db_subnet_group_name()) == Some(name),
        Group::Parameters => instance.db_parameter_groups().iter().any(|g| g.db_parameter_group_name() == Some(name)),
        Group::ClusterParameters => false,
    };
    let cluster_uses = |cluster: &&DbCluster| match group {
        Group::Subnets => cluster.db_subnet_group() == Some(name),
        Group::Parameters => false,
        Group::ClusterParameters => cluster.db_cluster_parameter_group() == Some(name),
    };
    let used = instances.iter().filter(uses);
    let used = used.map(|i| user("database instance", i.db_instance_identifier(), i.db_instance_status(), name));
    let clusters = clusters.iter().filter(cluster_uses);
    let clusters = clusters.map(|c| user("database cluster", c.db_cluster_identifier(), c.status(), name));
    Ok(used.chain(clusters).collect())
}

fn user(noun: &str, id: Option<&str>, status: Option<&str>, group: &str) -> Blocker {
    let fate = if status == Some("deleting") { Fate::Goes } else { Fate::Stays };
    let about = format!("uses {group}; a copy of the stack's database is no part of it, also with its tags");
    Blocker { noun: noun.to_owned(), id: id.unwrap_or_default().to_owned(), about, fate }
}
