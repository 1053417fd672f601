"""vCPU quotas of running instances, per group of families, on demand and spot.

The groups and the codes: "Amazon EC2 instance type quotas" in the EC2 guide.
"""

from __future__ import annotations

import re

from moto.ec2.models.instance_types import INSTANCE_TYPES

from lab import quotas
from lab.extend import AwsError, Context, Params, before

# Letters of a family → its on-demand quota and its spot quota.
STANDARD = ("L-1216C47A", "L-34B43A08")
GROUPS = dict.fromkeys(("a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"), STANDARD) | {
    "g": ("L-DB2E81BA", "L-3819A6DF"),
    "gr": ("L-DB2E81BA", "L-3819A6DF"),
    "vt": ("L-DB2E81BA", "L-3819A6DF"),
    "p": ("L-417A185B", "L-7212CCBC"),
}
# Spot P5 has a quota of its own, on-demand P5 counts with the other P.
SPOT_P5 = "L-C4BD4855"


def quota_of(instance_type: str, *, spot: bool) -> str | None:
    """The code of the quota that a type counts against; None where the lab has none."""
    family = instance_type.partition(".")[0]
    letters = re.match(r"[a-z]+", family)
    codes = GROUPS.get(letters[0]) if letters else None
    if codes is None:
        return None
    return SPOT_P5 if spot and family.startswith("p5") else codes[spot]


def vcpus(instance_type: str) -> int:
    """vCPUs of a type; 0 for one that does not exist, which EC2 refuses elsewhere."""
    facts = INSTANCE_TYPES.get(instance_type)
    return facts["VCpuInfo"]["DefaultVCpus"] if facts else 0


def used(ctx: Context, code: str) -> int:
    """vCPUs that run against a quota in this region."""
    return sum(
        vcpus(each.instance_type)
        for each in ctx.moto("ec2").all_instances()
        if each.state in ("pending", "running")
        and quota_of(each.instance_type, spot=each.lifecycle == "spot") == code
    )


@before("ec2", "RunInstances")
def run_instances(ctx: Context, params: Params) -> None:
    """As many as asked for at least must fit."""
    name = params.get("InstanceType", "")
    spot = params.get("InstanceMarketOptions", {}).get("MarketType") == "spot"
    code = quota_of(name, spot=spot)
    reserved = params.get("CapacityReservationSpecification", {}).get("CapacityReservationTarget")
    # What is reserved was counted when it was reserved.
    if code is None or reserved:
        return
    limit = quotas.value(ctx, "ec2", code)
    if used(ctx, code) + vcpus(name) * params["MinCount"] <= limit:
        return
    if spot:
        raise AwsError("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
    raise AwsError(
        "VcpuLimitExceeded",
        f"You have requested more vCPU capacity than your current vCPU limit of {limit:g} allows "
        "for the instance bucket that the specified instance type belongs to. Please visit "
        "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.",
    )
