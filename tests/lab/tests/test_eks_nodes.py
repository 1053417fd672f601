"""EKS node groups, add-ons, access entries and pod identity."""

from __future__ import annotations

import json

import pytest
import setups

ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
POD = {"clusterName": "demo", "namespace": "app", "serviceAccount": "api"}


@pytest.fixture
def eks(lab):
    return lab.client("eks")


@pytest.fixture
def net(lab):
    net = setups.network(lab)
    setups.cluster(lab, net)
    return net


def group(eks):
    return eks.describe_nodegroup(clusterName="demo", nodegroupName="api")["nodegroup"]


def addon(eks, name):
    return eks.describe_addon(clusterName="demo", addonName=name)["addon"]


def instances(lab):
    """Running instances with their types."""
    running = [{"Name": "instance-state-name", "Values": ["running"]}]
    found = lab.client("ec2").describe_instances(Filters=running)["Reservations"]
    return {each["InstanceId"]: each["InstanceType"] for row in found for each in row["Instances"]}


def template(lab, **data):
    made = lab.client("ec2").create_launch_template(
        LaunchTemplateName="lt", LaunchTemplateData=data
    )
    return {"id": made["LaunchTemplate"]["LaunchTemplateId"], "version": "1"}


def test_a_node_group_is_creating_for_minutes_and_then_active(lab, eks, net):
    made = eks.create_nodegroup(**setups.node_request(lab, net))["nodegroup"]
    assert made["status"] == "CREATING"
    lab.advance(200)
    assert group(eks)["status"] == "CREATING"
    lab.advance(60)
    now = group(eks)
    assert now["status"] == "ACTIVE"
    assert now["instanceTypes"] == ["t3.medium"]
    assert now["amiType"] == "AL2023_x86_64_STANDARD"
    assert now["releaseVersion"].startswith("1.34.")
    assert now["resources"]["autoScalingGroups"][0]["name"].startswith("eks-api-")


def test_instances_of_a_node_group_are_no_chain_that_others_wait_for(lab, eks, net):
    request = setups.node_request(lab, net)
    eks.create_nodegroup(
        **request | {"scalingConfig": {"minSize": 3, "maxSize": 3, "desiredSize": 3}}
    )
    lab.settle()
    assert len(instances(lab)) == 3
    eks.create_addon(clusterName="demo", addonName="coredns")
    lab.settle()
    eks.delete_nodegroup(clusterName="demo", nodegroupName="api")
    lab.settle()
    path = lab.admin("GET", "/_lab/critical-path")["path"]
    steps = [(each["kind"], each["seconds"]) for each in path if each["kind"].startswith("e")]
    assert steps == [("eks/cluster", 540), ("eks/nodegroup", 240), ("eks/nodegroup", 360)]


def test_nodes_hold_subnets_and_security_group(lab, eks, net, refused):
    spec = template(lab, SecurityGroupIds=[net.group])
    setups.nodes(lab, net, launchTemplate=spec)
    ec2 = lab.client("ec2")
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=net.group)
    eks.delete_nodegroup(clusterName="demo", nodegroupName="api")
    assert group(eks)["status"] == "DELETING"
    lab.settle()
    ec2.delete_security_group(GroupId=net.group)


def test_nodes_are_instances_of_an_auto_scaling_group(lab, eks, net):
    setups.nodes(lab, net)
    name = group(eks)["resources"]["autoScalingGroups"][0]["name"]
    ec2, scaling = lab.client("ec2"), lab.client("autoscaling")

    def seen():
        found = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        sizes = [
            (each["MinSize"], each["DesiredCapacity"], each["MaxSize"], len(each["Instances"]))
            for each in found["AutoScalingGroups"]
        ]
        running = ec2.describe_instances(
            Filters=[
                {"Name": "tag:eks:nodegroup-name", "Values": ["api"]},
                {"Name": "instance-state-name", "Values": ["running"]},
            ]
        )["Reservations"]
        return sizes, len({each["Instances"][0]["SubnetId"] for each in running})

    assert seen() == ([(1, 2, 4, 2)], 2)
    for desired in (4, 1):
        eks.update_nodegroup_config(
            clusterName="demo", nodegroupName="api", scalingConfig={"desiredSize": desired}
        )
        lab.settle()
        assert seen() == ([(1, desired, 4, desired)], min(desired, 3))
    eks.delete_nodegroup(clusterName="demo", nodegroupName="api")
    lab.settle()
    assert seen() == ([], 0)
    counted = lab.admin("GET", "/_lab/census")["regions"]["us-east-1"]
    assert set(counted) & {"ec2/instance", "ec2/launch-template", "ec2/volume"} == set()


