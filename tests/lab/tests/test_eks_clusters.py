"""EKS clusters: life, checks, updates, what they place into the VPC."""

from __future__ import annotations

import urllib.error

import pytest
import setups


@pytest.fixture
def eks(lab):
    return lab.client("eks")


@pytest.fixture
def net(lab):
    return setups.network(lab)


def status(eks):
    return eks.describe_cluster(name="demo")["cluster"]["status"]


def test_a_cluster_is_creating_for_minutes_and_then_active(lab, eks, net):
    eks.create_cluster(**setups.cluster_request(lab, net))
    lab.advance(500)
    assert status(eks) == "CREATING"
    assert "endpoint" not in eks.describe_cluster(name="demo")["cluster"]
    lab.advance(100)
    cluster = eks.describe_cluster(name="demo")["cluster"]
    assert cluster["status"] == "ACTIVE"
    assert cluster["endpoint"].startswith("https://")
    assert cluster["identity"]["oidc"]["issuer"].startswith("https://oidc.eks.us-east-1")
    assert cluster["certificateAuthority"]["data"]


def test_what_the_request_said_is_read_back(lab, eks, net):
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    given = {
        "resourcesVpcConfig": {
            "subnetIds": net.subnets,
            "securityGroupIds": [net.group],
            "endpointPrivateAccess": True,
            "endpointPublicAccess": True,
            "publicAccessCidrs": ["192.0.2.0/24"],
        },
        "accessConfig": {
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": False,
        },
        "upgradePolicy": {"supportType": "STANDARD"},
        "deletionProtection": True,
        "encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": key}}],
        "tags": {"a": "b"},
    }
    setups.cluster(lab, net, **given)
    cluster = eks.describe_cluster(name="demo")["cluster"]
    assert given["resourcesVpcConfig"].items() <= cluster["resourcesVpcConfig"].items()
    del given["resourcesVpcConfig"]
    assert given == {member: cluster[member] for member in given}
    assert cluster["kubernetesNetworkConfig"]["serviceIpv4Cidr"] == "172.20.0.0/16"


def test_a_name_is_taken_once(lab, eks, net, refused):
    request = setups.cluster_request(lab, net)
    eks.create_cluster(**request)
    with refused("ResourceInUseException") as refusal:
        eks.create_cluster(**request)
    assert refusal.status == 409


def test_the_same_token_answers_again_and_another_request_is_refused(lab, eks, net, refused):
    request = setups.cluster_request(lab, net, clientRequestToken="token-1")
    first = eks.create_cluster(**request)["cluster"]
    assert eks.create_cluster(**request)["cluster"]["arn"] == first["arn"]
    with refused("InvalidParameterException"):
        eks.create_cluster(**request | {"tags": {"other": "request"}})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": "1.12"}, "InvalidParameterException"),
        ({"version": "1.30"}, "InvalidParameterException"),
        ({"roleArn": "arn:aws:iam::123456789012:role/none"}, "InvalidParameterException"),
        ({"resourcesVpcConfig": {"subnetIds": ["subnet-0"]}}, "InvalidParameterException"),
        ({"name": "-demo"}, "InvalidParameterException"),
        (
            {"encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": "none"}}]},
            "InvalidParameterException",
        ),
    ],
)
def test_a_bad_request_creates_nothing(lab, eks, net, refused, change, code):
    request = setups.cluster_request(lab, net) | change
    with refused(code):
        eks.create_cluster(**request)
    assert eks.list_clusters()["clusters"] == []


def test_one_zone_is_not_enough(lab, eks, net, refused):
    request = setups.cluster_request(lab, net, resourcesVpcConfig={"subnetIds": net.subnets[:1]})
    with refused("InvalidParameterException") as refusal:
        eks.create_cluster(**request)
    assert "two different AZs" in refusal.message


def test_a_role_without_the_cluster_policy_is_refused(lab, eks, net, refused):
    bare = setups.role(lab, "bare", "eks.amazonaws.com")
    with refused("InvalidParameterException") as refusal:
        eks.create_cluster(**setups.cluster_request(lab, net) | {"roleArn": bare})
    assert "AmazonEKSClusterPolicy" in refusal.message


