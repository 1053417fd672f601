"""What fails after it was accepted, inside a successful answer, or for want of capacity."""

from __future__ import annotations

import urllib.error

import databases
import pytest
import setups


def fault(lab, **rule):
    lab.admin("PUT", "/_lab/faults", [rule])


def fail(lab, service, operation, reason, **more):
    fault(lab, kind="fail", service=service, operation=operation, reason=reason, **more)


@pytest.fixture
def cluster(lab):
    net = setups.network(lab)
    setups.cluster(lab, net)
    return net


def nodegroup(lab):
    eks = lab.client("eks")
    return eks.describe_nodegroup(clusterName="demo", nodegroupName="api")["nodegroup"]


def issue(record):
    (found,) = record["health"]["issues"]
    return record["status"], found["code"]


@pytest.mark.parametrize("reason", ["NodeCreationFailure", "InsufficientFreeAddresses"])
def test_a_node_group_ends_in_create_failed_with_the_issue_and_can_be_deleted(lab, cluster, reason):
    fail(lab, "eks", "CreateNodegroup", reason)
    setups.nodes(lab, cluster)
    assert issue(nodegroup(lab)) == ("CREATE_FAILED", reason)
    lab.client("eks").delete_nodegroup(clusterName="demo", nodegroupName="api")
    lab.settle()
    assert lab.client("eks").list_nodegroups(clusterName="demo")["nodegroups"] == []


def test_a_failed_node_group_update_leaves_the_old_values(lab, cluster):
    setups.nodes(lab, cluster)
    fail(lab, "eks", "UpdateNodegroupConfig", "PodEvictionFailure", message="not evicted")
    eks = lab.client("eks")
    scaling = {"minSize": 1, "desiredSize": 3, "maxSize": 4}
    update = eks.update_nodegroup_config(
        clusterName="demo", nodegroupName="api", scalingConfig=scaling
    )["update"]
    lab.settle()
    found = eks.describe_update(name="demo", updateId=update["id"], nodegroupName="api")["update"]
    assert (found["status"], found["errors"][0]["errorMessage"]) == ("Failed", "not evicted")
    group = nodegroup(lab)
    assert (group["status"], group["scalingConfig"]["desiredSize"]) == ("ACTIVE", 2)


def test_a_failed_node_group_deletion_can_be_repeated(lab, cluster):
    setups.nodes(lab, cluster)
    fail(lab, "eks", "DeleteNodegroup", "Ec2SecurityGroupDeletionFailure")
    eks = lab.client("eks")
    eks.delete_nodegroup(clusterName="demo", nodegroupName="api")
    lab.settle()
    assert issue(nodegroup(lab)) == ("DELETE_FAILED", "Ec2SecurityGroupDeletionFailure")
    eks.delete_nodegroup(clusterName="demo", nodegroupName="api")
    lab.settle()
    assert eks.list_nodegroups(clusterName="demo")["nodegroups"] == []


@pytest.mark.parametrize(
    ("reason", "status"),
    [("AccessDenied", "CREATE_FAILED"), ("InsufficientNumberOfReplicas", "DEGRADED")],
)
def test_an_addon_fails_or_is_degraded(lab, cluster, reason, status):
    fail(lab, "eks", "CreateAddon", reason)
    eks = lab.client("eks")
    eks.create_addon(clusterName="demo", addonName="vpc-cni")
    lab.settle()
    addon = eks.describe_addon(clusterName="demo", addonName="vpc-cni")["addon"]
    assert issue(addon) == (status, reason)


def test_a_failed_addon_update_can_be_repeated(lab, cluster):
    eks, of = lab.client("eks"), {"clusterName": "demo", "addonName": "vpc-cni"}
    eks.create_addon(**of)
    lab.settle()
    fail(lab, "eks", "UpdateAddon", "ConfigurationConflict")
    for status in ("UPDATE_FAILED", "ACTIVE"):
        eks.update_addon(**of, configurationValues="{}")
        lab.settle()
        assert eks.describe_addon(**of)["addon"]["status"] == status


