"""The tags of an object, by its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from acceptance.fields import Account

NUMBER = "123456789012"


def _pairs(
    rows: Iterable[dict[str, Any]], key: str = "Key", value: str = "Value"
) -> dict[str, str]:
    return {row[key]: row[value] for row in rows}


def _ec2(account: Account, identifier: str) -> dict[str, str]:
    filters = [{"Name": "resource-id", "Values": [identifier]}]
    return _pairs(account.client("ec2").describe_tags(Filters=filters)["Tags"])


def _elasticache(sort: str) -> Callable[[Account, str], dict[str, str]]:
    def read(account: Account, identifier: str) -> dict[str, str]:
        arn = f"arn:aws:elasticache:us-east-1:{NUMBER}:{sort}:{identifier}"
        found = account.client("elasticache").list_tags_for_resource(ResourceName=arn)
        return _pairs(found["TagList"])

    return read


def _rds(sort: str) -> Callable[[Account, str], dict[str, str]]:
    def read(account: Account, identifier: str) -> dict[str, str]:
        arn = f"arn:aws:rds:us-east-1:{NUMBER}:{sort}:{identifier}"
        return _pairs(account.client("rds").list_tags_for_resource(ResourceName=arn)["TagList"])

    return read


def _instance(account: Account, identifier: str) -> dict[str, str]:
    filters = [{"Name": "dbi-resource-id", "Values": [identifier]}]
    (found,) = account.client("rds").describe_db_instances(Filters=filters)["DBInstances"]
    return _pairs(found["TagList"])


def _db_cluster(account: Account, identifier: str) -> dict[str, str]:
    filters = [{"Name": "db-cluster-resource-id", "Values": [identifier]}]
    (found,) = account.client("rds").describe_db_clusters(Filters=filters)["DBClusters"]
    return _pairs(found["TagList"])


def _cluster(account: Account, identifier: str) -> dict[str, str]:
    return account.client("eks").describe_cluster(name=identifier)["cluster"]["tags"]


def _addon(account: Account, identifier: str) -> dict[str, str]:
    cluster, name = identifier.split("/", 1)
    return account.client("eks").describe_addon(clusterName=cluster, addonName=name)["addon"][
        "tags"
    ]


def _node_group(account: Account, identifier: str) -> dict[str, str]:
    cluster, name = identifier.split("/", 1)
    found = account.client("eks").describe_nodegroup(clusterName=cluster, nodegroupName=name)
    return found["nodegroup"]["tags"]


def _access(account: Account, identifier: str) -> dict[str, str]:
    cluster, principal = identifier.split("/", 1)
    found = account.client("eks").describe_access_entry(clusterName=cluster, principalArn=principal)
    return found["accessEntry"]["tags"]


def _association(account: Account, identifier: str) -> dict[str, str]:
    cluster, name = identifier.split("/", 1)
    found = account.client("eks").describe_pod_identity_association(
        clusterName=cluster, associationId=name
    )
    return found["association"]["tags"]


def log_group(account: Account, identifier: str) -> dict[str, str]:
    """The tags of a log group."""
    arn = f"arn:aws:logs:us-east-1:{NUMBER}:log-group:{identifier}"
    return account.client("logs").list_tags_for_resource(resourceArn=arn)["tags"]


def _role(account: Account, identifier: str) -> dict[str, str]:
    return _pairs(account.client("iam").list_role_tags(RoleName=identifier)["Tags"])


def _key(account: Account, identifier: str) -> dict[str, str]:
    found = account.client("kms").list_resource_tags(KeyId=identifier)["Tags"]
    return _pairs(found, "TagKey", "TagValue")


def _bucket(account: Account, identifier: str) -> dict[str, str]:
    return _pairs(account.client("s3").get_bucket_tagging(Bucket=identifier)["TagSet"])


def _secret(account: Account, identifier: str) -> dict[str, str]:
    return _pairs(account.client("secretsmanager").describe_secret(SecretId=identifier)["Tags"])


def _distribution(account: Account, identifier: str) -> dict[str, str]:
    arn = f"arn:aws:cloudfront::{NUMBER}:distribution/{identifier}"
    found = account.client("cloudfront").list_tags_for_resource(Resource=arn)
    return _pairs(found["Tags"]["Items"])


READ: dict[str, Callable[[Account, str], dict[str, str]]] = {
    "cloudfront/distribution": _distribution,
    "ec2/elastic-ip": _ec2,
    "ec2/flow-log": _ec2,
    "ec2/internet-gateway": _ec2,
    "ec2/launch-template": _ec2,
    "ec2/nat-gateway": _ec2,
    "ec2/route-table": _ec2,
    "ec2/security-group": _ec2,
    "ec2/security-group-rule": _ec2,
    "ec2/subnet": _ec2,
    "ec2/vpc": _ec2,
    "ec2/vpc-endpoint": _ec2,
    "eks/access-entry": _access,
    "eks/addon": _addon,
    "eks/cluster": _cluster,
    "eks/node-group": _node_group,
    "eks/pod-identity-association": _association,
    "elasticache/parameter-group": _elasticache("parametergroup"),
    "elasticache/replication-group": _elasticache("replicationgroup"),
    "elasticache/subnet-group": _elasticache("subnetgroup"),
    "iam/role": _role,
    "kms/key": _key,
    "logs/log-group": log_group,
    "rds/cluster": _db_cluster,
    "rds/cluster-instance": _instance,
    "rds/cluster-parameter-group": _rds("cluster-pg"),
    "rds/instance": _instance,
    "rds/parameter-group": _rds("pg"),
    "rds/subnet-group": _rds("subgrp"),
    "s3/bucket": _bucket,
    "secretsmanager/secret": _secret,
}

WITHOUT = {
    "cloudfront/cache-policy",
    "cloudfront/origin-access-control",
    "cloudfront/origin-request-policy",
    "ec2/route",
    "ec2/route-table-association",
    "ec2/vpc-cidr",
    "s3/bucket-policy",
}
"""Kinds whose objects AWS gives no tags."""