def test_the_size_that_an_autoscaler_chose_is_read_back(lab, eks, net):
    setups.nodes(lab, net)
    name = group(eks)["resources"]["autoScalingGroups"][0]["name"]
    lab.client("autoscaling").set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=3)
    assert group(eks)["scalingConfig"]["desiredSize"] == 3


@pytest.mark.parametrize(
    "change",
    [
        {"scalingConfig": {"minSize": 3, "desiredSize": 2, "maxSize": 4}},
        {"scalingConfig": {"minSize": 1, "desiredSize": 5, "maxSize": 4}},
        {"instanceTypes": ["m5.nonsense"]},
        {"instanceTypes": ["m6g.large"], "amiType": "AL2023_x86_64_STANDARD"},
        {"version": "1.35"},
        {"releaseVersion": "1.33.1-20250101"},
        {"nodeRole": "arn:aws:iam::123456789012:role/none"},
        {"nodeRole": "arn:aws:iam::123456789012:role/control"},
        {"subnets": ["subnet-0"]},
        {"launchTemplate": {"id": "lt-1", "name": "x"}},
        {"updateConfig": {"maxUnavailable": 1, "maxUnavailablePercentage": 33}},
    ],
)
def test_a_bad_request_creates_nothing(lab, eks, net, refused, change):
    with refused("InvalidParameterException"):
        eks.create_nodegroup(**setups.node_request(lab, net) | change)
    assert eks.list_nodegroups(clusterName="demo")["nodegroups"] == []


@pytest.mark.parametrize(
    ("data", "change"),
    [
        ({"InstanceType": "m5.large"}, {"diskSize": 50}),
        ({"InstanceType": "m5.large"}, {"instanceTypes": ["m5.large"]}),
        ({"IamInstanceProfile": {"Name": "p"}}, {}),
        ({"ImageId": "ami-12345678"}, {"amiType": "AL2023_x86_64_STANDARD"}),
    ],
)
def test_a_launch_template_excludes_what_eks_sets(lab, eks, net, refused, data, change):
    spec = template(lab, **data)
    with refused("InvalidParameterException"):
        eks.create_nodegroup(**setups.node_request(lab, net, launchTemplate=spec, **change))


def test_nodes_without_the_worker_policy_never_join(lab, eks, net):
    bare = setups.role(lab, "bare", "ec2.amazonaws.com")
    setups.nodes(lab, net, nodeRole=bare)
    now = group(eks)
    assert now["status"] == "CREATE_FAILED"
    assert now["health"]["issues"][0]["code"] == "NodeCreationFailure"
    eks.delete_nodegroup(clusterName="demo", nodegroupName="api")


def test_nodes_that_cannot_be_launched_fail_the_group(lab, eks, net):
    ec2 = lab.client("ec2")
    lonely = ec2.create_subnet(VpcId=net.vpc, CidrBlock="10.0.9.0/24")["Subnet"]["SubnetId"]
    lab.settle()
    eks.create_nodegroup(**setups.node_request(lab, net, subnets=[lonely]))
    ec2.delete_subnet(SubnetId=lonely)
    lab.settle()
    now = group(eks)
    assert now["status"] == "CREATE_FAILED"
    assert now["health"]["issues"][0]["code"] == "AsgInstanceLaunchFailures"
    eks.delete_nodegroup(clusterName="demo", nodegroupName="api")
    lab.settle()
    assert eks.list_nodegroups(clusterName="demo")["nodegroups"] == []
    assert ec2.describe_launch_templates()["LaunchTemplates"] == []


def test_a_node_group_waits_for_its_cluster(lab, eks, refused):
    net = setups.network(lab)
    eks.create_cluster(**setups.cluster_request(lab, net))
    with refused("InvalidRequestException"):
        eks.create_nodegroup(**setups.node_request(lab, net, wait=False))


