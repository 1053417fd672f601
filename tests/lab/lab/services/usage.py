"""How much of a quota is in use: quotas name a metric, and CloudWatch answers it.

Metrics and dimensions: CloudWatch User Guide, "AWS usage metrics"; EC2 User Guide, "View and request
quotas". Only vCPUs of instances have such a metric here.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from lab.extend import Context, Output, Params, after
from lab.services.ec2 import vcpus

NAMESPACE, METRIC = "AWS/Usage", "ResourceCount"
CLASSES = {
    "L-1216C47A": "Standard/OnDemand",
    "L-34B43A08": "Standard/Spot",
    "L-DB2E81BA": "G/OnDemand",
    "L-3819A6DF": "G/Spot",
    "L-417A185B": "P/OnDemand",
    "L-7212CCBC": "P/Spot",
    "L-C4BD4855": "P5/Spot",
}
"""Quota → the class whose vCPUs count against it."""
STATISTICS = ("Average", "Maximum", "Minimum", "Sum")


def _dimensions(name: str) -> dict[str, str]:
    return {"Class": name, "Resource": "vCPU", "Service": "EC2", "Type": "Resource"}


@after("service-quotas", "GetServiceQuota")
def named(_ctx: Context, params: Params, output: Output) -> None:
    """The metric that shows how much is used."""
    if name := CLASSES.get(params["QuotaCode"]):
        output["Quota"]["UsageMetric"] = {
            "MetricNamespace": NAMESPACE,
            "MetricName": METRIC,
            "MetricDimensions": _dimensions(name),
            "MetricStatisticRecommendation": "Maximum",
        }


def _used(ctx: Context, metric: Params) -> float | None:
    """What is in use now, if the metric is one of these."""
    given = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
    if (metric.get("Namespace"), metric.get("MetricName")) != (NAMESPACE, METRIC):
        return None
    for code, name in CLASSES.items():
        if given == _dimensions(name):
            return float(vcpus.used(ctx, code))
    return None


def _minute(ctx: Context) -> datetime:
    return datetime.fromtimestamp(ctx.now() // 60 * 60, timezone.utc)


@after("cloudwatch", "GetMetricStatistics")
def statistics(ctx: Context, params: Params, output: Output) -> None:
    """One point: what is in use now."""
    used = _used(ctx, params)
    if used is None:
        return
    point: dict[str, Any] = {"Timestamp": _minute(ctx), "Unit": "None"}
    wanted = [each for each in params.get("Statistics", ()) if each in STATISTICS]
    output["Datapoints"] = [point | dict.fromkeys(wanted, used)]


@after("cloudwatch", "GetMetricData")
def data(ctx: Context, params: Params, output: Output) -> None:
    """The same for every query that asks for such a metric."""
    queries = {each["Id"]: each.get("MetricStat", {}) for each in params["MetricDataQueries"]}
    for result in output["MetricDataResults"]:
        used = _used(ctx, queries.get(result["Id"], {}).get("Metric", {}))
        if used is not None:
            result |= {"Timestamps": [_minute(ctx)], "Values": [used], "StatusCode": "Complete"}