def test_the_control_plane_holds_subnets_until_it_is_deleted(lab, eks, net, refused):
    ec2 = lab.client("ec2")
    setups.cluster(lab, net)
    found = ec2.describe_network_interfaces(
        Filters=[{"Name": "description", "Values": ["Amazon EKS demo"]}]
    )["NetworkInterfaces"]
    assert {each["SubnetId"] for each in found} == set(net.subnets)
    with refused("DependencyViolation"):
        ec2.delete_subnet(SubnetId=net.subnets[0])
    eks.delete_cluster(name="demo")
    assert status(eks) == "DELETING"
    lab.settle()
    with refused("ResourceNotFoundException"):
        eks.describe_cluster(name="demo")
    ec2.delete_subnet(SubnetId=net.subnets[0])


def test_a_cluster_whose_subnet_vanishes_fails_and_can_be_deleted(lab, eks, net):
    eks.create_cluster(**setups.cluster_request(lab, net))
    lab.client("ec2").delete_subnet(SubnetId=net.subnets[0])
    lab.settle()
    assert status(eks) == "FAILED"
    eks.delete_cluster(name="demo")
    lab.settle()
    assert eks.list_clusters()["clusters"] == []


def test_the_cluster_security_group_comes_and_goes_with_the_cluster(lab, eks, net):
    def groups():
        found = lab.client("ec2").describe_security_groups(
            Filters=[{"Name": "tag:aws:eks:cluster-name", "Values": ["demo"]}]
        )["SecurityGroups"]
        return [each["GroupId"] for each in found]

    setups.cluster(lab, net)
    config = eks.describe_cluster(name="demo")["cluster"]["resourcesVpcConfig"]
    assert groups() == [config["clusterSecurityGroupId"]]
    eks.delete_cluster(name="demo")
    lab.settle()
    assert groups() == []


def test_a_cluster_with_node_groups_is_not_deleted(lab, eks, net, refused):
    setups.cluster(lab, net)
    setups.nodes(lab, net)
    with refused("ResourceInUseException"):
        eks.delete_cluster(name="demo")


def test_deletion_protection_must_be_switched_off_first(lab, eks, net, refused):
    setups.cluster(lab, net, deletionProtection=True)
    with refused("InvalidRequestException"):
        eks.delete_cluster(name="demo")
    eks.update_cluster_config(name="demo", deletionProtection=False)
    lab.settle()
    eks.delete_cluster(name="demo")


def test_a_cluster_in_creation_is_not_deleted(lab, eks, net, refused):
    eks.create_cluster(**setups.cluster_request(lab, net))
    with refused("ResourceInUseException"):
        eks.delete_cluster(name="demo")


def test_an_update_runs_and_its_values_are_read_when_it_is_done(lab, eks, net, refused):
    setups.cluster(lab, net)
    update = eks.update_cluster_config(
        name="demo", resourcesVpcConfig={"endpointPrivateAccess": True}
    )["update"]
    assert (update["type"], update["status"]) == ("EndpointAccessUpdate", "InProgress")
    assert status(eks) == "UPDATING"
    with refused("ResourceInUseException"):
        eks.update_cluster_config(name="demo", deletionProtection=True)
    lab.settle()
    done = eks.describe_update(name="demo", updateId=update["id"])["update"]
    assert done["status"] == "Successful"
    config = eks.describe_cluster(name="demo")["cluster"]["resourcesVpcConfig"]
    assert config["endpointPrivateAccess"] is True
    assert set(config["subnetIds"]) == set(net.subnets)
    assert eks.list_updates(name="demo")["updateIds"] == [update["id"]]


