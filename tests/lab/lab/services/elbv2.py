"""Load balancers: the interfaces that they keep in a network, and what holds up their deletion."""

from __future__ import annotations

from typing import Any

from lab import backend
from lab.extend import AwsError, Context, Output, Params, after, before, on_end, operation
from lab.kit import network

BALANCER = "elbv2/load-balancer"
GROUP = "elbv2/target-group"
SHORT = {"application": "app", "network": "net", "gateway": "gwy"}


@operation("elbv2", "CreateLoadBalancer")
def create(ctx: Context, params: Params) -> Output:
    """A new one, or the one of this name if it is the same; moto makes a second one."""
    balancers = ctx.moto("elbv2").load_balancers.values()
    present = next((each for each in balancers if each.name == params["Name"]), None)
    if present is None:
        output = backend.invoke(ctx, "CreateLoadBalancer", _whole(ctx, params))
        _begin(ctx, output["LoadBalancers"][0])
        return output
    if _as_asked(present, params):
        return ctx.call("elbv2", "DescribeLoadBalancers", {"LoadBalancerArns": [present.arn]})
    text = (
        f"A load balancer with the same name '{params['Name']}' exists, but with different settings"
    )
    raise AwsError("DuplicateLoadBalancerName", text, status=400)


def _whole(ctx: Context, params: Params) -> Params:
    """With AWS's defaults: open to the internet, and the VPC's default security group."""
    kind = params.get("Type", "application")
    ids = params.get("Subnets") or [each["SubnetId"] for each in params.get("SubnetMappings", ())]
    whole = params if kind == "gateway" else {"Scheme": "internet-facing"} | params
    if kind == "application" and not params.get("SecurityGroups") and ids:
        vpc = network.subnets(ctx, ids)[0]["VpcId"]
        whole = whole | {"SecurityGroups": [network.default_group(ctx, vpc)]}
    return whole


def _as_asked(balancer: Any, params: Params) -> bool:
    mapped = [each["SubnetId"] for each in params.get("SubnetMappings", ())]
    return (
        balancer.type == params.get("Type", "application")
        and (balancer.scheme or "internet-facing") == params.get("Scheme", "internet-facing")
        and {each.id for each in balancer.subnets} == {*params.get("Subnets", ()), *mapped}
        and set(params.get("SecurityGroups", ())) <= set(balancer.security_groups or ())
    )


@before("elbv2", "CreateLoadBalancer", "SetSubnets")
def two_zones(ctx: Context, params: Params) -> None:
    """An application load balancer stands in two zones at least."""
    ids = params.get("Subnets") or [each["SubnetId"] for each in params.get("SubnetMappings", ())]
    kind = params.get("Type", "application")
    if arn := params.get("LoadBalancerArn"):
        known = ctx.moto("elbv2").load_balancers.get(arn)
        kind = known.type if known is not None else kind
    zones = {each["AvailabilityZone"] for each in network.subnets(ctx, ids)} if ids else set()
    if kind == "application" and len(zones) < 2:
        text = "At least two subnets in two different Availability Zones must be specified"
        raise AwsError("ValidationError", text, status=400)


@operation("elbv2", "CreateTargetGroup")
def create_group(ctx: Context, params: Params) -> Output:
    """A new one, or the one of this name if it is the same."""
    groups = ctx.moto("elbv2").target_groups.values()
    present = next((each for each in groups if each.name == params["Name"]), None)
    if present is None or (present.protocol, present.port, present.vpc_id) != (
        params.get("Protocol"),
        params.get("Port"),
        params.get("VpcId"),
    ):
        return backend.invoke(ctx, "CreateTargetGroup", params)
    return ctx.call("elbv2", "DescribeTargetGroups", {"TargetGroupArns": [present.arn]})


@before("elbv2", "CreateListener")
def port_free(ctx: Context, params: Params) -> None:
    """One listener per port."""
    balancer = ctx.moto("elbv2").load_balancers.get(params["LoadBalancerArn"])
    ports = [each.port for each in balancer.listeners.values()] if balancer is not None else []
    if params.get("Port") is not None and str(params["Port"]) in map(str, ports):
        text = "A listener already exists on this port for this load balancer"
        raise AwsError("DuplicateListener", f"{text} '{params['LoadBalancerArn']}'", status=400)


def _begin(ctx: Context, shown: dict[str, Any]) -> None:
    """provisioning for some minutes, with an interface in every subnet from the start."""
    balancer = ctx.moto("elbv2").load_balancers[shown["LoadBalancerArn"]]
    _, kind, name, suffix = balancer.arn.rsplit("/", 3)
    interfaces = network.place(
        ctx,
        [subnet.id for subnet in balancer.subnets],
        balancer.security_groups or [],
        f"ELB {SHORT.get(balancer.type, kind)}/{name}/{suffix}",
        "amazon-elb",
    )
    ctx.store("elbv2").setdefault("interfaces", {})[balancer.arn] = interfaces
    shown["State"]["Code"] = "provisioning"
    ctx.life.start(BALANCER, balancer.arn, "create")


@after("elbv2", "DescribeLoadBalancers")
def not_active_yet(ctx: Context, _params: Params, output: Output) -> None:
    """provisioning while it lasts; moto's load balancers are active when they are looked at."""
    for shown in output["LoadBalancers"]:
        if ctx.life.running(BALANCER, shown["LoadBalancerArn"]):
            shown["State"]["Code"] = "provisioning"


@before("elbv2", "DeleteLoadBalancer")
def unprotected(ctx: Context, params: Params) -> None:
    """A protected load balancer stays."""
    balancer = ctx.moto("elbv2").load_balancers.get(params["LoadBalancerArn"])
    if balancer is not None and balancer.attrs["deletion_protection.enabled"] == "true":
        text = f"Load balancer '{balancer.arn}' cannot be deleted because deletion protection is enabled"
        raise AwsError("OperationNotPermitted", text, status=400)


@after("elbv2", "DeleteLoadBalancer")
def going(ctx: Context, params: Params, _output: Output) -> None:
    """Gone from every list at once; its interfaces stay in the subnets for a while."""
    for group in ctx.moto("elbv2").target_groups.values():
        # moto goes on naming it there.
        others = [arn for arn in group.load_balancer_arns if arn != params["LoadBalancerArn"]]
        group.load_balancer_arns = others
    if params["LoadBalancerArn"] in ctx.store("elbv2").get("interfaces", {}):
        ctx.life.start(BALANCER, params["LoadBalancerArn"], "delete")


@on_end(BALANCER, "delete")
def gone(ctx: Context, arn: str) -> None:
    """The subnets and security groups are free."""
    network.remove(ctx, ctx.store("elbv2")["interfaces"].pop(arn))
    ctx.life.forget(BALANCER, arn)


def census(ctx: Context) -> list[dict[str, Any]]:
    """Load balancers and target groups of this region."""
    elb = ctx.moto("elbv2")
    return [
        {"kind": kind, "id": arn, "tags": elb.tagging_service.get_tag_dict_for_resource(arn)}
        for kind, arns in ((BALANCER, elb.load_balancers), (GROUP, elb.target_groups))
        for arn in arns
    ]
