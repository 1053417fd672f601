"""What a request says is kept, shown or acted on, or it is refused: nothing is forgotten."""

from __future__ import annotations

import ast
import functools
import inspect
import re
from pathlib import Path

import moto
import pytest
import setups
from botocore import xform_name
from moto.core.utils import camelcase_to_underscores, get_service_model

import lab as package
from lab import forgotten
from lab.extend import hooks

SERVICES = (
    "autoscaling backup cloudtrail cloudwatch ec2 ecr efs eks elasticache elbv2 guardduty iam kms "
    "logs rds route53 secretsmanager sns wafv2"
).split()
"""Services whose requests are compared with the code that reads them."""
CHANGES = re.compile(
    "Add|Allocate|Associate|Attach|Authorize|Change|Copy|Create|Decrease|Enable|Failover|Generate|"
    "Increase|Modify|Promote|Purchase|Put|Register|Replicate|Request|Restore|Rotate|Run|Schedule|"
    "Set|Start|Switchover|Update"
)
UNSEEN = {
    # Tokens are read by `kit.tokens` and `idempotency`; moto's one is the second call's answer.
    "ClientRequestToken",
    "ClientToken",
    "clientRequestToken",
    "clientToken",
    # No call shows them again: the signature of another region's request, a sequence that Logs no
    # longer looks at, when a backup has to have begun, how a rotation proves itself, what EKS puts
    # into a cluster, whether an instance is restarted for its image.
    "PreSignedUrl",
    "PresignedUrl",
    "DestinationRegion",
    "RotationToken",
    "StartWindowMinutes",
    "CompleteWindowMinutes",
    "bootstrapSelfManagedAddons",
    "sequenceToken",
    "NoReboot",
    "StrictEntityValidation",
    "HonorCooldown",
    "ShouldRespectGracePeriod",
}
"""Members that change nothing that anybody could see."""
READ_BY_PATTERN = {
    # moto goes through prefixes of these requests, not through names.
    "ec2 ModifyInstanceAttribute",
    "ec2 ModifySnapshotAttribute",
    "ec2 ModifyVpcEndpointServicePermissions",
    "ec2 RegisterImage",
    "ec2 UpdateSecurityGroupRuleDescriptionsEgress",
    "ec2 UpdateSecurityGroupRuleDescriptionsIngress",
    # A batch and its parts, read as they come.
    "elasticache DecreaseNodeGroupsInGlobalReplicationGroup",
    "elasticache IncreaseNodeGroupsInGlobalReplicationGroup",
    "autoscaling EnableMetricsCollection",
    "autoscaling ExecutePolicy",
    "autoscaling PutScheduledUpdateGroupAction",
    "ecr PutImage",
}
"""Calls whose members the comparison does not find although they are read."""


@functools.cache
def handlers(service):
    """moto's handler of each operation, as text, with the methods that it calls."""
    found = {}
    for path in (Path(moto.__file__).parent / service).rglob("*.py"):
        if "response" in path.as_posix():
            text = path.read_text()
            lines = text.splitlines()
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef):
                    found[node.name] = "\n".join(lines[node.lineno - 1 : node.end_lineno])
    return found


def whole(service, name, seen=()):
    """The text of a handler and of what it calls."""
    text = handlers(service)[name]
    for other in set(re.findall(r"self\.(\w+)\(", text)) - {*seen, name}:
        if other in handlers(service):
            text += whole(service, other, (*seen, name))
    return text


@functools.cache
def words_of_moto(service):
    folder = Path(moto.__file__).parent / service
    return set(re.findall(r"\w+", "".join(path.read_text() for path in folder.rglob("*.py"))))


@functools.cache
def words_of_lab(service):
    folder = Path(package.__file__).parent / "services"
    own = [*folder.glob(f"{service}*.py"), *folder.glob(f"{service.rstrip('s')}_*.py")]
    own += (folder / service).rglob("*.py") if (folder / service).is_dir() else []
    return set(re.findall(r"\w+", "".join(path.read_text() for path in own)))


def unread(service, operation, shape):
    """Members of a request that no code names."""
    handler = hooks(service, operation).operation
    known = words_of_lab(service)
    if handler is None or "backend.invoke" in inspect.getsource(handler):
        names = {camelcase_to_underscores(operation), xform_name(operation)} & set(
            handlers(service)
        )
        if not names:
            return set()
        name = names.pop()
        text = whole(service, name)
        if "raise NotImplementedError" in handlers(service)[name]:
            return set()
        known = known | set(re.findall(r"\w+", text))
        if re.search(r"self\.params\b|_get_params\(\)|self\.body|json\.loads|\*\*", text):
            known = known | words_of_moto(service)
    elif handler.__name__ == "refused":
        return set()
    return {
        name
        for name, member in shape.members.items()
        if not known
        & {
            name,
            name[0].lower() + name[1:],
            xform_name(name),
            member.serialization.get("name", name),
        }
    }