def test_sizes_labels_and_taints_change_in_place(lab, eks, net):
    setups.nodes(
        lab,
        net,
        labels={"a": "1", "b": "2"},
        taints=[{"key": "gpu", "value": "x", "effect": "NO_SCHEDULE"}],
    )
    update = eks.update_nodegroup_config(
        clusterName="demo",
        nodegroupName="api",
        scalingConfig={"desiredSize": 4},
        labels={"addOrUpdateLabels": {"c": "3"}, "removeLabels": ["a"]},
        taints={"removeTaints": [{"key": "gpu", "effect": "NO_SCHEDULE"}]},
    )["update"]
    assert (update["status"], group(eks)["status"]) == ("InProgress", "UPDATING")
    lab.settle()
    now = group(eks)
    assert now["scalingConfig"] == {"minSize": 1, "maxSize": 4, "desiredSize": 4}
    assert (now["labels"], now.get("taints", [])) == ({"b": "2", "c": "3"}, [])
    seen = eks.describe_update(name="demo", updateId=update["id"], nodegroupName="api")["update"]
    assert seen["status"] == "Successful"


def test_one_change_at_a_time(lab, eks, net, refused):
    setups.nodes(lab, net)
    call = {"clusterName": "demo", "nodegroupName": "api"}
    eks.update_nodegroup_config(**call, scalingConfig={"desiredSize": 3})
    with refused("ResourceInUseException"):
        eks.update_nodegroup_config(**call, scalingConfig={"desiredSize": 2})
    with refused("ResourceInUseException"):
        eks.delete_nodegroup(**call)


def test_a_launch_template_version_rolls_the_nodes(lab, eks, net, refused):
    spec = template(lab, InstanceType="m5.large")
    setups.nodes(lab, net, launchTemplate=spec)
    lab.client("ec2").create_launch_template_version(
        LaunchTemplateId=spec["id"], LaunchTemplateData={"InstanceType": "m5.xlarge"}
    )
    call = {"clusterName": "demo", "nodegroupName": "api"}
    update = eks.update_nodegroup_version(**call, launchTemplate=spec | {"version": "2"})["update"]
    assert update["type"] == "VersionUpdate"
    before = instances(lab)
    lab.settle()
    assert group(eks)["launchTemplate"]["version"] == "2"
    after = instances(lab)
    assert set(before.values()) == {"m5.large"} and set(after.values()) == {"m5.xlarge"}
    assert len(after) == 2 and not set(before) & set(after)


def test_daemons_are_active_without_nodes_and_deployments_wait_for_them(lab, eks, net):
    for name in ("vpc-cni", "coredns"):
        assert eks.create_addon(clusterName="demo", addonName=name)["addon"]["status"] == "CREATING"
    lab.settle()
    assert addon(eks, "vpc-cni")["status"] == "ACTIVE"
    assert addon(eks, "coredns")["status"] == "DEGRADED"
    issue = addon(eks, "coredns")["health"]["issues"][0]
    assert issue["code"] == "InsufficientNumberOfReplicas"
    setups.nodes(lab, net)
    assert addon(eks, "coredns")["status"] == "ACTIVE"
    eks.delete_nodegroup(clusterName="demo", nodegroupName="api")
    lab.settle()
    assert addon(eks, "coredns")["status"] == "DEGRADED"


def test_an_add_on_is_checked(lab, eks, net, refused):
    eks.create_addon(clusterName="demo", addonName="vpc-cni")
    with refused("ResourceInUseException"):
        eks.create_addon(clusterName="demo", addonName="vpc-cni")
    for change in (
        {"addonName": "no-such"},
        {"addonName": "coredns", "addonVersion": "v0.0.1"},
        {"addonName": "coredns", "configurationValues": "{no json"},
        {"addonName": "coredns", "configurationValues": '{"nonsense": 1}'},
    ):
        with refused("InvalidParameterException"):
            eks.create_addon(clusterName="demo", **change)


