"""Access checks: what a policy does not allow is denied, in each service's words."""

from __future__ import annotations

import json
import urllib.error

import pytest
import setups

ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
LINK = "iam:CreateServiceLinkedRole"
ME = "arn:aws:iam::123456789012:role/"


def policy(lab, *statements):
    lab.admin("PUT", "/_lab/policy", {"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


@pytest.mark.parametrize(
    ("service", "call", "params", "code", "status", "action"),
    [
        ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}, "UnauthorizedOperation", 403, None),
        ("eks", "list_clusters", {}, "AccessDeniedException", 403, None),
        ("kms", "create_key", {}, "AccessDeniedException", 400, None),
        ("logs", "describe_log_groups", {}, "AccessDeniedException", 400, None),
        ("iam", "list_roles", {}, "AccessDenied", 403, None),
        ("rds", "describe_db_instances", {}, "AccessDenied", 403, "rds:DescribeDBInstances"),
        ("elasticache", "describe_replication_groups", {}, "AccessDenied", 403, None),
        ("s3", "list_buckets", {}, "AccessDenied", 403, "s3:ListAllMyBuckets"),
        ("cloudfront", "list_distributions", {}, "AccessDenied", 403, None),
    ],
)
def test_each_service_denies_in_its_own_way(
    lab, refused, service, call, params, code, status, action
):
    policy(lab, allow("sts:*"))
    with refused(code) as refusal:
        getattr(lab.client(service), call)(**params)
    assert refusal.status == status
    assert "is not authorized to perform: " + (action or f"{service}:") in refusal.message
    assert "no identity-based policy allows" in refusal.message
    policy(lab, ALL)
    getattr(lab.client(service), call)(**params)


def test_a_denial_beats_every_allowance(lab, refused):
    policy(lab, ALL, {"Effect": "Deny", "Action": "kms:List*", "Resource": "*"})
    lab.client("kms").create_key()
    with refused("AccessDeniedException") as refusal:
        lab.client("kms").list_keys()
    assert "explicit deny" in refusal.message


def test_actions_ignore_case_and_exceptions_are_exceptions(lab, refused):
    policy(lab, {"Effect": "Allow", "NotAction": "KMS:createkey", "Resource": "*"})
    lab.client("kms").list_keys()
    with refused("AccessDeniedException"):
        lab.client("kms").create_key()


@pytest.mark.parametrize(
    ("service", "call", "params", "resource", "other"),
    [
        (
            "s3",
            "create_bucket",
            {"Bucket": "mine-images"},
            "arn:aws:s3:::mine-*",
            {"Bucket": "other-images"},
        ),
        (
            "logs",
            "create_log_group",
            {"logGroupName": "/mine/a"},
            "arn:aws:logs:*:*:log-group:/mine/*",
            {"logGroupName": "/other"},
        ),
        (
            "secretsmanager",
            "create_secret",
            {"Name": "mine", "SecretString": "x"},
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:mine-??????",
            {"Name": "other", "SecretString": "x"},
        ),
        (
            "iam",
            "create_role",
            {"RoleName": "mine-a", "AssumeRolePolicyDocument": "{}"},
            "arn:aws:iam::*:role/mine-*",
            {"RoleName": "other", "AssumeRolePolicyDocument": "{}"},
        ),
    ],
)
def test_resources_limit_what_is_allowed(lab, service, call, params, resource, other):
    policy(lab, allow(f"{service}:*", resource))
    getattr(lab.client(service), call)(**params)
    with pytest.raises(Exception, match="AccessDenied"):
        getattr(lab.client(service), call)(**other)


def test_ec2_asks_about_every_resource_of_the_call(lab, refused):
    net = setups.network(lab)
    ours = f"arn:aws:ec2:us-east-1:123456789012:vpc/{net.vpc}"
    ec2 = lab.client("ec2")
    policy(lab, allow("ec2:CreateSubnet", ours))
    with refused("UnauthorizedOperation") as refusal:
        ec2.create_subnet(VpcId=net.vpc, CidrBlock="10.0.9.0/24")
    assert "subnet/*" in refusal.message
    policy(lab, allow("ec2:CreateSubnet", [ours, "arn:aws:ec2:*:*:subnet/*"]))
    ec2.create_subnet(VpcId=net.vpc, CidrBlock="10.0.9.0/24")


