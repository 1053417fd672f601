"""Changes one property of an object of every kind that has a property which can be changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from acceptance.fields import Account
from acceptance.objects import components


def _ec2(account: Account) -> Any:
    return account.client("ec2")


def _kms(account: Account) -> Any:
    return account.client("kms")


def _rds(account: Account) -> Any:
    return account.client("rds")


def _public(account: Account) -> None:
    _ec2(account).modify_subnet_attribute(
        SubnetId=account.id("network/subnet/private/a"), MapPublicIpOnLaunch={"Value": True}
    )


def _leave_tables(account: Account) -> None:
    endpoint = account.id("network/endpoint/s3")
    found = _ec2(account).describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]
    _ec2(account).modify_vpc_endpoint(
        VpcEndpointId=endpoint, RemoveRouteTableIds=found["RouteTableIds"][:1]
    )


def _describe_rule(account: Account) -> None:
    rule = account.id("network/security-group-rule/endpoints")
    (found,) = _ec2(account).describe_security_group_rules(SecurityGroupRuleIds=[rule])[
        "SecurityGroupRules"
    ]
    change = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIpv4": "10.0.0.0/8"}
    _ec2(account).modify_security_group_rules(
        GroupId=found["GroupId"],
        SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": change}],
    )


def _lead_astray(account: Account) -> None:
    _ec2(account).replace_route(
        RouteTableId=account.id("network/route-table/private/b"),
        DestinationCidrBlock="0.0.0.0/0",
        GatewayId=account.id("network/internet-gateway"),
    )


def _reassociate(account: Account) -> None:
    _ec2(account).replace_route_table_association(
        AssociationId=account.id("network/route-table-association/private/a"),
        RouteTableId=account.id("network/route-table/public"),
    )


def _schedule(account: Account) -> None:
    _kms(account).schedule_key_deletion(KeyId=account.id("cache/key"), PendingWindowInDays=7)


def _stop_rotation(account: Account) -> None:
    _kms(account).disable_key_rotation(KeyId=account.id("buckets/key"))


def _detach(account: Account) -> None:
    iam, name = account.client("iam"), account.id("kubernetes/role/node")
    policy = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"][0]
    iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])


def _limit_role(account: Account) -> None:
    account.client("iam").put_role_permissions_boundary(
        RoleName=account.id("kubernetes/role/cluster"),
        PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess",
    )


def _other_role(account: Account) -> None:
    cluster, name = account.id("kubernetes/pod-identity/files").split("/", 1)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
    role = account.client("iam").create_role(
        RoleName="others",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    account.lab.advance(60)  # IAM tells EKS of a new role after a while.
    account.client("eks").update_pod_identity_association(
        clusterName=cluster, associationId=name, roleArn=role["Role"]["Arn"]
    )


def _extend_support(account: Account) -> None:
    account.client("eks").update_cluster_config(
        name="shop", upgradePolicy={"supportType": "EXTENDED"}
    )


def _renew_all(account: Account) -> None:
    cluster, name = next(iter(components(account, "eks/node-group").values())).split("/", 1)
    account.client("eks").update_nodegroup_config(
        clusterName=cluster, nodegroupName=name, updateConfig={"maxUnavailable": 5}
    )


def _delete_secret(address: str) -> Callable[[Account], None]:
    def act(account: Account) -> None:
        account.client("secretsmanager").delete_secret(
            SecretId=account.id(address), RecoveryWindowInDays=7
        )

    return act


def _more_subnets(account: Account) -> list[str]:
    """Those of the databases and one of the nodes: those in use must stay."""
    vpc = account.values["vpc"]
    return [*vpc["database_subnet_ids"], vpc["private_subnet_ids"][0]]


def _widen_group(account: Account) -> None:
    _rds(account).modify_db_subnet_group(
        DBSubnetGroupName=account.id("database/subnet-group"), SubnetIds=_more_subnets(account)
    )


def _widen_cache_group(account: Account) -> None:
    account.client("elasticache").modify_cache_subnet_group(
        CacheSubnetGroupName=account.id("cache/subnet-group"), SubnetIds=_more_subnets(account)
    )


def _blind(account: Account) -> None:
    _rds(account).modify_db_instance(
        DBInstanceIdentifier=account.values["rds"]["identifier"],
        MonitoringInterval=0,
        PreferredBackupWindow="20:00-21:00",
        CopyTagsToSnapshot=False,
        ApplyImmediately=True,
    )


def _move_window(account: Account) -> None:
    account.client("elasticache").modify_replication_group(
        ReplicationGroupId=account.id("cache/replication-group"),
        PreferredMaintenanceWindow="mon:03:00-mon:04:30",
        ApplyImmediately=True,
    )


def _allow_origins(account: Account) -> None:
    rule = {"AllowedOrigins": ["*"], "AllowedMethods": ["PUT"]}
    account.client("s3").put_bucket_cors(
        Bucket=account.id("buckets/bucket/images"), CORSConfiguration={"CORSRules": [rule]}
    )


def _close_bucket(account: Account) -> None:
    bucket = account.id("buckets/bucket/images")
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    account.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))


def _unsigned(account: Account) -> None:
    cloudfront, name = account.client("cloudfront"), account.id("cdn/origin-access-control")
    found = cloudfront.get_origin_access_control_config(Id=name)
    config = found["OriginAccessControlConfig"] | {"SigningBehavior": "never"}
    cloudfront.update_origin_access_control(
        Id=name, IfMatch=found["ETag"], OriginAccessControlConfig=config
    )


def _forward_all(account: Account) -> None:
    cloudfront = account.client("cloudfront")
    name = next(iter(components(account, "cloudfront/origin-request-policy").values()))
    found = cloudfront.get_origin_request_policy_config(Id=name)
    config = found["OriginRequestPolicyConfig"] | {"CookiesConfig": {"CookieBehavior": "all"}}
    cloudfront.update_origin_request_policy(
        Id=name, IfMatch=found["ETag"], OriginRequestPolicyConfig=config
    )


FIXED = {
    "ec2/elastic-ip": "it has nothing but tags",
    "ec2/flow-log": "another one would have to be made",
    "ec2/internet-gateway": "a detachment is refused while the VPC has public addresses",
    "ec2/nat-gateway": "its place and its address stay",
    "ec2/route-table": "its routes and associations are objects of their own",
    "ec2/security-group": "its rules are objects of their own",
    "ec2/vpc-cidr": "it is there or not",
}
"""Why there is nothing to change in an object of the kind."""

ELSEWHERE = {
    "cloudfront/cache-policy": ("cdn", "update cdn/cache-policy/images"),
    "cloudfront/distribution": ("cdn", "update cdn/distribution"),
    "ec2/launch-template": ("kubernetes", "update kubernetes/launch-template/web"),
    "ec2/vpc": ("network", "update network/vpc"),
    "eks/access-entry": ("kubernetes", "update kubernetes/access/dev"),
    "eks/addon": ("kubernetes", "update kubernetes/addon/coredns"),
    "elasticache/parameter-group": ("cache", "update cache/parameter-group/valkey8"),
    "logs/log-group": ("network", "update network/flow-logs/log-group"),
    "rds/cluster": ("database_aurora", "database/cluster "),
    "rds/cluster-instance": ("database_aurora", "update database/instance/2"),
    "rds/cluster-parameter-group": ("database_aurora", "database/cluster-parameter-group"),
    "rds/parameter-group": ("database", "database/parameter-group/postgres17"),
}
"""Kinds whose change has a row in `drift`: the file, and what the row finds in the plan."""

CHANGES: list[tuple[str, Callable[[Account], None]]] = [
    ("update network/subnet/private/a ", _public),
    ("update network/endpoint/s3 ", _leave_tables),
    ("update network/security-group-rule/endpoints ", _describe_rule),
    ("update network/route/private/b ", _lead_astray),
    ("update network/route-table-association/private/a ", _reassociate),
    ("update cache/key ", _schedule),
    ("update buckets/key ", _stop_rotation),
    ("update kubernetes/role/node ", _detach),
    ("update kubernetes/role/cluster ", _limit_role),
    ("update kubernetes/pod-identity/files ", _other_role),
    ("update kubernetes/cluster ", _extend_support),
    ("update kubernetes/node-pool/api/", _renew_all),
    ("update database/secret ", _delete_secret("database/secret")),
    ("update database/subnet-group ", _widen_group),
    ("update cache/subnet-group ", _widen_cache_group),
    ("update database/primary ", _blind),
    ("update cache/replication-group ", _move_window),
    ("update buckets/bucket/images ", _allow_origins),
    ("update buckets/policy/images ", _close_bucket),
    ("update cdn/origin-access-control ", _unsigned),
    ("update cdn/origin-request-policy/", _forward_all),
]
"""The line that the next plan's `changes` must hold, and what somebody does."""