def test_an_add_on_updates_and_goes(lab, eks, net, refused):
    old = eks.describe_addon_versions(addonName="vpc-cni", kubernetesVersion="1.34")["addons"][0][
        "addonVersions"
    ]
    eks.create_addon(clusterName="demo", addonName="vpc-cni", addonVersion=old[1]["addonVersion"])
    lab.settle()
    values = json.dumps({"env": {"ENABLE_PREFIX_DELEGATION": "true"}})
    call = {"clusterName": "demo", "addonName": "vpc-cni"}
    update = eks.update_addon(
        **call, addonVersion=old[0]["addonVersion"], configurationValues=values
    )["update"]
    with refused("ResourceInUseException"):
        eks.update_addon(**call, configurationValues="{}")
    lab.settle()
    now = addon(eks, "vpc-cni")
    assert (now["addonVersion"], now["configurationValues"]) == (old[0]["addonVersion"], values)
    seen = eks.describe_update(name="demo", updateId=update["id"], addonName="vpc-cni")["update"]
    assert seen["status"] == "Successful"
    eks.delete_addon(**call)
    assert addon(eks, "vpc-cni")["status"] == "DELETING"
    lab.settle()
    assert eks.list_addons(clusterName="demo")["addons"] == []


def test_the_catalogue_has_one_default_per_minor_and_a_schema(eks):
    addons = eks.describe_addon_versions(kubernetesVersion="1.34")["addons"]
    assert {"vpc-cni", "kube-proxy", "coredns", "aws-ebs-csi-driver"} <= {
        each["addonName"] for each in addons
    }
    for each in addons:
        defaults = [
            version["addonVersion"]
            for version in each["addonVersions"]
            for row in version["compatibilities"]
            if row["defaultVersion"]
        ]
        assert len(defaults) == 1
        found = eks.describe_addon_configuration(
            addonName=each["addonName"], addonVersion=defaults[0]
        )
        assert json.loads(found["configurationSchema"])["type"] == "object"


def test_an_add_ons_pod_identity_belongs_to_the_add_on(lab, eks, net, refused):
    role = setups.role(lab, "csi", "pods.eks.amazonaws.com")
    eks.create_addon(
        clusterName="demo",
        addonName="aws-ebs-csi-driver",
        podIdentityAssociations=[{"serviceAccount": "ebs-csi-controller-sa", "roleArn": role}],
    )
    row = eks.list_pod_identity_associations(clusterName="demo")["associations"][0]
    assert row["ownerArn"] == addon(eks, "aws-ebs-csi-driver")["addonArn"]
    with refused("InvalidRequestException"):
        eks.delete_pod_identity_association(clusterName="demo", associationId=row["associationId"])
    lab.settle()
    eks.delete_addon(clusterName="demo", addonName="aws-ebs-csi-driver")
    lab.settle()
    assert eks.list_pod_identity_associations(clusterName="demo")["associations"] == []


def test_one_association_per_service_account(lab, eks, net, refused):
    role = setups.role(lab, "app", "pods.eks.amazonaws.com")
    wrong = setups.role(lab, "wrong", "ec2.amazonaws.com")
    made = eks.create_pod_identity_association(**POD, roleArn=role)["association"]
    with refused("ResourceInUseException"):
        eks.create_pod_identity_association(**POD, roleArn=role)
    for bad in (wrong, "arn:aws:iam::123456789012:role/none"):
        with refused("InvalidParameterException"):
            eks.create_pod_identity_association(**POD | {"namespace": "other"}, roleArn=bad)
    call = {"clusterName": "demo", "associationId": made["associationId"]}
    eks.update_pod_identity_association(**call, disableSessionTags=True)
    assert eks.describe_pod_identity_association(**call)["association"]["disableSessionTags"]
    eks.delete_pod_identity_association(**call)
    with refused("ResourceNotFoundException"):
        eks.describe_pod_identity_association(**call)


def test_a_fresh_role_is_not_usable_for_seconds(lab, eks, net, refused):
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "pods.eks.amazonaws.com"},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ],
    }
    role = lab.client("iam").create_role(
        RoleName="fresh", AssumeRolePolicyDocument=json.dumps(trust)
    )["Role"]["Arn"]
    with refused("InvalidParameterException") as refusal:
        eks.create_pod_identity_association(**POD, roleArn=role)
    assert "does not exist" in refusal.message
    lab.advance(11)
    eks.create_pod_identity_association(**POD, roleArn=role)


def test_the_creator_and_the_nodes_have_entries_of_their_own(lab, eks, net):
    setups.nodes(lab, net)
    arns = eks.list_access_entries(clusterName="demo")["accessEntries"]
    kinds = {
        eks.describe_access_entry(clusterName="demo", principalArn=arn)["accessEntry"]["type"]
        for arn in arns
    }
    assert kinds == {"STANDARD", "EC2_LINUX"}


