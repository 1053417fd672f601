"""ElastiCache catalogue: engine versions, and the node types that can be reserved."""

from __future__ import annotations

from typing import Any

from lab.extend import Context, operation
from lab.kit.records import digest
from lab.services.elasticache.engines import NODE_TYPES, VERSIONS, family_of
from lab.services.elasticache.state import page


@operation("elasticache", "DescribeCacheEngineVersions")
def describe_engine_versions(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """An unknown engine or version gives an empty list."""
    engine, version = params.get("Engine"), params.get("EngineVersion")
    family = params.get("CacheParameterGroupFamily")
    rows = [
        {
            "Engine": name,
            "EngineVersion": each,
            "CacheParameterGroupFamily": family_of(name, each),
            "CacheEngineDescription": "Valkey" if name == "valkey" else "Redis",
            "CacheEngineVersionDescription": f"{name} version {VERSIONS[name][each]}",
        }
        for name, versions in VERSIONS.items()
        for each in (list(versions)[-1:] if params.get("DefaultOnly") else versions)
        if engine in (None, name)
        and version in (None, each, versions[each])
        and family in (None, family_of(name, each))
    ]
    return page(rows, params, "CacheEngineVersions")


@operation("elasticache", "DescribeReservedCacheNodesOfferings")
def describe_offerings(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One offering for each node type, for a year without paying ahead; an unknown type gives an empty list."""
    wanted = params.get("CacheNodeType")
    rows = [
        {
            "ReservedCacheNodesOfferingId": digest(name, length=32),
            "CacheNodeType": name,
            "Duration": 31_536_000,
            "FixedPrice": 0.0,
            "UsagePrice": 0.0,
            "ProductDescription": "redis",
            "OfferingType": "No Upfront",
        }
        for name in sorted(NODE_TYPES)
        if wanted in (None, name)
    ]
    return page(rows, params, "ReservedCacheNodesOfferings")
