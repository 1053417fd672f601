"""CloudWatch: what an alarm must say, and the state in which it begins.

Rules: CloudWatch API reference, PutMetricAlarm.
"""

from __future__ import annotations

from lab.extend import AwsError, Context, Output, Params, after, before

SHORT = (10, 20, 30)
"""Seconds of a period below a minute."""
DAY = 86400


def _invalid(text: str) -> AwsError:
    return AwsError("ValidationError", text, status=400)


@before("cloudwatch", "PutMetricAlarm")
def acceptable(_ctx: Context, params: Params) -> None:
    """One statistic for a metric, a period that exists, and no more points than there are."""
    if "MetricName" in params and ("Statistic" in params) == ("ExtendedStatistic" in params):
        raise _invalid("Exactly one of Statistic and ExtendedStatistic must be specified")
    if ("MetricName" in params) == bool(params.get("Metrics")):
        raise _invalid("Exactly one of MetricName and Metrics must be specified")
    period = params.get("Period", 60)
    if period not in SHORT and period % 60:
        raise _invalid("Period must be 10, 20, 30 or a multiple of 60")
    span = params.get("EvaluationPeriods", 1) * period
    if span > (DAY if period < 3600 else 7 * DAY):
        raise _invalid(
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period)"
        )
    if params.get("DatapointsToAlarm", 1) > params.get("EvaluationPeriods", 1):
        raise _invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods")


@before("cloudwatch", "PutMetricAlarm")
def note_new(ctx: Context, params: Params) -> None:
    """Whether the alarm is new, for what follows."""
    store = ctx.store("cloudwatch")
    store["new"] = params["AlarmName"] not in ctx.moto("cloudwatch").alarms


@after("cloudwatch", "PutMetricAlarm")
def unknown_at_first(ctx: Context, params: Params, _output: Output) -> None:
    """A new alarm has no data yet; an alarm that is changed keeps its state. moto says OK."""
    if ctx.store("cloudwatch").pop("new", False):
        ctx.moto("cloudwatch").alarms[params["AlarmName"]].state_value = "INSUFFICIENT_DATA"
