"""CloudFront: deployment, ETags, references, policies."""

from __future__ import annotations

import pytest

OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


@pytest.fixture
def cdn(lab):
    return lab.client("cloudfront")


def config(**more):
    return {
        "CallerReference": "ref-1",
        "Comment": "c",
        "Enabled": True,
        "Origins": {
            "Quantity": 1,
            "Items": [
                {
                    "Id": "images",
                    "DomainName": "images.s3.us-east-1.amazonaws.com",
                    "S3OriginConfig": {"OriginAccessIdentity": ""},
                }
            ],
        },
        "DefaultCacheBehavior": behavior(),
    } | more


def behavior(**more):
    return {
        "TargetOriginId": "images",
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": OPTIMIZED,
    } | more


def create(cdn, **more):
    return cdn.create_distribution_with_tags(
        DistributionConfigWithTags={
            "DistributionConfig": config(**more),
            "Tags": {"Items": [{"Key": "a", "Value": "b"}]},
        }
    )


def control(cdn, name="oac"):
    return cdn.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": name,
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )


def with_control(identifier):
    origins = config()["Origins"]
    origins["Items"][0]["OriginAccessControlId"] = identifier
    return origins


def test_a_distribution_is_in_progress_and_then_deployed(lab, cdn):
    made = create(cdn)["Distribution"]
    assert made["Status"] == "InProgress"
    assert made["DomainName"].endswith(".cloudfront.net")
    lab.advance(290)
    assert cdn.get_distribution(Id=made["Id"])["Distribution"]["Status"] == "InProgress"
    lab.advance(20)
    assert cdn.get_distribution(Id=made["Id"])["Distribution"]["Status"] == "Deployed"


def test_the_configuration_is_read_back_with_the_defaults_of_aws(cdn):
    made = create(cdn)
    read = cdn.get_distribution_config(Id=made["Distribution"]["Id"])
    assert read["ETag"] == made["ETag"]
    full = read["DistributionConfig"]
    assert full["PriceClass"] == "PriceClass_All"
    assert full["ViewerCertificate"]["CloudFrontDefaultCertificate"] is True
    assert full["Origins"]["Items"][0]["ConnectionAttempts"] == 3
    methods = full["DefaultCacheBehavior"]["AllowedMethods"]
    assert set(methods["Items"]) == set(methods["CachedMethods"]["Items"]) == {"GET", "HEAD"}
    # What was read can be written.
    cdn.update_distribution(
        Id=made["Distribution"]["Id"], DistributionConfig=full, IfMatch=read["ETag"]
    )


def test_a_caller_reference_serves_once(cdn, refused):
    create(cdn)
    with refused("DistributionAlreadyExists") as refusal:
        create(cdn, Comment="other")
    assert refusal.status == 409


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"DefaultCacheBehavior": behavior(TargetOriginId="none")}, "NoSuchOrigin"),
        ({"DefaultCacheBehavior": behavior(CachePolicyId="none")}, "NoSuchCachePolicy"),
        (
            {"DefaultCacheBehavior": behavior(OriginRequestPolicyId="none")},
            "NoSuchOriginRequestPolicy",
        ),
        (
            {"DefaultCacheBehavior": behavior(ResponseHeadersPolicyId="none")},
            "NoSuchResponseHeadersPolicy",
        ),
        ({"DefaultCacheBehavior": behavior(MinTTL=1)}, "InvalidArgument"),
        (
            {"Origins": {"Quantity": 2, "Items": config()["Origins"]["Items"]}},
            "InconsistentQuantities",
        ),
        ({"Origins": with_control("none")}, "InvalidOriginAccessControl"),
        ({"Aliases": {"Quantity": 1, "Items": ["www.example.com"]}}, "InvalidViewerCertificate"),
        (
            {
                "ViewerCertificate": {
                    "ACMCertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/x",
                    "SSLSupportMethod": "sni-only",
                }
            },
            "InvalidViewerCertificate",
        ),
        (
            {
                "Origins": {
                    "Quantity": 1,
                    "Items": [{"Id": "images", "DomainName": "a.example.com"}],
                }
            },
            "InvalidOrigin",
        ),
    ],
)
def test_a_bad_configuration_creates_nothing(cdn, refused, change, code):
    with refused(code):
        create(cdn, **change)
    assert cdn.list_distributions()["DistributionList"]["Quantity"] == 0