def test_tags_at_create_need_their_own_permission(lab, refused):
    spec = [{"ResourceType": "vpc", "Tags": [{"Key": "team", "Value": "a"}]}]
    vpc = {"CidrBlock": "10.0.0.0/16", "TagSpecifications": spec}
    policy(lab, allow("ec2:CreateVpc"))
    with refused("UnauthorizedOperation") as refusal:
        lab.client("ec2").create_vpc(**vpc)
    assert "ec2:CreateTags" in refusal.message
    only = {"StringEquals": {"ec2:CreateAction": "CreateVpc"}}
    policy(lab, allow("ec2:CreateVpc"), allow("ec2:CreateTags", Condition=only))
    lab.client("ec2").create_vpc(**vpc)


@pytest.mark.parametrize(
    ("to", "fine"), [("eks.amazonaws.com", True), ("ec2.amazonaws.com", False)]
)
def test_handing_a_role_to_a_service_needs_pass_role(lab, refused, to, fine):
    request = setups.cluster_request(lab, setups.network(lab))
    only = {"StringEquals": {"iam:PassedToService": to}}
    policy(lab, allow(["eks:*", LINK]), allow("iam:PassRole", f"{ME}control", Condition=only))
    eks = lab.client("eks")
    if fine:
        eks.create_cluster(**request)
    else:
        with refused("AccessDeniedException") as refusal:
            eks.create_cluster(**request)
        assert f"iam:PassRole on resource: {ME}control" in refusal.message


def test_encrypting_with_a_key_needs_a_grant(lab, refused):
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    config = [{"resources": ["secrets"], "provider": {"keyArn": key}}]
    request = setups.cluster_request(lab, setups.network(lab), encryptionConfig=config)
    policy(lab, allow(["eks:*", LINK, "iam:PassRole", "kms:DescribeKey"]))
    with refused("AccessDeniedException") as refusal:
        lab.client("eks").create_cluster(**request)
    assert f"kms:CreateGrant on resource: {key}" in refusal.message


TEAM_A = {"StringEquals": {"aws:RequestTag/team": "a"}}
OURS = {"StringEquals": {"aws:ResourceTag/team": "a"}}


@pytest.mark.parametrize(
    ("tags", "fine"), [({"team": "a"}, True), ({"team": "b"}, False), ({}, False)]
)
def test_request_tags_can_be_required(lab, tags, fine):
    policy(lab, allow("logs:*", Condition=TEAM_A))
    logs, group = lab.client("logs"), {"logGroupName": "/a", "tags": tags}
    if fine:
        logs.create_log_group(**group)
    else:
        with pytest.raises(logs.exceptions.ClientError, match="AccessDenied"):
            logs.create_log_group(**group if tags else {"logGroupName": "/a"})


def test_resource_tags_can_be_required(lab, refused):
    logs, ec2, elb = lab.client("logs"), lab.client("ec2"), lab.client("elbv2")
    vpcs, groups = {}, {}
    for team in "ab":
        logs.create_log_group(logGroupName=f"/{team}", tags={"team": team})
        spec = [{"ResourceType": "vpc", "Tags": [{"Key": "team", "Value": team}]}]
        made = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec)
        vpcs[team] = made["Vpc"]["VpcId"]
        target = {"Protocol": "TCP", "Port": 80, "VpcId": vpcs[team], "Tags": spec[0]["Tags"]}
        made = elb.create_target_group(Name=team, **target)["TargetGroups"]
        groups[team] = made[0]["TargetGroupArn"]
    actions = ["logs:*", "ec2:DeleteVpc", "elasticloadbalancing:DeleteTargetGroup"]
    policy(lab, allow(actions, Condition=OURS))
    elb.delete_target_group(TargetGroupArn=groups["a"])
    logs.delete_log_group(logGroupName="/a")
    ec2.delete_vpc(VpcId=vpcs["a"])
    with refused("AccessDeniedException"):
        logs.delete_log_group(logGroupName="/b")
    with refused("UnauthorizedOperation"):
        ec2.delete_vpc(VpcId=vpcs["b"])
    with refused("AccessDenied"):
        elb.delete_target_group(TargetGroupArn=groups["b"])


def test_an_association_stands_for_what_it_joins(lab, refused):
    """DisassociateRouteTable names neither table nor subnet, but is about both."""
    net, ec2 = setups.network(lab), lab.client("ec2")
    spec = [{"ResourceType": "route-table", "Tags": [{"Key": "team", "Value": "a"}]}]
    table = ec2.create_route_table(VpcId=net.vpc, TagSpecifications=spec)["RouteTable"]
    table = table["RouteTableId"]
    subnet = net.subnets[0]
    joined = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    policy(lab, allow("ec2:*", Condition=OURS))
    with refused("UnauthorizedOperation") as refusal:
        ec2.disassociate_route_table(AssociationId=joined)
    assert f"subnet/{subnet}" in refusal.message
    lab.admin("PUT", "/_lab/policy", None)
    ec2.create_tags(Resources=[subnet], Tags=[{"Key": "team", "Value": "a"}])
    policy(lab, allow("ec2:*", Condition=OURS))
    ec2.disassociate_route_table(AssociationId=joined)


