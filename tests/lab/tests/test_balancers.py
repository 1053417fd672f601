"""Load balancers: the same call makes the same one, ports and zones, and the classic kind."""

from __future__ import annotations

import pytest
import setups


@pytest.fixture
def net(lab):
    return setups.network(lab)


@pytest.fixture
def elb(lab):
    return lab.client("elbv2")


def test_the_same_request_makes_no_second_one(elb, net, refused):
    made = [
        elb.create_load_balancer(Name="a", Subnets=net.subnets)["LoadBalancers"][0]
        for _ in range(2)
    ]
    assert made[0]["LoadBalancerArn"] == made[1]["LoadBalancerArn"]
    assert made[0]["Scheme"] == "internet-facing"
    assert len(made[0]["SecurityGroups"]) == 1
    with refused("DuplicateLoadBalancerName"):
        elb.create_load_balancer(Name="a", Subnets=net.subnets, Scheme="internal")
    group = {"Name": "t", "Protocol": "HTTP", "Port": 80, "VpcId": net.vpc}
    arns = {elb.create_target_group(**group)["TargetGroups"][0]["TargetGroupArn"] for _ in range(2)}
    assert len(arns) == 1
    with refused("DuplicateTargetGroupName"):
        elb.create_target_group(**group | {"Port": 81})


def test_one_listener_per_port_and_two_zones(elb, net, refused):
    with refused("ValidationError"):
        elb.create_load_balancer(Name="a", Subnets=net.subnets[:1])
    elb.create_load_balancer(Name="n", Subnets=net.subnets[:1], Type="network")
    made = elb.create_load_balancer(Name="a", Subnets=net.subnets)["LoadBalancers"][0]
    fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    listener = {"Protocol": "HTTP", "Port": 80, "DefaultActions": [fixed]}
    elb.create_listener(LoadBalancerArn=made["LoadBalancerArn"], **listener)
    with refused("DuplicateListener"):
        elb.create_listener(LoadBalancerArn=made["LoadBalancerArn"], **listener)


def test_a_classic_one_holds_its_subnets_for_a_while(lab, net, refused):
    classic, ec2 = lab.client("elb"), lab.client("ec2")
    listener = {"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 80}
    wanted = {"LoadBalancerName": "c", "Listeners": [listener], "Subnets": net.subnets}
    classic.create_load_balancer(**wanted)
    with refused("DuplicateLoadBalancerName"):
        classic.create_load_balancer(**wanted)
    with refused("LoadBalancerNotFound"):
        classic.describe_load_balancers(LoadBalancerNames=["other"])
    assert [
        each["id"]
        for each in lab.admin("GET", "/_lab/census")["regions"]["us-east-1"]["elb/load-balancer"]
    ] == ["c"]
    classic.delete_load_balancer(LoadBalancerName="c")
    classic.delete_load_balancer(LoadBalancerName="c")
    with refused("DependencyViolation"):
        ec2.delete_subnet(SubnetId=net.subnets[0])
    lab.settle()
    ec2.delete_subnet(SubnetId=net.subnets[0])
