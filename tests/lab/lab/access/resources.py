"""The ARNs that a call is about: the types are the reference's, their names the parameters'.

None stands for a resource that the lab cannot derive; `*` for actions that have none.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

from lab import services
from lab.access import reference
from lab.access.reference import Type
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
EC2_ID = re.compile(rf"({'|'.join(EC2_TYPES)})-[0-9a-f]{{8,17}}")
RULES = frozenset(
    f"{verb}SecurityGroup{way}" for verb in ("Authorize", "Revoke") for way in ("Ingress", "Egress")
)
"""Calls about one security group, whatever other groups their rules name."""
ALIASES: dict[tuple[str, str], tuple[str, ...]] = {
    ("rds", "cluster"): ("DBClusterIdentifier", "SourceDBClusterIdentifier"),
    ("rds", "cluster-auto-backup"): ("DbClusterResourceId",),
    ("rds", "cluster-endpoint"): ("DBClusterEndpointIdentifier",),
    ("rds", "cluster-pg"): ("DBClusterParameterGroupName",),
    ("rds", "cluster-snapshot"): (
        "DBClusterSnapshotIdentifier",
        "SourceDBClusterSnapshotIdentifier",
        "TargetDBClusterSnapshotIdentifier",
        "SnapshotIdentifier",
        "FinalDBSnapshotIdentifier",
    ),
    ("rds", "db"): (
        "DBInstanceIdentifier",
        "TargetDBInstanceIdentifier",
        "SourceDBInstanceIdentifier",
    ),
    ("rds", "global-cluster"): ("GlobalClusterIdentifier",),
    ("rds", "auto-backup"): ("DbiResourceId",),
    ("rds", "pg"): ("DBParameterGroupName",),
    ("rds", "snapshot"): (
        "DBSnapshotIdentifier",
        "TargetDBSnapshotIdentifier",
        "SourceDBSnapshotIdentifier",
    ),
    ("rds", "subgrp"): ("DBSubnetGroupName",),
    ("elasticloadbalancing", "targetgroup"): ("Name",),
    ("ecs", "cluster"): ("clusterName", "cluster", "clusters"),
    ("ecs", "service"): ("serviceName", "service", "services"),
    ("ecs", "task"): ("task", "tasks"),
    ("ecs", "task-definition"): ("family",),
    ("ecs", "capacity-provider"): ("name", "capacityProvider"),
    ("sns", "topic"): ("Name",),
    ("route53", "hostedzone"): ("HostedZoneId", "Id"),
    ("route53", "healthcheck"): ("HealthCheckId",),
    ("cloudtrail", "trail"): ("Name", "TrailName"),
    ("cloudfront", "distribution"): ("Id", "DistributionId"),
    ("autoscaling", "autoScalingGroup"): ("AutoScalingGroupName", "AutoScalingGroupNames"),
}
"""Prefix and type → members that name such a resource, where they are not called like its slot."""
DEFAULTS = {
    ("rds", "og"): "default:*",
    ("rds", "pg"): "default.*",
    ("rds", "cluster-pg"): "default.*",
    ("elasticache", "parametergroup"): "default.*",
}
"""Groups that a create uses, and needs to be allowed, when it names none."""
NOUNS = {
    ("rds", "cluster"): "dbcluster",
    ("rds", "cluster-endpoint"): "dbclusterendpoint",
    ("rds", "cluster-pg"): "dbclusterparametergroup",
    ("rds", "cluster-snapshot"): "dbclustersnapshot",
    ("rds", "db"): "dbinstance",
    ("rds", "es"): "eventsubscription",
    ("rds", "og"): "optiongroup",
    ("rds", "pg"): "dbparametergroup",
    ("rds", "proxy"): "dbproxy",
    ("rds", "proxy-endpoint"): "dbproxyendpoint",
    ("rds", "secgrp"): "dbsecuritygroup",
    ("rds", "shardgrp"): "dbshardgroup",
    ("rds", "snapshot"): "dbsnapshot",
    ("rds", "subgrp"): "dbsubnetgroup",
}
"""What operations call a type, where that is not its name in ARNs."""
SERVICES = {"elasticfilesystem": "efs", "elasticloadbalancing": "elbv2", "es": "opensearch"}
"""Prefix in ARNs → service, where they differ."""
FOLDED = ("rds", "elasticache")
"""Services that fold names to lower case."""
EKS_CHILDREN = {
    "nodegroup": "nodegroupName",
    "addon": "addonName",
    "access-entry": "principalArn",
    "podidentityassociation": "associationId",
}
IAM_NAMES = {
    "role": "RoleName",
    "instance-profile": "InstanceProfileName",
    "user": "UserName",
    "policy": "PolicyName",
}


def of(ctx: Context, operation: str, params: Params, action: str) -> list[str | None]:
    """Every resource of the call; a policy must allow the action on each of them."""
    types = reference.types(action)
    if types is None:
        return ["*"] if operation.startswith(("List", "Describe", "Get")) else [None]
    if not types:
        return ["*"]
    found = _FINDERS.get(ctx.service, _by_name)(ctx, operation, params, types)
    return list(dict.fromkeys(found)) or [types[0].arn(ctx.region, ctx.account)]


def made(
    ctx: Context, operation: str, params: Params, action: str, tagging: str
) -> list[str | None]:
    """What a create call makes: the resources on which `tagging` must be allowed."""
    kinds = {each.name: each for each in reference.types(tagging) or ()}
    if ctx.service == "ec2":
        rows = params.get("TagSpecifications", []) + params.get("TagSpecification", [])
        wanted = [row.get("ResourceType", "") for row in rows if row.get("Tags")]
        return [kinds[each].arn(ctx.region, ctx.account) for each in wanted if each in kinds]
    whole = _meant(tagging.partition(":")[0], operation.lower(), kinds)
    for found in of(ctx, operation, params, action):
        if found is None or (
            found != "*" and (not whole or any(each.fits(found) for each in whole))
        ):
            return [found]
    longest = max(whole, key=lambda each: len(each.name), default=None)
    if longest is None:
        return ["*"]
    finder = _FINDERS.get(ctx.service, _by_name)
    return list(finder(ctx, operation, params, [longest])) or [longest.arn(ctx.region, ctx.account)]


def _meant(prefix: str, operation: str, kinds: dict[str, Type]) -> list[Type]:
    """The types that the operation's name holds; of those with nouns of their own the first, and of these the longest."""
    nouns = {name: NOUNS.get((prefix, name), name.replace("-", "")) for name in kinds}
    found = [name for name in kinds if nouns[name] in operation]
    named = [name for name in found if (prefix, name) in NOUNS]
    if named:
        found = [min(named, key=lambda each: (operation.index(nouns[each]), -len(nouns[each])))]
    return [kinds[name] for name in found]


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
    service = SERVICES.get(parts[2], parts[2])
    module = sys.modules.get(f"{services.__name__}.{service}")
    if not hasattr(module, "census"):
        return {}
    home = ctx.elsewhere(parts[3] or "us-east-1", service)
    path = f"/{parts[5].rsplit('-', 1)[0] if parts[2] == 'secretsmanager' else parts[5]}"
    for each in module.census(home):
        if each["id"] == resource or path.endswith((f"/{each['id']}", f":{each['id']}")):
            return each["tags"]
    return {}


