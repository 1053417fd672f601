"""Whole sections come and go, each without the others."""

from __future__ import annotations

from acceptance.fields import Account, Seen, Step, allowed
from acceptance.stacks import KUBERNETES, NETWORK

BUCKETS = "buckets = { images = { force_destroy = true } }"
CDN = 'cdn = { default_origin = { bucket = "images" } }'
DATABASE = """database = {
    instance_class     = "db.t4g.medium"
    multi_az           = false
    backup             = { final_snapshot = false }
    maintenance_window = "sun:07:00-sun:08:00"
  }"""
LATER = """database = {
    instance_class = "db.t4g.medium"
    multi_az       = false
    backup         = { final_snapshot = false, window = "07:30-08:30" }
  }"""
CACHE = 'cache = { node_type = "cache.t3.micro", replicas = 0, maintenance_window = "sun:06:30-sun:07:30" }'
ALL = ["buckets", "cache", "cdn", "database", "kubernetes", "network"]


def _sections(account: Account) -> list[str]:
    """Sections of which there is an object."""
    return sorted({address.split("/")[0] for address in account.values["components"]})


def _windows(account: Account) -> tuple[str, str]:
    """Of the database: the daily and the weekly one."""
    (found,) = account.client("rds").describe_db_instances()["DBInstances"]
    return found["PreferredBackupWindow"], found["PreferredMaintenanceWindow"]


def _cache_window(account: Account) -> str:
    (found,) = account.client("elasticache").describe_replication_groups()["ReplicationGroups"]
    return found["SnapshotWindow"]


def _outputs(account: Account) -> list[str]:
    named = ("vpc", "eks", "rds", "elasticache", "s3", "cloudfront")
    return [name for name in named if account.values[name] is not None]


STEPS = [
    Step(
        "buckets alone",
        (BUCKETS,),
        seen=(
            Seen("buckets", _sections, ["buckets"]),
            Seen("outputs", _outputs, ["s3"]),
        ),
    ),
    Step(
        "a network, a cluster, a database, a cache and a CDN come in one apply",
        (NETWORK, KUBERNETES, DATABASE, CACHE, BUCKETS, CDN),
        seen=(
            Seen("sections", _sections, ALL),
            Seen("outputs", _outputs, ["vpc", "eks", "rds", "elasticache", "s3", "cloudfront"]),
            Seen(
                "a window that AWS would choose lies beside the one that is given",
                lambda a: (_windows(a), _cache_window(a)),
                (("08:00-09:00", "sun:07:00-sun:08:00"), "07:30-08:30"),
            ),
        ),
        keeps=("buckets/bucket/images", "buckets/key"),
    ),
    Step(
        "cluster, cache, buckets and CDN go, database and network stay",
        (NETWORK, LATER, "allow_replace = @allowed@"),
        before=lambda a: allowed(a, "kubernetes", "cache", "buckets"),
        seen=(
            Seen("sections", _sections, ["database", "network"]),
            Seen("outputs", _outputs, ["vpc", "rds"]),
            Seen(
                "a window that nobody chooses any more makes way",
                _windows,
                ("07:30-08:30", "sun:08:30-sun:09:30"),
            ),
            Seen("kubernetes", lambda a: a.client("eks").list_clusters()["clusters"], []),
            Seen("buckets", lambda a: a.client("s3").list_buckets()["Buckets"], []),
            Seen(
                "kubernetes (the way from nodes to the database)",
                lambda a: "database/rule/kubernetes" in a.values["components"],
                False,
            ),
        ),
        words=(
            "delete kubernetes/cluster",
            "delete cache/replication-group",
            "delete cdn/distribution",
            "delete buckets/bucket/images",
        ),
        keeps=("network/vpc", "database/primary", "database/security-group"),
    ),
    Step(
        "the rest goes, and the stack stays as a name",
        ("allow_replace = @allowed@",),
        before=lambda a: allowed(a, "database"),
        seen=(
            Seen("sections", _sections, []),
            Seen("outputs", _outputs, []),
        ),
        words=("delete database/primary", "delete network/vpc"),
    ),
]
