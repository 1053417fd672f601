"""Quotas of EKS, RDS and ElastiCache, checked before something is made, with each one's code."""

from __future__ import annotations

from lab import quotas
from lab.extend import Context, Params, before
from lab.services.rds.state import Shelf


@before("eks", "CreateCluster")
def clusters(ctx: Context, _params: Params) -> None:
    """Clusters per region."""
    used = len(ctx.store("eks").get("clusters", {}))
    text = "Cluster quota exceeded"
    quotas.require(ctx, "eks", "L-1194D53C", used, "ResourceLimitExceededException", text)


@before("eks", "CreateNodegroup")
def node_groups(ctx: Context, params: Params) -> None:
    """Managed node groups per cluster."""
    cluster = ctx.store("eks").get("clusters", {}).get(params["clusterName"], {})
    used = len(cluster.get("_nodegroups", {}))
    text = "Managed node groups per cluster quota exceeded"
    quotas.require(ctx, "eks", "L-6D54EA21", used, "ResourceLimitExceededException", text)


@before(
    "rds",
    "CreateDBInstance",
    "CreateDBInstanceReadReplica",
    "RestoreDBInstanceFromDBSnapshot",
    "RestoreDBInstanceToPointInTime",
)
def databases(ctx: Context, _params: Params) -> None:
    """Instances per region, Aurora's included."""
    used, text = len(Shelf(ctx).instances), "DB Instance quota exceeded"
    quotas.require(ctx, "rds", "L-7B6409FD", used, "InstanceQuotaExceeded", text)


@before("rds", "CreateDBCluster", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime")
def database_clusters(ctx: Context, _params: Params) -> None:
    """Clusters per region."""
    used, text = len(Shelf(ctx).clusters), "DB Cluster quota exceeded"
    quotas.require(ctx, "rds", "L-952B80B8", used, "DBClusterQuotaExceededFault", text)


@before("elasticache", "CreateReplicationGroup")
def caches(ctx: Context, params: Params) -> None:
    """Nodes per region."""
    groups = ctx.store("elasticache").get("groups", {})
    used = sum(len(group.get("MemberClusters", ())) for group in groups.values())
    shards = params.get("NumNodeGroups", 1)
    replicas = params.get("ReplicasPerNodeGroup", max(params.get("NumCacheClusters", 1) - 1, 0))
    used += shards * (1 + replicas) - 1
    text = "The request cannot be processed because it would exceed the allowed number of nodes"
    quotas.require(ctx, "elasticache", "L-DFE45DF3", used, "NodeQuotaForCustomerExceeded", text)
