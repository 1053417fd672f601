"""The Price List API: shape, filters, regions."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def pricing(lab):
    return lab.client("pricing")


def find(pricing, service, **wanted):
    filters = [{"Type": "TERM_MATCH", "Field": k, "Value": v} for k, v in wanted.items()]
    pages = pricing.get_paginator("get_products").paginate(ServiceCode=service, Filters=filters)
    return [json.loads(text) for page in pages for text in page["PriceList"]]


def usd(product):
    (term,) = product["terms"]["OnDemand"].values()
    first = next(iter(term["priceDimensions"].values()))
    return float(first["pricePerUnit"]["USD"])


def test_a_product_has_awss_shape_and_says_whose_price_list_it_is(pricing):
    (found,) = find(
        pricing,
        "AmazonEC2",
        instanceType="m5.xlarge",
        regionCode="us-east-1",
        operatingSystem="Linux",
        tenancy="Shared",
        capacitystatus="Used",
        preInstalledSw="NA",
    )
    sku = found["product"]["sku"]
    assert found["product"]["productFamily"] == "Compute Instance"
    assert found["product"]["attributes"]["usagetype"] == "BoxUsage:m5.xlarge"
    assert found["product"]["attributes"]["priceList"] == "stellar-lab"
    term = found["terms"]["OnDemand"][f"{sku}.JRTCKXETXF"]
    rate = term["priceDimensions"][f"{sku}.JRTCKXETXF.6YS6EN2CT7"]
    assert (rate["unit"], rate["pricePerUnit"]) == ("Hrs", {"USD": "0.1920000000"})
    assert {"serviceCode", "version", "publicationDate"} <= set(found)


@pytest.mark.parametrize(
    ("service", "wanted", "price"),
    [
        ("AmazonEKS", {"usagetype": "USE1-AmazonEKS-Hours:perCluster"}, 0.10),
        ("AmazonEKS", {"usagetype": "EUC1-AmazonEKS-Hours:extendedSupport"}, 0.50),
        ("AmazonEC2", {"instanceType": "t3.medium", "regionCode": "us-east-1"}, 0.0416),
        ("AmazonEC2", {"instanceType": "p5.48xlarge", "regionCode": "us-west-2"}, 55.04),
        ("AmazonEC2", {"usagetype": "EBS:VolumeUsage.gp3"}, 0.08),
        ("AmazonEC2", {"usagetype": "NatGateway-Hours"}, 0.045),
        ("AmazonVPC", {"usagetype": "PublicIPv4:InUseAddress"}, 0.005),
        ("AmazonVPC", {"usagetype": "EUC1-VpcEndpoint-Hours"}, 0.012),
        (
            "AmazonRDS",
            {
                "instanceType": "db.r6g.2xlarge",
                "databaseEngine": "PostgreSQL",
                "deploymentOption": "Multi-AZ",
                "regionCode": "us-east-1",
            },
            1.80,
        ),
        (
            "AmazonRDS",
            {
                "instanceType": "db.r6g.large",
                "databaseEngine": "Aurora PostgreSQL",
                "storage": "EBS Only",
                "regionCode": "us-east-1",
            },
            0.26,
        ),
        ("AmazonRDS", {"usagetype": "Aurora:ServerlessV2Usage"}, 0.12),
        ("AmazonRDS", {"usagetype": "RDS:Multi-AZ-GP3-Storage"}, 0.23),
        (
            "AmazonElastiCache",
            {
                "instanceType": "cache.r6g.xlarge",
                "cacheEngine": "Valkey",
                "regionCode": "us-east-1",
            },
            0.3296,
        ),
        ("awskms", {"usagetype": "us-east-1-KMS-Keys"}, 1.0),
        ("AWSSecretsManager", {"usagetype": "USE1-AWSSecretsManager-Secrets"}, 0.40),
        ("AmazonS3", {"usagetype": "TimedStorage-ByteHrs"}, 0.023),
        ("AmazonCloudFront", {"fromLocation": "United States"}, 0.085),
    ],
)
def test_what_a_platform_consists_of_has_one_price(pricing, service, wanted, price):
    (found,) = find(pricing, service, **wanted)
    assert usd(found) == pytest.approx(price)


def test_filters_exclude_and_contain(pricing):
    def count(kind, field, value):
        filters = [
            {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"},
            {"Type": kind, "Field": field, "Value": value},
        ]
        return len(pricing.get_products(ServiceCode="AmazonEKS", Filters=filters)["PriceList"])

    assert count("CONTAINS", "usagetype", "perCluster") == 1
    assert count("ANY_OF", "operation", "CreateOperation,ExtendedSupport") == 2
    assert count("NONE_OF", "operation", "CreateOperation,ExtendedSupport") == 0
    assert count("TERM_MATCH", "usagetype", "no such") == 0


def test_services_and_attribute_values_are_listed(pricing, refused):
    codes = {each["ServiceCode"] for each in pricing.describe_services()["Services"]}
    assert {"AmazonEKS", "AmazonEC2", "AmazonRDS", "AmazonElastiCache"} <= codes
    values = pricing.get_attribute_values(ServiceCode="AmazonEKS", AttributeName="operation")
    assert [row["Value"] for row in values["AttributeValues"]] == [
        "CreateOperation",
        "ExtendedSupport",
    ]
    with refused("NotFoundException"):
        pricing.get_products(ServiceCode="AmazonNone")
    with refused("NotFoundException"):
        pricing.get_attribute_values(ServiceCode="AmazonEKS", AttributeName="none")


def test_there_are_three_endpoints(lab, refused):
    lab.client("pricing", "eu-central-1").get_products(ServiceCode="AmazonEKS")
    with refused("NotFoundException"):
        lab.client("pricing", "us-west-2").get_products(ServiceCode="AmazonEKS")
