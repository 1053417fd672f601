"""Distribution configurations: AWS's defaults, and what AWS refuses."""

from __future__ import annotations

import copy
from typing import Any

from lab.extend import AwsError, Context
from lab.kit.records import Record
from lab.services.cloudfront import functions, policies
from lab.services.cloudfront.state import all_distributions

EMPTY: Record = {"Quantity": 0}
OFF: Record = {"Enabled": False, "Quantity": 0}
CACHED: Record = {"Quantity": 2, "Items": ["HEAD", "GET"]}


def whole(config: Record) -> Record:
    """The configuration with every default that AWS fills in, as it is read back."""
    full: Record = {
        "Aliases": EMPTY,
        "DefaultRootObject": "",
        "OriginGroups": EMPTY,
        "CacheBehaviors": EMPTY,
        "CustomErrorResponses": EMPTY,
        "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
        "PriceClass": "PriceClass_All",
        "ViewerCertificate": {
            "CloudFrontDefaultCertificate": True,
            "SSLSupportMethod": "vip",
            "MinimumProtocolVersion": "TLSv1",
            "CertificateSource": "cloudfront",
        },
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
        "WebACLId": "",
        "HttpVersion": "http2",
        "IsIPV6Enabled": True,
        "ContinuousDeploymentPolicyId": "",
        "Staging": False,
    } | {key: value for key, value in config.items() if value is not None}
    full = copy.deepcopy(full)
    full["Origins"]["Items"] = [_origin(each) for each in full["Origins"]["Items"]]
    full["DefaultCacheBehavior"] = _behavior(full["DefaultCacheBehavior"])
    if full["CacheBehaviors"].get("Items"):
        full["CacheBehaviors"]["Items"] = [_behavior(e) for e in full["CacheBehaviors"]["Items"]]
    certificate = full["ViewerCertificate"]
    if arn := certificate.get("ACMCertificateArn"):
        certificate |= {"Certificate": arn, "CertificateSource": "acm"}
    return full


def _origin(origin: Record) -> Record:
    full: Record = {
        "OriginPath": "",
        "CustomHeaders": EMPTY,
        "ConnectionAttempts": 3,
        "ConnectionTimeout": 10,
        "OriginShield": {"Enabled": False},
        "OriginAccessControlId": "",
    } | origin
    if custom := full.get("CustomOriginConfig"):
        full["CustomOriginConfig"] = {
            "OriginSslProtocols": {"Quantity": 3, "Items": ["TLSv1", "TLSv1.1", "TLSv1.2"]},
            "OriginReadTimeout": 30,
            "OriginKeepaliveTimeout": 5,
        } | custom
    return full


def _behavior(behavior: Record) -> Record:
    full: Record = {
        "TrustedSigners": OFF,
        "TrustedKeyGroups": OFF,
        "AllowedMethods": CACHED | {"CachedMethods": CACHED},
        "SmoothStreaming": False,
        "Compress": False,
        "LambdaFunctionAssociations": EMPTY,
        "FunctionAssociations": EMPTY,
        "FieldLevelEncryptionId": "",
        "GrpcConfig": {"Enabled": False},
    } | behavior
    full["AllowedMethods"] = {"CachedMethods": CACHED} | full["AllowedMethods"]
    return full


def check(ctx: Context, config: Record, own_id: str = "") -> None:
    """Refuses what AWS refuses; `config` is whole."""
    _check_quantities(config, "DistributionConfig")
    _check_origins(ctx, config)
    origins = {each["Id"] for each in config["Origins"]["Items"]}
    origins |= {each["Id"] for each in config["OriginGroups"].get("Items", [])}
    for behavior in policies.behaviors(config):
        _check_behavior(ctx, behavior, origins)
    patterns = [each["PathPattern"] for each in config["CacheBehaviors"].get("Items", [])]
    if len(set(patterns)) < len(patterns):
        raise AwsError("InvalidArgument", "Cache behaviors must have distinct path patterns.")
    _check_names(ctx, config, own_id)
    if config["WebACLId"]:
        _check_web_acl(ctx, config["WebACLId"])


def _check_quantities(value: Any, path: str) -> None:
    """Every `Quantity` must be the number of its `Items`."""
    if isinstance(value, list):
        for item in value:
            _check_quantities(item, path)
    if not isinstance(value, dict):
        return
    if "Quantity" in value and value["Quantity"] != len(value.get("Items") or []):
        raise AwsError(
            "InconsistentQuantities",
            f"The value of Quantity and the size of Items don't match in {path}.",
        )
    for key, item in value.items():
        _check_quantities(item, f"{path}.{key}")


