"""The census: every object that exists, without what AWS itself puts into an empty account."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from lab import services
from lab.extend import Context

if TYPE_CHECKING:
    from lab.world import World


def take(world: World) -> dict[str, Any]:
    """`{total, regions: {region: {kind: [{id, tags}]}}}`; global services under "global"."""
    regions: dict[str, dict[str, list[dict[str, Any]]]] = {}
    total = 0
    for region in sorted(world.regions_in_use()):
        for found in _objects(world, region):
            place = regions.setdefault(found.pop("region", region), {})
            place.setdefault(found.pop("kind"), []).append(found)
            total += 1
    return {"total": total, "regions": regions}


def _objects(world: World, region: str) -> list[dict[str, Any]]:
    """Objects of every service in one region; a service without its own `census` has none."""
    objects = []
    for name, module in sorted(sys.modules.items()):
        service = name.removeprefix(services.__name__ + ".")
        counting = getattr(module, "census", None)
        if service == name or "." in service or counting is None:
            continue
        is_global = getattr(module, "GLOBAL", False)
        if is_global and region != "us-east-1":
            continue
        context = Context(world, world.account, region, service)
        place = {"region": "global"} if is_global else {}
        objects += [dict(each) | place for each in counting(context)]
    return objects
