"""EC2 is eventually consistent: for a moment it may not know what it just created.

A fresh id is unknown to every call that names it, and missing from lists. How long is drawn per
object from the settings' seed, up to `ec2_lag` lab seconds. Other services, and EC2 on its own
behalf, see the object at once.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lab.extend import AwsError, Context, Output, Params

if TYPE_CHECKING:
    from lab.world import World

MAKES = ("Create", "Allocate", "Run")
NOT_FOUND = {
    "acl": "InvalidNetworkAclID.NotFound",
    "eigw": "InvalidGatewayID.NotFound",
    "eipalloc": "InvalidAllocationID.NotFound",
    "eni": "InvalidNetworkInterfaceID.NotFound",
    "i": "InvalidInstanceID.NotFound",
    "igw": "InvalidInternetGatewayID.NotFound",
    "lt": "InvalidLaunchTemplateId.NotFound",
    "nat": "NatGatewayNotFound",
    "rtb": "InvalidRouteTableID.NotFound",
    "sg": "InvalidGroup.NotFound",
    "subnet": "InvalidSubnetID.NotFound",
    "vol": "InvalidVolume.NotFound",
    "vpc": "InvalidVpcID.NotFound",
    "vpce": "InvalidVpcEndpointId.NotFound",
}
"""Prefix of an id → the code of the error when there is none such."""
ID = re.compile(rf"({'|'.join(NOT_FOUND)})-[0-9a-f]{{8,17}}")


class Fresh:
    """The ids of one region that are not visible yet, and when they will be."""

    def __init__(self, ctx: Context) -> None:
        self._store = ctx.store("consistency")
        self._now = ctx.now()

    def hidden(self, identifier: str) -> bool:
        """Whether the id is unknown so far; one whose time has come is forgotten."""
        until = self._store.get(identifier)
        if until is not None and until <= self._now:
            del self._store[identifier]
            return False
        return until is not None

    def hide(self, identifier: str, seconds: float) -> None:
        """Makes the id unknown for a while."""
        self._store[identifier] = self._now + seconds

    def __bool__(self) -> bool:
        return bool(self._store)


def require_visible(ctx: Context, params: Params) -> None:
    """Raises EC2's not-found error when the request names something too fresh.

    Not for filters: what does not pass them is left out of the answer, whether it exists or not.
    """
    fresh = Fresh(ctx)
    named = {name: value for name, value in params.items() if not name.startswith("Filter")}
    for value in sorted(set(_ids(named))) if fresh else ():
        if fresh.hidden(value):
            raise AwsError(NOT_FOUND[value.split("-")[0]], f"The ID '{value}' does not exist")


def delay(world: World, ctx: Context, operation: str, params: Params, output: Output) -> None:
    """Hides what a call created, for a time between 0 and the settings' lag."""
    if not operation.startswith(MAKES) or world.clock.instant:
        return
    fresh, given = Fresh(ctx), set(_ids(params))
    for identifier in sorted(set(_made(output)) - given):
        chance = random.Random(f"{world.settings.seed} {ctx.origin} {identifier[:3]}").random()
        fresh.hide(identifier, chance * world.settings.ec2_lag)


def without_fresh(ctx: Context, output: Output) -> Output:
    """A list answer without the rows of objects that are too fresh."""
    fresh = Fresh(ctx)
    if not fresh:
        return output
    return {
        name: [row for row in value if not _is_hidden(fresh, row)]
        if isinstance(value, list)
        else value
        for name, value in output.items()
    }


def _is_hidden(fresh: Fresh, row: Any) -> bool:
    values = row.values() if isinstance(row, dict) else [row]
    return any(isinstance(value, str) and fresh.hidden(value) for value in values)


def _ids(value: Any) -> Iterator[str]:
    """Every id of EC2 in a value."""
    if isinstance(value, str):
        yield from [value] if ID.fullmatch(value) else []
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _ids(item)


def _made(output: Output) -> Iterator[str]:
    """The ids of what a call made: at the top of its answer, or in the rows of a list there."""
    for item in output.values():
        rows = item if isinstance(item, list) else [item]
        for row in rows:
            values = row.values() if isinstance(row, dict) else [row]
            yield from _ids([value for value in values if isinstance(value, str)])
