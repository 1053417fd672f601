"""EC2: placement groups, capacity reservations and blocks, versions of launch templates."""

from __future__ import annotations

from datetime import timedelta

import pytest
import setups


@pytest.fixture
def ec2(lab):
    return lab.client("ec2")


@pytest.fixture
def subnet(lab, ec2):
    """A subnet in us-east-1a."""
    net = setups.network(lab)
    rows = ec2.describe_subnets(SubnetIds=net.subnets)["Subnets"]
    return next(row["SubnetId"] for row in rows if row["AvailabilityZone"] == "us-east-1a")


def tagged(kind):
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": [{"Key": "a", "Value": "b"}]}]}


def run(ec2, subnet, name="m5.large", **more):
    return ec2.run_instances(
        ImageId="ami-12c6146b",
        InstanceType=name,
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        **more,
    )["Instances"][0]["InstanceId"]


def test_a_placement_group_is_named_once_and_held_by_its_instances(lab, ec2, subnet, refused):
    made = ec2.create_placement_group(
        GroupName="g", Strategy="cluster", **tagged("placement-group")
    )["PlacementGroup"]
    assert (made["State"], made["Tags"]) == ("pending", [{"Key": "a", "Value": "b"}])
    lab.settle()
    with refused("InvalidPlacementGroup.Duplicate"):
        ec2.create_placement_group(GroupName="g")
    found = ec2.describe_placement_groups(Filters=[{"Name": "tag:a", "Values": ["b"]}])
    assert [row["State"] for row in found["PlacementGroups"]] == ["available"]
    with refused("InvalidPlacementGroup.Unknown"):
        run(ec2, subnet, Placement={"GroupName": "none"})
    instance = run(ec2, subnet, Placement={"GroupName": "g"})
    with refused("InvalidPlacementGroup.InUse"):
        ec2.delete_placement_group(GroupName="g")
    ec2.terminate_instances(InstanceIds=[instance])
    ec2.delete_placement_group(GroupName="g")
    with refused("InvalidPlacementGroup.Unknown"):
        ec2.describe_placement_groups(GroupNames=["g"])


@pytest.mark.parametrize(
    "change",
    [
        {"Strategy": "cluster", "PartitionCount": 3},
        {"Strategy": "partition", "PartitionCount": 8},
        {"Strategy": "cluster", "SpreadLevel": "rack"},
    ],
)
def test_a_strategy_takes_its_own_settings_only(ec2, refused, change):
    with refused("InvalidParameterCombination"):
        ec2.create_placement_group(GroupName="g", **change)


def reserve(ec2, count=1, **more):
    return ec2.create_capacity_reservation(
        **{
            "InstanceType": "g5.xlarge",
            "InstancePlatform": "Linux/UNIX",
            "AvailabilityZone": "us-east-1a",
            "InstanceCount": count,
            "InstanceMatchCriteria": "targeted",
        }
        | more
    )["CapacityReservation"]


def reservation(ec2, identifier):
    found = ec2.describe_capacity_reservations(CapacityReservationIds=[identifier])
    return found["CapacityReservations"][0]


def into(identifier):
    target = {"CapacityReservationTarget": {"CapacityReservationId": identifier}}
    return {"CapacityReservationSpecification": target}


def test_a_reservation_is_filled_up_and_cancelled(lab, ec2, subnet, refused):
    made = reserve(ec2, ClientToken="t", **tagged("capacity-reservation"))
    identifier = made["CapacityReservationId"]
    assert made["State"] == "pending"
    again = reserve(ec2, ClientToken="t", **tagged("capacity-reservation"))
    assert again["CapacityReservationId"] == identifier
    lab.settle()
    assert reservation(ec2, identifier)["State"] == "active"
    with refused("InvalidParameterValue"):
        run(ec2, subnet, "m5.large", **into(identifier))
    run(ec2, subnet, "g5.xlarge", **into(identifier))
    assert reservation(ec2, identifier)["AvailableInstanceCount"] == 0
    with refused("ReservationCapacityExceeded"):
        run(ec2, subnet, "g5.xlarge", **into(identifier))
    ec2.modify_capacity_reservation(CapacityReservationId=identifier, InstanceCount=2)
    assert reservation(ec2, identifier)["AvailableInstanceCount"] == 1
    ec2.cancel_capacity_reservation(CapacityReservationId=identifier)
    assert reservation(ec2, identifier)["State"] == "cancelled"
    with refused("InvalidCapacityReservationState"):
        ec2.cancel_capacity_reservation(CapacityReservationId=identifier)
    with refused("InvalidCapacityReservationId.NotFound"):
        reservation(ec2, "cr-0")
    counted = lab.admin("GET", "/_lab/census")["regions"]["us-east-1"]
    assert "ec2/capacity-reservation" not in counted


def test_reservations_count_against_the_vcpu_quota(lab, ec2, subnet, refused):
    lab.admin("PUT", "/_lab/quotas", {"ec2/L-DB2E81BA": 4})
    reserve(ec2)
    with refused("InstanceLimitExceeded"):
        reserve(ec2)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"AvailabilityZone": "us-east-1z"}, "InvalidParameterValue"),
        ({"AvailabilityZone": "us-east-1e"}, "Unsupported"),
        ({"EndDateType": "limited"}, "InvalidParameterCombination"),
    ],
)
def test_a_bad_reservation_is_refused(ec2, refused, change, code):
    with refused(code):
        reserve(ec2, **change)


