"""ElastiCache catalogue: engine versions."""

from __future__ import annotations

from typing import Any

from lab.extend import Context, operation
from lab.services.elasticache.engines import VERSIONS, family_of
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
