"""WAF: where web ACLs live, what they may protect, and those that something still uses."""

from __future__ import annotations

import uuid
from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before, operation
from lab.kit.records import digest
from lab.services.cloudfront.state import all_distributions

HOME = "us-east-1"
"""The only region that answers for CloudFront's scope."""
SHORTEST_TOKEN = 36
SCOPES = {"CLOUDFRONT": "global"}
"""Scope → moto's region, where it is not the caller's."""
SCOPED = (
    "CreateWebACL",
    "GetWebACL",
    "UpdateWebACL",
    "DeleteWebACL",
    "ListWebACLs",
    "CreateIPSet",
    "GetIPSet",
    "UpdateIPSet",
    "DeleteIPSet",
    "ListIPSets",
    "CreateRuleGroup",
    "GetRuleGroup",
    "UpdateRuleGroup",
    "DeleteRuleGroup",
    "ListRuleGroups",
    "CreateRegexPatternSet",
    "GetRegexPatternSet",
    "UpdateRegexPatternSet",
    "DeleteRegexPatternSet",
    "ListRegexPatternSets",
)


def _invalid(field: str, value: str, reason: str) -> AwsError:
    text = f"Error reason: {reason}, field: {field}, parameter: {value}"
    return AwsError("WAFInvalidParameterException", text, status=400)


def _in_use() -> AwsError:
    text = "AWS WAF couldn't perform the operation because your resource is being used."
    return AwsError("WAFAssociatedItemException", text, status=400)


@before("wafv2", *SCOPED)
def in_its_region(ctx: Context, params: Params) -> None:
    """CloudFront's web ACLs, sets and groups are asked for in one region only."""
    if params.get("Scope") == "CLOUDFRONT" and ctx.region != HOME:
        raise _invalid("SCOPE_VALUE", "CLOUDFRONT", "The scope is not valid.")


def _held(ctx: Context, params: Params) -> Any:
    """moto's backend for the scope of a request: it keeps CloudFront's apart from the regions."""
    return ctx.world.moto(ctx.account, SCOPES.get(params["Scope"], ctx.region), "wafv2")


def _acl(ctx: Context, arn: str) -> Any:
    acl = ctx.moto("wafv2").wacls.get(arn)
    if acl is None:
        text = "AWS WAF couldn't perform the operation because your resource doesn't exist."
        raise AwsError("WAFNonexistentItemException", text, status=400)
    return acl


@before("wafv2", "UpdateWebACL")
def replaced(ctx: Context, params: Params) -> None:
    """An update gives the whole web ACL: rules that it leaves out are gone."""
    for acl in _held(ctx, params).wacls.values():
        if acl.id == params["Id"] and acl.lock_token == params["LockToken"]:
            acl.rules = acl.rules if params.get("Rules") else []


@before("wafv2", "AssociateWebACL")
def associable(ctx: Context, params: Params) -> None:
    """A load balancer that exists takes one regional web ACL, the newest; no distribution does."""
    acl, resource = _acl(ctx, params["WebACLArn"]), params["ResourceArn"]
    if ":global/webacl/" in acl.arn or ":cloudfront:" in resource:
        raise _invalid("RESOURCE_ARN", resource, "The ARN isn't valid.")
    if ":loadbalancer/net/" in resource:
        raise _invalid("RESOURCE_ARN", resource, "A network load balancer takes no web ACL.")
    if ":loadbalancer/" in resource and resource not in ctx.moto("elbv2").load_balancers:
        text = "AWS WAF couldn't retrieve the resource that you requested."
        raise AwsError("WAFUnavailableEntityException", text, status=400)
    for each in ctx.moto("wafv2").wacls.values():
        if resource in each.associated_resources:
            each.associated_resources.remove(resource)


@operation("wafv2", "ListResourcesForWebACL")
def resources(ctx: Context, params: Params) -> Output:
    """ARNs of one type; without a type, of application load balancers."""
    acl = _acl(ctx, params["WebACLArn"])
    marks = {
        "APPLICATION_LOAD_BALANCER": ":loadbalancer/app/",
        "API_GATEWAY": ":apigateway:",
        "APPSYNC": ":appsync:",
        "COGNITO_USER_POOL": ":cognito-idp:",
    }
    kind = params.get("ResourceType", "APPLICATION_LOAD_BALANCER")
    mark = marks.get(kind, f":{kind.lower()}:")
    return {"ResourceArns": [arn for arn in acl.associated_resources if mark in arn]}


@after("elbv2", "DeleteLoadBalancer")
def released(ctx: Context, params: Params, _output: Output) -> None:
    """The association of a load balancer ends with it."""
    for acl in ctx.moto("wafv2").wacls.values():
        if params["LoadBalancerArn"] in acl.associated_resources:
            acl.associated_resources.remove(params["LoadBalancerArn"])


@before("wafv2", "DeleteWebACL")
def unused(ctx: Context, params: Params) -> None:
    """A web ACL that protects something stays."""
    for acl in _held(ctx, params).wacls.values():
        if acl.id == params["Id"] and (acl.associated_resources or _distributed(ctx, acl.arn)):
            raise _in_use()


def _distributed(ctx: Context, arn: str) -> bool:
    distributions = all_distributions(ctx.elsewhere(HOME, "cloudfront")).values()
    return any(each["DistributionConfig"].get("WebACLId") == arn for each in distributions)


@after("wafv2", "CreateIPSet", "UpdateIPSet")
def locked(ctx: Context, params: Params, output: Output) -> None:
    """moto's tokens of IP sets are shorter than the model's pattern, so no call could give them."""
    for each in _held(ctx, params).ip_sets.values():
        if len(each.lock_token) < SHORTEST_TOKEN:
            each.lock_token = str(uuid.UUID(digest(each.arn, each.lock_token)))
            for shown in (output, output.get("Summary", {})):
                shown |= {
                    name: each.lock_token
                    for name in ("LockToken", "NextLockToken")
                    if name in shown
                }


@before("wafv2", "DeleteIPSet", "DeleteRuleGroup", "DeleteRegexPatternSet")
def unreferenced(ctx: Context, params: Params) -> None:
    """What a rule of a web ACL or of a rule group names stays. ARNs end with the unique id."""
    waf = _held(ctx, params)
    for owner in [*waf.wacls.values(), *waf.rule_groups.values()]:
        if any(f"/{params['Id']}'" in str(rule.to_dict()) for rule in owner.rules):
            raise _in_use()
