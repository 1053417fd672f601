"""What is not ours and holds a destroy back is named within a minute; everything else goes, and the next destroy ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from acceptance.stacks import ADDRESS, NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace

KUBERNETES = 'kubernetes = { version = "1.35", node_pools = {} }'
CACHE = (
    'cache = { engine = "valkey", version = "8.0", node_type = "cache.m7g.large", replicas = 1 }'
)
Remove = Callable[[], Any]


def component(workspace: Workspace, address: str) -> str:
    """The id of a component."""
    return workspace.state()[ADDRESS]["values"]["components"][address]["id"]


def interface(lab: Lab, workspace: Workspace) -> tuple[list[str], Remove]:
    """Somebody's detached interface in a subnet of ours."""
    ec2, subnet = lab.client("ec2"), component(workspace, "network/subnet/private/a")
    made = ec2.create_network_interface(SubnetId=subnet, Description="left by Jo")
    eni = made["NetworkInterface"]["NetworkInterfaceId"]
    words = ["network/subnet/private/a", f"network interface {eni}", "left by Jo", "detached"]
    return words, lambda: ec2.delete_network_interface(NetworkInterfaceId=eni)


def instance(lab: Lab, workspace: Workspace) -> tuple[list[str], Remove]:
    """Somebody's machine in a subnet of ours."""
    ec2, subnet = lab.client("ec2"), component(workspace, "network/subnet/public/a")
    tags = [{"Key": "Name", "Value": "bastion"}]
    made = ec2.run_instances(
        ImageId="ami-12345678",
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )["Instances"][0]["InstanceId"]
    words = ["network/subnet/public/a", "network interface eni-", f'instance {made} "bastion"']
    return words, lambda: ec2.terminate_instances(InstanceIds=[made])


def balancer(lab: Lab, workspace: Workspace) -> tuple[list[str], Remove]:
    """Somebody's load balancer in subnets of ours."""
    elb = lab.client("elbv2")
    subnets = [component(workspace, f"network/subnet/private/{zone}") for zone in "ab"]
    made = elb.create_load_balancer(Name="mine", Subnets=subnets, Type="network", Scheme="internal")
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    words = ["network/subnet/private/b", "of the load balancer mine"]
    return words, lambda: elb.delete_load_balancer(LoadBalancerArn=arn)


def rule(lab: Lab, workspace: Workspace) -> tuple[list[str], Remove]:
    """A rule in somebody's security group that names one of ours."""
    ec2 = lab.client("ec2")
    vpc, ours = (
        component(workspace, f"{each}") for each in ("network/vpc", "cache/security-group")
    )
    made = ec2.create_security_group(GroupName="app", Description="my app", VpcId=vpc)["GroupId"]
    pair = {
        "IpProtocol": "tcp",
        "FromPort": 80,
        "ToPort": 80,
        "UserIdGroupPairs": [{"GroupId": ours}],
    }
    ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[pair])
    words = [
        "cache/security-group",
        "security group rule sgr-",
        f'{made} "app"',
        f"refers to {ours}",
    ]
    return words, lambda: ec2.delete_security_group(GroupId=made)


def endpoint(lab: Lab, workspace: Workspace) -> tuple[list[str], Remove]:
    """Somebody's endpoint in a subnet of ours."""
    ec2 = lab.client("ec2")
    vpc, subnet = (
        component(workspace, "network/vpc"),
        component(workspace, "network/subnet/private/a"),
    )
    made = ec2.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=vpc,
        ServiceName="com.amazonaws.us-east-1.sqs",
        SubnetIds=[subnet],
    )["VpcEndpoint"]["VpcEndpointId"]
    words = ["network/subnet/private/a", f"of the VPC endpoint {made}"]
    return words, lambda: ec2.delete_vpc_endpoints(VpcEndpointIds=[made])


def group(lab: Lab, workspace: Workspace) -> tuple[list[str], Remove]:
    """Somebody's security group in our VPC."""
    ec2, vpc = lab.client("ec2"), component(workspace, "network/vpc")
    made = ec2.create_security_group(GroupName="app", Description="my app", VpcId=vpc)["GroupId"]
    words = ["network/vpc", f'security group {made} ("app")']
    return words, lambda: ec2.delete_security_group(GroupId=made)


BLOCKERS = [interface, instance, balancer, endpoint, group]


def test_every_blocker_is_named_and_the_rest_goes(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK, CACHE))
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    world = lab.snapshot()
    state = (workspace.directory / "terraform.tfstate").read_text()
    for made in (*BLOCKERS, rule):
        lab.restore(world)
        (workspace.directory / "terraform.tfstate").write_text(state)
        words, remove = made(lab, workspace)
        calls = len(lab.log())

        refused = workspace.destroy()
        assert refused.code == 1, (made.__name__, refused)
        for word in words:
            assert word in refused.errors, (made.__name__, word, refused)
        assert "run the same command again" in refused.errors
        assert_told_soon(lab, calls)
        assert ADDRESS in workspace.state(), "the state is kept"
        assert "rds" not in str(lab.census()) and "elasticache/replication" not in str(lab.census())

        remove()
        ended = workspace.destroy()
        assert ended.code == 0, (made.__name__, ended)
        assert lab.census() == {}, made.__name__