def test_an_update_needs_the_newest_etag(cdn, refused):
    made = create(cdn)
    identifier, first = made["Distribution"]["Id"], made["ETag"]
    change = {"Id": identifier, "DistributionConfig": config(Comment="new")}
    with refused("InvalidIfMatchVersion"):
        cdn.update_distribution(**change)
    second = cdn.update_distribution(**change, IfMatch=first)["ETag"]
    with refused("PreconditionFailed") as refusal:
        cdn.update_distribution(**change, IfMatch=first)
    assert refusal.status == 412
    with refused("IllegalUpdate"):
        cdn.update_distribution(
            Id=identifier, DistributionConfig=config(CallerReference="other"), IfMatch=second
        )


def test_a_distribution_is_disabled_and_deployed_before_it_is_deleted(lab, cdn, refused):
    made = create(cdn)
    identifier = made["Distribution"]["Id"]
    lab.settle()
    with refused("DistributionNotDisabled"):
        cdn.delete_distribution(Id=identifier, IfMatch=made["ETag"])
    etag = cdn.update_distribution(
        Id=identifier, DistributionConfig=config(Enabled=False), IfMatch=made["ETag"]
    )["ETag"]
    with refused("DistributionNotDisabled"):
        cdn.delete_distribution(Id=identifier, IfMatch=etag)
    lab.settle()
    cdn.delete_distribution(Id=identifier, IfMatch=etag)
    with refused("NoSuchDistribution"):
        cdn.get_distribution(Id=identifier)
    create(cdn)


def test_an_access_control_has_one_name_and_stays_while_used(lab, cdn, refused):
    made = control(cdn)
    identifier = made["OriginAccessControl"]["Id"]
    with refused("OriginAccessControlAlreadyExists"):
        control(cdn)
    create(cdn, Origins=with_control(identifier))
    with refused("OriginAccessControlInUse"):
        cdn.delete_origin_access_control(Id=identifier, IfMatch=made["ETag"])
    listed = cdn.list_origin_access_controls()["OriginAccessControlList"]["Items"]
    assert [each["Name"] for each in listed] == ["oac"]


def test_an_access_control_changes_and_goes_by_etag(cdn, refused):
    made = control(cdn)
    identifier = made["OriginAccessControl"]["Id"]
    new = made["OriginAccessControl"]["OriginAccessControlConfig"] | {"Description": "d"}
    etag = cdn.update_origin_access_control(
        Id=identifier, OriginAccessControlConfig=new, IfMatch=made["ETag"]
    )["ETag"]
    with refused("PreconditionFailed"):
        cdn.delete_origin_access_control(Id=identifier, IfMatch=made["ETag"])
    cdn.delete_origin_access_control(Id=identifier, IfMatch=etag)
    with refused("NoSuchOriginAccessControl"):
        cdn.get_origin_access_control(Id=identifier)


@pytest.mark.parametrize(
    ("kind", "plural", "count"),
    [
        ("CachePolicy", "cache_policies", 5),
        ("OriginRequestPolicy", "origin_request_policies", 7),
        ("ResponseHeadersPolicy", "response_headers_policies", 5),
    ],
)
def test_managed_policies_are_listed_and_fixed(cdn, refused, kind, plural, count):
    listed = getattr(cdn, f"list_{plural}")(Type="managed")[f"{kind}List"]["Items"]
    assert len(listed) == count
    assert all(each[kind][f"{kind}Config"]["Name"].startswith("Managed-") for each in listed)


