"""What controllers inside a cluster leave behind: there, tagged, and in the way of a destroy."""

from __future__ import annotations

import urllib.error

import pytest
import setups


@pytest.fixture
def net(lab):
    net = setups.network(lab)
    setups.cluster(lab, net)
    return net


def plant(lab, **more):
    planted = {}
    for each in lab.admin("POST", "/_lab/plant", {"cluster": "demo"} | more)["planted"]:
        planted.setdefault(each["kind"], []).append(each["id"])
    return planted


def tags(lab, kind):
    found = lab.admin("GET", "/_lab/census")["regions"]["us-east-1"][kind]
    return [each["tags"] for each in found]


@pytest.mark.parametrize(
    ("kind", "object_kind", "tag"),
    [
        ("ingress", "elbv2/load-balancer", {"ingress.k8s.aws/resource": "LoadBalancer"}),
        ("service", "elbv2/target-group", {"elbv2.k8s.aws/cluster": "demo"}),
        ("backend-group", "ec2/security-group", {"elbv2.k8s.aws/resource": "backend-sg"}),
        ("interface", "ec2/network-interface", {"cluster.k8s.amazonaws.com/name": "demo"}),
        ("volume", "ec2/volume", {"kubernetes.io/cluster/demo": "owned"}),
        ("interface", "ec2/network-interface", {"eks:eni:owner": "amazon-vpc-cni"}),
        ("in-tree", "elbv2/load-balancer", {"kubernetes.io/cluster/demo": "owned"}),
        ("karpenter", "ec2/instance", {"karpenter.sh/nodepool": "default"}),
        ("karpenter", "ec2/launch-template", {"karpenter.k8s.aws/cluster": "demo"}),
    ],
)
def test_each_kind_carries_the_tags_of_its_controller(lab, net, kind, object_kind, tag):
    assert len(plant(lab, kinds=[kind])[object_kind]) == 1
    assert any(tag.items() <= each.items() for each in tags(lab, object_kind))


def test_decoys_name_another_cluster_in_the_same_network(lab, net):
    plant(lab, kinds=["volume"], tagged="demo-2")
    (found,) = tags(lab, "ec2/volume")
    assert found["kubernetes.io/cluster/demo-2"] == "owned"
    assert "kubernetes.io/cluster/demo" not in found


def test_planted_things_hold_the_network_until_they_are_swept(lab, net, refused):
    planted = plant(lab)
    lab.settle()
    ec2, elb = lab.client("ec2"), lab.client("elbv2")
    for group in planted["elbv2/target-group"]:
        with refused("ResourceInUse"):
            elb.delete_target_group(TargetGroupArn=group)
    for balancer in planted["elbv2/load-balancer"]:
        elb.delete_load_balancer(LoadBalancerArn=balancer)
    for group in planted["ec2/security-group"][:1]:
        with refused("DependencyViolation"):  # the interfaces of the load balancer linger
            ec2.delete_security_group(GroupId=group)
    ec2.terminate_instances(InstanceIds=planted["ec2/instance"])
    lab.settle()
    for group in planted["elbv2/target-group"]:
        elb.delete_target_group(TargetGroupArn=group)
    config = lab.client("eks").describe_cluster(name="demo")["cluster"]["resourcesVpcConfig"]
    nodes = config["clusterSecurityGroupId"]
    for group in planted["ec2/security-group"]:
        with refused("DependencyViolation"):  # a rule of the nodes' group names it
            ec2.delete_security_group(GroupId=group)
        of = [{"Name": "group-id", "Values": [nodes]}]
        rules = ec2.describe_security_group_rules(Filters=of)["SecurityGroupRules"]
        naming = [
            rule["SecurityGroupRuleId"]
            for rule in rules
            if rule.get("ReferencedGroupInfo", {}).get("GroupId") == group
        ]
        ec2.revoke_security_group_ingress(GroupId=nodes, SecurityGroupRuleIds=naming)
        ec2.delete_security_group(GroupId=group)
    for eni in planted["ec2/network-interface"]:
        ec2.delete_network_interface(NetworkInterfaceId=eni)
    for template in planted["ec2/launch-template"]:
        ec2.delete_launch_template(LaunchTemplateId=template)
    for volume in planted["ec2/volume"]:
        ec2.delete_volume(VolumeId=volume)
    lab.client("eks").delete_cluster(name="demo")
    lab.settle()
    for subnet in net.subnets:
        ec2.delete_subnet(SubnetId=subnet)


def test_a_terminated_instance_frees_its_subnet_when_it_has_ended(lab, net):
    planted, ec2 = plant(lab, kinds=["karpenter"]), lab.client("ec2")
    (node,) = planted["ec2/instance"]
    states = []
    for _ in range(2):
        ec2.terminate_instances(InstanceIds=[node])
        found = ec2.describe_instances(InstanceIds=[node])["Reservations"][0]["Instances"][0]
        states.append(found["State"]["Name"])
        lab.settle()
    assert states == ["shutting-down", "terminated"]


def test_a_load_balancer_is_provisioning_first(lab, net):
    plant(lab, kinds=["ingress"])
    elb, states = lab.client("elbv2"), []
    for _ in range(2):
        states.append(elb.describe_load_balancers()["LoadBalancers"][0]["State"]["Code"])
        lab.settle()
    assert states == ["provisioning", "active"]


def test_a_protected_load_balancer_stays(lab, net, refused):
    (balancer,) = plant(lab, kinds=["service"])["elbv2/load-balancer"]
    elb = lab.client("elbv2")
    attribute = {"Key": "deletion_protection.enabled", "Value": "true"}
    elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[attribute])
    with refused("OperationNotPermitted"):
        elb.delete_load_balancer(LoadBalancerArn=balancer)


@pytest.mark.parametrize(
    "request_", [None, [], {}, {"cluster": "none"}, {"cluster": "demo", "kinds": ["trees"]}]
)
def test_what_cannot_be_planted_is_refused(lab, net, request_):
    with pytest.raises(urllib.error.HTTPError) as answer:
        lab.admin("POST", "/_lab/plant", request_)
    assert answer.value.code == 400
