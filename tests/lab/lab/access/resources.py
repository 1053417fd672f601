"""The ARNs that a call is about, as far as they follow from its parameters.

None stands for a resource that the lab cannot derive; `*` for actions that have none.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from lab import services
from lab.extend import AwsError, Context, Params

EC2_TYPES = {
    "acl": "network-acl",
    "ami": "image",
    "cr": "capacity-reservation",
    "eigw": "egress-only-internet-gateway",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "nat": "natgateway",
    "pg": "placement-group",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "snap": "snapshot",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
"""Prefix of an id → type in EC2's ARNs."""
EC2_MAKES = {
    "CreateVpc": "vpc",
    "CreateSubnet": "subnet",
    "CreateInternetGateway": "internet-gateway",
    "AllocateAddress": "elastic-ip",
    "CreateNatGateway": "natgateway",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateVpcEndpoint": "vpc-endpoint",
    "CreateLaunchTemplate": "launch-template",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateNetworkInterface": "network-interface",
    "CreatePlacementGroup": "placement-group",
    "CreateCapacityReservation": "capacity-reservation",
    "RunInstances": "instance",
    "CreateVolume": "volume",
}
EC2_ID = re.compile(rf"({'|'.join(EC2_TYPES)})-[0-9a-f]{{8,17}}")
EC2_ABOUT = {
    "AuthorizeSecurityGroupEgress": ("GroupId",),
    "AuthorizeSecurityGroupIngress": ("GroupId",),
    "CreateLaunchTemplate": (),
    "CreateLaunchTemplateVersion": ("LaunchTemplateId",),
    "CreateRoute": ("RouteTableId",),
    "ReplaceRoute": ("RouteTableId",),
    "RevokeSecurityGroupEgress": ("GroupId",),
    "RevokeSecurityGroupIngress": ("GroupId",),
}
"""Calls that name objects about which no permission is asked → the members that count.

Source: Service Authorization Reference, "Actions defined by Amazon EC2", column "Resource types".
"""
NAMED = {
    ("rds", "DBInstanceIdentifier"): "db:{}",
    ("rds", "DBSubnetGroupName"): "subgrp:{}",
    ("rds", "DBParameterGroupName"): "pg:{}",
    ("rds", "DBSnapshotIdentifier"): "snapshot:{}",
    ("elasticache", "ReplicationGroupId"): "replicationgroup:{}",
    ("elasticache", "CacheSubnetGroupName"): "subnetgroup:{}",
    ("elasticache", "CacheParameterGroupName"): "parametergroup:{}",
    ("elasticache", "SnapshotName"): "snapshot:{}",
    ("logs", "logGroupName"): "log-group:{}",
    ("secretsmanager", "Name"): "secret:{}",
    ("eks", "name"): "cluster/{}",
}
"""Service and member → what follows `arn:aws:service:region:account:`."""
EKS_CHILDREN = {
    "nodegroupName": "nodegroup",
    "addonName": "addon",
    "principalArn": "access-entry",
    "associationId": "podidentityassociation",
}
IAM_NAMES = {
    "RoleName": "role",
    "InstanceProfileName": "instance-profile",
    "UserName": "user",
    "PolicyName": "policy",
}
CLOUDFRONT = {
    "Distribution": "distribution",
    "CachePolicy": "cache-policy",
    "OriginRequestPolicy": "origin-request-policy",
    "ResponseHeadersPolicy": "response-headers-policy",
    "OriginAccessControl": "origin-access-control",
    "Function": "function",
}


def of(ctx: Context, operation: str, params: Params) -> list[str | None]:
    """Every resource of the call; a policy must allow the action on each of them."""
    found = _FINDERS.get(ctx.service, _by_name)(ctx, operation, params)
    if not found and operation.startswith(("List", "Describe", "Get")):
        return ["*"]
    return found or [None]


def key(ctx: Context, identifier: str) -> str | None:
    """The ARN of a KMS key given by id, alias or ARN; None for an unknown one."""
    try:
        return ctx.call("kms", "DescribeKey", {"KeyId": identifier})["KeyMetadata"]["Arn"]
    except AwsError:
        return None


def tags(ctx: Context, resource: str | None) -> dict[str, str]:
    """The tags of an existing object, looked up in the census of its service."""
    if resource is None or not resource.startswith("arn:"):
        return {}
    resource = resource.removesuffix("*").rstrip(":/")
    parts = resource.split(":", 5)
    module = sys.modules.get(f"{services.__name__}.{parts[2]}")
    if not hasattr(module, "census"):
        return {}
    home = ctx.elsewhere(parts[3] or "us-east-1", parts[2])
    path = f"/{parts[5].rsplit('-', 1)[0] if parts[2] == 'secretsmanager' else parts[5]}"
    for each in module.census(home):
        if path.endswith((f"/{each['id']}", f":{each['id']}")):
            return each["tags"]
    return {}


def _ec2(ctx: Context, operation: str, params: Params) -> list[str | None]:
    if operation.startswith("Describe"):
        return ["*"]
    prefix = f"arn:aws:ec2:{ctx.region}:{ctx.account}:"
    made = [f"{prefix}{EC2_MAKES[operation]}/*"] if operation in EC2_MAKES else []
    asked = params
    if operation in EC2_ABOUT:
        asked = {member: params[member] for member in EC2_ABOUT[operation] if member in params}
    named = sorted({each for each in _texts(asked) if EC2_ID.fullmatch(each)})
    named += [each for each in _associated(ctx, params) if each not in named]
    return [*made, *(f"{prefix}{EC2_TYPES[each.split('-')[0]]}/{each}" for each in named)]