def test_an_own_cache_policy_lives_and_is_held(cdn, refused):
    given = {
        "Name": "own",
        "MinTTL": 0,
        "DefaultTTL": 60,
        "MaxTTL": 600,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": True,
            "HeadersConfig": {"HeaderBehavior": "none"},
            "CookiesConfig": {"CookieBehavior": "none"},
            "QueryStringsConfig": {"QueryStringBehavior": "all"},
        },
    }
    made = cdn.create_cache_policy(CachePolicyConfig=given)
    identifier = made["CachePolicy"]["Id"]
    with refused("CachePolicyAlreadyExists"):
        cdn.create_cache_policy(CachePolicyConfig=given)
    assert cdn.get_cache_policy_config(Id=identifier)["CachePolicyConfig"] == given
    create(cdn, DefaultCacheBehavior=behavior(CachePolicyId=identifier))
    with refused("CachePolicyInUse"):
        cdn.delete_cache_policy(Id=identifier, IfMatch=made["ETag"])
    with refused("IllegalDelete"):
        cdn.delete_cache_policy(Id=OPTIMIZED, IfMatch="any")


def validate(lab, arn):
    """Writes the record that a certificate waits for."""
    options = lab.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    record = options["DomainValidationOptions"][0]["ResourceRecord"]
    dns = lab.client("route53")
    zone = dns.create_hosted_zone(Name="example.com", CallerReference="z")["HostedZone"]["Id"]
    change = {
        "Action": "UPSERT",
        "ResourceRecordSet": {
            "Name": record["Name"],
            "Type": "CNAME",
            "TTL": 60,
            "ResourceRecords": [{"Value": record["Value"]}],
        },
    }
    dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})


def test_an_alias_belongs_to_one_distribution(lab, cdn, refused):
    acm = lab.client("acm")
    arn = acm.request_certificate(DomainName="www.example.com", ValidationMethod="DNS")[
        "CertificateArn"
    ]
    named = {
        "Aliases": {"Quantity": 1, "Items": ["www.example.com"]},
        "ViewerCertificate": {
            "ACMCertificateArn": arn,
            "SSLSupportMethod": "sni-only",
            "MinimumProtocolVersion": "TLSv1.2_2021",
        },
    }
    with refused("InvalidViewerCertificate"):
        create(cdn, **named)
    lab.advance(3600)
    with refused("InvalidViewerCertificate"):
        create(cdn, **named)
    validate(lab, arn)
    lab.settle()
    create(cdn, **named)
    with refused("CNAMEAlreadyExists"):
        create(cdn, **named, CallerReference="ref-2")
    assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["InUseBy"]
    with refused("ResourceInUseException"):
        acm.delete_certificate(CertificateArn=arn)


def test_a_certificate_is_requested_once_per_token(lab):
    acm = lab.client("acm")
    call = {"DomainName": "www.example.com", "IdempotencyToken": "t"}
    first = acm.request_certificate(**call)["CertificateArn"]
    assert acm.request_certificate(**call)["CertificateArn"] == first


def function(cdn, code=b"function handler(event) { return event.request; }", name="f"):
    return cdn.create_function(
        Name=name,
        FunctionConfig={"Comment": "c", "Runtime": "cloudfront-js-2.0"},
        FunctionCode=code,
    )


def running(arn, event="viewer-request"):
    return behavior(
        FunctionAssociations={
            "Quantity": 1,
            "Items": [{"FunctionARN": arn, "EventType": event}],
        }
    )


def test_a_function_runs_once_it_is_published_and_stays_while_used(lab, cdn, refused):
    made = function(cdn)
    arn = made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    assert made["FunctionSummary"]["FunctionMetadata"]["Stage"] == "DEVELOPMENT"
    with refused("FunctionAlreadyExists"):
        function(cdn)
    with refused("InvalidFunctionAssociation"):
        create(cdn, DefaultCacheBehavior=running(arn))
    with refused("InvalidIfMatchVersion"):
        cdn.publish_function(Name="f", IfMatch="")
    with refused("PreconditionFailed"):
        cdn.publish_function(Name="f", IfMatch="E0")
    cdn.publish_function(Name="f", IfMatch=made["ETag"])
    create(cdn, DefaultCacheBehavior=running(arn))
    with refused("FunctionInUse"):
        cdn.delete_function(Name="f", IfMatch=made["ETag"])


