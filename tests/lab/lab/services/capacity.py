"""Types for which a rule says that there is no capacity, refused as each service does it."""

from __future__ import annotations

from lab import faults
from lab.extend import AwsError, Context, Params, before
from lab.services.ec2.reservations import free, reservations


class NoCapacity(AwsError):
    """EC2 has no such instance in the zone."""

    def __init__(self, instance_type: str, zone: str | None) -> None:
        where = f"the Availability Zone you requested ({zone})" if zone else "this Region"
        super().__init__(
            "InsufficientInstanceCapacity",
            f"We currently do not have sufficient {instance_type} capacity in {where}. Our system "
            "will be working on provisioning additional capacity.",
            # One of EC2's server errors, whose status is 500.
            status=500,
        )


@before("ec2", "RunInstances")
def instances(ctx: Context, params: Params) -> None:
    """The subnet's zone, or the wished one, has the type."""
    if not ctx.world.faults or not (instance_type := params.get("InstanceType")):
        return
    zone = params.get("Placement", {}).get("AvailabilityZone")
    if subnet := params.get("SubnetId"):
        zone = ctx.moto("ec2").get_subnet(subnet).availability_zone
    if faults.no_capacity(ctx.world, instance_type, zone, ctx.region):
        if not _reserved(ctx, instance_type, zone):
            raise NoCapacity(instance_type, zone)


def _reserved(ctx: Context, instance_type: str, zone: str | None) -> bool:
    """Whether somebody reserved such instances before there were none left."""
    return any(
        each["State"] == "active"
        and (each["InstanceType"], each["AvailabilityZone"]) == (instance_type, zone)
        and free(ctx, each) > 0
        for each in reservations(ctx).values()
    )


@before("ec2", "CreateCapacityReservation")
def new_reservations(ctx: Context, params: Params) -> None:
    """A reservation is filled now or refused."""
    instance_type, zone = params["InstanceType"], params.get("AvailabilityZone")
    if faults.no_capacity(ctx.world, instance_type, zone, ctx.region):
        raise NoCapacity(instance_type, zone)


@before("rds", "CreateDBInstance", "CreateDBInstanceReadReplica", "ModifyDBInstance")
def databases(ctx: Context, params: Params) -> None:
    """RDS refuses at once when it has no such class."""
    wanted, zone = params.get("DBInstanceClass"), params.get("AvailabilityZone")
    if wanted and faults.no_capacity(ctx.world, wanted, zone, ctx.region):
        text = f"The DB instance class {wanted} is not available in the Availability Zone"
        raise AwsError("InsufficientDBInstanceCapacity", text)


@before("elasticache", "CreateReplicationGroup", "ModifyReplicationGroup")
def caches(ctx: Context, params: Params) -> None:
    """ElastiCache refuses at once when it has no such node type."""
    wanted = params.get("CacheNodeType")
    zones = params.get("PreferredCacheClusterAZs") or [None]
    if wanted and any(faults.no_capacity(ctx.world, wanted, zone, ctx.region) for zone in zones):
        text = f"The requested cache node type {wanted} is not available"
        raise AwsError("InsufficientCacheClusterCapacity", text)