def _ec2(ctx: Context, operation: str, params: Params, types: list[Type]) -> Iterator[str]:
    """By ids; what is required and not named, like what the call makes, is any of its type."""
    asked = {"GroupId": params.get("GroupId")} if operation in RULES else params
    ids = {each for each in _texts(asked) if EC2_ID.fullmatch(each)} | set(_implied(ctx, params))
    for kind in types:
        mine = sorted(each for each in ids if EC2_TYPES[each.rpartition("-")[0]] == kind.name)
        for each in mine:
            yield kind.arn(ctx.region, ctx.account, **dict.fromkeys(kind.slots, each))
        if kind.required and not mine:
            yield kind.arn(ctx.region, ctx.account)


def _implied(ctx: Context, params: Params) -> Iterator[str]:
    """Ids behind an association, and behind the name of a launch template."""
    ec2 = ctx.moto("ec2")
    association = params.get("AssociationId", "")
    for table in ec2.route_tables.values():
        if association and association in table.all_associations_ids:
            yield table.id
            yield from (each for each in (table._associations.get(association),) if each)
    for vpc in ec2.vpcs.values():
        if association in vpc._cidr_block_association_set:
            yield vpc.id
    named = [params.get("LaunchTemplateName")]
    named += [params.get("LaunchTemplate", {}).get("LaunchTemplateName")]
    for template in ec2.launch_templates.values():
        if template.name in named:
            yield template.id