def test_what_runs_stays_until_it_is_published_again(cdn, refused):
    made = function(cdn)
    cdn.publish_function(Name="f", IfMatch=made["ETag"])
    cdn.update_function(
        Name="f",
        IfMatch=made["ETag"],
        FunctionConfig={"Comment": "new", "Runtime": "cloudfront-js-2.0"},
        FunctionCode=b"new",
    )
    code = {
        stage: cdn.get_function(Name="f", Stage=stage)["FunctionCode"].read()
        for stage in ("DEVELOPMENT", "LIVE")
    }
    assert code["DEVELOPMENT"] == b"new" != code["LIVE"]
    stages = [
        row["FunctionMetadata"]["Stage"] for row in cdn.list_functions()["FunctionList"]["Items"]
    ]
    assert stages == ["DEVELOPMENT", "LIVE"]
    with refused("NoSuchFunctionExists"):
        cdn.describe_function(Name="none")
    with refused("FunctionSizeLimitExceeded"):
        function(cdn, code=b"x" * 10241, name="large")


def test_an_invalidation_ends_and_is_made_once_per_reference(lab, cdn, refused):
    distribution = create(cdn)["Distribution"]["Id"]

    def invalidate(path):
        return cdn.create_invalidation(
            DistributionId=distribution,
            InvalidationBatch={
                "Paths": {"Quantity": 1, "Items": [path]},
                "CallerReference": "once",
            },
        )["Invalidation"]

    with refused("InvalidArgument"):
        invalidate("images")
    first = invalidate("/*")
    assert (first["Status"], invalidate("/*")["Id"]) == ("InProgress", first["Id"])
    with refused("InvalidArgument"):
        invalidate("/other")
    lab.settle()
    found = cdn.get_invalidation(DistributionId=distribution, Id=first["Id"])["Invalidation"]
    assert found["Status"] == "Completed"
    listed = cdn.list_invalidations(DistributionId=distribution)["InvalidationList"]
    assert listed["Quantity"] == 1


def test_a_web_acl_must_exist_with_the_scope_of_cloudfront(lab, cdn, refused):
    waf = lab.client("wafv2")
    rules = {
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": {
            "SampledRequestsEnabled": False,
            "CloudWatchMetricsEnabled": False,
            "MetricName": "m",
        },
    }
    made = {
        scope: waf.create_web_acl(Name="acl", Scope=scope, **rules)["Summary"]["ARN"]
        for scope in ("REGIONAL", "CLOUDFRONT")
    }
    for arn in (made["REGIONAL"], made["CLOUDFRONT"][:-1] + "x", "acl"):
        with refused("InvalidWebACLId"):
            create(cdn, WebACLId=arn)
    create(cdn, WebACLId=made["CLOUDFRONT"])
    found = cdn.list_distributions_by_web_acl_id(WebACLId=made["CLOUDFRONT"])
    assert found["DistributionList"]["Quantity"] == 1


def test_tags_are_added_and_removed(cdn):
    arn = create(cdn)["Distribution"]["ARN"]
    cdn.tag_resource(Resource=arn, Tags={"Items": [{"Key": "c", "Value": "d"}]})
    cdn.untag_resource(Resource=arn, TagKeys={"Items": ["a"]})
    assert cdn.list_tags_for_resource(Resource=arn)["Tags"]["Items"] == [{"Key": "c", "Value": "d"}]


def test_lists_are_paged(cdn):
    for index in range(3):
        create(cdn, CallerReference=f"ref-{index}")
    pages = list(cdn.get_paginator("list_distributions").paginate(PaginationConfig={"PageSize": 2}))
    assert [page["DistributionList"]["Quantity"] for page in pages] == [2, 1]


def test_the_census_counts_them_once_for_all_regions(lab, cdn):
    control(cdn)
    create(cdn)
    counted = lab.admin("GET", "/_lab/census")["regions"]["global"]
    assert len(counted["cloudfront/distribution"]) == 1
    assert len(counted["cloudfront/origin-access-control"]) == 1


def test_the_waiter_of_the_sdk_ends(lab, cdn):
    identifier = create(cdn)["Distribution"]["Id"]
    lab.settle()
    cdn.get_waiter("distribution_deployed").wait(Id=identifier, WaiterConfig={"MaxAttempts": 1})
