"""Drift in `buckets`."""

from __future__ import annotations

from acceptance.drift import Allowed, Drift
from acceptance.fields import Account, Seen
from acceptance.fields.buckets import (
    _bucket,
    _public,
    _rules,
    _s3,
    _statements,
    _versioning,
)

BASE = ("buckets = { images = { lifecycle = [{ abort_uploads_days = 7 }] } }",)

PLAIN = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
OPEN = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False
)


def _policy(account: Account) -> list[str]:
    try:
        return _statements(account)
    except _s3(account).exceptions.ClientError:
        return []


def _algorithm(account: Account) -> str:
    found = _s3(account).get_bucket_encryption(Bucket=_bucket(account))
    (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    return rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]


def _tag(account: Account) -> None:
    """Somebody adds a tag of their own."""
    tags = _s3(account).get_bucket_tagging(Bucket=_bucket(account))["TagSet"]
    tags.append({"Key": "cost-center", "Value": "42"})
    _s3(account).put_bucket_tagging(Bucket=_bucket(account), Tagging={"TagSet": tags})


DRIFTS = [
    Drift(
        "a policy that was removed comes back",
        lambda a: _s3(a).delete_bucket_policy(Bucket=_bucket(a)),
        ("create buckets/policy/images",),
        Seen("buckets (policy)", _policy, ["TlsOnly"]),
    ),
    Drift(
        "a bucket that was opened to the public is closed",
        lambda a: _s3(a).put_public_access_block(
            Bucket=_bucket(a), PublicAccessBlockConfiguration=OPEN
        ),
        ("update buckets/bucket/images", "private"),
        Seen("buckets (public access)", _public, [True]),
    ),
    Drift(
        "the stack's key encrypts again",
        lambda a: _s3(a).put_bucket_encryption(
            Bucket=_bucket(a), ServerSideEncryptionConfiguration=PLAIN
        ),
        ("update buckets/bucket/images", "kms_key_arn"),
        Seen("buckets (encryption)", _algorithm, "aws:kms"),
    ),
    Drift(
        "versions are kept again",
        lambda a: _s3(a).put_bucket_versioning(
            Bucket=_bucket(a), VersioningConfiguration={"Status": "Suspended"}
        ),
        ("update buckets/bucket/images", "versioning"),
        Seen("buckets.versioning", _versioning, "Enabled"),
    ),
    Drift(
        "a lifecycle that was removed comes back",
        lambda a: _s3(a).delete_bucket_lifecycle(Bucket=_bucket(a)),
        ("update buckets/bucket/images", "lifecycle"),
        Seen("buckets.lifecycle", lambda a: len(_rules(a)), 1),
    ),
]

ALLOWED = [Allowed("a tag of somebody else stays", _tag)]
