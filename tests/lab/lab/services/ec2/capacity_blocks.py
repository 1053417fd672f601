"""Capacity Blocks: GPU instances for days, found as offerings and bought irrevocably.

"Capacity Blocks for ML" in the EC2 guide: 1 to 182 days, at most 64 instances, up to eight weeks
ahead, paid upfront.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.records import Record, digest, moment
from lab.services.ec2 import reservations
from lab.services.ec2.reservations import KIND

# Type → USD per instance and hour that a block costs.
TYPES = {
    "p4d.24xlarge": 11.8,
    "p4de.24xlarge": 14.75,
    "p5.4xlarge": 4.33,
    "p5.48xlarge": 31.46,
    "p5e.48xlarge": 34.6,
    "p5en.48xlarge": 36.18,
    "p6-b200.48xlarge": 64.0,
}
SIZES = (1, 2, 4, 8, 16, 32, 64)
LONGEST_DAYS = 182
AHEAD = timedelta(weeks=8)
# "Capacity Blocks end at 11:30 AM Coordinated Universal Time (UTC)."
END_OF_DAY = timedelta(hours=11, minutes=30)


@operation("ec2", "DescribeCapacityBlockOfferings")
def describe_offerings(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One per zone that has the type, from the first possible day on; none is an answer too."""
    name, count = params.get("InstanceType", ""), params.get("InstanceCount", 1)
    hours = params["CapacityDurationHours"]
    if hours % 24 or not 24 <= hours <= LONGEST_DAYS * 24:
        raise AwsError(
            "InvalidParameterValue", f"CapacityDurationHours must be whole days: {hours}"
        )
    if count not in SIZES:
        raise AwsError("InvalidParameterValue", f"InstanceCount must be one of {SIZES}: {count}")
    if name not in TYPES:
        return {"CapacityBlockOfferings": []}
    start = _first_start(ctx, params.get("StartDateRange"))
    end = _end(start, hours)
    if latest := params.get("EndDateRange"):
        if end > _aware(latest):
            return {"CapacityBlockOfferings": []}
    if start - moment(ctx) > AHEAD:
        return {"CapacityBlockOfferings": []}
    return {
        "CapacityBlockOfferings": [
            _offering(ctx, name, count, zone, start, end, hours) for zone in _zones(ctx, name)
        ]
    }


def _first_start(ctx: Context, wanted: datetime | None) -> datetime:
    """The next start of a block: blocks begin when others end."""
    earliest = max(moment(ctx), _aware(wanted)) if wanted else moment(ctx)
    day = earliest.replace(hour=0, minute=0, second=0, microsecond=0)
    start = day + END_OF_DAY
    return start if start >= earliest else start + timedelta(days=1)


def _end(start: datetime, hours: int) -> datetime:
    return start + timedelta(hours=hours)


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def _zones(ctx: Context, name: str) -> list[str]:
    rows = ctx.call(
        "ec2",
        "DescribeInstanceTypeOfferings",
        {
            "LocationType": "availability-zone",
            "Filters": [{"Name": "instance-type", "Values": [name]}],
        },
    )["InstanceTypeOfferings"]
    return sorted(row["Location"] for row in rows)[:2]


def _offering(
    ctx: Context, name: str, count: int, zone: str, start: datetime, end: datetime, hours: int
) -> Record:
    fee = TYPES[name] * count * hours
    offering = {
        "CapacityBlockOfferingId": "cbr-"
        + digest("offering", name, str(count), zone, str(start), str(end), length=17),
        "InstanceType": name,
        "AvailabilityZone": zone,
        "InstanceCount": count,
        "StartDate": start,
        "EndDate": end,
        "CapacityBlockDurationHours": hours,
        "UpfrontFee": f"{fee:.2f}",
        "CurrencyCode": "USD",
        "Tenancy": "default",
    }
    ctx.store("ec2").setdefault("offerings", {})[offering["CapacityBlockOfferingId"]] = offering
    return offering


@operation("ec2", "PurchaseCapacityBlock")
def purchase(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Paid, then scheduled, active at its start, expired at its end."""
    key = params["CapacityBlockOfferingId"]
    offering = ctx.store("ec2").get("offerings", {}).pop(key, None)
    if offering is None:
        raise AwsError(
            "InvalidCapacityBlockOfferingId.NotFound", f"The offering '{key}' does not exist"
        )
    if offering["StartDate"] < moment(ctx):
        raise AwsError(
            "InvalidCapacityBlockOfferingId.Expired", f"The offering '{key}' has expired"
        )
    record = reservations.new(
        ctx,
        params,
        offering["InstanceType"],
        offering["InstanceCount"],
        offering["AvailabilityZone"],
    ) | {
        "State": "payment-pending",
        "EndDateType": "limited",
        "StartDate": offering["StartDate"],
        "EndDate": offering["EndDate"],
        "InstanceMatchCriteria": "targeted",
        "ReservationType": "capacity-block",
    }
    reservations.keep(ctx, record, params)
    ctx.life.start(KIND, record["CapacityReservationId"], "pay")
    return {"CapacityReservation": reservations.shown(ctx, record)}


@on_end(KIND, "pay")
def _scheduled(ctx: Context, identifier: str) -> None:
    record = reservations.find(ctx, identifier)
    record["State"] = "scheduled"
    span = max(0.0, record["StartDate"].timestamp() - ctx.now())
    ctx.life.start(KIND, identifier, "start", seconds=span, waited_for=False)
