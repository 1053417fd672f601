"""Where RDS keeps its records, and the look-ups that every operation needs."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context
from lab.kit import pages
from lab.kit.records import Record, public, tag_list, tag_map

INSTANCE, SNAPSHOT = "rds/instance", "rds/snapshot"
CLUSTER, CLUSTER_SNAPSHOT = "rds/cluster", "rds/cluster-snapshot"
ENDPOINT = "rds/cluster-endpoint"
GLOBAL = "rds/global-cluster"
REPLICATION = "rds/backup-replication"
BLUE_GREEN = "rds/blue-green-deployment"
# States in which a database serves and takes changes.
AVAILABLE = frozenset({"available", "storage-optimization"})


class Shelf:
    """The records of one account and region, by name."""

    def __init__(self, ctx: Context) -> None:
        store = ctx.store("rds")
        self.instances: dict[str, Record] = store.setdefault("instances", {})
        self.snapshots: dict[str, Record] = store.setdefault("snapshots", {})
        self.backups: dict[str, Record] = store.setdefault("backups", {})
        self.subnet_groups: dict[str, Record] = store.setdefault("subnet_groups", {})
        self.parameter_groups: dict[str, Record] = store.setdefault("parameter_groups", {})
        self.events: list[Record] = store.setdefault("events", [])
        self.clusters: dict[str, Record] = store.setdefault("clusters", {})
        self.cluster_snapshots: dict[str, Record] = store.setdefault("cluster_snapshots", {})
        self.cluster_backups: dict[str, Record] = store.setdefault("cluster_backups", {})
        self.cluster_endpoints: dict[str, Record] = store.setdefault("cluster_endpoints", {})
        self.blue_green: dict[str, Record] = store.setdefault("blue_green", {})
        self.cluster_parameter_groups: dict[str, Record] = store.setdefault(
            "cluster_parameter_groups", {}
        )

    def instance(self, name: str) -> Record:
        """The instance, or DBInstanceNotFound. Names fold to lower case; ARNs work too."""
        name = name.rsplit(":", 1)[-1].lower()
        if name not in self.instances:
            raise AwsError("DBInstanceNotFound", f"DBInstance {name} not found.")
        return self.instances[name]

    def snapshot(self, name: str) -> Record:
        """The snapshot, or DBSnapshotNotFound."""
        # Automated snapshots carry a colon in their name: `…:snapshot:rds:name`.
        name = name.split(":snapshot:", 1)[-1].lower()
        if name not in self.snapshots:
            raise AwsError("DBSnapshotNotFound", f"DBSnapshot {name} not found.")
        return self.snapshots[name]

    def cluster(self, name: str) -> Record:
        """The cluster by name or ARN, or DBClusterNotFoundFault."""
        name = name.rsplit(":", 1)[-1].lower()
        if name not in self.clusters:
            raise AwsError("DBClusterNotFoundFault", f"DBCluster {name} not found.")
        return self.clusters[name]

    def cluster_snapshot(self, name: str) -> Record:
        """The cluster snapshot by name or ARN, or DBClusterSnapshotNotFoundFault."""
        name = name.split(":cluster-snapshot:", 1)[-1].lower()
        if name not in self.cluster_snapshots:
            raise AwsError("DBClusterSnapshotNotFoundFault", f"DBClusterSnapshot {name} not found.")
        return self.cluster_snapshots[name]

    def members(self, cluster: Record) -> list[Record]:
        """The cluster's instances, the writer first."""
        rows = sorted(cluster["DBClusterMembers"], key=lambda row: not row["IsClusterWriter"])
        return [self.instances[row["DBInstanceIdentifier"]] for row in rows]

    def subnet_group(self, name: str) -> Record:
        """The subnet group, or DBSubnetGroupNotFoundFault."""
        if name.lower() not in self.subnet_groups:
            raise AwsError(
                "DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist."
            )
        return self.subnet_groups[name.lower()]


def arn(ctx: Context, kind: str, name: str) -> str:
    """`arn:aws:rds:region:account:kind:name`."""
    return f"arn:aws:rds:{ctx.region}:{ctx.account}:{kind}:{name}"


def page(items: list[Record], params: Record, member: str) -> dict[str, Any]:
    """One page of a Describe answer."""
    rows, marker = pages.page(
        items,
        params,
        size="MaxRecords",
        token="Marker",
        most=100,
        error="InvalidParameterValue",
    )
    answer: dict[str, Any] = {member: [public(row) for row in rows]}
    return answer | ({"Marker": marker} if marker else {})


def request_tags(params: Record, kind: str) -> list[Record]:
    """Tags of a create call, from `Tags` and from the `TagSpecifications` of its kind."""
    tags = tag_map(params.get("Tags"))
    for row in params.get("TagSpecifications", []):
        if row.get("ResourceType") == kind:
            tags |= tag_map(row.get("Tags"))
    return tag_list(tags)


def wanted(filters: list[Record], facts: dict[str, str]) -> bool:
    """Whether an object with these facts passes the filters; an unknown filter is an error."""
    for row in filters:
        if row["Name"] not in facts:
            raise AwsError("InvalidParameterValue", f"Unrecognized filter name: {row['Name']}")
        if facts[row["Name"]] not in row["Values"]:
            return False
    return True


def require_available(record: Record, *also: str) -> None:
    """Most calls need a database that serves; `also` are further states in which they help."""
    if record["DBInstanceStatus"] not in {*AVAILABLE, *also}:
        raise AwsError(
            "InvalidDBInstanceState",
            f"Instance {record['DBInstanceIdentifier']} is not in available state: it is "
            f"{record['DBInstanceStatus']}. Send your request later.",
        )


def require_cluster(record: Record, *more: str) -> None:
    """Most calls need a cluster that is available, or in one of the states `more`."""
    if record["Status"] not in ("available", *more):
        raise AwsError(
            "InvalidDBClusterStateFault",
            f"DB cluster {record['DBClusterIdentifier']} is not currently in the available state: "
            f"it is {record['Status']}.",
        )
