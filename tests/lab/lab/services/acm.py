"""ACM on moto: certificates are issued when their records stand in DNS, and held while in use."""

from __future__ import annotations

from typing import Any

from moto import settings

from lab.extend import AwsError, Context, Output, Params, after, before, idempotent, on_end
from lab.services.cloudfront.state import all_distributions

KIND = "acm/certificate"
# moto issues after a minute whatever DNS says; ACM waits for the record, for ever if need be.
settings.ACM_VALIDATION_WAIT = float("inf")

idempotent("acm", "RequestCertificate", "IdempotencyToken", "InvalidParameterException")


def _certificates(ctx: Context) -> dict[str, Any]:
    return ctx.moto("acm")._certificates


@after("acm", "RequestCertificate")
def requested(ctx: Context, _params: Params, output: Output) -> None:
    """The record may stand already: it is the same for every certificate of a name."""
    _look(ctx, output["CertificateArn"])


@after("route53", "ChangeResourceRecordSets")
def recorded(ctx: Context, _params: Params, _output: Output) -> None:
    """A new record may be the one that a certificate waits for, in any region."""
    for region in ctx.world.regions_in_use():
        there = ctx.elsewhere(region, "acm")
        for arn, certificate in _certificates(there).items():
            if certificate.status == "PENDING_VALIDATION":
                _look(there, arn)


def _look(ctx: Context, arn: str) -> None:
    """Begins the validation once every name's record stands."""
    certificate = ctx.call("acm", "DescribeCertificate", {"CertificateArn": arn})["Certificate"]
    wanted = {
        (row["ResourceRecord"]["Name"].rstrip("."), row["ResourceRecord"]["Value"].rstrip("."))
        for row in certificate.get("DomainValidationOptions", [])
        if "ResourceRecord" in row
    }
    if wanted and wanted <= _cnames(ctx) and not ctx.life.running(KIND, arn):
        ctx.life.start(KIND, arn, "validate")


def _cnames(ctx: Context) -> set[tuple[str, str]]:
    """Every CNAME record of this account's zones."""
    zones = ctx.elsewhere("us-east-1", "route53").moto("route53").zones
    return {
        (record.name.rstrip("."), value.rstrip("."))
        for zone in zones.values()
        for record in zone.rrsets
        if record.type == "CNAME"
        for value in record.records
    }


@on_end(KIND, "validate")
def _issued(ctx: Context, arn: str) -> None:
    if certificate := _certificates(ctx).get(arn):
        certificate.status = "ISSUED"


def _users(ctx: Context, arn: str) -> list[str]:
    """ARNs of the distributions that present the certificate."""
    return [
        each["ARN"]
        for each in all_distributions(ctx.elsewhere("us-east-1", "cloudfront")).values()
        if each["DistributionConfig"]["ViewerCertificate"].get("ACMCertificateArn") == arn
    ]


@after("acm", "DescribeCertificate")
def described(ctx: Context, params: Params, output: Output) -> None:
    """Distributions are users too."""
    certificate = output["Certificate"]
    certificate["InUseBy"] = [
        *certificate.get("InUseBy", []),
        *_users(ctx, params["CertificateArn"]),
    ]


@before("acm", "DeleteCertificate")
def kept(ctx: Context, params: Params) -> None:
    """A certificate in use stays."""
    arn = params["CertificateArn"]
    users = _users(ctx, arn)
    if arn in _certificates(ctx):
        users += _certificates(ctx)[arn].in_use_by
    if users:
        raise AwsError(
            "ResourceInUseException", f"Certificate {arn} in use by {', '.join(users)}", status=400
        )
