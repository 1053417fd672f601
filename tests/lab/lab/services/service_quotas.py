"""Service Quotas: what the account may have; an increase that is asked for is granted at once."""

from __future__ import annotations

from lab import quotas
from lab.extend import AwsError, Context, Output, Params, operation
from lab.kit.pages import page
from lab.quotas import Quota


def _find(params: Params) -> Quota:
    quota = quotas.BY_CODE.get((params["ServiceCode"], params["QuotaCode"]))
    if quota is None:
        text = f"The lab knows no quota {params['QuotaCode']} of {params['ServiceCode']}"
        raise AwsError("NoSuchResourceException", text, status=400)
    return quota


def _shown(ctx: Context, quota: Quota, value: float) -> Output:
    place = f"arn:aws:servicequotas:{ctx.region}:{ctx.account}"
    return {
        "ServiceCode": quota.service,
        "ServiceName": quota.service,
        "QuotaArn": f"{place}:{quota.service}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": value,
        "Unit": "None",
        "Adjustable": quota.adjustable,
        "GlobalQuota": quota.service in ("iam", "cloudfront"),
    }


def _page_of(params: Params) -> tuple[list[Quota], Output]:
    """One page of a service's quotas, and the token of the next."""
    found = [each for each in quotas.ALL if each.service == params["ServiceCode"]]
    if not found:
        text = f"The lab knows no quotas of {params['ServiceCode']}"
        raise AwsError("NoSuchResourceException", text, status=400)
    rows, token = page(
        found, params, size="MaxResults", token="NextToken", error="InvalidPaginationTokenException"
    )
    return rows, {"NextToken": token} if token else {}


@operation("service-quotas", "GetServiceQuota")
def get(ctx: Context, params: Params) -> Output:
    """The value in force."""
    quota = _find(params)
    return {"Quota": _shown(ctx, quota, quotas.value(ctx, quota.service, quota.code))}


@operation("service-quotas", "GetAWSDefaultServiceQuota")
def get_default(ctx: Context, params: Params) -> Output:
    """The value of a new account."""
    quota = _find(params)
    return {"Quota": _shown(ctx, quota, quota.default)}


@operation("service-quotas", "ListServiceQuotas")
def list_applied(ctx: Context, params: Params) -> Output:
    """All values in force of one service."""
    rows, token = _page_of(params)
    shown = [_shown(ctx, each, quotas.value(ctx, each.service, each.code)) for each in rows]
    return {"Quotas": shown} | token


@operation("service-quotas", "ListAWSDefaultServiceQuotas")
def list_defaults(ctx: Context, params: Params) -> Output:
    """All default values of one service."""
    rows, token = _page_of(params)
    return {"Quotas": [_shown(ctx, each, each.default) for each in rows]} | token


@operation("service-quotas", "RequestServiceQuotaIncrease")
def increase(ctx: Context, params: Params) -> Output:
    """Grants what is asked for if it is more than the value in force."""
    quota, wanted = _find(params), params["DesiredValue"]
    if wanted <= quotas.value(ctx, quota.service, quota.code):
        text = "You must provide a quota value greater than the current quota value"
        raise AwsError("IllegalArgumentException", text, status=400)
    quotas.override(
        ctx.world.store(ctx.account, "global", "servicequotas"),
        {f"{quota.service}/{quota.code}": wanted},
    )
    return {
        "RequestedQuota": {
            "ServiceCode": quota.service,
            "QuotaCode": quota.code,
            "DesiredValue": wanted,
            "Status": "APPROVED",
        }
    }