@pytest.mark.parametrize(
    ("change", "member", "value"),
    [
        (
            {"upgradePolicy": {"supportType": "STANDARD"}},
            "upgradePolicy",
            {"supportType": "STANDARD"},
        ),
        ({"zonalShiftConfig": {"enabled": True}}, "zonalShiftConfig", {"enabled": True}),
        ({"deletionProtection": True}, "deletionProtection", True),
        (
            {"logging": {"clusterLogging": [{"types": ["api"], "enabled": True}]}},
            "logging",
            {
                "clusterLogging": [
                    {"types": ["api"], "enabled": True},
                    {
                        "types": ["audit", "authenticator", "controllerManager", "scheduler"],
                        "enabled": False,
                    },
                ]
            },
        ),
    ],
)
def test_every_kind_of_change_is_applied_and_refused_when_there_is_none(
    lab, eks, net, refused, change, member, value
):
    setups.cluster(lab, net)
    eks.update_cluster_config(name="demo", **change)
    lab.settle()
    assert eks.describe_cluster(name="demo")["cluster"][member] == value
    with refused("InvalidParameterException"):
        eks.update_cluster_config(name="demo", **change)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"deletionProtection": True, "upgradePolicy": {"supportType": "STANDARD"}},
        {"resourcesVpcConfig": {"endpointPublicAccess": False}},
        {"accessConfig": {"authenticationMode": "CONFIG_MAP"}},
        {"resourcesVpcConfig": {"endpointPrivateAccess": True, "securityGroupIds": []}},
    ],
)
def test_one_valid_kind_of_change_per_call(lab, eks, net, refused, change):
    setups.cluster(lab, net)
    with refused("InvalidParameterException"):
        eks.update_cluster_config(name="demo", **change)


def test_logging_makes_the_log_group_until_the_cluster_is_gone(lab, eks, net):
    logs = lab.client("logs")

    def groups():
        found = logs.describe_log_groups(logGroupNamePrefix="/aws/eks/demo/cluster")["logGroups"]
        return [each["logGroupName"] for each in found]

    setups.cluster(lab, net, logging={"clusterLogging": [{"types": ["api"], "enabled": True}]})
    assert groups() == ["/aws/eks/demo/cluster"]
    eks.delete_cluster(name="demo")
    logs.delete_log_group(logGroupName="/aws/eks/demo/cluster")
    lab.settle()
    assert groups() == ["/aws/eks/demo/cluster"]
    logs.delete_log_group(logGroupName="/aws/eks/demo/cluster")
    lab.settle()
    assert groups() == []


@pytest.mark.parametrize("version", ["1.33", "1.34", "1.36"])
def test_a_version_changes_by_one_minor_upwards(lab, eks, net, refused, version):
    setups.cluster(lab, net)
    with refused("InvalidParameterException"):
        eks.update_cluster_version(name="demo", version=version)


def test_the_ladder_leads_from_the_oldest_to_the_newest_minor(lab, eks, net):
    setups.cluster(lab, net, version="1.31")
    setups.nodes(lab, net)
    for version in ("1.32", "1.33", "1.34", "1.35"):
        eks.update_cluster_version(name="demo", version=version)
        lab.settle()
        eks.update_nodegroup_version(clusterName="demo", nodegroupName="api")
        lab.settle()
    assert eks.describe_cluster(name="demo")["cluster"]["version"] == "1.35"
    group = eks.describe_nodegroup(clusterName="demo", nodegroupName="api")["nodegroup"]
    assert group["version"] == "1.35"


def test_nodes_must_be_on_the_control_planes_minor_before_its_next(lab, eks, net, refused):
    setups.cluster(lab, net, version="1.33")
    setups.nodes(lab, net)
    eks.update_cluster_version(name="demo", version="1.34")
    lab.settle()
    assert eks.describe_cluster(name="demo")["cluster"]["version"] == "1.34"
    with refused("InvalidRequestException"):
        eks.update_cluster_version(name="demo", version="1.35")
    eks.update_nodegroup_version(clusterName="demo", nodegroupName="api")
    lab.settle()
    eks.update_cluster_version(name="demo", version="1.35")


