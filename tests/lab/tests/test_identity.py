"""Which objects a call is about, read from names alone."""

from __future__ import annotations

import pytest

from lab.identity import owned


@pytest.mark.parametrize(
    ("operation", "params", "output", "about"),
    [
        ("CreateVpc", {"CidrBlock": "10.0.0.0/16"}, {"Vpc": {"VpcId": "v", "OwnerId": "1"}}, {"v"}),
        (
            "CreateSubnet",
            {"VpcId": "v"},
            {"Subnet": {"SubnetId": "s", "VpcId": "v", "AvailabilityZoneId": "use1-az1"}},
            {"s"},
        ),
        ("AllocateAddress", {"Domain": "vpc"}, {"AllocationId": "a", "PublicIp": "1.2.3.4"}, {"a"}),
        (
            "CreateNodegroup",
            {"clusterName": "c", "nodegroupName": "n", "subnets": ["s"]},
            {"nodegroup": {"nodegroupName": "n", "nodegroupArn": "arn:n", "clusterName": "c"}},
            {"n", "arn:n"},
        ),
        (
            "CreateDBInstance",
            {"DBInstanceIdentifier": "d", "DBSubnetGroupName": "g"},
            {"DBInstance": {"DBInstanceIdentifier": "d", "KmsKeyId": "k", "VpcId": "v"}},
            {"d"},
        ),
        (
            "CreateDistributionWithTags",
            {"DistributionConfigWithTags": {}},
            {"Distribution": {"Id": "E1", "ARN": "arn:d"}, "ETag": "x"},
            {"E1", "arn:d"},
        ),
        ("DeleteNatGateway", {"NatGatewayId": "n"}, {"NatGatewayId": "n"}, {"n"}),
        ("AttachRolePolicy", {"RoleName": "r", "PolicyArn": "p"}, {}, set()),
        ("CreateFlowLogs", {"ResourceIds": ["v"]}, {"FlowLogIds": ["f"]}, {"f"}),
        ("CreateLogGroup", {"logGroupName": "/l", "kmsKeyId": "k"}, {}, {"/l"}),
    ],
)
def test_a_call_is_about_what_its_noun_names(operation, params, output, about):
    assert owned(operation, params, output) == about