@pytest.mark.parametrize("service", SERVICES)
def test_every_member_of_a_request_is_read_or_refused(lab, service):
    model, open_ = get_service_model(service), []
    for operation in model.operation_names:
        shape = model.operation_model(operation).input_shape
        if shape is None or not CHANGES.match(operation):
            continue
        if f"{service} {operation}" in READ_BY_PATTERN:
            continue
        listed = set(forgotten.table().get(service, {}).get(operation, {}))
        left = unread(service, operation, shape) - UNSEEN - listed
        open_ += [f"{operation} {name}" for name in sorted(left)]
    assert not open_, open_


def test_the_table_names_members_that_exist():
    for service, operations in forgotten.table().items():
        for operation, paths in operations.items():
            for path in paths:
                shape = get_service_model(service).operation_model(operation).input_shape
                for part in path.split("."):
                    while shape.type_name == "list":
                        shape = shape.member
                    shape = shape.members[part]


def test_what_would_be_forgotten_is_refused_and_counted(lab, refused):
    net, ec2 = setups.network(lab), lab.client("ec2")
    endpoint = {
        "VpcId": net.vpc,
        "ServiceName": "com.amazonaws.us-east-1.ecr.api",
        "VpcEndpointType": "Interface",
    }
    with refused("NotImplemented") as refusal:
        ec2.create_vpc_endpoint(**endpoint, IpAddressType="dualstack")
    assert refusal.status == 501
    assert refusal.message == "The lab does not simulate IpAddressType of ec2 CreateVpcEndpoint"
    assert lab.admin("GET", "/_lab/unknown") == {"ec2 CreateVpcEndpoint IpAddressType": 1}
    assert ec2.describe_vpc_endpoints()["VpcEndpoints"] == []


def test_what_aws_does_anyway_may_be_said(lab):
    net, ec2 = setups.network(lab), lab.client("ec2")
    ec2.create_vpc_endpoint(
        VpcId=net.vpc,
        ServiceName="com.amazonaws.us-east-1.ecr.api",
        VpcEndpointType="Interface",
        SubnetIds=net.subnets[:1],
        IpAddressType="ipv4",
        DnsOptions={"DnsRecordIpType": "ipv4", "PrivateDnsOnlyForInboundResolverEndpoint": False},
    )


def test_members_inside_lists_are_found(lab, refused):
    node = {"NodeGroupId": "0001", "PrimaryOutpostArn": "arn:aws:outposts:::outpost/op-1"}
    with refused("NotImplemented"):
        lab.client("elasticache").create_replication_group(
            ReplicationGroupId="a", ReplicationGroupDescription="d", NodeGroupConfiguration=[node]
        )


def test_attributes_of_subnets_are_kept(lab):
    net, ec2 = setups.network(lab), lab.client("ec2")
    subnet = net.subnets[0]
    ec2.modify_subnet_attribute(SubnetId=subnet, EnableDns64={"Value": True})
    ec2.modify_subnet_attribute(SubnetId=subnet, PrivateDnsHostnameTypeOnLaunch="resource-name")
    ec2.modify_subnet_attribute(
        SubnetId=subnet, EnableResourceNameDnsAAAARecordOnLaunch={"Value": True}
    )
    (shown,) = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    assert shown["EnableDns64"] is True
    assert shown["PrivateDnsNameOptionsOnLaunch"] == {
        "HostnameType": "resource-name",
        "EnableResourceNameDnsARecord": False,
        "EnableResourceNameDnsAAAARecord": True,
    }


def test_keys_rotate_after_the_days_asked_for(lab, refused):
    kms = lab.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert "RotationPeriodInDays" not in kms.get_key_rotation_status(KeyId=key)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    shown = kms.get_key_rotation_status(KeyId=key)
    assert shown["RotationPeriodInDays"] == 90
    assert (shown["NextRotationDate"].timestamp() - lab.world.clock.now()) // 86400 in (89, 90)
    kms.disable_key_rotation(KeyId=key)
    kms.enable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 365
    sealed = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    with refused("UnsupportedOperationException"):
        kms.enable_key_rotation(KeyId=sealed)


def test_databases_have_one_option_group_and_one_licence(lab, refused):
    rds = lab.client("rds")
    with refused("OptionGroupNotFoundFault"):
        rds.modify_db_instance(DBInstanceIdentifier="a", OptionGroupName="mine")
    with refused("InvalidParameterValue"):
        rds.modify_db_instance(DBInstanceIdentifier="a", LicenseModel="bring-your-own-license")


def test_the_key_of_a_managed_password_needs_one(lab, refused):
    with refused("InvalidParameterCombination"):
        lab.client("rds").create_db_cluster(
            DBClusterIdentifier="a",
            Engine="aurora-postgresql",
            MasterUsername="stellar",
            MasterUserPassword="correct-horse-battery",
            MasterUserSecretKmsKeyId="alias/a",
        )