def _s3(_ctx: Context, operation: str, params: Params, _types: list[Type]) -> list[str]:
    bucket = f"arn:aws:s3:::{params.get('Bucket', '*')}"
    if operation == "DeleteObjects":
        return [f"{bucket}/{each['Key']}" for each in params["Delete"]["Objects"]]
    return [f"{bucket}/{params['Key']}" if "Key" in params else bucket]


def _iam(ctx: Context, _operation: str, params: Params, types: list[Type]) -> Iterator[str]:
    prefix = f"arn:aws:iam::{ctx.account}:"
    for kind in types:
        yield from (each for each in _texts(params) if kind.fits(each) or _has_path(kind, each))
        if name := params.get(IAM_NAMES.get(kind.name, "")):
            known = ctx.moto("iam").roles if kind.name == "role" else {}
            paths = [role.path for role in known.values() if role.name == name]
            path = params.get("Path") or (paths[0] if paths else "/")
            yield f"{prefix}{kind.name}{path}{name}"
        elif kind.name == "oidc-provider" and "Url" in params:
            yield f"{prefix}oidc-provider/{params['Url'].removeprefix('https://')}"
        elif kind.name == "role" and (service := params.get("AWSServiceName")):
            yield f"{prefix}role/aws-service-role/{service}/*"


def _has_path(kind: Type, text: str) -> bool:
    return text.startswith("arn:aws:iam::") and f":{kind.name}/" in text


def _kms(ctx: Context, operation: str, params: Params, types: list[Type]) -> Iterator[str | None]:
    alias, kinds = params.get("AliasName"), [each.name for each in types]
    if alias and "alias" in kinds:
        yield f"arn:aws:kms:{ctx.region}:{ctx.account}:{alias}"
    if "key" not in kinds:
        return
    given = [params[each] for each in ("KeyId", "TargetKeyId", "SourceKeyId") if each in params]
    if alias and operation in ("DeleteAlias", "UpdateAlias"):
        given.append(alias)
    yield from (key(ctx, each) for each in given)


def _eks(ctx: Context, _operation: str, params: Params, types: list[Type]) -> Iterator[str]:
    if given := params.get("resourceArn"):
        yield given
        return
    cluster = params.get("clusterName") or params.get("name") or "*"
    for kind in types:
        name = params.get(EKS_CHILDREN.get(kind.name, ""))
        parts = {"ClusterName": cluster}
        if kind.name == "access-entry" and name:
            _, account, principal = name.rsplit(":", 2)
            type_, _, rest = principal.partition("/")
            parts |= {
                "IamIdentityType": type_,
                "IamIdentityAccountID": account,
                "IamIdentityName": rest.rpartition("/")[2],
            }
        elif name:
            parts |= {kind.slots[1]: name}
        if kind.name == "cluster" or name or len(types) == 1:
            yield kind.arn(ctx.region, ctx.account, **parts)


def _logs(ctx: Context, _operation: str, params: Params, _types: list[Type]) -> list[str]:
    """A group's own ARN for actions on it; `:*` is part of the ARN for most of them."""
    name = params.get("logGroupName") or params.get("logGroupIdentifier")
    if not name:
        given = params.get("resourceArn") or params.get("resourceIdentifier")
        return [given] if given else []
    group = name.split(":log-group:")[-1].removesuffix(":*")
    stream = params.get("logStreamName")
    rest = f"log-stream:{stream}" if stream else "*"
    return [f"arn:aws:logs:{ctx.region}:{ctx.account}:log-group:{group}:{rest}"]


