"""The census: every object that exists, without what AWS itself puts into an empty account."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from lab import inventory, services
from lab.extend import Context

if TYPE_CHECKING:
    from lab.world import World


def take(world: World) -> dict[str, Any]:
    """`{total, regions: {region: {kind: [{id, tags}]}}, pending: …, accounts: …}`.

    Global services are under "global". `pending` has the same form and holds what is deleted but
    waits out a window in which it could be restored; `total` does not count it. `accounts` has
    the same three members for every further account that holds something.
    """
    others = {}
    for account in sorted(world.accounts_in_use() - {world.account}):
        found = _take(world, account)
        if found["total"] or found["pending"]:
            others[account] = found
    own = _take(world, world.account)
    total = own["total"] + sum(each["total"] for each in others.values())
    return own | {"total": total} | ({"accounts": others} if others else {})


def _take(world: World, account: str) -> dict[str, Any]:
    regions: dict[str, Any] = {}
    pending: dict[str, Any] = {}
    total = 0
    counting = _counting()
    found = [
        each
        for region in sorted(world.regions_in_use(account))
        for each in _objects(world, account, region, counting)
    ]
    found += inventory.take(world, account, counting)
    for each in found:
        waits = each.pop("pending", False)
        place = (pending if waits else regions).setdefault(each.pop("region"), {})
        place.setdefault(each.pop("kind"), []).append(each)
        total += not waits
    return {"total": total, "regions": regions, "pending": pending}


def _counting() -> dict[str, Any]:
    """Service → its module, where that has a `census`."""
    prefix = f"{services.__name__}."
    modules = {name.removeprefix(prefix): each for name, each in sys.modules.items()}
    return {
        name: module
        for name, module in sorted(modules.items())
        if "." not in name and module.__name__ == prefix + name and hasattr(module, "census")
    }


def _objects(
    world: World, account: str, region: str, counting: dict[str, Any]
) -> list[dict[str, Any]]:
    objects = []
    for service, module in counting.items():
        is_global = getattr(module, "GLOBAL", False)
        if is_global and region != "us-east-1":
            continue
        place = {"region": "global" if is_global else region}
        context = Context(world, account, region, service)
        objects += [place | each for each in module.census(context)]
    return objects
