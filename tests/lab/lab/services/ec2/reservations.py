"""Capacity reservations: instances of one type in one zone, held until cancelled or ended.

"On-Demand Capacity Reservations" in the EC2 guide; they count against the vCPU quotas.
"""

from __future__ import annotations

from datetime import timezone
from typing import Any

from lab import quotas
from lab.extend import (
    AwsError,
    Context,
    Output,
    Params,
    after,
    before,
    idempotent,
    on_end,
    operation,
)
from lab.kit.pages import page
from lab.kit.records import Record, digest, moment, public
from lab.services.ec2 import vcpus
from lab.services.ec2.filters import passing
from lab.services.ec2.tagged import remember_tags, with_tags

KIND = "ec2/capacity-reservation"
LIVING = ("pending", "active", "scheduled", "payment-pending")
FACTS = {
    "instance-type": "InstanceType",
    "availability-zone": "AvailabilityZone",
    "availability-zone-id": "AvailabilityZoneId",
    "state": "State",
    "reservation-type": "ReservationType",
    "end-date-type": "EndDateType",
    "instance-match-criteria": "InstanceMatchCriteria",
    "tenancy": "Tenancy",
    "capacity-reservation-id": "CapacityReservationId",
}

idempotent("ec2", "CreateCapacityReservation")


def reservations(ctx: Context) -> dict[str, Record]:
    """All reservations by id; those that are over stay listed."""
    return ctx.store("ec2").setdefault("capacity_reservations", {})


