"""A platform in a VPC that somebody brought along, which stays untouched."""

from __future__ import annotations

from typing import Any

from acceptance.stacks import ADDRESS, stack
from harness.lab import Lab
from harness.workspace import Workspace

SECTIONS = (
    """kubernetes = {
    version    = "1.35"
    node_pools = { web = { instance_types = ["m5.large"], min = 2, max = 4 } }
  }""",
    """database = {
    engine = "postgres", version = "17", instance_class = "db.m7g.large", storage = { gb = 100 }
    backup = { final_snapshot = false }
  }""",
    'cache = { engine = "valkey", version = "8.0", node_type = "cache.m7g.large", replicas = 1 }',
)


def brought_along(lab: Lab) -> dict[str, Any]:
    """A VPC with a public, a private and a database subnet in each of two zones, and a way to the internet."""
    ec2 = lab.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    route = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway}
    ec2.create_route(RouteTableId=table["RouteTables"][0]["RouteTableId"], **route)
    subnets: dict[str, list[str]] = {}
    for number, part in enumerate(("public", "private", "database")):
        for index, zone in enumerate(("us-east-1a", "us-east-1b")):
            block = f"10.30.{number * 2 + index}.0/24"
            made = ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=zone)
            subnets.setdefault(part, []).append(made["Subnet"]["SubnetId"])
            if part == "public":
                launch = {"MapPublicIpOnLaunch": {"Value": True}}
                ec2.modify_subnet_attribute(SubnetId=made["Subnet"]["SubnetId"], **launch)
    ids = [subnet for part in subnets.values() for subnet in part]
    ec2.get_waiter("subnet_available").wait(SubnetIds=ids, WaiterConfig={"Delay": 1})
    ec2.get_waiter("vpc_available").wait(VpcIds=[vpc], WaiterConfig={"Delay": 1})
    return {"vpc_id": vpc} | {f"{part}_subnet_ids": ids for part, ids in subnets.items()}


def network(existing: dict[str, Any]) -> str:
    """The section that names the VPC."""
    lines = [
        f"{name} = {ids!r}".replace("'", '"') if isinstance(ids, list) else f'{name} = "{ids}"'
        for name, ids in existing.items()
    ]
    return "network = {\n    existing = {\n      " + "\n      ".join(lines) + "\n    }\n  }"


def described(lab: Lab, existing: dict[str, Any]) -> list[Any]:
    """The VPC and its subnets as EC2 shows them, without what use changes by right."""
    ec2 = lab.client("ec2")
    vpc = [{"Name": "vpc-id", "Values": [existing["vpc_id"]]}]
    subnets = ec2.describe_subnets(Filters=vpc)["Subnets"]
    for subnet in subnets:
        subnet.pop("AvailableIpAddressCount")
    tables = ec2.describe_route_tables(Filters=vpc)["RouteTables"]
    return [ec2.describe_vpcs(VpcIds=[existing["vpc_id"]])["Vpcs"], subnets, tables]


def test_a_platform_lives_in_a_vpc_that_was_brought_along(workspace: Workspace, lab: Lab) -> None:
    existing = brought_along(lab)
    untouched, census = described(lab, existing), lab.census()
    workspace.write(stack(network(existing), *SECTIONS))
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    values = workspace.state()[ADDRESS]["values"]
    assert values["status"] == "ready"
    assert values["vpc"]["id"] == existing["vpc_id"]
    planned = workspace.plan()
    assert planned.code == 0, planned

    rds = lab.client("rds").describe_db_subnet_groups()["DBSubnetGroups"][0]
    used = {subnet["SubnetIdentifier"] for subnet in rds["Subnets"]}
    assert used == set(existing["database_subnet_ids"])
    nodes = lab.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"][0]
    assert set(nodes["VPCZoneIdentifier"].split(",")) == set(existing["private_subnet_ids"])
    assert described(lab, existing) == untouched

    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    assert described(lab, existing) == untouched
    assert lab.census() == census
