"""Actions and resources against AWS's Service Authorization Reference."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest
import setups
from botocore.session import get_session
from moto.core.utils import get_service_model

from lab.access import reference, resources
from lab.access.actions import PREFIXES, action_of, requests
from lab.world import load_services

load_services()
PROVIDER = Path(__file__).parents[3] / "provider"
CALLED = re.compile(r'"([a-z0-9-]+):([A-Z][A-Za-z0-9]+)"')
SERVICES = {prefix: service for service, prefix in PREFIXES.items()}
HEX = "0123456789abcdef0"
ACCOUNT = "123456789012"


@functools.cache
def called() -> list[tuple[str, str]]:
    """The operations that the provider names where it calls AWS."""
    texts = (file.read_text() for file in (PROVIDER / "aws" / "src").rglob("*.rs"))
    found = {pair for text in texts for pair in CALLED.findall(text)}
    session, names = get_session(), {}
    for service in {SERVICES.get(prefix, prefix) for prefix, _ in found}:
        if service in session.get_available_services():
            names[service] = set(session.get_service_model(service).operation_names)
    named = {(SERVICES.get(prefix, prefix), operation) for prefix, operation in found}
    return sorted(each for each in named if each[1] in names.get(each[0], ()))


@pytest.mark.parametrize(("service", "operation"), called())
def test_every_call_of_the_provider_has_an_action_of_the_reference(service, operation):
    assert reference.known(action_of(service, operation)) or service == "sts"


def plausible(service, operation):
    """Parameters with a value for every member that could name something."""
    prefixes = {kind: prefix for prefix, kind in resources.EC2_TYPES.items()}
    model = get_service_model(service).operation_model(operation)
    params = {}
    for name, shape in model.input_shape.members.items() if model.input_shape else ():
        kind = re.sub(r"(?<!^)([A-Z])", r"-\1", name.removesuffix("s").removesuffix("Id")).lower()
        kind = {
            "allocation": "elastic-ip",
            "nat-gateway": "natgateway",
            "group": "security-group",
        }.get(kind, kind)
        text = f"{prefixes[kind]}-{HEX}" if service == "ec2" and kind in prefixes else "some-name"
        if name == "principalArn":
            text = f"arn:aws:iam::{ACCOUNT}:role/some-name"
        text = {"AliasName": "alias/some-name", "Path": "/"}.get(name, text)
        if shape.type_name == "string" and (
            name == "principalArn" or not name.lower().endswith("arn")
        ):
            params[name] = text
        elif shape.type_name == "list" and shape.member.type_name == "string":
            params[name] = [text]
    if operation == "DeleteObjects":
        params["Delete"] = {"Objects": [{"Key": "k"}]}
    return params


@pytest.mark.parametrize(("service", "operation"), called())
def test_the_resources_of_the_providers_calls_are_of_the_reference(lab, service, operation):
    params, action = plausible(service, operation), action_of(service, operation)
    if operation == "DeleteObjects":
        action = "s3:DeleteObject"
    types = reference.types(action) or []
    found = resources.of(lab.world.context("us-east-1", service), operation, params, action)
    assert found
    for each in found:
        fitting = (each == "*" and not types) or any(kind.fits(each or "") for kind in types)
        unknown_key = service == "kms" and each is None
        assert fitting or unknown_key, f"{action} on {each}"


def ec2(rest):
    return f"arn:aws:ec2:us-east-1:{ACCOUNT}:{rest}"


def linked(service):
    return f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{service}.amazonaws.com/*"


def rds(rest):
    return f"arn:aws:rds:us-east-1:{ACCOUNT}:{rest}"


def eks(rest):
    return f"arn:aws:eks:us-east-1:{ACCOUNT}:{rest}"


TAG = [{"Key": "a", "Value": "b"}]


@pytest.mark.parametrize(
    ("service", "operation", "params", "needed"),
    [
        (
            "ec2",
            "CreateSubnet",
            {
                "VpcId": f"vpc-{HEX}",
                "TagSpecifications": [{"ResourceType": "subnet", "Tags": TAG}],
            },
            {
                ("ec2:CreateSubnet", ec2("subnet/*")),
                ("ec2:CreateSubnet", ec2(f"vpc/vpc-{HEX}")),
                ("ec2:CreateTags", ec2("subnet/*")),
            },
        ),
        (
            "ec2",
            "CreateRoute",
            {"RouteTableId": f"rtb-{HEX}", "NatGatewayId": f"nat-{HEX}"},
            {("ec2:CreateRoute", ec2(f"route-table/rtb-{HEX}"))},
        ),
        (
            "ec2",
            "CreateNatGateway",
            {"SubnetId": f"subnet-{HEX}", "AllocationId": f"eipalloc-{HEX}"},
            {
                ("ec2:CreateNatGateway", ec2("natgateway/*")),
                ("ec2:CreateNatGateway", ec2(f"subnet/subnet-{HEX}")),
                ("ec2:CreateNatGateway", ec2(f"elastic-ip/eipalloc-{HEX}")),
            },
        ),
        (
            "eks",
            "CreateNodegroup",
            {
                "clusterName": "demo",
                "nodegroupName": "api",
                "nodeRole": f"arn:aws:iam::{ACCOUNT}:role/n",
                "launchTemplate": {"id": f"lt-{HEX}"},
                "tags": {"a": "b"},
            },
            {
                ("eks:CreateNodegroup", eks("cluster/demo")),
                ("eks:TagResource", eks("nodegroup/demo/api/*")),
                ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/n"),
                ("ec2:RunInstances", None),
                ("iam:GetRole", linked("eks-nodegroup")),
                ("iam:CreateServiceLinkedRole", linked("eks-nodegroup")),
            },
        ),
        (
            "eks",
            "AssociateAccessPolicy",
            {"clusterName": "demo", "principalArn": f"arn:aws:iam::{ACCOUNT}:role/path/admin"},
            {("eks:AssociateAccessPolicy", eks(f"access-entry/demo/role/{ACCOUNT}/admin/*"))},
        ),
        (
            "eks",
            "CreatePodIdentityAssociation",
            {"clusterName": "demo", "namespace": "a", "tags": {"a": "b"}},
            {
                ("eks:CreatePodIdentityAssociation", eks("cluster/demo")),
                ("eks:TagResource", eks("podidentityassociation/demo/*")),
            },
        ),
        (
            "rds",
            "CreateDBInstance",
            {"DBInstanceIdentifier": "Main", "DBSubnetGroupName": "data", "Tags": TAG},
            {
                ("rds:CreateDBInstance", rds("db:main")),
                ("rds:CreateDBInstance", rds("subgrp:data")),
                ("rds:AddTagsToResource", rds("db:main")),
                ("iam:CreateServiceLinkedRole", linked("rds")),
            },
        ),
        (
            "rds",
            "CreateDBInstanceReadReplica",
            {"DBInstanceIdentifier": "r", "SourceDBInstanceIdentifier": "main", "Tags": TAG},
            {
                ("rds:CreateDBInstanceReadReplica", rds("db:r")),
                ("rds:CreateDBInstanceReadReplica", rds("db:main")),
                ("rds:CreateDBInstanceReadReplica", rds("og:default:*")),
                ("rds:CreateDBInstanceReadReplica", rds("pg:default.*")),
                ("rds:AddTagsToResource", rds("db:r")),
            },
        ),
        (
            "rds",
            "CreateDBClusterParameterGroup",
            {"DBClusterParameterGroupName": "aurora", "Tags": TAG},
            {
                (f"rds:{each}", rds("cluster-pg:aurora"))
                for each in ("CreateDBClusterParameterGroup", "AddTagsToResource")
            },
        ),
        (
            "rds",
            "CreateDBSubnetGroup",
            {"DBSubnetGroupName": "data", "Tags": TAG},
            {
                (f"rds:{each}", rds("subgrp:data"))
                for each in ("CreateDBSubnetGroup", "AddTagsToResource")
            },
        ),
        (
            "rds",
            "DeleteDBInstance",
            {"DBInstanceIdentifier": "main", "FinalDBSnapshotIdentifier": "last"},
            {("rds:DeleteDBInstance", rds("db:main")), ("rds:CreateDBSnapshot", None)},
        ),
        ("rds", "DescribeDBInstances", {}, {("rds:DescribeDBInstances", rds("db:*"))}),
        (
            "elasticache",
            "CreateReplicationGroup",
            {"ReplicationGroupId": "c", "CacheSubnetGroupName": "data", "Tags": TAG},
            {
                (
                    "elasticache:CreateReplicationGroup",
                    f"arn:aws:elasticache:us-east-1:{ACCOUNT}:{each}",
                )
                for each in ("replicationgroup:c", "subnetgroup:data", "parametergroup:default.*")
            }
            | {
                (
                    "elasticache:AddTagsToResource",
                    f"arn:aws:elasticache:us-east-1:{ACCOUNT}:replicationgroup:c",
                ),
                ("iam:CreateServiceLinkedRole", linked("elasticache")),
            },
        ),
        (
            "s3",
            "DeleteObjects",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "k", "VersionId": "v"}]}},
            {("s3:DeleteObjectVersion", "arn:aws:s3:::b/k")},
        ),
        (
            "iam",
            "AddRoleToInstanceProfile",
            {"InstanceProfileName": "p", "RoleName": "r"},
            {("iam:AddRoleToInstanceProfile", f"arn:aws:iam::{ACCOUNT}:instance-profile/p")},
        ),
        (
            "cloudfront",
            "CreateDistributionWithTags",
            {"DistributionConfigWithTags": {"Tags": {"Items": TAG}}},
            {
                ("cloudfront:CreateDistribution", "*"),
                ("cloudfront:TagResource", f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"),
            },
        ),
        (
            "elbv2",
            "CreateLoadBalancer",
            {"Name": "a", "Type": "network", "Tags": TAG},
            {
                (
                    f"elasticloadbalancing:{each}",
                    f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/net/a/*",
                )
                for each in ("CreateLoadBalancer", "AddTags")
            },
        ),
        (
            "ecs",
            "CreateService",
            {"cluster": "demo", "serviceName": "web"},
            {("ecs:CreateService", f"arn:aws:ecs:us-east-1:{ACCOUNT}:service/demo/web")},
        ),
        (
            "wafv2",
            "GetWebACL",
            {"Scope": "REGIONAL", "Name": "a", "Id": "1"},
            {("wafv2:GetWebACL", f"arn:aws:wafv2:us-east-1:{ACCOUNT}:regional/webacl/a/1")},
        ),
        (
            "route53",
            "ChangeResourceRecordSets",
            {"HostedZoneId": "/hostedzone/Z1"},
            {("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1")},
        ),
    ],
)
def test_what_a_call_needs(lab, service, operation, params, needed):
    context = lab.world.context("us-east-1", service)
    assert {(each.action, each.resource) for each in requests(context, operation, params)} == needed


def test_a_node_group_with_a_template_needs_what_eks_does_with_its_callers_rights(lab, refused):
    net = setups.network(lab)
    setups.cluster(lab, net)
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": "a"}]}]
    template = lab.client("ec2").create_launch_template(
        LaunchTemplateName="nodes",
        LaunchTemplateData={"InstanceType": "m5.large", "TagSpecifications": tags},
    )
    chosen = {"id": template["LaunchTemplate"]["LaunchTemplateId"]}
    request = setups.node_request(lab, net, launchTemplate=chosen)
    launch = "not authorized to launch instances with this launch template"
    allowed = ["eks:*", "iam:PassRole"]
    for missing, said in [
        ("ec2:RunInstances", launch),
        ("ec2:CreateTags", launch),
        ("iam:GetRole", "Failed to validate if SLR"),
        ("iam:CreateServiceLinkedRole", "not authorized to perform: iam:CreateServiceLinkedRole"),
    ]:
        statement = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
        lab.admin("PUT", "/_lab/policy", {"Statement": [statement]})
        code = (
            "AccessDeniedException" if missing.endswith("LinkedRole") else "InvalidRequestException"
        )
        with refused(code) as refusal:
            lab.client("eks").create_nodegroup(**request)
        assert said in refusal.message
        allowed.append(missing)
    lab.admin("PUT", "/_lab/policy", None)
    lab.client("iam").create_service_linked_role(AWSServiceName="eks-nodegroup.amazonaws.com")
    allowed.remove("iam:CreateServiceLinkedRole")
    statement = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
    lab.admin("PUT", "/_lab/policy", {"Statement": [statement]})
    lab.client("eks").create_nodegroup(**request)
