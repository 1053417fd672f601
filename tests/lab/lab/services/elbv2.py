"""Load balancers: the interfaces that they keep in a network, and what holds up their deletion."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before, on_end
from lab.kit import network

BALANCER = "elbv2/load-balancer"
GROUP = "elbv2/target-group"
SHORT = {"application": "app", "network": "net", "gateway": "gwy"}


@after("elbv2", "CreateLoadBalancer")
def begin(ctx: Context, _params: Params, output: Output) -> None:
    """provisioning for some minutes, with an interface in every subnet from the start."""
    shown = output["LoadBalancers"][0]
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


@before("elbv2", "CreateLoadBalancer")
def name_free(ctx: Context, params: Params) -> None:
    """Names are unique per region; moto makes a second one under the same name."""
    taken = {each.name for each in ctx.moto("elbv2").load_balancers.values()}
    if params["Name"] in taken:
        text = f"A load balancer with the same name '{params['Name']}' exists"
        raise AwsError("DuplicateLoadBalancerName", text, status=400)


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
