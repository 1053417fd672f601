"""OpenSearch domains: slow to come, to change and to go, and strict about their options."""

from __future__ import annotations

import json

import pytest
import setups

CLUSTER = {"InstanceType": "m6g.large.search", "InstanceCount": 2}
DISK = {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 20}
ZONES = {"ZoneAwarenessEnabled": True, "ZoneAwarenessConfig": {"AvailabilityZoneCount": 2}}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture
def search(lab):
    return lab.client("opensearch")


def create(search, name="logs", **more):
    request = {"ClusterConfig": CLUSTER, "EBSOptions": DISK, "EngineVersion": "OpenSearch_2.17"}
    return search.create_domain(DomainName=name, **request | more)["DomainStatus"]


def shown(search, name="logs"):
    return search.describe_domain(DomainName=name)["DomainStatus"]


def test_a_domain_is_processing_without_endpoint_until_it_is_made(lab, search):
    assert create(search)["DomainProcessingStatus"] == "Creating"
    lab.advance(1079)
    assert shown(search)["Processing"] is True
    assert "Endpoint" not in shown(search)
    lab.advance(1)
    done = shown(search)
    assert (done["Processing"], done["Created"], done["Deleted"]) == (False, True, False)
    assert done["Endpoint"].startswith("search-logs-")


def test_a_change_is_processing_and_a_second_one_is_refused(lab, search, refused):
    create(search)
    with refused("ValidationException"):
        search.update_domain_config(DomainName="logs", ClusterConfig={"InstanceCount": 3})
    lab.settle()
    changed = search.update_domain_config(DomainName="logs", ClusterConfig={"InstanceCount": 3})
    option = changed["DomainConfig"]["ClusterConfig"]
    assert (option["Options"]["InstanceCount"], option["Status"]["State"]) == (3, "Processing")
    assert option["Options"]["InstanceType"] == "m6g.large.search"
    assert "Endpoint" in shown(search)
    with refused("ValidationException"):
        search.update_domain_config(DomainName="logs", AccessPolicies=POLICY)
    lab.settle()
    config = search.describe_domain_config(DomainName="logs")["DomainConfig"]
    assert config["ClusterConfig"]["Status"]["State"] == "Active"


def test_an_access_policy_is_in_force_at_once(lab, search):
    create(search)
    lab.settle()
    search.update_domain_config(DomainName="logs", AccessPolicies=POLICY)
    done = shown(search)
    assert (done["AccessPolicies"], done["Processing"]) == (POLICY, False)


def test_an_upgrade_takes_time_and_goes_one_way(lab, search, refused):
    create(search)
    lab.settle()
    with refused("ValidationException"):
        search.upgrade_domain(DomainName="logs", TargetVersion="OpenSearch_2.15")
    search.upgrade_domain(DomainName="logs", TargetVersion="OpenSearch_2.19", PerformCheckOnly=True)
    assert shown(search)["UpgradeProcessing"] is False
    search.upgrade_domain(DomainName="logs", TargetVersion="OpenSearch_2.19")
    during = shown(search)
    assert (during["UpgradeProcessing"], during["EngineVersion"]) == (True, "OpenSearch_2.17")
    assert search.get_upgrade_status(DomainName="logs")["StepStatus"] == "IN_PROGRESS"
    lab.settle()
    assert shown(search)["EngineVersion"] == "OpenSearch_2.19"
    assert search.get_upgrade_status(DomainName="logs")["StepStatus"] == "SUCCEEDED"


def test_a_delete_takes_time_and_the_name_stays_taken_meanwhile(lab, search, refused):
    create(search)
    assert search.delete_domain(DomainName="logs")["DomainStatus"]["Deleted"] is True
    with refused("ResourceAlreadyExistsException"):
        create(search)
    lab.settle()
    with refused("ResourceNotFoundException"):
        shown(search)
    assert lab.admin("GET", "/_lab/census")["total"] == 0


SECURE = {
    "Enabled": True,
    "MasterUserOptions": {"MasterUserARN": "arn:aws:iam::123456789012:role/a"},
}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": "Logs"}, "ValidationException"),
        ({"EngineVersion": "OpenSearch_9.9"}, "ValidationException"),
        ({"EBSOptions": {"EBSEnabled": False}}, "ValidationException"),
        ({"EBSOptions": DISK | {"VolumeSize": 5}}, "ValidationException"),
        ({"ClusterConfig": CLUSTER | {"InstanceCount": 81}}, "LimitExceededException"),
        ({"ClusterConfig": CLUSTER | ZONES | {"InstanceCount": 3}}, "ValidationException"),
        ({"ClusterConfig": CLUSTER | {"DedicatedMasterEnabled": True}}, "ValidationException"),
        ({"AccessPolicies": "{"}, "InvalidTypeException"),
        ({"AdvancedSecurityOptions": SECURE}, "ValidationException"),
        ({"AutoTuneOptions": {"DesiredState": "ENABLED"}}, "NotImplemented"),
    ],
)
def test_options_that_the_service_refuses(search, refused, more, code):
    with refused(code):
        create(search, **more)
    assert search.list_domain_names()["DomainNames"] == []


def test_encryption_is_not_switched_off_again_and_the_master_is_not_shown(lab, search, refused):
    on = {"Enabled": True}
    create(
        search,
        AdvancedSecurityOptions=SECURE,
        EncryptionAtRestOptions=on,
        NodeToNodeEncryptionOptions=on,
        DomainEndpointOptions={"EnforceHTTPS": True},
    )
    lab.settle()
    assert "MasterUserOptions" not in shown(search)["AdvancedSecurityOptions"]
    with refused("ValidationException"):
        search.update_domain_config(DomainName="logs", EncryptionAtRestOptions={"Enabled": False})


def test_a_domain_in_a_vpc_needs_the_linked_role_and_one_subnet_per_zone(lab, search, refused):
    net = setups.network(lab)
    place = {"SubnetIds": net.subnets[:2], "SecurityGroupIds": [net.group]}
    zones = CLUSTER | ZONES
    with refused("ValidationException") as refusal:
        create(search, ClusterConfig=zones, VPCOptions=place)
    assert "service-linked role" in refusal.message
    lab.client("iam").create_service_linked_role(AWSServiceName="opensearchservice.amazonaws.com")
    for wrong in (net.subnets, ["subnet-0123456789abcdef0"] * 2, [net.subnets[0]] * 2):
        with refused("ValidationException"):
            create(search, ClusterConfig=zones, VPCOptions=place | {"SubnetIds": wrong})
    create(search, ClusterConfig=zones, VPCOptions=place)
    lab.settle()
    done = shown(search)
    assert done["VPCOptions"]["VPCId"] == net.vpc
    assert done["Endpoints"]["vpc"].startswith("vpc-logs-")
    with refused("DependencyViolation"):
        lab.client("ec2").delete_security_group(GroupId=net.group)
    search.delete_domain(DomainName="logs")
    lab.settle()
    lab.client("ec2").delete_security_group(GroupId=net.group)


def test_tags_are_added_and_removed(search):
    arn = create(search, TagList=[{"Key": "a", "Value": "1"}])["ARN"]
    search.add_tags(ARN=arn, TagList=[{"Key": "b", "Value": "2"}])
    search.remove_tags(ARN=arn, TagKeys=["a"])
    assert search.list_tags(ARN=arn)["TagList"] == [{"Key": "b", "Value": "2"}]
