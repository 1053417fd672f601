"""Options of ECS services that moto forgets: how they deploy, and on which capacity.

Rules: ECS API reference, DeploymentConfiguration and CreateService.
"""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before

KEPT = (
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
)
"""Members that the lab keeps beside moto's service."""
DEPLOYMENT: dict[str, Any] = {
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
}
BUILT_IN = ("FARGATE", "FARGATE_SPOT")


def options(ctx: Context, arn: str) -> dict[str, Any]:
    """What was asked for, with the defaults."""
    return (
        ctx.store("ecs")
        .setdefault("options", {})
        .setdefault(arn, {"deploymentConfiguration": DEPLOYMENT, "enableExecuteCommand": False})
    )


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidParameterException", text, status=400)


@before("ecs", "CreateService", "UpdateService")
def acceptable(ctx: Context, params: Params) -> None:
    """Percentages that let a deployment go on, and providers that the cluster has."""
    _deployable(params.get("deploymentConfiguration", {}))
    strategy = params.get("capacityProviderStrategy")
    if not strategy:
        return
    if params.get("launchType"):
        raise _invalid(
            "Specifying both a launch type and capacity provider strategy is not supported."
        )
    name = params.get("cluster", "default").rpartition("/")[2]
    cluster = ctx.moto("ecs").clusters.get(name)
    known = (cluster.capacity_providers or []) if cluster is not None else []
    for each in strategy:
        provider = each["capacityProvider"].rpartition("/")[2]
        if cluster is not None and provider not in known:
            raise _invalid(
                "The specified capacity provider strategy cannot contain a capacity provider that "
                "is not associated with the cluster. Associate the capacity provider with the "
                "cluster and try again."
            )
    if sum(1 for each in strategy if each.get("base")) > 1:
        raise _invalid("Only one capacity provider in a strategy can have a base value.")


def _deployable(given: dict[str, Any]) -> None:
    if given.get("strategy", "ROLLING") != "ROLLING" or "alarms" in given:
        text = "The lab does not simulate strategies other than ROLLING, or alarms, of deployments"
        raise AwsError("NotImplemented", text, status=501)
    whole = DEPLOYMENT | given
    if whole["minimumHealthyPercent"] >= 100 and whole["maximumPercent"] <= 100:
        raise _invalid(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block "
            "deployments"
        )
    breaker = given.get("deploymentCircuitBreaker", {})
    if breaker.get("rollback") and not breaker.get("enable"):
        raise _invalid("Deployment circuit breaker rollback cannot be enabled without the breaker")


@after("ecs", "CreateService", "UpdateService")
def kept(ctx: Context, params: Params, output: Output) -> None:
    """Remembers them; a new deployment configuration takes over what it does not say."""
    mine = options(ctx, output["service"]["serviceArn"])
    for name in KEPT:
        if name not in params:
            continue
        new = params[name]
        mine[name] = mine[name] | new if name == "deploymentConfiguration" else new
    _show(ctx, output["service"])


@after("ecs", "DescribeServices")
def shown(ctx: Context, _params: Params, output: Output) -> None:
    """Shows them; a service with a strategy has no launch type."""
    for service in output["services"]:
        _show(ctx, service)


@after("ecs", "DeleteService")
def gone(ctx: Context, _params: Params, output: Output) -> None:
    """The next service of this name starts afresh."""
    ctx.store("ecs").setdefault("options", {}).pop(output["service"]["serviceArn"], None)


def _show(ctx: Context, service: dict[str, Any]) -> None:
    mine = options(ctx, service["serviceArn"])
    service |= {name: mine[name] for name in KEPT if name in mine}
    if strategy := mine.get("capacityProviderStrategy"):
        for each in (service, *service.get("deployments", [])):
            each.pop("launchType", None)
            each["capacityProviderStrategy"] = strategy
