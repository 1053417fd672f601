"""Which actions a call needs: its own, and those that AWS asks for besides.

Names: Service Authorization Reference. Most actions are called like their operation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lab import tags
from lab.access import resources
from lab.access.request import Request
from lab.extend import AwsError, Context, Params

PREFIXES = {
    "elbv2": "elasticloadbalancing",
    "elb": "elasticloadbalancing",
    "efs": "elasticfilesystem",
    "opensearch": "es",
    "service-quotas": "servicequotas",
    "resourcegroupstaggingapi": "tag",
    "application-autoscaling": "application-autoscaling",
}
"""botocore's service name → prefix of its actions, where the two differ."""
S3_ACTIONS = {
    "ListBuckets": "ListAllMyBuckets",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "HeadObject": "GetObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "PutBucketCors": "PutBucketCORS",
    "DeleteBucketCors": "PutBucketCORS",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketTagging": "PutBucketTagging",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
}
"""Operation of S3 → its action, where the two differ."""
ACTIONS = {
    ("cloudfront", "CreateDistributionWithTags"): "CreateDistribution",
    ("efs", "CreateTags"): "TagResource",
}
"""Other calls whose action is named otherwise."""
TAGGING = {
    "acm": "AddTagsToCertificate",
    "autoscaling": "CreateOrUpdateTags",
    "cloudtrail": "AddTags",
    "ec2": "CreateTags",
    "elasticache": "AddTagsToResource",
    "elbv2": "AddTags",
    "opensearch": "AddTags",
    "rds": "AddTagsToResource",
}
"""Service → the action that tags in a create call need; others call it TagResource."""
IAM_TAGGING = {
    "CreateRole": "TagRole",
    "CreatePolicy": "TagPolicy",
    "CreateUser": "TagUser",
    "CreateInstanceProfile": "TagInstanceProfile",
    "CreateOpenIDConnectProvider": "TagOpenIDConnectProvider",
}
ROLE_MEMBERS = {
    ("eks", "roleArn"): "eks.amazonaws.com",
    ("eks", "nodeRole"): "ec2.amazonaws.com",
    ("eks", "serviceAccountRoleArn"): "eks.amazonaws.com",
    ("ec2", "DeliverLogsPermissionArn"): "vpc-flow-logs.amazonaws.com",
    ("rds", "MonitoringRoleArn"): "monitoring.rds.amazonaws.com",
    ("rds", "RoleArn"): "rds.amazonaws.com",
    ("s3", "Role"): "s3.amazonaws.com",
    ("ecs", "taskRoleArn"): "ecs-tasks.amazonaws.com",
    ("ecs", "executionRoleArn"): "ecs-tasks.amazonaws.com",
    ("backup", "IamRoleArn"): "backup.amazonaws.com",
    ("cloudtrail", "CloudWatchLogsRoleArn"): "cloudtrail.amazonaws.com",
    ("lambda", "Role"): "lambda.amazonaws.com",
}
"""Member by which a call hands a role to a service → that service. Needs `iam:PassRole`."""
POD_IDENTITY = frozenset({"CreatePodIdentityAssociation", "UpdatePodIdentityAssociation"})
KEY_MEMBERS = {
    ("rds", "KmsKeyId"): ("kms:DescribeKey", "kms:CreateGrant"),
    ("elasticache", "KmsKeyId"): ("kms:DescribeKey", "kms:CreateGrant"),
    ("eks", "keyArn"): ("kms:DescribeKey", "kms:CreateGrant"),
    ("secretsmanager", "KmsKeyId"): ("kms:GenerateDataKey", "kms:Decrypt"),
    ("efs", "KmsKeyId"): ("kms:DescribeKey", "kms:CreateGrant"),
}
"""Member by which a call names a key → what the caller must be allowed to do with it."""


