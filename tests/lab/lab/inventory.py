"""What moto holds of services that have no census of their own, so that nothing is overlooked.

Every object that a service keeps in a table of its backend counts, whatever the service: its kind
is called after the table unless KINDS has a better name. What a fresh backend holds is AWS's.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from moto.core.base_backend import BackendDict
from moto.core.common_models import BaseModel

from lab.backend import MOTO_NAMES

if TYPE_CHECKING:
    from lab.world import World

KINDS = {
    ("acm", "_certificates"): "acm/certificate",
    ("autoscaling", "autoscaling_groups"): "autoscaling/group",
    ("autoscaling", "launch_configurations"): "autoscaling/launch-configuration",
    ("backup", "plans"): "backup/plan",
    ("backup", "vaults"): "backup/vault",
    ("cloudtrail", "trails"): "cloudtrail/trail",
    ("cloudwatch", "alarms"): "cloudwatch/alarm",
    ("cloudwatch", "dashboards"): "cloudwatch/dashboard",
    ("dynamodb", "tables"): "dynamodb/table",
    ("ecr", "repositories"): "ecr/repository",
    ("ecs", "capacity_providers"): "ecs/capacity-provider",
    ("ecs", "clusters"): "ecs/cluster",
    ("ecs", "services"): "ecs/service",
    ("ecs", "task_definitions"): "ecs/task-definition",
    ("ecs", "tasks"): "ecs/task",
    ("efs", "access_points"): "efs/access-point",
    ("efs", "file_systems_by_id"): "efs/file-system",
    ("efs", "mount_targets_by_id"): "efs/mount-target",
    ("guardduty", "detectors"): "guardduty/detector",
    ("route53", "health_checks"): "route53/health-check",
    ("route53", "zones"): "route53/zone",
    ("sns", "subscriptions"): "sns/subscription",
    ("sns", "topics"): "sns/topic",
    ("sqs", "queues"): "sqs/queue",
    ("ssm", "_parameters"): "ssm/parameter",
    ("wafv2", "ip_sets"): "wafv2/ip-set",
    ("wafv2", "wacls"): "wafv2/web-acl",
}
"""Service and table of moto's backend → kind."""
NONE = frozenset({("route53", "delegation_sets")})
"""Tables whose rows are parts of other objects."""
OURS = {name: service for service, name in MOTO_NAMES.items()}
GONE = frozenset({"INACTIVE", "STOPPED", "deleted", "DELETED"})
"""States of rows that AWS lists on, but that exist no more."""


def take(world: World, account: str, besides: Collection[str]) -> Iterator[dict[str, Any]]:
    """`{region, kind, id, tags}` of everything in services that are not among `besides`."""
    for registry in list(BackendDict._instances):
        service = OURS.get(registry.service_name, registry.service_name)
        if service in besides or service in ("sts", "moto_api") or account not in registry:
            continue
        for region, backend in list(registry[account].items()):
            place = region if "-" in region and not region.startswith("aws") else "global"
            for kind, identifier, tags in _objects(service, backend):
                yield {"region": place, "kind": kind, "id": identifier, "tags": tags}


def _objects(service: str, backend: Any) -> Iterator[tuple[str, str, dict[str, str]]]:
    given = _given(type(backend))
    for table, rows in list(vars(backend).items()):
        hidden = table.startswith("_") and (service, table) not in KINDS
        if hidden or (service, table) in NONE:
            continue
        kind = KINDS.get((service, table), f"{service}/{table.replace('_', '-')}")
        for identifier, row in _rows(rows):
            if (table, identifier) in given or _is_gone(row):
                continue
            tags = _tags(backend, row)
            # The group of a managed node group lives and dies with it.
            if "eks:nodegroup-name" not in tags and not identifier.startswith("/aws/"):
                yield kind, identifier, tags


def _rows(rows: Any, above: str = "") -> Iterator[tuple[str, BaseModel]]:
    """The objects of a table, of tables in a table (`demo/3`), and of lists."""
    if isinstance(rows, dict):
        for key, row in list(rows.items()):
            name = f"{above}/{key}" if above else str(key)
            if isinstance(row, BaseModel):
                yield name, row
            elif isinstance(row, list) and row and isinstance(row[-1], BaseModel):
                yield name, row[-1]  # versions of one object
            elif isinstance(row, dict) and not above:
                yield from _rows(row, name)
    elif isinstance(rows, list) and not above:
        for row in rows:
            if isinstance(row, BaseModel):
                names = (getattr(row, each, None) for each in ("arn", "name", "id"))
                yield str(next((each for each in names if each), row)), row


@functools.cache
def _given(backend: type) -> frozenset[tuple[str, str]]:
    """Table and id of what is there from the start."""
    fresh: Any = None
    with contextlib.suppress(Exception):
        fresh = backend("us-east-1", "000000000000")
    tables = vars(fresh).items() if fresh is not None else ()
    return frozenset((table, name) for table, rows in tables for name, _ in _rows(rows))


def _is_gone(row: Any) -> bool:
    states = (getattr(row, each, None) for each in ("status", "state", "last_status"))
    return any(isinstance(each, str) and each in GONE for each in states)


def _tags(backend: Any, row: Any) -> dict[str, str]:
    """An object's tags in any of moto's forms."""
    arn = next((text for name in ARNS if isinstance(text := getattr(row, name, None), str)), None)
    for name in ("tagging_service", "tagger"):
        service = getattr(backend, name, None)
        for key in (arn, getattr(row, "id", None), getattr(row, "file_system_id", None)):
            if service is not None and key and (found := service.get_tag_dict_for_resource(key)):
                return found
    given = getattr(row, "tags", None) or getattr(row, "_tags", None) or {}
    if isinstance(given, dict):
        return {key: value for key, value in given.items() if isinstance(value, str)}
    found = {}
    for tag in given if isinstance(given, list) else ():
        lower = {key.lower(): value for key, value in tag.items()} if isinstance(tag, dict) else {}
        if "key" in lower:
            found[lower["key"]] = lower.get("value", "")
    return found


ARNS = (
    "arn",
    "physical_resource_id",
    "file_system_arn",
    "access_point_arn",
    "vault_arn",
    "alarm_arn",
)
"""Attributes under which moto's objects keep their ARN."""
