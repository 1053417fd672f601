"""VPCs and subnets: their states, and what keeps them from being deleted."""

from __future__ import annotations

from lab.extend import AwsError, Context, Output, Params, after, before, on_end

VPC, SUBNET = "ec2/vpc", "ec2/subnet"
SMALLEST = 28
"""Bits of the smallest subnet's prefix."""


def dependency(text: str) -> AwsError:
    """EC2's refusal to delete what something else uses."""
    return AwsError("DependencyViolation", text, status=400)


@after("ec2", "CreateVpc")
def vpc_begins(ctx: Context, _params: Params, output: Output) -> None:
    """A new VPC is pending for a moment."""
    vpc = output["Vpc"]
    ctx.moto("ec2").vpcs[vpc["VpcId"]].state = vpc["State"] = "pending"
    ctx.life.start(VPC, vpc["VpcId"], "create")


@on_end(VPC, "create")
def vpc_ready(ctx: Context, vpc_id: str) -> None:
    """The VPC can be used; it could be before, but did not say so."""
    if vpc := ctx.moto("ec2").vpcs.get(vpc_id):
        vpc.state = "available"


@before("ec2", "DeleteVpc")
def vpc_unused(ctx: Context, params: Params) -> None:
    """A VPC goes when only what AWS made with it is left in it."""
    vpc_id = params["VpcId"]
    ec2 = ctx.moto("ec2")
    inside = [
        *(eni for eni in ec2.enis.values() if eni.vpc_id == vpc_id),
        *(group for group in ec2.groups.get(vpc_id, {}).values() if not group.is_default),
        *(gw for gw in ec2.internet_gateways.values() if gw.vpc and gw.vpc.id == vpc_id),
        *(gw for gw in ec2.egress_only_internet_gateways.values() if gw.vpc_id == vpc_id),
        *(acl for acl in ec2.network_acls.values() if acl.vpc_id == vpc_id and not acl.default),
        *(end for end in ec2.vpc_end_points.values() if end.vpc_id == vpc_id),
    ]
    if inside:
        raise dependency(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")


@before("ec2", "CreateSubnet")
def size(_ctx: Context, params: Params) -> None:
    """/16 to /28; moto takes smaller ones."""
    block = params.get("CidrBlock", "")
    if block.rpartition("/")[2].isdigit() and int(block.rpartition("/")[2]) > SMALLEST:
        raise AwsError("InvalidSubnet.Range", f"The CIDR '{block}' is invalid.", status=400)


@before("ec2", "CreateSubnet")
def zone_of_region(ctx: Context, params: Params) -> Params | None:
    """A zone of this region; without one AWS chooses, here the first."""
    ec2 = ctx.moto("ec2")
    zones = {zone.name: zone.zone_id for zone in ec2.describe_availability_zones()}
    name, zone_id = params.get("AvailabilityZone"), params.get("AvailabilityZoneId")
    if name is None and zone_id is None:
        return params | {"AvailabilityZone": next(iter(zones))}
    if (name is not None and name not in zones) or (
        zone_id is not None and zone_id not in zones.values()
    ):
        text = (
            f"Value ({name or zone_id}) for parameter availabilityZone is invalid. "
            f"Subnets can currently only be created in the following availability zones: "
            f"{', '.join(zones)}."
        )
        raise AwsError("InvalidParameterValue", text, status=400)
    if name is None:
        chosen = next(each for each, its_id in zones.items() if its_id == zone_id)
        rest = {key: value for key, value in params.items() if key != "AvailabilityZoneId"}
        return rest | {"AvailabilityZone": chosen}
    return None


@after("ec2", "CreateSubnet")
def subnet_begins(ctx: Context, _params: Params, output: Output) -> None:
    """A new subnet is pending for a moment, and never a default one as moto's first would be."""
    shown = output["Subnet"]
    subnet = ctx.moto("ec2").get_subnet(shown["SubnetId"])
    subnet.default_for_az = shown["DefaultForAz"] = False
    subnet.map_public_ip_on_launch = shown["MapPublicIpOnLaunch"] = False
    subnet.state = shown["State"] = "pending"
    ctx.life.start(SUBNET, shown["SubnetId"], "create")


@on_end(SUBNET, "create")
def subnet_ready(ctx: Context, subnet_id: str) -> None:
    """The subnet is available."""
    for zone in ctx.moto("ec2").subnets.values():
        if subnet := zone.get(subnet_id):
            subnet.state = "available"


@before("ec2", "ModifySubnetAttribute")
def one_attribute(_ctx: Context, params: Params) -> None:
    """EC2 changes one attribute of a subnet per call."""
    given = set(params) - {"SubnetId", "DryRun"}
    if len(given) > 1:
        text = "Only one subnet attribute can be modified at a time"
        raise AwsError("InvalidParameterCombination", text, status=400)


@after("ec2", "ModifySubnetAttribute")
def remembered(ctx: Context, params: Params, _output: Output) -> None:
    """The attributes that moto shows but does not change."""
    subnet = ctx.moto("ec2").get_subnet(params["SubnetId"])
    names = subnet.private_dns_name_options_on_launch
    if "EnableDns64" in params:
        subnet.enable_dns64 = params["EnableDns64"]["Value"]
    if "EnableResourceNameDnsAAAARecordOnLaunch" in params:
        wanted = params["EnableResourceNameDnsAAAARecordOnLaunch"]["Value"]
        names["EnableResourceNameDnsAAAARecord"] = wanted
    if "PrivateDnsHostnameTypeOnLaunch" in params:
        names["HostnameType"] = params["PrivateDnsHostnameTypeOnLaunch"]


@before("ec2", "ModifyVpcAttribute")
def one_vpc_attribute(_ctx: Context, params: Params) -> None:
    """EC2 changes one attribute of a VPC per call."""
    if len(set(params) - {"VpcId", "DryRun"}) > 1:
        text = "Only one VPC attribute can be modified at a time"
        raise AwsError("InvalidParameterCombination", text, status=400)


@before("ec2", "DeleteSubnet")
def subnet_unused(ctx: Context, params: Params) -> None:
    """A subnet goes when no network interface is left in it."""
    subnet_id = params["SubnetId"]
    if any(eni.subnet_id == subnet_id for eni in ctx.moto("ec2").enis.values()):
        raise dependency(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")


@after("ec2", "DeleteSubnet")
def drop_associations(ctx: Context, params: Params, _output: Output) -> None:
    """Route tables and network ACLs lose the subnet; moto keeps the associations."""
    ec2 = ctx.moto("ec2")
    for table in ec2.route_tables.values():
        table._associations = {
            key: subnet
            for key, subnet in table._associations.items()
            if subnet != params["SubnetId"]
        }
