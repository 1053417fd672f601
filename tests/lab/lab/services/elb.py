"""Classic load balancers: unique names, and the interfaces that they keep in a network.

Rules: Elastic Load Balancing API reference 2012-06-01.
"""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before, on_end
from lab.kit import network

BALANCER = "elb/load-balancer"


@before("elb", "CreateLoadBalancer")
def name_free(ctx: Context, params: Params) -> None:
    """Names are unique per region; the wire code drops the shape's "AccessPoint"."""
    if params["LoadBalancerName"] in ctx.moto("elb").load_balancers:
        text = f"Load Balancer named {params['LoadBalancerName']} already exists"
        raise AwsError("DuplicateLoadBalancerName", text, status=400)


@before("elb", "DescribeLoadBalancers")
def known(ctx: Context, params: Params) -> None:
    """A name that is asked for exists; moto answers with an empty list."""
    for name in params.get("LoadBalancerNames", ()):
        if name not in ctx.moto("elb").load_balancers:
            text = f"There is no ACTIVE Load Balancer named '{name}'"
            raise AwsError("LoadBalancerNotFound", text, status=400)


@after("elb", "CreateLoadBalancer")
def begin(ctx: Context, params: Params, _output: Output) -> None:
    """An interface in every subnet."""
    name = params["LoadBalancerName"]
    interfaces = network.place(
        ctx,
        params.get("Subnets", []),
        params.get("SecurityGroups", []),
        f"ELB {name}",
        "amazon-elb",
    )
    ctx.store("elb").setdefault("interfaces", {})[name] = interfaces


@after("elb", "DeleteLoadBalancer")
def going(ctx: Context, params: Params, _output: Output) -> None:
    """Gone at once; its interfaces stay in the subnets for a while. An unknown one is no error."""
    name = params["LoadBalancerName"]
    left = ctx.store("elb").setdefault("interfaces", {}).pop(name, [])
    if left:
        identifier = f"{name}/{left[0]}"
        ctx.store("elb").setdefault("leaving", {})[identifier] = left
        ctx.life.start(BALANCER, identifier, "delete")


@on_end(BALANCER, "delete")
def gone(ctx: Context, identifier: str) -> None:
    """The subnets and security groups are free."""
    network.remove(ctx, ctx.store("elb")["leaving"].pop(identifier))
    ctx.life.forget(BALANCER, identifier)


def census(ctx: Context) -> list[dict[str, Any]]:
    """The classic load balancers of this region."""
    return [
        {"kind": BALANCER, "id": name, "tags": dict(balancer.tags)}
        for name, balancer in ctx.moto("elb").load_balancers.items()
    ]