def offers(ec2, **more):
    return ec2.describe_capacity_block_offerings(
        **{"InstanceType": "p5.48xlarge", "InstanceCount": 2, "CapacityDurationHours": 24} | more
    )["CapacityBlockOfferings"]


def test_a_capacity_block_is_found_bought_and_begins_on_its_day(lab, ec2, refused):
    found = offers(ec2)[0]
    assert found["EndDate"] - found["StartDate"] == timedelta(hours=24)
    assert float(found["UpfrontFee"]) > 1000
    call = {"InstancePlatform": "Linux/UNIX"}
    offering = found["CapacityBlockOfferingId"]
    bought = ec2.purchase_capacity_block(CapacityBlockOfferingId=offering, **call)
    identifier = bought["CapacityReservation"]["CapacityReservationId"]
    assert bought["CapacityReservation"]["State"] == "payment-pending"
    with refused("InvalidCapacityBlockOfferingId.NotFound"):
        ec2.purchase_capacity_block(CapacityBlockOfferingId=offering, **call)
    lab.advance(60)
    block = reservation(ec2, identifier)
    assert (block["State"], block["ReservationType"]) == ("scheduled", "capacity-block")
    with refused("UnsupportedOperation"):
        lab.advance(block["StartDate"].timestamp() - lab.world.clock.now() + 1)
        ec2.cancel_capacity_reservation(CapacityReservationId=identifier)
    assert reservation(ec2, identifier)["State"] == "active"
    lab.advance(24 * 3600)
    assert reservation(ec2, identifier)["State"] == "expired"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"CapacityDurationHours": 30}, "InvalidParameterValue"),
        ({"CapacityDurationHours": 183 * 24}, "InvalidParameterValue"),
        ({"InstanceCount": 3}, "InvalidParameterValue"),
    ],
)
def test_blocks_have_their_sizes(ec2, refused, change, code):
    with refused(code):
        offers(ec2, **change)


def test_no_offering_is_an_empty_answer(ec2):
    assert offers(ec2, InstanceType="m5.large") == []


def test_versions_of_launch_templates_go_one_by_one(ec2):
    made = ec2.create_launch_template(
        LaunchTemplateName="t", LaunchTemplateData={"InstanceType": "m5.large"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    named = {"LaunchTemplateId": made}

    def add():
        return ec2.create_launch_template_version(
            **named, LaunchTemplateData={"InstanceType": "m5.xlarge"}
        )["LaunchTemplateVersion"]["VersionNumber"]

    assert [add(), add()] == [2, 3]
    answer = ec2.delete_launch_template_versions(**named, Versions=["1", "2", "9"])
    deleted = answer["SuccessfullyDeletedLaunchTemplateVersions"]
    failed = answer["UnsuccessfullyDeletedLaunchTemplateVersions"]
    assert [row["VersionNumber"] for row in deleted] == [2]
    assert [row["ResponseError"]["Code"] for row in failed] == [
        "unexpectedError",
        "launchTemplateVersionDoesNotExist",
    ]
    assert add() == 4
    left = ec2.describe_launch_template_versions(**named)["LaunchTemplateVersions"]
    assert [row["VersionNumber"] for row in left] == [1, 3, 4]
    three = ec2.describe_launch_template_versions(**named, Versions=["3"])
    assert three["LaunchTemplateVersions"][0]["VersionNumber"] == 3


def block(lab, ec2):
    """An active Capacity Block of one p5.48xlarge: its reservation."""
    found = offers(ec2, InstanceCount=1)[0]
    bought = ec2.purchase_capacity_block(
        CapacityBlockOfferingId=found["CapacityBlockOfferingId"], InstancePlatform="Linux/UNIX"
    )["CapacityReservation"]
    lab.advance(60)
    lab.world.settle()
    lab.advance(found["StartDate"].timestamp() - lab.world.clock.now() + 1)
    return reservation(ec2, bought["CapacityReservationId"])


def test_gpu_nodes_run_in_their_capacity_block(lab, ec2, refused):
    lab.admin("PUT", "/_lab/quotas", {"ec2/L-417A185B": 0})
    net = setups.network(lab)
    setups.cluster(lab, net)
    common = setups.node_request(lab, net)
    found = block(lab, ec2)
    assert found["State"] == "active"
    rows = ec2.describe_subnets(SubnetIds=net.subnets)["Subnets"]
    there = [r["SubnetId"] for r in rows if r["AvailabilityZone"] == found["AvailabilityZone"]]
    template = ec2.create_launch_template(
        LaunchTemplateName="t",
        LaunchTemplateData={
            "InstanceType": "p5.48xlarge",
            "InstanceMarketOptions": {"MarketType": "capacity-block"},
            **into(found["CapacityReservationId"]),
        },
    )["LaunchTemplate"]["LaunchTemplateId"]
    request = common | {
        "subnets": there,
        "capacityType": "CAPACITY_BLOCK",
        "amiType": "AL2023_x86_64_NVIDIA",
        "scalingConfig": {"minSize": 0, "desiredSize": 1, "maxSize": 1},
    }
    eks = lab.client("eks")
    with refused("InvalidParameterException"):
        eks.create_nodegroup(**request, instanceTypes=["p5.48xlarge"])
    eks.create_nodegroup(**request, launchTemplate={"id": template})
    lab.advance(300)
    group = eks.describe_nodegroup(clusterName="demo", nodegroupName="api")["nodegroup"]
    assert group["health"]["issues"] == []
    assert group["status"] == "ACTIVE"
    assert reservation(ec2, found["CapacityReservationId"])["AvailableInstanceCount"] == 0
