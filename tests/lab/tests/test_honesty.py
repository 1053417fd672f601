"""What moto accepts and AWS refuses, and what nobody simulates: never a false success."""

from __future__ import annotations

import json

import pytest
import setups

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
OPEN = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::some-bucket/*",
}
RESERVED = {"aws:x": "y"}
MANY = {f"k{index}": "v" for index in range(51)}
LONG = {"k" * 129: "v"}


def pairs(tags, key="Key", value="Value"):
    return [{key: name, value: text} for name, text in tags.items()]


def tagged(lab, service, tags):
    """A create call with tags, of each service in its own form."""
    client = lab.client(service)
    if service == "ec2":
        spec = [{"ResourceType": "vpc", "Tags": pairs(tags)}]
        return client.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec)
    if service == "iam":
        return client.create_role(RoleName="r", AssumeRolePolicyDocument="{}", Tags=pairs(tags))
    if service == "kms":
        return client.create_key(Tags=pairs(tags, "TagKey", "TagValue"))
    if service == "logs":
        return client.create_log_group(logGroupName="/a", tags=tags)
    if service == "secretsmanager":
        return client.create_secret(Name="a", SecretString="x", Tags=pairs(tags))
    if service == "s3":
        client.create_bucket(Bucket="some-bucket")
        tagging = {"TagSet": pairs(tags)}
        return client.put_bucket_tagging(Bucket="some-bucket", Tagging=tagging)
    net = setups.network(lab)
    if service == "elbv2":
        of = {"Name": "a", "Port": 1, "Protocol": "TCP", "VpcId": net.vpc}
        return client.create_target_group(**of, Tags=pairs(tags))
    if service == "eks":
        return client.create_cluster(**setups.cluster_request(lab, net, tags=tags))
    if service == "rds":
        of = {"DBSubnetGroupName": "a", "DBSubnetGroupDescription": "d", "SubnetIds": net.subnets}
        return client.create_db_subnet_group(**of, Tags=pairs(tags))
    of = {"CacheSubnetGroupName": "a", "CacheSubnetGroupDescription": "d"}
    return client.create_cache_subnet_group(**of, SubnetIds=net.subnets, Tags=pairs(tags))


@pytest.mark.parametrize(
    ("service", "reserved", "many"),
    [
        ("ec2", "InvalidParameterValue", "TagLimitExceeded"),
        ("iam", "InvalidInput", "ValidationError"),
        ("kms", "TagException", "TagException"),
        ("logs", "InvalidParameterException", "InvalidParameterException"),
        ("secretsmanager", "InvalidParameterException", "InvalidParameterException"),
        ("s3", "InvalidTag", "BadRequest"),
        ("elbv2", "ValidationError", "TooManyTags"),
        ("eks", "InvalidParameterException", "InvalidParameterException"),
        ("rds", "InvalidParameterValue", "InvalidParameterValue"),
        ("elasticache", "InvalidParameterValue", "TagQuotaPerResourceExceeded"),
    ],
)
def test_tags_at_create_keep_the_rules_in_every_service(lab, refused, service, reserved, many):
    with refused(reserved):
        tagged(lab, service, RESERVED)
    lab.world.reset()
    with refused(many):
        tagged(lab, service, MANY)
    lab.world.reset()
    tagged(lab, service, {"team": "a"})


def test_tags_at_create_are_for_what_is_created(lab, refused):
    spec = [{"ResourceType": "subnet", "Tags": pairs({"a": "b"})}]
    with refused("InvalidParameterValue"):
        lab.client("ec2").create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec)


def test_role_names_differ_by_more_than_case(lab, refused):
    setups.role(lab, "Reader", "ec2.amazonaws.com")
    with refused("EntityAlreadyExists"):
        setups.role(lab, "reader", "ec2.amazonaws.com")


def test_a_role_has_at_most_ten_managed_policies(lab, refused):
    setups.role(lab, "r", "ec2.amazonaws.com")
    iam = lab.client("iam")
    arns = [each["Arn"] for each in iam.list_policies(Scope="AWS")["Policies"][:11]]
    for arn in [*arns[:10], arns[0]]:
        iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    with refused("LimitExceeded"):
        iam.attach_role_policy(RoleName="r", PolicyArn=arns[10])


def test_inline_policies_of_a_role_share_their_limit(lab, refused):
    setups.role(lab, "r", "ec2.amazonaws.com")
    buckets = [f"arn:aws:s3:::{'b' * 50}{index}" for index in range(80)]
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": buckets}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=8)
    iam = lab.client("iam")
    iam.put_role_policy(RoleName="r", PolicyName="a", PolicyDocument=policy)
    iam.put_role_policy(RoleName="r", PolicyName="a", PolicyDocument=policy)
    with refused("LimitExceeded"):
        iam.put_role_policy(RoleName="r", PolicyName="b", PolicyDocument=policy)


def test_a_route_leads_only_to_a_gateway_of_its_own_network(lab, refused):
    net, ec2 = setups.network(lab), lab.client("ec2")
    table = ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway}
    with refused("InvalidParameterValue"):
        ec2.create_route(**route)
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=net.vpc)
    ec2.create_route(**route)


def test_logs_are_kept_for_certain_numbers_of_days(lab, refused):
    logs = lab.client("logs")
    logs.create_log_group(logGroupName="/a")
    with refused("InvalidParameterException"):
        logs.put_retention_policy(logGroupName="/a", retentionInDays=31)
    logs.put_retention_policy(logGroupName="/a", retentionInDays=30)


def test_both_ends_of_a_replication_exist_and_keep_versions(lab, refused):
    s3 = lab.client("s3")

    def replicate():
        rule = {
            "ID": "a",
            "Status": "Enabled",
            "Priority": 1,
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Filter": {"Prefix": ""},
            "Destination": {"Bucket": "arn:aws:s3:::other-end"},
        }
        role = "arn:aws:iam::123456789012:role/r"
        config = {"Role": role, "Rules": [rule]}
        s3.put_bucket_replication(Bucket="this-end", ReplicationConfiguration=config)

    versions = {"VersioningConfiguration": {"Status": "Enabled"}}
    for step in (
        lambda: s3.create_bucket(Bucket="this-end"),
        lambda: s3.put_bucket_versioning(Bucket="this-end", **versions),
        lambda: s3.create_bucket(Bucket="other-end"),
    ):
        step()
        with refused("InvalidRequest"):
            replicate()
    s3.put_bucket_versioning(Bucket="other-end", **versions)
    replicate()


def web_acl(lab, name="a"):
    look = {
        "SampledRequestsEnabled": False,
        "CloudWatchMetricsEnabled": False,
        "MetricName": "m",
    }
    made = lab.client("wafv2").create_web_acl(
        Name=name, Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=look
    )
    return made["Summary"]


def test_names_of_web_acls_are_unique(lab, refused):
    web_acl(lab)
    with refused("WAFDuplicateItemException"):
        web_acl(lab)


def test_a_web_acl_in_use_stays(lab, refused):
    net, waf = setups.network(lab), lab.client("wafv2")
    balancer = {"Name": "a", "Subnets": net.subnets, "SecurityGroups": [net.group]}
    made = lab.client("elbv2").create_load_balancer(**balancer)["LoadBalancers"][0]
    acl = web_acl(lab)
    waf.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=made["LoadBalancerArn"])
    of = {"Name": "a", "Scope": "REGIONAL", "Id": acl["Id"], "LockToken": acl["LockToken"]}
    with refused("WAFAssociatedItemException"):
        waf.delete_web_acl(**of)
    waf.disassociate_web_acl(ResourceArn=made["LoadBalancerArn"])
    waf.delete_web_acl(**of)


def test_names_of_load_balancers_are_unique(lab, refused):
    net, elb = setups.network(lab), lab.client("elbv2")
    elb.create_load_balancer(Name="a", Subnets=net.subnets, Type="network")
    with refused("DuplicateLoadBalancerName"):
        elb.create_load_balancer(Name="a", Subnets=net.subnets, Type="application")


def test_there_is_one_detector_per_region(lab, refused):
    lab.client("guardduty").create_detector(Enable=True)
    with refused("BadRequestException"):
        lab.client("guardduty").create_detector(Enable=True)
    lab.client("guardduty", "us-west-2").create_detector(Enable=True)


def test_a_health_check_is_made_once_per_reference(lab, refused):
    dns = lab.client("route53")
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.com", "Port": 443}
    made = [
        dns.create_health_check(CallerReference="r", HealthCheckConfig=config)["HealthCheck"]["Id"]
        for _ in range(2)
    ]
    assert made[0] == made[1]
    with refused("HealthCheckAlreadyExists"):
        dns.create_health_check(CallerReference="r", HealthCheckConfig=config | {"Port": 444})


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("ec2", "describe_fast_launch_images"),  # ec2
        ("autoscaling", "describe_account_limits"),  # query
        ("dynamodb", "list_contributor_insights"),  # json 1.0
        ("glue", "list_blueprints"),  # json 1.1
        ("eks", "list_capabilities"),  # rest-json
        ("cloudfront", "list_key_value_stores"),  # rest-xml
    ],
)
def test_what_nobody_simulates_is_501_in_every_protocol_and_counted(
    lab, refused, service, operation
):
    client = lab.client(service)
    params = {"clusterName": "a"} if operation == "list_capabilities" else {}
    with refused("NotImplemented") as refusal:
        getattr(client, operation)(**params)
    assert refusal.status == 501
    name = client.meta.method_to_api_mapping[operation]
    assert f"{service} {name}" in refusal.message
    assert lab.admin("GET", "/_lab/unknown") == {f"{service} {name}": 1}


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ({}, "MalformedPolicy"),
        ({"Statement": [{"Effect": "Allow"}]}, "MalformedPolicy"),
        ({"Statement": [OPEN | {"Resource": "arn:aws:s3:::other/*"}]}, "MalformedPolicy"),
        ({"Statement": [OPEN]}, "AccessDenied"),
        ({"Statement": [OPEN | {"Effect": "Deny"}]}, None),
    ],
)
def test_bucket_policies_are_read(lab, refused, policy, code):
    s3 = lab.client("s3")
    s3.create_bucket(Bucket="some-bucket")
    text = json.dumps({"Version": "2012-10-17"} | policy)
    if code is None:
        s3.put_bucket_policy(Bucket="some-bucket", Policy=text)
    else:
        with refused(code):
            s3.put_bucket_policy(Bucket="some-bucket", Policy=text)


@pytest.mark.parametrize(("days", "fine"), [(29, False), (30, True)])
def test_objects_must_be_a_month_old_for_infrequent_access(lab, refused, days, fine):
    s3 = lab.client("s3")
    s3.create_bucket(Bucket="some-bucket")
    rule = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}}
    rule["Transitions"] = [{"Days": days, "StorageClass": "STANDARD_IA"}]
    put = {"Bucket": "some-bucket", "LifecycleConfiguration": {"Rules": [rule]}}
    if fine:
        s3.put_bucket_lifecycle_configuration(**put)
    else:
        with refused("InvalidArgument"):
            s3.put_bucket_lifecycle_configuration(**put)


def test_secrets_need_a_usable_key_and_somebody_who_rotates(lab, refused):
    secrets, kms = lab.client("secretsmanager"), lab.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.disable_key(KeyId=key)
    with refused("EncryptionFailure"):
        secrets.create_secret(Name="a", SecretString="x", KmsKeyId=key)
    kms.enable_key(KeyId=key)
    secrets.create_secret(Name="a", SecretString="x", KmsKeyId=key)
    with refused("InvalidRequestException"):
        secrets.rotate_secret(SecretId="a")


def test_a_key_policy_does_not_lock_its_owner_out(lab, refused):
    def policy(principal):
        statement = EVERYTHING | {"Action": "kms:*", "Principal": principal}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    kms = lab.client("kms")
    with refused("MalformedPolicyDocumentException"):
        kms.create_key(Policy=policy({"Service": "logs.amazonaws.com"}))
    kms.create_key(Policy=policy({"AWS": "arn:aws:iam::123456789012:root"}))
    kms.create_key(
        Policy=policy({"Service": "logs.amazonaws.com"}), BypassPolicyLockoutSafetyCheck=True
    )


def test_a_rule_is_revoked_whatever_its_description(lab):
    net, ec2 = setups.network(lab), lab.client("ec2")

    def rule(**note):
        pair = {"GroupId": net.group} | note
        ports = {"IpProtocol": "tcp", "FromPort": 5, "ToPort": 5}
        return {"GroupId": net.group, "IpPermissions": [ports | {"UserIdGroupPairs": [pair]}]}

    ec2.authorize_security_group_ingress(**rule(Description="ours"))
    ec2.revoke_security_group_ingress(**rule())
    (group,) = ec2.describe_security_groups(GroupIds=[net.group])["SecurityGroups"]
    assert group["IpPermissions"] == []


def test_an_interface_has_at_most_five_security_groups(lab, refused):
    net, ec2 = setups.network(lab), lab.client("ec2")
    groups = [
        ec2.create_security_group(GroupName=f"n{each}", Description="d", VpcId=net.vpc)["GroupId"]
        for each in range(6)
    ]
    ec2.create_network_interface(SubnetId=net.subnets[0], Groups=groups[:5])
    with refused("SecurityGroupsPerInterfaceLimitExceeded"):
        ec2.create_network_interface(SubnetId=net.subnets[0], Groups=groups)