def test_rules_are_about_their_group_and_not_about_its_peers(lab, refused):
    net, ec2 = setups.network(lab), lab.client("ec2")
    spec = [{"ResourceType": "security-group", "Tags": [{"Key": "team", "Value": "a"}]}]
    made = {"Description": "x", "VpcId": net.vpc}
    ours = ec2.create_security_group(GroupName="a", TagSpecifications=spec, **made)["GroupId"]
    peer = ec2.create_security_group(GroupName="b", **made)["GroupId"]
    policy(lab, allow("ec2:*", Condition=OURS))

    def let_in(group, other):
        pairs = [{"GroupId": other}]
        rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": pairs}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])

    let_in(ours, peer)
    with refused("UnauthorizedOperation"):
        let_in(peer, ours)


def test_attaching_can_be_bound_to_a_policy(lab, refused):
    setups.role(lab, "mine", "ec2.amazonaws.com")
    only = {"ArnEquals": {"iam:PolicyARN": setups.NODE_POLICY}}
    policy(lab, allow("iam:AttachRolePolicy", Condition=only))
    iam = lab.client("iam")
    iam.attach_role_policy(RoleName="mine", PolicyArn=setups.NODE_POLICY)
    with refused("AccessDenied"):
        admin = "arn:aws:iam::aws:policy/AdministratorAccess"
        iam.attach_role_policy(RoleName="mine", PolicyArn=admin)


def test_a_grant_can_be_bound_to_services(lab, refused):
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    config = [{"resources": ["secrets"], "provider": {"keyArn": key}}]
    request = setups.cluster_request(lab, setups.network(lab), encryptionConfig=config)
    rest = allow(["eks:*", LINK, "iam:PassRole", "kms:DescribeKey"])
    service = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    other = {"StringEquals": {"kms:ViaService": "rds.us-east-1.amazonaws.com"}}
    policy(lab, rest, allow("kms:CreateGrant", Condition=other))
    with refused("AccessDeniedException"):
        lab.client("eks").create_cluster(**request)
    policy(lab, rest, allow("kms:CreateGrant", Condition=service))
    lab.client("eks").create_cluster(**request)


def test_a_policy_can_hold_for_one_key(lab, refused):
    lab.admin("PUT", "/_lab/policy", {"AKIABOUND00000000000": {"Statement": allow("ec2:*")}})
    with refused("AccessDeniedException"):
        lab.client("kms", key="AKIABOUND00000000000").list_keys()
    lab.client("kms").list_keys()


def test_null_and_reset_switch_the_checks_off(lab):
    for off in (lambda: lab.admin("PUT", "/_lab/policy", None), lab.world.reset):
        policy(lab, allow("ec2:*"))
        off()
        lab.client("kms").list_keys()


def test_who_one_is_may_always_be_asked(lab):
    policy(lab, allow("ec2:*"))
    lab.client("sts").get_caller_identity()


def test_the_calls_so_far_name_the_policy_that_they_need(lab):
    setups.cluster(lab, setups.network(lab))
    needed = lab.admin("GET", "/_lab/actions")
    assert needed["iam:PassRole"] == [f"{ME}control"]
    assert needed["eks:CreateCluster"] == ["arn:aws:eks:us-east-1:123456789012:cluster/demo"]
    policy(lab, *(allow(action, found) for action, found in needed.items()))
    lab.client("eks").describe_cluster  # noqa: B018 (the client is made)
    lab.client("iam").attach_role_policy(RoleName="control", PolicyArn=setups.NODE_POLICY)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"Version": "2012-10-17"}, "Statement"),
        ([], "expected"),
        ({"Statement": [{"Effect": "Allow", "Action": "*"}]}, "Resource"),
        ({"Statement": [ALL | {"Effect": "Maybe"}]}, "Effect"),
        ({"Statement": [ALL | {"Principal": "*"}]}, "Principal"),
        ({"Statement": [ALL | {"Condition": {"IpAddress": {"aws:SourceIp": "1"}}}]}, "IpAddress"),
        (
            {"Statement": [ALL | {"Condition": {"StringEquals": {"s3:prefix": "a"}}}]},
            "condition key s3:prefix",
        ),
        ({"Statement": [ALL | {"Action": 7}]}, "Statement 0.Action"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_when_it_is_set(lab, document, said):
    with pytest.raises(urllib.error.HTTPError) as answer:
        lab.admin("PUT", "/_lab/policy", document)
    assert answer.value.code == 400
    assert said in json.loads(answer.value.read())["error"]
