"""`network`, field by field."""

from __future__ import annotations

from typing import Any

from acceptance.fields import Account, Seen, Step


def _vpc(account: Account) -> dict[str, Any]:
    return account.client("ec2").describe_vpcs(VpcIds=[account.id("network/vpc")])["Vpcs"][0]


def _in_vpc(account: Account) -> list[dict[str, Any]]:
    return [{"Name": "vpc-id", "Values": [account.id("network/vpc")]}]


def _secondary(account: Account) -> list[str]:
    vpc = _vpc(account)
    blocks = [
        each["CidrBlock"]
        for each in vpc["CidrBlockAssociationSet"]
        if each["CidrBlockState"]["State"] == "associated"
    ]
    return sorted(block for block in blocks if block != vpc["CidrBlock"])


def _nat_gateways(account: Account) -> int:
    found = account.client("ec2").describe_nat_gateways(
        Filters=[{"Name": "state", "Values": ["available"]}]
    )
    return len(found["NatGateways"])


def _ways_out(account: Account) -> int:
    """How many different NAT gateways the private route tables lead to."""
    tables = account.client("ec2").describe_route_tables(Filters=_in_vpc(account))["RouteTables"]
    routes = [route for table in tables for route in table["Routes"]]
    return len({route["NatGatewayId"] for route in routes if route.get("NatGatewayId")})


def _zones(account: Account) -> list[str]:
    found = account.client("ec2").describe_subnets(Filters=_in_vpc(account))["Subnets"]
    return sorted({subnet["AvailabilityZone"] for subnet in found})


def _endpoints(account: Account) -> list[str]:
    found = account.client("ec2").describe_vpc_endpoints(Filters=_in_vpc(account))["VpcEndpoints"]
    living = [each for each in found if each["State"].lower() != "deleted"]
    return sorted(each["ServiceName"].removeprefix("com.amazonaws.us-east-1.") for each in living)


def _flow_logs(account: Account) -> list[int]:
    """The retention of the log group of each flow log."""
    logs = account.client("ec2").describe_flow_logs(
        Filters=[{"Name": "resource-id", "Values": [account.id("network/vpc")]}]
    )["FlowLogs"]
    groups = account.client("logs").describe_log_groups()["logGroups"]
    retention = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
    return [retention[log["LogGroupName"]] for log in logs]


def _default_group_rules(account: Account) -> int:
    filters = [*_in_vpc(account), {"Name": "group-name", "Values": ["default"]}]
    (group,) = account.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return len(group["IpPermissions"]) + len(group["IpPermissionsEgress"])


READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def _role(account: Account) -> dict[str, Any]:
    name = account.id("network/flow-logs/role")
    return account.client("iam").get_role(RoleName=name)["Role"]


def _boundary(account: Account) -> str | None:
    return _role(account).get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")


_BASE = ("network/vpc", "network/subnet/private/a", "network/route-table/private/a")

STEPS = [
    Step(
        "a network of two zones with one NAT gateway",
        ('network = { cidr = "10.20.0.0/16", zone_count = 2, nat = "single" }',),
        seen=(
            Seen("network.cidr", lambda a: _vpc(a)["CidrBlock"], "10.20.0.0/16"),
            Seen("network.zone_count", _zones, ["us-east-1a", "us-east-1b"]),
            Seen("network.nat", _nat_gateways, 1),
            Seen("network.endpoints", _endpoints, ["s3"]),
            Seen("network.flow_logs", _flow_logs, []),
            Seen("network (default security group)", _default_group_rules, 0),
        ),
    ),
    Step(
        "gateways, endpoints, flow logs, blocks and a zone are added in place",
        (
            'network = { cidr = "10.20.0.0/16", zone_count = 3, nat = "per_zone", '
            'endpoints = ["dynamodb", "ecr.api"], flow_logs = { retention_days = 30 }, '
            'secondary_cidrs = ["100.64.0.0/16", "10.21.0.0/24"] }',
            f'iam = {{ permissions_boundary = "{READ_ONLY}" }}',
        ),
        seen=(
            Seen("iam.permissions_boundary", _boundary, READ_ONLY),
            Seen("network.zone_count", lambda a: len(_zones(a)), 3),
            Seen("network.nat", lambda a: (_nat_gateways(a), _ways_out(a)), (3, 3)),
            Seen("network.endpoints", _endpoints, ["dynamodb", "ecr.api", "s3"]),
            Seen("network.flow_logs.retention_days", _flow_logs, [30]),
            Seen("network.secondary_cidrs", _secondary, ["10.21.0.0/24", "100.64.0.0/16"]),
        ),
        words=("create network:", "update network/endpoint/s3"),
        keeps=(*_BASE, "network/nat-gateway/a"),
    ),
    Step(
        "they are changed and taken away again in place",
        (
            'network = { cidr = "10.20.0.0/16", zone_count = 3, nat = "single", '
            'endpoints = ["ecr.dkr"], flow_logs = { retention_days = 90 }, '
            'secondary_cidrs = ["100.64.0.0/16"] }',
        ),
        seen=(
            Seen("iam.permissions_boundary", _boundary, None),
            Seen("network.nat", lambda a: (_nat_gateways(a), _ways_out(a)), (1, 1)),
            Seen("network.endpoints", _endpoints, ["ecr.dkr", "s3"]),
            Seen("network.flow_logs.retention_days", _flow_logs, [90]),
            Seen("network.secondary_cidrs", _secondary, ["100.64.0.0/16"]),
        ),
        words=(
            "delete network/nat-gateway/b",
            "update network/route/private/b",
            "delete network/vpc-cidr/10.21.0.0-24",
            "update network/flow-logs/role",
        ),
        keeps=(
            *_BASE,
            "network/nat-gateway/a",
            "network/security-group/endpoints",
            "network/flow-logs/role",
        ),
    ),
    Step(
        "without a cluster, roles may move to another path",
        (
            'network = { cidr = "10.20.0.0/16", zone_count = 3, nat = "single", '
            'endpoints = ["ecr.dkr"], flow_logs = { retention_days = 90 }, '
            'secondary_cidrs = ["100.64.0.0/16"] }',
            'iam = { path = "/team/" }',
        ),
        seen=(
            Seen("iam.path", lambda a: _role(a)["Path"], "/team/"),
            Seen("network.flow_logs", _flow_logs, [90]),
        ),
        words=("replace network/flow-logs/role",),
        keeps=(*_BASE, "network/flow-logs/log-group"),
    ),
    Step(
        "without a way out, and zones by name",
        (
            'network = { cidr = "10.20.0.0/16", nat = "none", '
            'availability_zones = ["us-east-1a", "us-east-1b", "us-east-1c"] }',
        ),
        seen=(
            Seen("network.nat", lambda a: (_nat_gateways(a), _ways_out(a)), (0, 0)),
            Seen("network.availability_zones", _zones, ["us-east-1a", "us-east-1b", "us-east-1c"]),
            Seen("network.flow_logs", _flow_logs, []),
            Seen("network.secondary_cidrs", _secondary, []),
        ),
        words=("delete network/flow-logs/flow-log",),
        keeps=_BASE,
    ),
]