def _check_origins(ctx: Context, config: Record) -> None:
    origins = config["Origins"]["Items"]
    if not origins or len({each["Id"] for each in origins}) < len(origins):
        raise AwsError("InvalidArgument", "At least one origin, with distinct ids, is needed.")
    kinds = ("S3OriginConfig", "CustomOriginConfig", "VpcOriginConfig")
    for origin in origins:
        if sum(kind in origin for kind in kinds) != 1:
            raise AwsError(
                "InvalidOrigin", "Exactly one of S3, custom and VPC origin config must be given."
            )
        if "/" in origin["DomainName"] or "." not in origin["DomainName"]:
            raise AwsError(
                "InvalidArgument", f"The parameter origin name {origin['DomainName']} is invalid."
            )
        control = origin["OriginAccessControlId"]
        if control and not policies.ACCESS_CONTROL.exists(ctx, control):
            raise AwsError(
                "InvalidOriginAccessControl", "The specified origin access control does not exist."
            )
        if control and origin.get("S3OriginConfig", {}).get("OriginAccessIdentity"):
            raise AwsError(
                "IllegalOriginAccessConfiguration",
                "An origin takes an origin access control or an origin access identity, not both.",
            )


def _check_behavior(ctx: Context, behavior: Record, origins: set[str]) -> None:
    if behavior["TargetOriginId"] not in origins:
        raise AwsError(
            "NoSuchOrigin",
            f"One or more of your origins or origin groups do not exist: "
            f"{behavior['TargetOriginId']}",
        )
    for member, catalog in (
        ("CachePolicyId", policies.CACHE),
        ("OriginRequestPolicyId", policies.ORIGIN_REQUEST),
        ("ResponseHeadersPolicyId", policies.RESPONSE_HEADERS),
    ):
        if behavior.get(member) and not catalog.exists(ctx, behavior[member]):
            raise AwsError(
                f"NoSuch{catalog.name}", f"The specified {catalog.label} does not exist."
            )
    functions.check(ctx, behavior)
    legacy = [m for m in ("ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL") if m in behavior]
    if behavior.get("CachePolicyId"):
        if legacy:
            raise AwsError(
                "InvalidArgument",
                f"The parameter {legacy[0]} cannot be used when a cache policy is associated to "
                "the cache behavior.",
            )
    elif "ForwardedValues" not in behavior:
        raise AwsError("InvalidArgument", "The parameter ForwardedValues is required.")
    elif behavior.get("OriginRequestPolicyId"):
        raise AwsError("InvalidArgument", "An origin request policy needs a cache policy.")
    allowed = set(behavior["AllowedMethods"]["Items"])
    if not set(behavior["AllowedMethods"]["CachedMethods"]["Items"]) <= allowed:
        raise AwsError("InvalidArgument", "Cached methods must be a subset of allowed methods.")


def _check_names(ctx: Context, config: Record, own_id: str) -> None:
    """Aliases need a certificate and belong to one distribution in the world."""
    aliases = set(config["Aliases"].get("Items", []))
    certificate = config["ViewerCertificate"].get("ACMCertificateArn")
    if certificate:
        _check_certificate(ctx, certificate)
    if aliases and not (certificate or config["ViewerCertificate"].get("IAMCertificateId")):
        raise AwsError(
            "InvalidViewerCertificate",
            "To add an alternate domain name (CNAME) to a CloudFront distribution, you must "
            "attach a trusted certificate that validates your authorization to use the domain "
            "name.",
        )
    for each in all_distributions(ctx).values():
        taken = set(each["DistributionConfig"]["Aliases"].get("Items", []))
        if each["Id"] != own_id and aliases & taken:
            raise AwsError(
                "CNAMEAlreadyExists",
                "One or more of the CNAMEs you provided are already associated with a different "
                "resource.",
            )


def _check_certificate(ctx: Context, arn: str) -> None:
    missing = AwsError(
        "InvalidViewerCertificate",
        "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or "
        "doesn't include a valid certificate chain.",
    )
    if ":us-east-1:" not in arn:
        raise missing
    try:
        found = ctx.call("acm", "DescribeCertificate", {"CertificateArn": arn}, region="us-east-1")
    except AwsError as error:
        raise missing from error
    if found["Certificate"]["Status"] != "ISSUED":
        raise missing


def _check_web_acl(ctx: Context, arn: str) -> None:
    """A web ACL of scope CLOUDFRONT, which lives in us-east-1."""
    missing = AwsError("InvalidWebACLId", "The specified web ACL does not exist.")
    parts = arn.split("/")
    if ":wafv2:us-east-1:" not in arn or len(parts) != 4 or not parts[0].endswith(":global"):
        raise missing
    request = {"Name": parts[2], "Id": parts[3], "Scope": "CLOUDFRONT"}
    try:
        ctx.call("wafv2", "GetWebACL", request, region="us-east-1")
    except AwsError as error:
        raise missing from error