def test_a_failed_cluster_has_no_endpoint_and_can_be_deleted(lab):
    fail(lab, "eks", "CreateCluster", "InsufficientFreeAddresses")
    setups.cluster(lab, setups.network(lab))
    eks = lab.client("eks")
    made = eks.describe_cluster(name="demo")["cluster"]
    assert issue(made) == ("FAILED", "InsufficientFreeAddresses")
    assert "endpoint" not in made
    eks.delete_cluster(name="demo")
    lab.settle()
    assert eks.list_clusters()["clusters"] == []


def test_a_failed_cluster_update_leaves_the_cluster_as_it_was(lab, cluster):
    fail(lab, "eks", "UpdateClusterVersion", "IpNotAvailable")
    eks = lab.client("eks")
    update = eks.update_cluster_version(name="demo", version="1.35")["update"]
    lab.settle()
    found = eks.describe_update(name="demo", updateId=update["id"])["update"]
    assert (found["status"], found["errors"][0]["errorCode"]) == ("Failed", "IpNotAvailable")
    made = eks.describe_cluster(name="demo")["cluster"]
    assert (made["status"], made["version"]) == ("ACTIVE", "1.34")


def test_a_nat_gateway_fails_with_its_code_and_frees_its_address(lab):
    net, ec2 = setups.network(lab), lab.client("ec2")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=net.vpc)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    fail(lab, "ec2", "CreateNatGateway", "InternalError")
    made = ec2.create_nat_gateway(SubnetId=net.subnets[0], AllocationId=address)["NatGateway"]
    lab.advance(130)
    found = ec2.describe_nat_gateways(NatGatewayIds=[made["NatGatewayId"]])["NatGateways"][0]
    assert (found["State"], found["FailureCode"]) == ("failed", "InternalError")
    ec2.release_address(AllocationId=address)


@pytest.mark.parametrize("status", ["failed", "incompatible-network", "incompatible-parameters"])
def test_a_database_that_fails_has_no_endpoint_and_can_be_deleted(lab, status):
    databases.network(lab)
    rds = lab.client("rds")
    fail(lab, "rds", "CreateDBInstance", status)
    databases.create(lab, rds)
    found = databases.instance(rds)
    assert (found["DBInstanceStatus"], "Endpoint" in found) == (status, False)
    rds.delete_db_instance(DBInstanceIdentifier="main", SkipFinalSnapshot=True)
    lab.settle()
    assert rds.describe_db_instances()["DBInstances"] == []


def test_a_full_database_is_cured_by_more_storage(lab):
    databases.network(lab)
    rds = lab.client("rds")
    databases.create(lab, rds)
    fail(lab, "rds", "ModifyDBInstance", "storage-full")
    of = {"DBInstanceIdentifier": "main", "ApplyImmediately": True}
    for wanted in ("storage-full", "available"):
        rds.modify_db_instance(**of, AllocatedStorage=500)
        lab.settle()
        assert databases.status(rds) == wanted


def test_a_distribution_stays_in_progress(lab):
    from test_cloudfront import create

    cdn = lab.client("cloudfront")
    fail(lab, "cloudfront", "CreateDistributionWithTags", "stuck")
    made = create(cdn)["Distribution"]["Id"]
    lab.settle()
    lab.advance(86400)
    assert cdn.get_distribution(Id=made)["Distribution"]["Status"] == "InProgress"


@pytest.mark.parametrize(
    ("service", "operation", "params", "member"),
    [
        ("ec2", "DeleteVpcEndpoints", {"VpcEndpointIds": ["vpce-1", "vpce-2"]}, "Unsuccessful"),
        ("ec2", "DeleteFlowLogs", {"FlowLogIds": ["fl-1", "fl-2"]}, "Unsuccessful"),
        (
            "s3",
            "DeleteObjects",
            {"Bucket": "some-bucket", "Delete": {"Objects": [{"Key": "a"}, {"Key": "b"}]}},
            "Errors",
        ),
    ],
)
def test_a_successful_answer_can_hold_failures(lab, service, operation, params, member):
    fault(lab, kind="partial", service=service, operation=operation, code="InternalError")
    client = lab.client(service)
    answer = client._make_api_call(operation, params)
    codes = [each.get("Code") or each["Error"]["Code"] for each in answer[member]]
    assert codes == ["InternalError", "InternalError"]


