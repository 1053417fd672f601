"""Objects that tests of several services need: a network, roles, a cluster."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

EKS_POLICY = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
NODE_POLICY = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"


@dataclass
class Network:
    """A VPC with one subnet in each of three zones and a security group."""

    vpc: str
    subnets: list[str]
    group: str


def network(lab: Any, region: str = "us-east-1") -> Network:
    """Makes a network 10.0.0.0/16 and waits until it is there."""
    ec2 = lab.client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    lab.settle()
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=f"{region}{zone}"
        )
        for index, zone in enumerate("abc")
    ]
    group = ec2.create_security_group(GroupName="own", Description="own", VpcId=vpc)["GroupId"]
    lab.settle()
    return Network(vpc, [each["Subnet"]["SubnetId"] for each in subnets], group)


def role(lab: Any, name: str, service: str, *policies: str, wait: bool = True) -> str:
    """A role that `service` may assume, with managed policies; with `wait` usable. Its ARN."""
    iam = lab.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        ],
    }
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    for policy in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    if wait:
        lab.settle()
    return arn


def cluster_request(lab: Any, net: Network, **more: Any) -> dict[str, Any]:
    """What CreateCluster needs at least, with its role made."""
    return {
        "name": "demo",
        "version": "1.34",
        "roleArn": role(lab, "control", "eks.amazonaws.com", EKS_POLICY),
        "resourcesVpcConfig": {"subnetIds": net.subnets},
        "accessConfig": {"authenticationMode": "API"},
    } | more


def cluster(lab: Any, net: Network, **more: Any) -> None:
    """An ACTIVE cluster `demo` on 1.34."""
    lab.client("eks").create_cluster(**cluster_request(lab, net, **more))
    lab.settle()


def node_request(lab: Any, net: Network, *, wait: bool = True, **more: Any) -> dict[str, Any]:
    """What CreateNodegroup needs at least, with its role made."""
    return {
        "clusterName": "demo",
        "nodegroupName": "api",
        "subnets": net.subnets,
        "nodeRole": role(lab, "nodes", "ec2.amazonaws.com", NODE_POLICY, wait=wait),
        "scalingConfig": {"minSize": 1, "desiredSize": 2, "maxSize": 4},
    } | more


def nodes(lab: Any, net: Network, **more: Any) -> None:
    """An ACTIVE node group `api` with two nodes."""
    lab.client("eks").create_nodegroup(**node_request(lab, net, **more))
    lab.settle()