@operation("ec2", "CreateCapacityReservation")
def create_reservation(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Filled within moments or refused."""
    zone = params.get("AvailabilityZone") or _zone_named(ctx, params.get("AvailabilityZoneId"))
    name, count = params["InstanceType"], params["InstanceCount"]
    check_offer(ctx, name, zone)
    end = params.get("EndDateType", "limited" if params.get("EndDate") else "unlimited")
    if (end == "limited") != bool(params.get("EndDate")):
        raise AwsError(
            "InvalidParameterCombination", "EndDate goes with the EndDateType limited only"
        )
    _check_quota(ctx, name, count)
    record = new(ctx, params, name, count, zone) | {
        "State": "pending",
        "EndDateType": end,
        "StartDate": moment(ctx),
        "InstanceMatchCriteria": params.get("InstanceMatchCriteria", "open"),
        "ReservationType": "default",
    }
    if params.get("EndDate"):
        record["EndDate"] = params["EndDate"]
    keep(ctx, record, params)
    ctx.life.start(KIND, record["CapacityReservationId"], "create")
    return {"CapacityReservation": shown(ctx, record)}


def new(ctx: Context, params: Params, name: str, count: int, zone: str) -> Record:
    """What every reservation has."""
    serial = str(len(reservations(ctx)))
    identifier = "cr-" + digest("cr", ctx.region, serial, str(ctx.now()), length=17)
    return {
        "CapacityReservationId": identifier,
        "OwnerId": ctx.account,
        "CapacityReservationArn": f"arn:aws:ec2:{ctx.region}:{ctx.account}"
        f":capacity-reservation/{identifier}",
        "AvailabilityZone": zone,
        "AvailabilityZoneId": _zones(ctx)[zone],
        "InstanceType": name,
        "InstancePlatform": params["InstancePlatform"],
        "Tenancy": params.get("Tenancy", "default"),
        "TotalInstanceCount": count,
        "EbsOptimized": params.get("EbsOptimized", False),
        "EphemeralStorage": params.get("EphemeralStorage", False),
        "CreateDate": moment(ctx),
    }


def keep(ctx: Context, record: Record, params: Params) -> None:
    """Puts a new reservation and its tags on record."""
    identifier = record["CapacityReservationId"]
    remember_tags(ctx, identifier, params, "capacity-reservation")
    reservations(ctx)[identifier] = record


def _zones(ctx: Context) -> dict[str, str]:
    rows = ctx.call("ec2", "DescribeAvailabilityZones", {})["AvailabilityZones"]
    return {row["ZoneName"]: row["ZoneId"] for row in rows}


def _zone_named(ctx: Context, identifier: str | None) -> str:
    for name, found in _zones(ctx).items():
        if found == identifier:
            return name
    raise AwsError("InvalidParameterValue", f"Availability Zone {identifier} does not exist")


def check_offer(ctx: Context, name: str, zone: str) -> None:
    """The type must be offered in the zone."""
    if zone not in _zones(ctx):
        raise AwsError("InvalidParameterValue", f"Invalid availability zone: [{zone}]")
    offered = ctx.call(
        "ec2",
        "DescribeInstanceTypeOfferings",
        {
            "LocationType": "availability-zone",
            "Filters": [
                {"Name": "instance-type", "Values": [name]},
                {"Name": "location", "Values": [zone]},
            ],
        },
    )
    if not offered["InstanceTypeOfferings"]:
        raise AwsError(
            "Unsupported",
            f"Your requested instance type ({name}) is not supported in your requested "
            f"Availability Zone ({zone}).",
        )


def _check_quota(ctx: Context, name: str, count: int) -> None:
    code = vcpus.quota_of(name, spot=False)
    if code is None:
        return
    total = vcpus.used(ctx, code) + reserved(ctx, code) + vcpus.vcpus(name) * count
    if total > quotas.value(ctx, "ec2", code):
        raise AwsError(
            "InstanceLimitExceeded",
            f"You have requested more instances ({count}) than your current instance limit allows "
            f"for the instance type {name}.",
        )


def reserved(ctx: Context, code: str) -> int:
    """vCPUs that are reserved but not used, against one quota."""
    return sum(
        vcpus.vcpus(row["InstanceType"]) * free(ctx, row)
        for row in reservations(ctx).values()
        if row["State"] in ("pending", "active")
        and row["ReservationType"] == "default"
        and vcpus.quota_of(row["InstanceType"], spot=False) == code
    )


@on_end(KIND, "create", "start")
def _active(ctx: Context, identifier: str) -> None:
    record = reservations(ctx)[identifier]
    if record["State"] not in LIVING:
        return
    record["State"] = "active"
    if end := record.get("EndDate"):
        span = max(0.0, end.replace(tzinfo=end.tzinfo or timezone.utc).timestamp() - ctx.now())
        ctx.life.start(KIND, identifier, "expire", seconds=span, waited_for=False)


@on_end(KIND, "expire")
def _expired(ctx: Context, identifier: str) -> None:
    reservations(ctx)[identifier]["State"] = "expired"


def shown(ctx: Context, record: Record) -> Record:
    """The reservation as it is described."""
    row = public(record) | {"AvailableInstanceCount": free(ctx, record)}
    return with_tags(ctx, row, record["CapacityReservationId"])


def free(ctx: Context, record: Record) -> int:
    """Reserved instances that nobody uses yet."""
    if record["State"] != "active":
        return record["TotalInstanceCount"] if record["State"] == "pending" else 0
    users = ctx.store("ec2").get("reserved", {})
    running = {
        each.id for each in ctx.moto("ec2").all_instances() if each.state in ("pending", "running")
    }
    used = sum(
        of == record["CapacityReservationId"] and instance in running
        for instance, of in users.items()
    )
    return max(0, record["TotalInstanceCount"] - used)


@operation("ec2", "DescribeCapacityReservations")
def describe_reservations(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """By id and filters."""
    known = reservations(ctx)
    ids = params.get("CapacityReservationIds") or list(known)
    rows = passing([shown(ctx, find(ctx, each)) for each in ids], params.get("Filters", []), FACTS)
    found, token = page(
        rows, params, size="MaxResults", token="NextToken", most=1000, error="InvalidNextToken"
    )
    return {"CapacityReservations": found} | ({"NextToken": token} if token else {})


def find(ctx: Context, identifier: str) -> Record:
    """The reservation, or InvalidCapacityReservationId.NotFound."""
    if identifier not in reservations(ctx):
        raise AwsError(
            "InvalidCapacityReservationId.NotFound",
            f"The capacity reservation '{identifier}' does not exist",
        )
    return reservations(ctx)[identifier]


def _changeable(ctx: Context, identifier: str) -> Record:
    record = find(ctx, identifier)
    if record["State"] not in ("pending", "active"):
        raise AwsError(
            "InvalidCapacityReservationState",
            f"The capacity reservation {identifier} is {record['State']}",
        )
    if record["ReservationType"] == "capacity-block":
        raise AwsError("UnsupportedOperation", "A Capacity Block cannot be changed or cancelled")
    return record


@operation("ec2", "ModifyCapacityReservation")
def modify_reservation(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Number of instances, end and match criteria."""
    record = _changeable(ctx, params["CapacityReservationId"])
    if count := params.get("InstanceCount"):
        _check_quota(ctx, record["InstanceType"], count - record["TotalInstanceCount"])
        record["TotalInstanceCount"] = count
    for member in ("EndDate", "EndDateType", "InstanceMatchCriteria"):
        if params.get(member):
            record[member] = params[member]
    if record["EndDateType"] == "unlimited":
        record.pop("EndDate", None)
    if record["State"] == "active":
        _active(ctx, record["CapacityReservationId"])
    return {"Return": True}


@operation("ec2", "CancelCapacityReservation")
def cancel_reservation(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Instances in it go on running."""
    record = _changeable(ctx, params["CapacityReservationId"])
    record["State"] = "cancelled"
    ctx.life.forget(KIND, record["CapacityReservationId"])
    return {"Return": True}


def _target(params: Params) -> str | None:
    wanted = params.get("CapacityReservationSpecification", {})
    return wanted.get("CapacityReservationTarget", {}).get("CapacityReservationId")


@before("ec2", "RunInstances")
def room(ctx: Context, params: Params) -> None:
    """A launch into a reservation needs its type and zone, and room in it."""
    identifier = _target(params)
    if identifier is None:
        return
    record = find(ctx, identifier)
    zone = params.get("Placement", {}).get("AvailabilityZone")
    if subnet := params.get("SubnetId"):
        zone = ctx.moto("ec2").get_subnet(subnet).availability_zone
    if (params.get("InstanceType"), zone) != (record["InstanceType"], record["AvailabilityZone"]):
        raise AwsError(
            "InvalidParameterValue",
            f"The capacity reservation {identifier} is of {record['InstanceType']} in "
            f"{record['AvailabilityZone']}, not of {params.get('InstanceType')} in {zone}",
        )
    if free(ctx, record) < params["MinCount"] or record["State"] != "active":
        raise AwsError(
            "ReservationCapacityExceeded",
            f"The requested capacity exceeds the available capacity of {identifier}",
        )


@after("ec2", "RunInstances")
def occupied(ctx: Context, params: Params, output: Output) -> None:
    """Who runs in which reservation and placement group."""
    store = ctx.store("ec2")
    for instance in output["Instances"]:
        if identifier := _target(params):
            store.setdefault("reserved", {})[instance["InstanceId"]] = identifier
        if group := params.get("Placement", {}).get("GroupName"):
            store.setdefault("placed", {})[instance["InstanceId"]] = group