def test_versions_and_their_support_are_listed(eks):
    rows = eks.describe_cluster_versions()["clusterVersions"]
    assert [(row["clusterVersion"], row["versionStatus"]) for row in rows] == [
        ("1.35", "STANDARD_SUPPORT"),
        ("1.34", "STANDARD_SUPPORT"),
        ("1.33", "EXTENDED_SUPPORT"),
        ("1.32", "EXTENDED_SUPPORT"),
        ("1.31", "EXTENDED_SUPPORT"),
    ]
    every = eks.describe_cluster_versions(includeAll=True)["clusterVersions"]
    assert (every[-1]["clusterVersion"], every[-1]["versionStatus"]) == ("1.30", "UNSUPPORTED")
    default = eks.describe_cluster_versions(defaultOnly=True)["clusterVersions"]
    assert [row["clusterVersion"] for row in default] == ["1.35"]


def test_insights_name_what_hinders_the_next_minor(lab, eks, net):
    driver = "aws-mountpoint-s3-csi-driver"
    setups.cluster(lab, net)
    # kube-proxy may lag behind the control plane; the driver's version is not offered beyond 1.34.
    eks.create_addon(clusterName="demo", addonName="kube-proxy")
    eks.create_addon(clusterName="demo", addonName=driver, addonVersion="v1.15.0-eksbuild.1")
    lab.settle()
    rows = eks.list_insights(clusterName="demo", filter={"statuses": ["ERROR"]})["insights"]
    assert [row["name"] for row in rows] == ["EKS add-on version compatibility"]
    found = eks.describe_insight(clusterName="demo", id=rows[0]["id"])["insight"]
    details = found["categorySpecificSummary"]["addonCompatibilityDetails"]
    assert [row["name"] for row in details] == [driver]


def test_insights_are_refreshed_on_request(lab, eks, net, refused):
    setups.cluster(lab, net)
    with refused("ResourceNotFoundException"):
        eks.describe_insights_refresh(clusterName="demo")
    assert eks.start_insights_refresh(clusterName="demo")["status"] == "IN_PROGRESS"
    with refused("InvalidRequestException"):
        eks.start_insights_refresh(clusterName="demo")
    lab.settle()
    assert eks.describe_insights_refresh(clusterName="demo")["status"] == "COMPLETED"


def test_tags_are_added_and_removed_on_every_kind(lab, eks, net, refused):
    setups.cluster(lab, net, tags={"a": "1"})
    arn = eks.describe_cluster(name="demo")["cluster"]["arn"]
    eks.tag_resource(resourceArn=arn, tags={"a": "2", "b": "3"})
    eks.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert eks.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "3"}
    with refused("NotFoundException"):
        eks.tag_resource(resourceArn=arn + "x", tags={"a": "1"})


def test_what_is_not_simulated_is_refused_with_501(eks, refused):
    with refused("NotImplemented") as refusal:
        eks.list_eks_anywhere_subscriptions()
    assert refusal.status == 501


def test_waiters_of_the_sdk_end(lab, eks, net):
    setups.cluster(lab, net)
    eks.get_waiter("cluster_active").wait(name="demo", WaiterConfig={"MaxAttempts": 1})
    eks.delete_cluster(name="demo")
    lab.settle()
    eks.get_waiter("cluster_deleted").wait(name="demo", WaiterConfig={"MaxAttempts": 1})


def test_insights_are_forced_and_released(lab, eks, net):
    setups.cluster(lab, net)
    for status, shown in (("ERROR", {"ERROR"}), ("WARNING", {"WARNING"}), (None, {"PASSING"})):
        wish = {"cluster": "demo", "status": status, "reason": "deprecated APIs"}
        lab.admin("PUT", "/_lab/insights", wish)
        rows = eks.list_insights(clusterName="demo")["insights"]
        assert {row["insightStatus"]["status"] for row in rows} == shown
        assert {row["insightStatus"]["reason"] == "deprecated APIs" for row in rows} == {
            status is not None
        }


@pytest.mark.parametrize(
    "wish", [{"cluster": "none", "status": "ERROR"}, {"cluster": "x", "status": "BAD"}, {}, []]
)
def test_insights_that_cannot_be_forced_are_refused(lab, wish):
    with pytest.raises(urllib.error.HTTPError) as answer:
        lab.admin("PUT", "/_lab/insights", wish)
    assert answer.value.code == 400
