"""Auto Scaling: settings that moto forgets, and what holds up a deletion.

Rules: Auto Scaling API reference, DeleteAutoScalingGroup, DeleteLaunchConfiguration,
CreateAutoScalingGroup, PutLifecycleHook.
"""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before
from lab.kit.records import Record, pick

DEFAULTS: Record = {
    "DefaultCooldown": 300,
    "TerminationPolicies": ["Default"],
    "CapacityRebalance": False,
    "AvailabilityZoneDistribution": {"CapacityDistributionStrategy": "balanced-best-effort"},
    "AvailabilityZoneImpairmentPolicy": {
        "ZonalShiftEnabled": False,
        "ImpairedZoneHealthCheckBehavior": "ReplaceUnhealthy",
    },
    "CapacityReservationSpecification": {"CapacityReservationPreference": "default"},
}
"""What a group has when nobody says otherwise."""
KEPT = (
    *DEFAULTS,
    "Context",
    "DefaultInstanceWarmup",
    "DesiredCapacityType",
    "InstanceMaintenancePolicy",
    "MaxInstanceLifetime",
    "PlacementGroup",
    "ServiceLinkedRoleARN",
)
"""Members that the lab keeps beside moto's group."""
OF_HOOKS = ("NotificationTargetARN", "RoleARN", "NotificationMetadata")
LIFETIME = (86400, 31536000)
"""Seconds that an instance may live at least and at most: MaxInstanceLifetime."""


def _settings(ctx: Context, kind: str) -> dict[Any, Record]:
    return ctx.store("autoscaling").setdefault(kind, {})


def _invalid(text: str) -> AwsError:
    return AwsError("ValidationError", text, status=400)


@before("autoscaling", "CreateAutoScalingGroup", "UpdateAutoScalingGroup")
def acceptable(ctx: Context, params: Params) -> None:
    """Sizes in their order, a lifetime of a day to a year, and a name of one's own."""
    group = ctx.moto("autoscaling").autoscaling_groups.get(params["AutoScalingGroupName"])
    least = params.get("MinSize", group.min_size if group else 0)
    most = params.get("MaxSize", group.max_size if group else least)
    if least > most:
        raise _invalid(f"Max bound, {most}, must be greater than or equal to min bound, {least}")
    wanted = params.get("DesiredCapacity")
    if wanted is not None and not least <= wanted <= most:
        side = (
            "greater than or equal to min size"
            if wanted < least
            else "less than or equal to max size"
        )
        raise _invalid(f"Desired capacity:{wanted} must be {side}")
    lifetime = params.get("MaxInstanceLifetime") or LIFETIME[0]
    if not LIFETIME[0] <= lifetime <= LIFETIME[1]:
        raise _invalid(
            "Maximum instance lifetime must be equal to 0 or between 86400 and 31536000 seconds"
        )


@before("autoscaling", "CreateAutoScalingGroup")
def name_free(ctx: Context, params: Params) -> None:
    """Names are unique per region."""
    if params["AutoScalingGroupName"] in ctx.moto("autoscaling").autoscaling_groups:
        text = "AutoScalingGroup by this name already exists - A group with the name "
        raise AwsError(
            "AlreadyExists", f"{text}{params['AutoScalingGroupName']} already exists", status=400
        )


@after("autoscaling", "CreateAutoScalingGroup")
def begin(ctx: Context, params: Params, _output: Output) -> None:
    """Keeps the settings, and makes the hooks that came along."""
    name = params["AutoScalingGroupName"]
    _settings(ctx, "groups")[name] = DEFAULTS | pick(params, *KEPT)
    for hook in params.get("LifecycleHookSpecificationList", ()):
        ctx.call("autoscaling", "PutLifecycleHook", {"AutoScalingGroupName": name} | hook)


@after("autoscaling", "UpdateAutoScalingGroup")
def change(ctx: Context, params: Params, _output: Output) -> None:
    """Changes what the request names."""
    kept = _settings(ctx, "groups").setdefault(params["AutoScalingGroupName"], dict(DEFAULTS))
    kept |= pick(params, *KEPT)


@after("autoscaling", "DescribeAutoScalingGroups")
def show(ctx: Context, _params: Params, output: Output) -> None:
    """Shows it."""
    for group in output["AutoScalingGroups"]:
        group |= _settings(ctx, "groups").get(group["AutoScalingGroupName"], DEFAULTS)


@before("autoscaling", "DeleteAutoScalingGroup")
def empty(ctx: Context, params: Params) -> None:
    """A group with instances goes only by force."""
    group = ctx.moto("autoscaling").autoscaling_groups.get(params["AutoScalingGroupName"])
    if group is not None and group.instance_states and not params.get("ForceDelete"):
        text = (
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot "
            "instance request(s) still in the group."
        )
        raise AwsError("ResourceInUse", text, status=400)


@after("autoscaling", "DeleteAutoScalingGroup")
def gone(ctx: Context, params: Params, _output: Output) -> None:
    """The next group of this name starts afresh."""
    name = params["AutoScalingGroupName"]
    _settings(ctx, "groups").pop(name, None)
    for key in [each for each in _settings(ctx, "hooks") if each[0] == name]:
        del _settings(ctx, "hooks")[key]


@before("autoscaling", "DeleteLaunchConfiguration")
def unused(ctx: Context, params: Params) -> None:
    """A launch configuration that a group uses stays."""
    name = params["LaunchConfigurationName"]
    groups = ctx.moto("autoscaling").autoscaling_groups.values()
    if any(getattr(group, "launch_configuration_name", None) == name for group in groups):
        text = (
            f"Cannot delete launch configuration {name} because it is attached to AutoScalingGroup"
        )
        raise AwsError("ResourceInUse", text, status=400)


@after("autoscaling", "PutLifecycleHook")
def keep_target(ctx: Context, params: Params, _output: Output) -> None:
    """Whom a hook tells, and as which role."""
    key = params["AutoScalingGroupName"], params["LifecycleHookName"]
    kept = _settings(ctx, "hooks").setdefault(key, {})
    kept |= pick(params, *OF_HOOKS)


@after("autoscaling", "DescribeLifecycleHooks")
def show_target(ctx: Context, _params: Params, output: Output) -> None:
    """Shows it."""
    for hook in output["LifecycleHooks"]:
        key = hook["AutoScalingGroupName"], hook["LifecycleHookName"]
        hook |= _settings(ctx, "hooks").get(key, {})


@after("autoscaling", "DeleteLifecycleHook")
def hook_gone(ctx: Context, params: Params, _output: Output) -> None:
    """The next hook of this name starts afresh."""
    key = params["AutoScalingGroupName"], params["LifecycleHookName"]
    _settings(ctx, "hooks").pop(key, None)