def _associated(ctx: Context, params: Params) -> list[str]:
    """The route table with its subnet, or the VPC, behind the id of an association."""
    association, ec2 = params.get("AssociationId", ""), ctx.moto("ec2")
    for table in ec2.route_tables.values():
        if association in table.all_associations_ids:
            target = table._associations.get(association)
            return [table.id, *([target] if target else [])]
    for vpc in ec2.vpcs.values():
        if association in vpc._cidr_block_association_set:
            return [vpc.id]
    return []


def _s3(_ctx: Context, operation: str, params: Params) -> list[str | None]:
    if operation == "ListBuckets" or "Bucket" not in params:
        return ["*"]
    bucket = f"arn:aws:s3:::{params['Bucket']}"
    if operation == "DeleteObjects":
        return [f"{bucket}/{each['Key']}" for each in params["Delete"]["Objects"]]
    return [f"{bucket}/{params['Key']}" if "Key" in params else bucket]


def _iam(ctx: Context, operation: str, params: Params) -> list[str | None]:
    prefix = f"arn:aws:iam::{ctx.account}:"
    for member, kind in IAM_NAMES.items():
        if name := params.get(member):
            known = ctx.moto("iam").roles if kind == "role" else {}
            paths = [role.path for role in known.values() if role.name == name]
            path = params.get("Path") or (paths[0] if paths else "/")
            return [f"{prefix}{kind}{path}{name}"]
    return [params[each] for each in ("PolicyArn", "OpenIDConnectProviderArn") if each in params]


def _kms(ctx: Context, operation: str, params: Params) -> list[str | None]:
    if operation in ("CreateKey", "ListAliases", "ListKeys"):
        return ["*"]
    found = [key(ctx, params[each]) for each in ("KeyId", "TargetKeyId") if each in params]
    alias = params.get("AliasName")
    return found + ([f"arn:aws:kms:{ctx.region}:{ctx.account}:{alias}"] if alias else [])


def _eks(ctx: Context, operation: str, params: Params) -> list[str | None]:
    prefix, cluster = f"arn:aws:eks:{ctx.region}:{ctx.account}:", params.get("clusterName")
    for member, kind in EKS_CHILDREN.items():
        if cluster and params.get(member) and not operation.startswith("Create"):
            return [f"{prefix}{kind}/{cluster}/{params[member]}/*"]
    if cluster:
        return [f"{prefix}cluster/{cluster}"]
    return _by_name(ctx, operation, params)


def _logs(ctx: Context, operation: str, params: Params) -> list[str | None]:
    """A group's own ARN for actions on it; `:*` is part of the ARN for most of them."""
    name = params.get("logGroupName") or params.get("logGroupIdentifier")
    if not name:
        given = params.get("resourceArn")
        return [given] if given else []
    group = name.split(":log-group:")[-1].removesuffix(":*")
    stream = params.get("logStreamName")
    rest = f"log-stream:{stream}" if stream else "*"
    return [f"arn:aws:logs:{ctx.region}:{ctx.account}:log-group:{group}:{rest}"]


def _secrets(ctx: Context, _operation: str, params: Params) -> list[str | None]:
    given = params.get("SecretId") or params.get("Name")
    if not given:
        return []
    if given.startswith("arn:"):
        return [given]
    secret = ctx.moto("secretsmanager").secrets.get(given)
    suffix = secret.arn.rsplit("-", 1)[-1] if secret is not None else "??????"
    return [f"arn:aws:secretsmanager:{ctx.region}:{ctx.account}:secret:{given}-{suffix}"]


def _cloudfront(ctx: Context, operation: str, params: Params) -> list[str | None]:
    kind = next((path for noun, path in CLOUDFRONT.items() if noun in operation), None)
    if kind is None or operation.startswith(("List", "Create")):
        return [params["Resource"]] if "Resource" in params else ["*"]
    name = params.get("Id") or params.get("Name") or "*"
    return [f"arn:aws:cloudfront::{ctx.account}:{kind}/{name}"]


def _by_name(ctx: Context, operation: str, params: Params) -> list[str | None]:
    """The object that the operation's own name member names; tag calls say the ARN."""
    for member in ("ResourceName", "resourceArn", "ResourceArn"):
        if str(params.get(member, "")).startswith("arn:"):
            return [params[member]]
    prefix = f"arn:aws:{ctx.service}:{ctx.region}:{ctx.account}:"
    for (service, member), path in NAMED.items():
        if service == ctx.service and params.get(member):
            name = params[member].rsplit(":", 1)[-1].lower()
            return [prefix + path.format(name if service != "eks" else params[member])]
    return []


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    nested = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in nested for text in _texts(item)]


_FINDERS = {
    "ec2": _ec2,
    "s3": _s3,
    "iam": _iam,
    "kms": _kms,
    "eks": _eks,
    "logs": _logs,
    "secretsmanager": _secrets,
    "cloudfront": _cloudfront,
}
