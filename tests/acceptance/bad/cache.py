"""Mistakes in `cache`."""

from __future__ import annotations

from acceptance.bad import Bad, any_account
from acceptance.stacks import NETWORK, stack


def cache(fields: str) -> str:
    """A stack with a network and a cache of these fields."""
    return stack(NETWORK, f'cache = {{ node_type = "cache.t3.micro", {fields} }}')


ROWS = [
    Bad(
        "a node type is ElastiCache's",
        stack(NETWORK, 'cache = { node_type = "t3.micro" }'),
        ("cache.node_type", "t3.micro", "cache.r7g.large"),
    ),
    Bad(
        "an engine is valkey or redis",
        cache('engine = "memcached"'),
        ("cache.engine", "memcached", "valkey"),
    ),
    Bad("a version has two numbers", cache('version = "8"'), ("cache.version", '"8"', "8.0")),
    Bad("replicas are at most five", cache("replicas = 6"), ("cache.replicas", "6", "5")),
    Bad("shards are at most ninety", cache("shards = 91"), ("cache.shards", "91", "90")),
    Bad(
        "several shards are cluster mode",
        cache("shards = 2, cluster_mode = false"),
        ("cache.cluster_mode", "shards = 1"),
    ),
    Bad("clients send nothing or a token", cache('auth = "password"'), ("cache.auth", "token")),
    Bad(
        "a snapshot window is long enough",
        cache('snapshot = { window = "01:00-01:30" }'),
        ("cache.snapshot.window", "01:00-01:30", "60"),
    ),
    Bad(
        "a maintenance window is weekly",
        cache('maintenance_window = "04:00-05:00"'),
        ("cache.maintenance_window", "04:00-05:00", "sun:04:00"),
    ),
    Bad(
        "the windows lie apart",
        cache('snapshot = { window = "03:30-04:30" }, maintenance_window = "sun:04:00-sun:05:00"'),
        ("cache.snapshot.window", "maintenance_window"),
    ),
    Bad(
        "snapshots are kept for at most 35 days",
        cache("snapshot = { retention_days = 36 }"),
        ("cache.snapshot.retention_days", "36", "35"),
    ),
    Bad(
        "a CIDR of the access has no host bits",
        cache('access = { cidrs = ["10.9.0.1/16"] }'),
        ("cache.access.cidrs", "10.9.0.1/16"),
    ),
    Bad(
        "ElastiCache has the version",
        cache('version = "8.9"'),
        ("cache.version", "8.9", "8.0"),
        before=any_account,
    ),
    Bad(
        "the family has the parameter",
        cache('parameters = { max-memory = "1" }'),
        ("cache.parameters", "max-memory", "valkey8"),
        before=any_account,
    ),
    Bad(
        "a parameter is within its range",
        cache('parameters = { maxmemory-policy = "lru" }'),
        ("cache.parameters", "lru", "allkeys-lru"),
        before=any_account,
    ),
    Bad(
        "a token is not taken away",
        cache("replicas = 0"),
        ("cache.auth", "token"),
        after=cache('replicas = 0, auth = "token"'),
    ),
    Bad(
        "another mode is another cache, and the data of this one is lost only when its name is given",
        cache("replicas = 0, cluster_mode = true"),
        ("allow_replace", '"cache/replication-group@shop-cache'),
        after=cache("replicas = 0"),
    ),
    Bad(
        "Valkey never becomes Redis again, and no version goes back",
        cache('engine = "redis", version = "7.1", replicas = 0'),
        ("cache.engine", "valkey", "redis"),
        after=cache("replicas = 0"),
    ),
]