def _secrets(ctx: Context, _operation: str, params: Params, _types: list[Type]) -> list[str]:
    given = params.get("SecretId") or params.get("Name")
    if not given:
        return []
    if given.startswith("arn:"):
        return [given]
    secret = ctx.moto("secretsmanager").secrets.get(given)
    suffix = secret.arn.rsplit("-", 1)[-1] if secret is not None else "??????"
    return [f"arn:aws:secretsmanager:{ctx.region}:{ctx.account}:secret:{given}-{suffix}"]


def _elbv2(ctx: Context, operation: str, params: Params, types: list[Type]) -> Iterator[str]:
    if operation != "CreateLoadBalancer":
        yield from _by_name(ctx, operation, params, types)
        return
    family = {"network": "net", "gateway": "gwy"}.get(params.get("Type", ""), "app")
    for kind in types:
        if kind.name == f"loadbalancer/{family}/":
            yield kind.arn(ctx.region, ctx.account, LoadBalancerName=params["Name"])


def _wafv2(ctx: Context, operation: str, params: Params, types: list[Type]) -> Iterator[str]:
    parts = {each: params[each] for each in ("Name", "Id") if each in params}
    scope = {"CLOUDFRONT": "global", "REGIONAL": "regional"}.get(params.get("Scope", ""), "*")
    for kind in types:
        if kind.required and parts:
            yield kind.arn(ctx.region, ctx.account, Scope=scope, **parts)
        else:
            yield from (each for each in _texts(params) if kind.fits(each))


def _by_name(ctx: Context, operation: str, params: Params, types: list[Type]) -> Iterator[str]:
    """What members name, by ARN or by name."""
    prefix = types[0].pattern.split(":")[2]
    creates = operation.startswith(("Create", "Restore"))
    texts = [each for each in _texts(params) if each.startswith("arn:")]
    for kind in types:
        mine = [each for each in texts if kind.fits(each)]
        mine += _named(ctx, prefix, kind, params)
        if not mine and creates and kind.required and (prefix, kind.name) in DEFAULTS:
            name = DEFAULTS[prefix, kind.name]
            mine = [kind.arn(ctx.region, ctx.account, **{kind.slots[-1]: name})]
        yield from mine


def _named(ctx: Context, prefix: str, kind: Type, params: Params) -> list[str]:
    if not kind.slots:
        return []
    members = ALIASES.get((prefix, kind.name)) or (kind.slots[-1], f"{kind.slots[-1]}s")
    wanted = [each.lower() for each in members]
    parts = {}
    for slot in kind.slots[:-1]:
        aliases = ALIASES.get((prefix, slot.removesuffix("Name").lower()), (slot,))
        names = [_short(params[each]) for each in aliases if isinstance(params.get(each), str)]
        parts |= {slot: names[0]} if names else {}
    found = []
    for member in wanted:
        for name, value in params.items():
            if name.lower() != member:
                continue
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, str) and not each.startswith("arn:"):
                    text = each.lower() if prefix in FOLDED else _short(each)
                    whole = parts | {kind.slots[-1]: text}
                    found.append(kind.arn(ctx.region, ctx.account, **whole))
    return found


def _short(name: str) -> str:
    """`/hostedzone/Z1` and `arn:…:cluster/demo` by their last part."""
    return name.rpartition("/")[2]


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    nested = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in nested for text in _texts(item)]


_FINDERS: dict[str, Callable[..., Any]] = {
    "ec2": _ec2,
    "s3": _s3,
    "iam": _iam,
    "kms": _kms,
    "eks": _eks,
    "logs": _logs,
    "secretsmanager": _secrets,
    "elbv2": _elbv2,
    "wafv2": _wafv2,
}
