"""WAF: lock tokens, scopes, associations, and what is held while in use."""

from __future__ import annotations

import pytest
import setups

LOOK = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}


@pytest.fixture
def waf(lab):
    return lab.client("wafv2")


def acl(waf, scope="REGIONAL", rules=()):
    made = waf.create_web_acl(
        Name="a",
        Scope=scope,
        DefaultAction={"Allow": {}},
        VisibilityConfig=LOOK,
        Rules=list(rules),
    )
    return made["Summary"]


def of(summary, scope="REGIONAL"):
    return {name: summary[name] for name in ("Name", "Id", "LockToken")} | {"Scope": scope}


def balancer(lab, **more):
    net, elb = setups.network(lab), lab.client("elbv2")
    return elb.create_load_balancer(Name="a", Subnets=net.subnets, **more)["LoadBalancers"][0]


def blocking(arn):
    return {
        "Name": "r",
        "Priority": 1,
        "Statement": {"IPSetReferenceStatement": {"ARN": arn}},
        "Action": {"Block": {}},
        "VisibilityConfig": LOOK,
    }


def ip_set(waf, scope="REGIONAL"):
    return waf.create_ip_set(
        Name="s", Scope=scope, IPAddressVersion="IPV4", Addresses=["192.0.2.0/24"]
    )["Summary"]


def test_the_scope_of_cloudfront_is_in_one_region_only(lab, waf, refused):
    acl(waf, "CLOUDFRONT")
    west = lab.client("wafv2", "us-west-2")
    for call in (lambda: acl(west, "CLOUDFRONT"), lambda: west.list_web_acls(Scope="CLOUDFRONT")):
        with refused("WAFInvalidParameterException"):
            call()


@pytest.mark.parametrize("scope", ["REGIONAL", "CLOUDFRONT"])
def test_an_old_lock_token_is_refused_and_an_update_replaces_the_rules(waf, refused, scope):
    made = acl(waf, scope, [blocking(ip_set(waf, scope)["ARN"])])
    new = {"DefaultAction": {"Allow": {}}, "VisibilityConfig": LOOK}
    token = waf.update_web_acl(**of(made, scope), **new)["NextLockToken"]
    with refused("WAFOptimisticLockException"):
        waf.update_web_acl(**of(made, scope), **new)
    with refused("WAFOptimisticLockException"):
        waf.delete_web_acl(**of(made, scope))
    where = {"Name": "a", "Scope": scope, "Id": made["Id"]}
    assert waf.get_web_acl(**where)["WebACL"]["Rules"] == []
    waf.delete_web_acl(**where, LockToken=token)


@pytest.mark.parametrize("scope", ["REGIONAL", "CLOUDFRONT"])
def test_a_set_that_a_rule_names_stays(waf, refused, scope):
    held = ip_set(waf, scope)
    made = acl(waf, scope, [blocking(held["ARN"])])
    with refused("WAFAssociatedItemException"):
        waf.delete_ip_set(**of(held, scope))
    waf.delete_web_acl(**of(made, scope))
    token = waf.update_ip_set(**of(held, scope), Addresses=[])["NextLockToken"]
    with refused("WAFOptimisticLockException"):
        waf.delete_ip_set(**of(held, scope))
    waf.delete_ip_set(**of(held, scope) | {"LockToken": token})


def test_an_association_needs_a_load_balancer_and_ends_with_it(lab, waf, refused):
    made, arn = acl(waf), balancer(lab)["LoadBalancerArn"]
    for wrong, code in (
        (arn[:-4] + "0000", "WAFUnavailableEntityException"),
        (arn.replace("/app/", "/net/"), "WAFInvalidParameterException"),
    ):
        with refused(code):
            waf.associate_web_acl(WebACLArn=made["ARN"], ResourceArn=wrong)
    for _ in range(2):
        waf.associate_web_acl(WebACLArn=made["ARN"], ResourceArn=arn)
    assert waf.list_resources_for_web_acl(WebACLArn=made["ARN"])["ResourceArns"] == [arn]
    with refused("WAFAssociatedItemException"):
        waf.delete_web_acl(**of(made))
    lab.client("elbv2").delete_load_balancer(LoadBalancerArn=arn)
    waf.delete_web_acl(**of(made))


def test_a_web_acl_of_cloudfront_is_not_associated_by_waf(lab, waf, refused):
    made, arn = acl(waf, "CLOUDFRONT"), balancer(lab)["LoadBalancerArn"]
    with refused("WAFNonexistentItemException"):
        waf.associate_web_acl(WebACLArn=made["ARN"], ResourceArn=arn)
