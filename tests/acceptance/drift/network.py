"""Drift in `network`."""

from __future__ import annotations

from typing import Any

from acceptance.drift import Allowed, Drift
from acceptance.fields import Account, Seen

BASE = (
    'network = { cidr = "10.0.0.0/16", zone_count = 2, nat = "single", '
    'endpoints = ["ecr.api"], flow_logs = { retention_days = 30 } }',
)

ANYWHERE = "0.0.0.0/0"


def _table(account: Account, name: str) -> str:
    return account.id(f"network/route-table/{name}")


def _ways_out(account: Account, name: str) -> list[str]:
    found = account.client("ec2").describe_route_tables(RouteTableIds=[_table(account, name)])
    routes = found["RouteTables"][0]["Routes"]
    return [route["State"] for route in routes if route.get("DestinationCidrBlock") == ANYWHERE]


def _remove_route(account: Account) -> None:
    account.client("ec2").delete_route(
        RouteTableId=_table(account, "private/a"), DestinationCidrBlock=ANYWHERE
    )


def _endpoint_rule(account: Account) -> dict[str, Any]:
    groups = [{"Name": "group-id", "Values": [account.id("network/security-group/endpoints")]}]
    rules = account.client("ec2").describe_security_group_rules(Filters=groups)
    (rule,) = [each for each in rules["SecurityGroupRules"] if not each["IsEgress"]]
    return rule


def _open_endpoints(account: Account) -> None:
    rule = _endpoint_rule(account)
    change = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv4": ANYWHERE}
    account.client("ec2").modify_security_group_rules(
        GroupId=rule["GroupId"],
        SecurityGroupRules=[
            {
                "SecurityGroupRuleId": rule["SecurityGroupRuleId"],
                "SecurityGroupRule": change,
            }
        ],
    )


def _flow_logs(account: Account) -> int:
    return len(account.client("ec2").describe_flow_logs()["FlowLogs"])


def _stop_flow_log(account: Account) -> None:
    account.client("ec2").delete_flow_logs(FlowLogIds=[account.id("network/flow-logs/flow-log")])


def _retention(account: Account) -> int | None:
    name = account.id("network/flow-logs/log-group")
    groups = account.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return groups[0].get("retentionInDays")


def _keep_for_ever(account: Account) -> None:
    name = account.id("network/flow-logs/log-group")
    account.client("logs").delete_retention_policy(logGroupName=name)


def _default_group(account: Account) -> dict[str, Any]:
    filters = [
        {"Name": "vpc-id", "Values": [account.id("network/vpc")]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    (group,) = account.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return group


def _open_default_group(account: Account) -> None:
    permission = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}
    account.client("ec2").authorize_security_group_ingress(
        GroupId=_default_group(account)["GroupId"], IpPermissions=[permission]
    )


def _dissociate(account: Account) -> None:
    association = account.id("network/route-table-association/private/b")
    account.client("ec2").disassociate_route_table(AssociationId=association)


def _associated(account: Account) -> int:
    found = account.client("ec2").describe_route_tables(
        RouteTableIds=[_table(account, "private/b")]
    )
    return len(found["RouteTables"][0]["Associations"])


def _own_group(account: Account) -> None:
    """Somebody adds a security group of their own to the VPC."""
    account.client("ec2").create_security_group(
        GroupName="mine", Description="mine", VpcId=account.id("network/vpc")
    )


DRIFTS = [
    Drift(
        "a route that was removed comes back",
        _remove_route,
        ("create network/route/private/a",),
        Seen("network.nat", lambda a: _ways_out(a, "private/a"), ["active"]),
    ),
    Drift(
        "a security group rule that was opened is closed",
        _open_endpoints,
        ("network/security-group-rule/endpoints",),
        Seen("network.endpoints", lambda a: _endpoint_rule(a).get("CidrIpv4"), "10.0.0.0/16"),
    ),
    Drift(
        "a flow log that was stopped starts again",
        _stop_flow_log,
        ("network/flow-logs/flow-log",),
        Seen("network.flow_logs", _flow_logs, 1),
    ),
    Drift(
        "a log that is kept for ever costs no more than it should",
        _keep_for_ever,
        ("update network/flow-logs/log-group", "retention_days"),
        Seen("network.flow_logs.retention_days", _retention, 30),
    ),
    Drift(
        "the default security group is closed again",
        _open_default_group,
        ("update network/vpc", "default_group_rules"),
        Seen("network", lambda a: _default_group(a)["IpPermissions"], []),
    ),
    Drift(
        "a subnet is led to its route table again",
        _dissociate,
        ("network/route-table-association/private/b",),
        Seen("network.nat", _associated, 1),
    ),
]

ALLOWED: list[Allowed] = []
