"""Nodes of managed node groups: an auto-scaling group that EKS owns, with instances in EC2."""

from __future__ import annotations

import contextlib
from typing import Any

from lab.extend import Context
from lab.kit import network
from lab.kit.calls import succeeds
from lab.kit.records import Record, digest, tag_list
from lab.services.capacity import NoCapacity


def launch(ctx: Context, cluster: Record, group: Record) -> None:
    """Makes EKS's copy of the launch template and the group, then the instances."""
    name = group_name(group)
    data = {
        "ImageId": f"ami-{digest(group['amiType'], group['releaseVersion'], length=17)}",
        "InstanceType": group["_instance_type"],
        "SecurityGroupIds": group["_security_groups"]
        or [cluster["resourcesVpcConfig"]["clusterSecurityGroupId"]],
    }
    tags = _tags(group)
    template = ctx.call(
        "ec2",
        "CreateLaunchTemplate",
        {
            "LaunchTemplateName": name,
            "LaunchTemplateData": data,
            "TagSpecifications": [{"ResourceType": "launch-template", "Tags": tag_list(tags)}],
        },
    )["LaunchTemplate"]
    group["_template"], group["_launch"] = template["LaunchTemplateId"], data
    ctx.call(
        "autoscaling",
        "CreateAutoScalingGroup",
        {
            "AutoScalingGroupName": name,
            "MinSize": 0,
            "MaxSize": 0,
            "DesiredCapacity": 0,
            "VPCZoneIdentifier": ",".join(group["subnets"]),
            "LaunchTemplate": {"LaunchTemplateId": template["LaunchTemplateId"], "Version": "1"},
            "Tags": [
                {"Key": key, "Value": value, "PropagateAtLaunch": True}
                for key, value in tags.items()
            ],
        },
    )
    scale(ctx, cluster, group)


def scale(ctx: Context, _cluster: Record, group: Record) -> None:
    """Brings the instances to the desired size, spread over the subnets; youngest go first."""
    owner = _owner(ctx, group)
    if owner is None:
        return
    sizes = group["scalingConfig"]
    kept = owner.instance_states[: sizes["desiredSize"]]
    gone = owner.instance_states[sizes["desiredSize"] :]
    owner.instance_states = kept
    _terminate(ctx, [each.instance.id for each in gone])
    owner.min_size, owner.max_size = sizes["minSize"], sizes["maxSize"]
    added = [_run(ctx, group, index) for index in range(len(kept), sizes["desiredSize"])]
    if added:
        ctx.call(
            "autoscaling",
            "AttachInstances",
            {"AutoScalingGroupName": owner.name, "InstanceIds": added},
        )
    owner.desired_capacity = sizes["desiredSize"]


def sync(ctx: Context, group: Record) -> None:
    """Takes over the size that somebody gave the auto-scaling group, like an autoscaler."""
    owner = _owner(ctx, group)
    if owner is not None and group["status"] == "ACTIVE":
        group["scalingConfig"]["desiredSize"] = owner.desired_capacity


def end(ctx: Context, group: Record) -> None:
    """Takes away what `launch` made."""
    if owner := _owner(ctx, group):
        _terminate(ctx, [each.instance.id for each in owner.instance_states])
        del ctx.moto("autoscaling").autoscaling_groups[owner.name]
    if template := group.pop("_template", None):
        # EKS does not mind when somebody was faster.
        succeeds(ctx, "ec2", "DeleteLaunchTemplate", {"LaunchTemplateId": template})


def roll(ctx: Context, cluster: Record, group: Record) -> None:
    """Replaces every node, as a new image or launch template does."""
    end(ctx, group)
    launch(ctx, cluster, group)


def _owner(ctx: Context, group: Record) -> Any:
    """moto's auto-scaling group; None before the launch and when somebody deleted it."""
    return ctx.moto("autoscaling").autoscaling_groups.get(group_name(group))


def group_name(group: Record) -> str:
    """The name of the auto-scaling group."""
    return group["resources"]["autoScalingGroups"][0]["name"]


def _tags(group: Record) -> dict[str, str]:
    cluster = group["clusterName"]
    return {
        "eks:cluster-name": cluster,
        "eks:nodegroup-name": group["nodegroupName"],
        f"kubernetes.io/cluster/{cluster}": "owned",
    }


def _run(ctx: Context, group: Record, index: int) -> str:
    """Starts a node in the next subnet; without capacity there, in any other of the group."""
    first = index % len(group["subnets"])
    subnets = group["subnets"][first:] + group["subnets"][:first]
    for subnet in subnets[:-1]:
        with contextlib.suppress(NoCapacity):
            return _run_in(ctx, group, subnet)
    return _run_in(ctx, group, subnets[-1])


def _run_in(ctx: Context, group: Record, subnet: str) -> str:
    spot = group["capacityType"] == "SPOT"
    made = ctx.call(
        "ec2",
        "RunInstances",
        {
            "ImageId": group["_launch"]["ImageId"],
            "InstanceType": group["_launch"]["InstanceType"],
            "SecurityGroupIds": group["_launch"]["SecurityGroupIds"],
            "MinCount": 1,
            "MaxCount": 1,
            "SubnetId": subnet,
            "TagSpecifications": [
                {"ResourceType": "instance", "Tags": tag_list(_tags(group))},
            ],
        }
        | group["_placed"]
        | ({"InstanceMarketOptions": {"MarketType": "spot"}} if spot else {}),
    )
    return made["Instances"][0]["InstanceId"]


def _terminate(ctx: Context, ids: list[str]) -> None:
    """Ends instances that still run; their interfaces go with them."""
    ec2 = ctx.moto("ec2")
    for instance in ec2.get_multi_instances_by_id(ids) if ids else []:
        interfaces = [eni.id for eni in instance.nics.values()]
        instance.terminate()
        network.remove(ctx, interfaces)