def test_without_capacity_in_one_zone_nodes_start_in_the_others(lab, cluster):
    fault(lab, kind="capacity", instance_type="m5.large", zone="us-east-1a")
    setups.nodes(lab, cluster, instanceTypes=["m5.large"])
    assert nodegroup(lab)["status"] == "ACTIVE"
    found = lab.client("ec2").describe_instances()["Reservations"]
    zones = {one["Placement"]["AvailabilityZone"] for row in found for one in row["Instances"]}
    assert zones and "us-east-1a" not in zones


def test_without_capacity_in_any_zone_the_node_group_fails(lab, cluster):
    fault(lab, kind="capacity", instance_type="p5.48xlarge")
    setups.nodes(lab, cluster, instanceTypes=["p5.48xlarge"], amiType="AL2023_x86_64_NVIDIA")
    assert issue(nodegroup(lab)) == ("CREATE_FAILED", "AsgInstanceLaunchFailures")


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ({"instance_type": "p5.48xlarge"}, "InsufficientInstanceCapacity"),
        ({"instance_type": "p5.48xlarge", "zone": "us-east-1a"}, "InsufficientInstanceCapacity"),
        ({"instance_type": "p5.48xlarge", "zone": "us-east-1b"}, None),
        ({"instance_type": "g5.xlarge"}, None),
    ],
)
def test_capacity_is_a_matter_of_type_and_zone(lab, target, code, refused):
    net = setups.network(lab)
    fault(lab, kind="capacity", **target)
    ec2 = lab.client("ec2")
    wanted = {"ImageId": "ami-12345678", "InstanceType": "p5.48xlarge", "MinCount": 1}
    wanted |= {"MaxCount": 1, "SubnetId": net.subnets[0]}
    if code is None:
        assert ec2.run_instances(**wanted)["Instances"]
    else:
        with refused(code) as refusal:
            ec2.run_instances(**wanted)
        assert refusal.status == 500


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"kind": "fail", "service": "eks"}, "needs operation, reason"),
        (
            {"kind": "fail", "service": "eks", "operation": "ListClusters", "reason": "x"},
            "eks CreateNodegroup",
        ),
        (
            {"kind": "fail", "service": "rds", "operation": "CreateDBInstance", "reason": "x"},
            "incompatible-network",
        ),
        ({"kind": "partial", "service": "ec2", "operation": "CreateVpc"}, "DeleteVpcEndpoints"),
        ({"kind": "capacity", "count": 3}, "unknown members"),
        ({"kind": "kill", "when": "later"}, "before, after"),
        ({"kind": "delay", "seconds": "1"}, "seconds must be float"),
        ({"kind": "throttle", "probability": 2}, "at most 1"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_and_says_what_can(lab, rule, said):
    with pytest.raises(urllib.error.HTTPError) as answer:
        fault(lab, **rule)
    assert answer.value.code == 400
    assert said in answer.value.read().decode()


def test_what_was_reserved_is_there_when_there_is_no_capacity_left(lab, refused):
    net, ec2 = setups.network(lab), lab.client("ec2")
    wanted = {"InstanceType": "m5.large", "AvailabilityZone": "us-east-1a"}
    reserve = wanted | {"InstanceCount": 1, "InstancePlatform": "Linux/UNIX"}
    ec2.create_capacity_reservation(**reserve)
    lab.settle()
    fault(lab, kind="capacity", instance_type="m5.large")
    with refused("InsufficientInstanceCapacity"):
        ec2.create_capacity_reservation(**reserve)
    run = {"ImageId": "ami-12345678", "InstanceType": "m5.large", "MinCount": 1, "MaxCount": 1}
    ec2.run_instances(**run, SubnetId=net.subnets[0])
    with refused("InsufficientInstanceCapacity"):
        ec2.run_instances(**run, SubnetId=net.subnets[1])
