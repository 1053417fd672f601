"""A distribution under host names of one's own: certificate, security policy, web ACL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from acceptance.stacks import ADDRESS, stack
from harness.lab import Lab
from harness.workspace import Workspace

BUCKET = "buckets = { images = { force_destroy = true } }"


def test_host_names_certificate_and_web_acl_come_and_go(workspace: Workspace, lab: Lab) -> None:
    certificate, acl = _certificate(lab), _web_acl(lab)
    names = f"""aliases         = ["cdn.example.com", "*.img.example.com"]
    certificate_arn = "{certificate}"
    minimum_tls     = "TLSv1.3_2025"
    waf_arn         = "{acl}\""""
    workspace.write(_with())
    workspace.init()
    created = workspace.apply()
    assert created.code == 0, created
    workspace.write(_with(names))
    changed = workspace.apply()
    assert changed.code == 0, changed
    config = _config(workspace, lab)
    assert sorted(config["Aliases"]["Items"]) == ["*.img.example.com", "cdn.example.com"]
    assert config["ViewerCertificate"]["ACMCertificateArn"] == certificate
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.3_2025"
    assert config["WebACLId"] == acl
    assert workspace.plan().code == 0

    workspace.write(_with())
    assert workspace.apply().code == 0
    config = _config(workspace, lab)
    assert (config["Aliases"]["Quantity"], config["WebACLId"]) == (0, "")
    assert config["ViewerCertificate"]["CloudFrontDefaultCertificate"] is True
    assert workspace.plan().code == 0


def _with(names: str = "") -> str:
    cdn = f"""cdn = {{
    default_origin = {{ bucket = "images" }}
    {names}
  }}"""
    return stack(BUCKET, cdn)


def _config(workspace: Workspace, lab: Lab) -> dict:
    name = workspace.state()[ADDRESS]["values"]["cloudfront"]["id"]
    found = lab.client("cloudfront").get_distribution(Id=name)
    return found["Distribution"]["DistributionConfig"]


def _certificate(lab: Lab) -> str:
    """A certificate that was issued elsewhere and brought to ACM in us-east-1."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cdn.example.com")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    imported = lab.client("acm").import_certificate(
        Certificate=signed.public_bytes(Encoding.PEM), PrivateKey=private
    )
    return imported["CertificateArn"]


def _web_acl(lab: Lab) -> str:
    """A web ACL of scope CLOUDFRONT."""
    visible = {
        "SampledRequestsEnabled": False,
        "CloudWatchMetricsEnabled": False,
        "MetricName": "m",
    }
    created = lab.client("wafv2").create_web_acl(
        Name="edge", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig=visible
    )
    return created["Summary"]["ARN"]
