"""`cache` in cluster mode: shards, the token, and a last snapshot."""

from __future__ import annotations

import json

from acceptance.fields import Account, Seen, Step, allowed
from acceptance.fields.cache import GROUP, _group, _parameters, _shape, _snapshot, _sources
from acceptance.stacks import NETWORK


def _token(account: Account) -> tuple[bool, str]:
    """Whether the cache wants a token, and the user that the secret is for."""
    arn = account.values["elasticache"]["secret_arn"]
    secret = account.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    login = json.loads(secret)
    assert login["password"] not in json.dumps(account.values)
    return _group(account)["AuthTokenEnabled"], login["username"]


def _cache(fields: str) -> tuple[str, str]:
    return NETWORK, f'cache = {{ node_type = "cache.r7g.large", auth = "token", {fields} }}'


def _encrypted(account: Account) -> tuple[bool, str, bool]:
    group = _group(account)
    return (
        group["AtRestEncryptionEnabled"],
        group["TransitEncryptionMode"],
        group["KmsKeyId"] == f"arn:aws:kms:us-east-1:123456789012:key/{account.id('cache/key')}",
    )


STEPS = [
    Step(
        "cluster mode with one shard, and a token that is in a secret alone",
        _cache("cluster_mode = true"),
        seen=(
            Seen("cache.cluster_mode", lambda a: _group(a)["ClusterEnabled"], True),
            Seen("cache.shards", _shape, (1, 2)),
            Seen("cache.auth", _token, (True, "default")),
            Seen("cache (encryption)", _encrypted, (True, "required", True)),
            Seen("cache.parameters", _parameters, {"cluster-enabled": "yes"}),
        ),
    ),
    Step(
        "shards and replicas are added in place",
        _cache("cluster_mode = true, shards = 3, replicas = 2"),
        seen=(Seen("cache.shards", _shape, (3, 3)),),
        words=("update cache/replication-group", "shards", "replicas"),
        keeps=(GROUP, "cache/secret"),
    ),
    Step(
        "and removed, down to shards without replicas",
        _cache(
            "shards = 2, replicas = 0, "
            'snapshot = { retention_days = 1, window = "02:00-03:00", final_snapshot = true }'
        ),
        seen=(
            Seen("cache.shards", _shape, (2, 1)),
            Seen("cache.snapshot", lambda a: _snapshot(a)[:2], (1, "02:00-03:00")),
            Seen("cache.access", _sources, []),
        ),
        words=("update cache/replication-group", "multi_az"),
        keeps=(GROUP, "cache/secret", "cache/parameter-group/valkey8-cluster"),
    ),
    Step(
        "without cluster mode it is another cache, which is made when the loss of this one is allowed",
        (*_cache("cluster_mode = false"), "allow_replace = @allowed@"),
        before=lambda a: allowed(a, "cache"),
        seen=(
            Seen("cache.cluster_mode", lambda a: _group(a)["ClusterEnabled"], False),
            Seen("cache.shards", _shape, (1, 2)),
            Seen("cache.auth", _token, (True, "default")),
            Seen("cache.parameters", _parameters, {}),
        ),
        words=("replace cache/replication-group", "ITS DATA IS LOST"),
        keeps=("cache/secret", "cache/key", "cache/subnet-group"),
    ),
]
