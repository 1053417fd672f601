"""Auto Scaling: settings are kept, names are unique, and what is in use stays."""

from __future__ import annotations

import pytest
import setups


@pytest.fixture
def scaling(lab):
    return lab.client("autoscaling")


@pytest.fixture
def request_(lab):
    """What CreateAutoScalingGroup needs at least."""
    net = setups.network(lab)
    made = lab.client("ec2").create_launch_template(
        LaunchTemplateName="t",
        LaunchTemplateData={"InstanceType": "m5.large", "ImageId": "ami-12c6146b"},
    )
    lab.settle()
    return {
        "AutoScalingGroupName": "g",
        "MinSize": 0,
        "MaxSize": 3,
        "LaunchTemplate": {"LaunchTemplateId": made["LaunchTemplate"]["LaunchTemplateId"]},
        "VPCZoneIdentifier": ",".join(net.subnets),
    }


def shown(scaling):
    return scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["g"])["AutoScalingGroups"][0]


def test_settings_are_kept_and_changed(scaling, request_):
    policy = {"MinHealthyPercentage": 90, "MaxHealthyPercentage": 120}
    scaling.create_auto_scaling_group(
        **request_, MaxInstanceLifetime=86400, InstanceMaintenancePolicy=policy
    )
    group = shown(scaling)
    assert group["MaxInstanceLifetime"] == 86400
    assert group["InstanceMaintenancePolicy"] == policy
    assert (group["DefaultCooldown"], group["TerminationPolicies"]) == (300, ["Default"])
    scaling.update_auto_scaling_group(
        AutoScalingGroupName="g", DefaultCooldown=60, TerminationPolicies=["OldestInstance"]
    )
    group = shown(scaling)
    assert (group["DefaultCooldown"], group["TerminationPolicies"]) == (60, ["OldestInstance"])
    assert group["MaxInstanceLifetime"] == 86400


def test_hooks_are_made_with_the_group(scaling, request_):
    hook = {
        "LifecycleHookName": "h",
        "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
        "NotificationTargetARN": "arn:aws:sqs:us-east-1:123456789012:q",
        "RoleARN": "arn:aws:iam::123456789012:role/r",
    }
    scaling.create_auto_scaling_group(**request_, LifecycleHookSpecificationList=[hook])
    (found,) = scaling.describe_lifecycle_hooks(AutoScalingGroupName="g")["LifecycleHooks"]
    assert hook.items() <= found.items()


def test_a_group_with_instances_goes_by_force_only(lab, scaling, request_, refused):
    scaling.create_auto_scaling_group(**request_, DesiredCapacity=1)
    with refused("ResourceInUse"):
        scaling.delete_auto_scaling_group(AutoScalingGroupName="g")
    scaling.delete_auto_scaling_group(AutoScalingGroupName="g", ForceDelete=True)
    assert scaling.describe_auto_scaling_groups()["AutoScalingGroups"] == []


def test_names_are_unique_and_sizes_in_order(scaling, request_, refused):
    scaling.create_auto_scaling_group(**request_)
    with refused("AlreadyExists"):
        scaling.create_auto_scaling_group(**request_)
    for wrong in ({"MinSize": 4}, {"DesiredCapacity": 4}, {"MaxInstanceLifetime": 60}):
        with refused("ValidationError"):
            scaling.update_auto_scaling_group(AutoScalingGroupName="g", **wrong)


def test_a_launch_configuration_in_use_stays(scaling, request_, refused):
    scaling.create_launch_configuration(
        LaunchConfigurationName="c", ImageId="ami-12c6146b", InstanceType="m5.large"
    )
    del request_["LaunchTemplate"]
    scaling.create_auto_scaling_group(**request_, LaunchConfigurationName="c")
    with refused("ResourceInUse"):
        scaling.delete_launch_configuration(LaunchConfigurationName="c")
    scaling.delete_auto_scaling_group(AutoScalingGroupName="g")
    scaling.delete_launch_configuration(LaunchConfigurationName="c")
