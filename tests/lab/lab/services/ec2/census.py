"""What EC2 holds, without what AWS makes with a VPC and takes away with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lab.extend import Context


def census(ctx: Context) -> list[dict[str, Any]]:
    """Every object of this region: kind, id, tags."""
    ec2 = ctx.moto("ec2")
    return [
        {"kind": f"ec2/{kind}", "id": identifier, "tags": dict(ec2.tags.get(identifier, {}))}
        for kind, identifier in (*_objects(ec2), *_kept(ctx))
    ]


def _kept(ctx: Context) -> Iterator[tuple[str, str]]:
    """What the lab keeps itself; reservations that are over do not count."""
    store = ctx.store("ec2")
    for record in store.get("placement_groups", {}).values():
        yield "placement-group", record["GroupId"]
    for identifier, record in store.get("capacity_reservations", {}).items():
        if record["State"] not in ("cancelled", "expired", "failed"):
            yield "capacity-reservation", identifier


def living(ctx: Context) -> set[str]:
    """Ids of everything there is, also of what AWS made and the census does not count."""
    ec2 = ctx.moto("ec2")
    groups = [group for each in ec2.groups.values() for group in each.values()]
    return {
        *(identifier for _, identifier in (*_objects(ec2), *_kept(ctx))),
        *(group.id for group in groups),
        *(rule.id for group in groups for rule in (*group.ingress_rules, *group.egress_rules)),
        *ec2.route_tables,
        *ec2.network_acls,
        *ec2.nat_gateways,
    }


def _objects(ec2: Any) -> Iterator[tuple[str, str]]:
    simple = {
        "vpc": ec2.vpcs,
        "internet-gateway": ec2.internet_gateways,
        "egress-only-internet-gateway": ec2.egress_only_internet_gateways,
        "vpc-endpoint": ec2.vpc_end_points,
        "flow-log": ec2.flow_logs,
        "launch-template": ec2.launch_templates,
        "network-interface": ec2.enis,
        "volume": ec2.volumes,
        "snapshot": ec2.snapshots,
        "key-pair": ec2.key_pairs,
    }
    for kind, objects in simple.items():
        yield from ((kind, identifier) for identifier in objects)
    for zone in ec2.subnets.values():
        yield from (("subnet", identifier) for identifier in zone)
    for groups in ec2.groups.values():
        yield from (("security-group", each.id) for each in groups.values() if not each.is_default)
    for table in ec2.route_tables.values():
        if table.main_association_id is None:
            yield "route-table", table.id
    for nat in ec2.nat_gateways.values():
        if nat.state not in ("deleted", "failed"):
            yield "nat-gateway", nat.id
    for address in ec2.addresses:
        yield "elastic-ip", address.allocation_id
    for reservation in ec2.reservations.values():
        for instance in reservation.instances:
            if instance._state.name != "terminated":
                yield "instance", instance.id