def test_an_access_entry_lives_with_its_policies(lab, eks, net, refused):
    role = setups.role(lab, "people", "ec2.amazonaws.com")
    call = {"clusterName": "demo", "principalArn": role}
    eks.create_access_entry(**call, kubernetesGroups=["viewers"])
    with refused("ResourceInUseException"):
        eks.create_access_entry(**call)
    eks.associate_access_policy(**call, policyArn=ADMIN, accessScope={"type": "cluster"})
    eks.associate_access_policy(
        **call, policyArn=ADMIN, accessScope={"type": "namespace", "namespaces": ["app"]}
    )
    rows = eks.list_associated_access_policies(**call)["associatedAccessPolicies"]
    assert [row["accessScope"] for row in rows] == [{"type": "namespace", "namespaces": ["app"]}]
    assert (
        role
        in eks.list_access_entries(clusterName="demo", associatedPolicyArn=ADMIN)["accessEntries"]
    )
    eks.update_access_entry(**call, kubernetesGroups=["editors"])
    entry = eks.describe_access_entry(**call)["accessEntry"]
    assert entry["kubernetesGroups"] == ["editors"]
    assert entry["username"].endswith(":assumed-role/people/{{SessionName}}")
    eks.disassociate_access_policy(**call, policyArn=ADMIN)
    with refused("ResourceNotFoundException"):
        eks.disassociate_access_policy(**call, policyArn=ADMIN)
    eks.delete_access_entry(**call)
    with refused("ResourceNotFoundException"):
        eks.describe_access_entry(**call)


@pytest.mark.parametrize(
    "change",
    [
        {"principalArn": "arn:aws:iam::123456789012:role/none"},
        {"kubernetesGroups": ["system:masters"]},
        {"type": "EC2_LINUX", "kubernetesGroups": ["a"]},
    ],
)
def test_a_bad_access_entry_is_refused(lab, eks, net, refused, change):
    role = setups.role(lab, "people", "ec2.amazonaws.com")
    with refused("InvalidParameterException"):
        eks.create_access_entry(**{"clusterName": "demo", "principalArn": role} | change)


def test_entries_need_the_api_mode(lab, eks, refused):
    net = setups.network(lab)
    setups.cluster(lab, net, accessConfig={"authenticationMode": "CONFIG_MAP"})
    with refused("InvalidRequestException"):
        eks.list_access_entries(clusterName="demo")


def test_everything_inside_goes_with_the_cluster(lab, eks, net):
    eks.create_addon(clusterName="demo", addonName="vpc-cni")
    lab.settle()
    eks.delete_cluster(name="demo")
    lab.settle()
    counted = lab.admin("GET", "/_lab/census")["regions"]["us-east-1"]
    assert not [kind for kind in counted if kind.startswith("eks/")]
    assert "ec2/network-interface" not in counted


def test_an_add_on_that_is_still_busy_goes_with_the_cluster(lab, eks, net):
    eks.create_addon(clusterName="demo", addonName="vpc-cni")
    lab.settle()
    eks.delete_cluster(name="demo")
    lab.advance(230)
    eks.delete_addon(clusterName="demo", addonName="vpc-cni")
    lab.settle()
    assert eks.list_clusters()["clusters"] == []


def test_waiters_of_the_sdk_end(lab, eks, net):
    setups.nodes(lab, net)
    eks.create_addon(clusterName="demo", addonName="vpc-cni")
    lab.settle()
    once = {"MaxAttempts": 1}
    call = {"clusterName": "demo", "nodegroupName": "api"}
    eks.get_waiter("nodegroup_active").wait(**call, WaiterConfig=once)
    eks.get_waiter("addon_active").wait(clusterName="demo", addonName="vpc-cni", WaiterConfig=once)
    eks.delete_nodegroup(**call)
    eks.delete_addon(clusterName="demo", addonName="vpc-cni")
    lab.settle()
    eks.get_waiter("nodegroup_deleted").wait(**call, WaiterConfig=once)
    eks.get_waiter("addon_deleted").wait(clusterName="demo", addonName="vpc-cni", WaiterConfig=once)