SNAPSHOTS = {
    ("rds", "DeleteDBInstance"): "rds:CreateDBSnapshot",
    ("rds", "DeleteDBCluster"): "rds:CreateDBClusterSnapshot",
}
"""Deletions that leave a snapshot → what that needs: dependent actions of the reference."""
CREATES = (
    *("Create", "Allocate", "Run", "Restore", "Copy", "Import", "Request", "Authorize"),
    *("Register", "Replicate"),
)
UNLAUNCHED = "You are not authorized to launch instances with this launch template."
UNSEEN = (
    "Failed to validate if SLR: AWSServiceRoleForAmazonEKSNodegroup already exists due to missing "
    "permissions for 'iam:GetRole'"
)
LINKED = {
    ("eks", "CreateCluster"): "eks.amazonaws.com",
    ("eks", "CreateNodegroup"): "eks-nodegroup.amazonaws.com",
    ("elasticache", "CreateReplicationGroup"): "elasticache.amazonaws.com",
    ("rds", "CreateDBCluster"): "rds.amazonaws.com",
    ("rds", "CreateDBInstance"): "rds.amazonaws.com",
}
"""Creation → the service whose role it makes in an account that has none. Source: "Using service-linked roles" of each."""
LAUNCHES = ("CreateNodegroup", "UpdateNodegroupVersion")


def requests(ctx: Context, operation: str, params: Params) -> list[Request]:
    """Everything that a policy must allow for this call."""
    service = ctx.service
    facts = {"aws:requestedregion": [ctx.region], "aws:principalaccount": [ctx.account]}
    facts |= {"aws:principalarn": [f"arn:aws:iam::{ctx.account}:root"]}
    facts |= {"iam:policyarn": [params["PolicyArn"]]} if "PolicyArn" in params else {}
    own_tags = dict(tags.of(params))
    facts |= {f"aws:requesttag/{key}": [value] for key, value in own_tags.items()}
    facts |= {"aws:tagkeys": list(own_tags)} if own_tags else {}
    needed = [
        _about(ctx, action, each, facts)
        for action in _own(service, operation, params)
        for each in resources.of(ctx, operation, params, action)
    ]
    if own_tags and _creates(operation):
        action = action_of(service, operation)
        tagging = f"{PREFIXES.get(service, service)}:{_tagging(service, operation)}"
        more = facts | ({"ec2:createaction": [operation]} if service == "ec2" else {})
        made = resources.made(ctx, operation, params, action, tagging)
        needed += [Request(tagging, each, more) for each in made]
    needed += [
        Request(action, None, facts | _template(ctx, params), says)
        for action, says in _besides(service, operation, params)
    ]
    needed += _launched(ctx, operation, params, facts)
    needed += _linked(ctx, operation, params, facts)
    needed += [
        Request("iam:PassRole", role, facts | {"iam:passedtoservice": [to]})
        for role, to in _roles(service, operation, params)
    ]
    through = {
        "kms:viaservice": [f"{service}.{ctx.region}.amazonaws.com"],
        "kms:grantisforawsresource": ["true"],
    }
    needed += [
        _about(ctx, action, resources.key(ctx, key), facts | through)
        for action, key in _keys(service, operation, params)
    ]
    return needed


def _own(service: str, operation: str, params: Params) -> list[str]:
    """The actions of the call itself; in S3, versions have their own."""
    if service != "s3":
        return [action_of(service, operation)]
    if operation == "DeleteObjects":
        versions = {bool(each.get("VersionId")) for each in params["Delete"]["Objects"]}
        return [f"s3:DeleteObject{'Version' if each else ''}" for each in sorted(versions)]
    action = action_of(service, operation)
    versioned = action in ("s3:GetObject", "s3:DeleteObject") and params.get("VersionId")
    return [f"{action}Version" if versioned else action]


def _besides(service: str, operation: str, params: Params) -> Iterator[tuple[str, str]]:
    """Dependent actions that a service makes with its caller's permissions, and what it then says."""
    final = params.get("FinalDBSnapshotIdentifier")
    if (service, operation) in SNAPSHOTS and final:
        yield SNAPSHOTS[service, operation], ""
    if service == "rds" and params.get("ManageMasterUserPassword"):
        yield from (("secretsmanager:CreateSecret", ""), ("secretsmanager:TagResource", ""))
    if service == "eks" and operation in LAUNCHES and params.get("launchTemplate"):
        yield ("ec2:RunInstances", UNLAUNCHED)