def assert_told_soon(lab: Lab, calls: int) -> None:
    """Nothing was tried for a quarter of an hour: a few refusals are enough to know."""
    refusals: dict[str, int] = {}
    for call in lab.log()[calls:]:
        if call["error"] == "DependencyViolation":
            key = str(call["params"])
            refusals[key] = refusals.get(key, 0) + 1
    assert refusals
    assert max(refusals.values()) <= 20, refusals


def test_nodes_that_somebody_added_hold_the_cluster_back_and_nothing_is_swept(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK, KUBERNETES))
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    eks = lab.client("eks")
    cluster = eks.describe_cluster(name="shop")["cluster"]
    role = component(workspace, "kubernetes/role/node")
    arn = lab.client("iam").get_role(RoleName=role)["Role"]["Arn"]
    eks.create_nodegroup(
        clusterName="shop",
        nodegroupName="mine",
        nodeRole=arn,
        subnets=cluster["resourcesVpcConfig"]["subnetIds"],
    )
    eks.get_waiter("nodegroup_active").wait(
        clusterName="shop", nodegroupName="mine", WaiterConfig={"Delay": 1}
    )
    lab.plant("shop", "ingress")

    refused = workspace.destroy()
    assert refused.code == 1, refused
    for word in ("kubernetes/cluster", "EKS node group mine", "outside of the stack"):
        assert word in refused.errors, refused
    assert "elbv2.DeleteLoadBalancer" not in lab.changes()

    eks.delete_nodegroup(clusterName="shop", nodegroupName="mine")
    ended = workspace.destroy()
    assert ended.code == 0, ended
    assert lab.census() == {}


@pytest.mark.parametrize("first", ["claim", "vpc"])
def test_what_somebody_deleted_by_hand_does_not_keep_a_destroy(
    workspace: Workspace, lab: Lab, first: str
) -> None:
    workspace.write(stack(NETWORK, CACHE))
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    if first == "claim":
        logs = lab.client("logs")
        logs.put_log_group_deletion_protection(
            logGroupIdentifier="/stellar/shop", deletionProtectionEnabled=False
        )
        logs.delete_log_group(logGroupName="/stellar/shop")
        refused = workspace.destroy()
        assert refused.code == 1, refused
        assert "/stellar/shop" in refused.errors and "Apply once" in refused.errors
        mended = workspace.apply()
        assert mended.code == 0, mended
    else:
        by_hand(lab)
        # The cache is lost, which an ordinary plan refuses to take for nothing.
        refused = workspace.destroy()
        assert "terraform destroy -refresh=false" in refused.errors, refused
    destroyed = workspace.destroy("-refresh=false")
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}
    assert workspace.state() == {}


def by_hand(lab: Lab) -> None:
    """Deletes the cache and the whole network, as somebody would in the console."""
    elasticache, ec2 = lab.client("elasticache"), lab.client("ec2")
    for found in elasticache.describe_replication_groups()["ReplicationGroups"]:
        elasticache.delete_replication_group(ReplicationGroupId=found["ReplicationGroupId"])
    while elasticache.describe_replication_groups()["ReplicationGroups"]:
        pass
    for nat in ec2.describe_nat_gateways()["NatGateways"]:
        ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    while any(nat["State"] != "deleted" for nat in ec2.describe_nat_gateways()["NatGateways"]):
        pass
    for found in ec2.describe_vpc_endpoints()["VpcEndpoints"]:
        ec2.delete_vpc_endpoints(VpcEndpointIds=[found["VpcEndpointId"]])
    for address in ec2.describe_addresses()["Addresses"]:
        ec2.release_address(AllocationId=address["AllocationId"])
    for found in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=found["SubnetId"])
    for gateway in ec2.describe_internet_gateways()["InternetGateways"]:
        for attached in gateway["Attachments"]:
            ec2.detach_internet_gateway(
                InternetGatewayId=gateway["InternetGatewayId"], VpcId=attached["VpcId"]
            )
        ec2.delete_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"])
    for table in ec2.describe_route_tables()["RouteTables"]:
        if not any(each.get("Main") for each in table["Associations"]):
            ec2.delete_route_table(RouteTableId=table["RouteTableId"])
    for found in ec2.describe_security_groups()["SecurityGroups"]:
        if found["GroupName"] != "default":
            ec2.delete_security_group(GroupId=found["GroupId"])
    for found in ec2.describe_vpcs()["Vpcs"]:
        ec2.delete_vpc(VpcId=found["VpcId"])
