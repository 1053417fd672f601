"""The census: every object that exists, without what AWS itself puts into an empty account."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from lab import services
from lab.extend import Context

if TYPE_CHECKING:
    from lab.world import World


def take(world: World) -> dict[str, Any]:
    """`{total, regions: {region: {kind: [{id, tags}]}}, pending: …}`.

    Global services are under "global". `pending` has the same form and holds what is deleted but
    waits out a window in which it could be restored; `total` does not count it.
    """
    regions: dict[str, Any] = {}
    pending: dict[str, Any] = {}
    total = 0
    for region in sorted(world.regions_in_use()):
        for found in _objects(world, region):
            waits = found.pop("pending", False)
            place = (pending if waits else regions).setdefault(found.pop("region", region), {})
            place.setdefault(found.pop("kind"), []).append(found)
            total += not waits
    return {"total": total, "regions": regions, "pending": pending}


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
        objects += [place | each for each in counting(context)]
    return objects