def _launched(
    ctx: Context, operation: str, params: Params, facts: dict[str, list[str]]
) -> Iterator[Request]:
    """Tags that a launch template gives to what EKS starts on trial. Source: EC2 User Guide, tags on creation."""
    template = params.get("launchTemplate")
    if ctx.service != "eks" or operation not in LAUNCHES or not template:
        return
    wanted = {"LaunchTemplateId": template.get("id"), "LaunchTemplateName": template.get("name")}
    wanted = {name: value for name, value in wanted.items() if value}
    wanted |= {"Versions": [template.get("version", "$Default")]}
    try:
        versions = ctx.call("ec2", "DescribeLaunchTemplateVersions", wanted)
    except AwsError:
        return
    more = facts | {"ec2:createaction": ["RunInstances"]}
    for version in versions["LaunchTemplateVersions"]:
        for row in version["LaunchTemplateData"].get("TagSpecifications", []):
            arn = f"arn:aws:ec2:{ctx.region}:{ctx.account}:{row['ResourceType']}/*"
            yield Request("ec2:CreateTags", arn, more, UNLAUNCHED)


def _linked(
    ctx: Context, operation: str, params: Params, facts: dict[str, list[str]]
) -> Iterator[Request]:
    """What the first use of a service in an account needs: its service-linked role is looked for, and made."""
    service = LINKED.get((ctx.service, operation))
    if service is None:
        return
    path = f"/aws-service-role/{service}/"
    role = f"arn:aws:iam::{ctx.account}:role{path}*"
    if operation == "CreateNodegroup":
        yield Request("iam:GetRole", role, facts, UNSEEN)
    if not any(each.path == path for each in ctx.moto("iam").roles.values()):
        yield Request(
            "iam:CreateServiceLinkedRole", role, facts | {"iam:awsservicename": [service]}
        )


def _template(ctx: Context, params: Params) -> dict[str, list[str]]:
    """The launch template from which a service would launch, as a condition key."""
    template = params.get("launchTemplate")
    name = template.get("id") if isinstance(template, dict) else None
    arn = f"arn:aws:ec2:{ctx.region}:{ctx.account}:launch-template/{name}"
    return {"ec2:launchtemplate": [arn]} if name else {}


def action_of(service: str, operation: str) -> str:
    """The action that is called for an operation."""
    name = ACTIONS.get((service, operation), operation)
    if service == "s3":
        name = S3_ACTIONS.get(operation, operation)
    return f"{PREFIXES.get(service, service)}:{name}"


def _about(ctx: Context, action: str, resource: str | None, facts: dict[str, list[str]]) -> Request:
    own = resources.tags(ctx, resource)
    known = {f"aws:resourcetag/{key}": [value] for key, value in own.items()}
    return Request(action, resource, facts | known | {"aws:resourceaccount": [ctx.account]})


def _creates(operation: str) -> bool:
    return operation.startswith(CREATES) or operation == "PutMetricAlarm"


def _tagging(service: str, operation: str) -> str:
    if service == "iam":
        return IAM_TAGGING.get(operation, "TagRole")
    return TAGGING.get(service, "TagResource")


def _members(value: Any) -> Iterator[tuple[str, str]]:
    """Every string of a request with the name of its member."""
    for name, item in value.items() if isinstance(value, dict) else ():
        if isinstance(item, str):
            yield name, item
        yield from _members(item)
    for item in value if isinstance(value, list) else ():
        yield from _members(item)


def _roles(service: str, operation: str, params: Params) -> Iterator[tuple[str, str]]:
    for name, value in _members(params):
        to = ROLE_MEMBERS.get((service, name))
        if to and ":role/" in value:
            pods = operation in POD_IDENTITY or "podIdentityAssociations" in params
            yield value, "pods.eks.amazonaws.com" if pods and name == "roleArn" else to


def _keys(service: str, operation: str, params: Params) -> Iterator[tuple[str, str]]:
    if operation.startswith(("Describe", "List", "Get")):
        return
    for name, value in _members(params):
        for action in KEY_MEMBERS.get((service, name), ()):
            yield action, value
