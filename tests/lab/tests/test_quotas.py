"""Quotas: read, raised, and in force."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("quota", "call", "params", "code"),
    [
        ("vpc/L-F678F1CE", "create_vpc", {"CidrBlock": "10.0.0.0/16"}, "VpcLimitExceeded"),
        ("ec2/L-0263D0A3", "allocate_address", {"Domain": "vpc"}, "AddressLimitExceeded"),
        ("vpc/L-A4707A72", "create_internet_gateway", {}, "InternetGatewayLimitExceeded"),
    ],
)
def test_one_more_than_the_quota_is_refused_until_it_is_raised(
    lab, refused, quota, call, params, code
):
    lab.admin("PUT", "/_lab/quotas", {quota: 1})
    make = getattr(lab.client("ec2"), call)
    make(**params)
    with refused(code):
        make(**params)
    service, quota_code = quota.split("/")
    lab.client("service-quotas").request_service_quota_increase(
        ServiceCode=service, QuotaCode=quota_code, DesiredValue=2
    )
    make(**params)


def test_quotas_are_read_one_by_one_and_by_service(lab, refused):
    quotas = lab.client("service-quotas")
    one = quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-DB2E81BA")["Quota"]
    assert one["Value"] > 0
    listed = quotas.list_service_quotas(ServiceCode="ec2")["Quotas"]
    assert one["QuotaCode"] in [each["QuotaCode"] for each in listed]
    with refused("NoSuchResourceException"):
        quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-00000000")
