"""`buckets`, field by field."""

from __future__ import annotations

import json
from typing import Any

from acceptance.fields import Account, Seen, Step


def _s3(account: Account) -> Any:
    return account.client("s3")


def _bucket(account: Account, key: str = "images") -> str:
    return account.id(f"buckets/bucket/{key}")


def _versioning(account: Account) -> str:
    return _s3(account).get_bucket_versioning(Bucket=_bucket(account))["Status"]


def _encryption(account: Account) -> tuple[str, bool]:
    found = _s3(account).get_bucket_encryption(Bucket=_bucket(account))
    (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    return default["SSEAlgorithm"], default["KMSMasterKeyID"] == account.values["s3"]["images"][
        "kms_key_arn"
    ]


def _public(account: Account) -> list[bool]:
    found = _s3(account).get_public_access_block(Bucket=_bucket(account))
    return sorted(set(found["PublicAccessBlockConfiguration"].values()))


def _statements(account: Account) -> list[str]:
    policy = json.loads(_s3(account).get_bucket_policy(Bucket=_bucket(account))["Policy"])
    return [statement["Sid"] for statement in policy["Statement"]]


def _rules(account: Account) -> list[dict[str, Any]]:
    try:
        return _s3(account).get_bucket_lifecycle_configuration(Bucket=_bucket(account))["Rules"]
    except _s3(account).exceptions.ClientError:
        return []


def _transitions(account: Account) -> list[tuple[int, str]]:
    rows = [row for rule in _rules(account) for row in rule.get("Transitions", [])]
    return [(row["Days"], row["StorageClass"]) for row in rows]


def _noncurrent(account: Account) -> list[tuple[int, str]]:
    rows = [row for rule in _rules(account) for row in rule.get("NoncurrentVersionTransitions", [])]
    return [(row["NoncurrentDays"], row["StorageClass"]) for row in rows]


def _days(account: Account) -> tuple[int, int, int]:
    """Expiration, noncurrent expiration, abort."""
    (rule,) = [rule for rule in _rules(account) if "Expiration" in rule]
    return (
        rule["Expiration"]["Days"],
        rule["NoncurrentVersionExpiration"]["NoncurrentDays"],
        rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"],
    )


def _cors(account: Account) -> list[dict[str, Any]]:
    try:
        return _s3(account).get_bucket_cors(Bucket=_bucket(account))["CORSRules"]
    except _s3(account).exceptions.ClientError:
        return []


def _put(account: Account) -> None:
    """Somebody uses the bucket. Its policy refuses the lab's plain HTTP, as it should."""
    s3, bucket = _s3(account), {"Bucket": _bucket(account)}
    policy = s3.get_bucket_policy(**bucket)["Policy"]
    s3.delete_bucket_policy(**bucket)
    s3.put_object(**bucket, Key="a", Body=b"a")
    s3.put_bucket_policy(**bucket, Policy=policy)


STEPS = [
    Step(
        "two buckets: private, encrypted, versioned, one by name",
        ('buckets = { images = {}, reports = { name = "the-reports-of-the-shop" } }',),
        seen=(
            Seen("buckets.versioning", _versioning, "Enabled"),
            Seen("buckets (encryption)", _encryption, ("aws:kms", True)),
            Seen("buckets (public access)", _public, [True]),
            Seen("buckets (policy)", _statements, ["TlsOnly"]),
            Seen("buckets.lifecycle", _rules, []),
            Seen("buckets.cors", _cors, []),
            Seen("buckets.name", lambda a: _bucket(a, "reports"), "the-reports-of-the-shop"),
        ),
    ),
    Step(
        "versioning, lifecycle and CORS change in place",
        (
            """buckets = {
    images = {
      versioning = false
      lifecycle = [
        {
          prefix                     = "raw/"
          transitions                = [{ days = 30, storage_class = "GLACIER_IR" }, { days = 365, storage_class = "DEEP_ARCHIVE" }]
          noncurrent_transitions     = [{ days = 30, storage_class = "GLACIER" }]
          expiration_days            = 730
          noncurrent_expiration_days = 400
          abort_uploads_days         = 7
        },
        { noncurrent_transitions = [{ days = 31, storage_class = "STANDARD_IA" }] },
      ]
      cors = [{
        allowed_origins = ["https://app.example.com"]
        allowed_methods = ["GET", "PUT"]
        allowed_headers = ["*"]
        exposed_headers = ["ETag"]
        max_age_seconds = 600
      }]
    }
    reports = { name = "the-reports-of-the-shop" }
  }""",
        ),
        before=_put,
        seen=(
            Seen("buckets.versioning", _versioning, "Suspended"),
            Seen("buckets.lifecycle.prefix", lambda a: _rules(a)[0]["Filter"]["Prefix"], "raw/"),
            Seen(
                "buckets.lifecycle.transitions",
                _transitions,
                [(30, "GLACIER_IR"), (365, "DEEP_ARCHIVE")],
            ),
            Seen(
                "buckets.lifecycle.noncurrent_transitions",
                _noncurrent,
                [(30, "GLACIER"), (31, "STANDARD_IA")],
            ),
            Seen("buckets.lifecycle (days)", _days, (730, 400, 7)),
            Seen(
                "buckets.cors",
                _cors,
                [
                    {
                        "AllowedHeaders": ["*"],
                        "AllowedMethods": ["GET", "PUT"],
                        "AllowedOrigins": ["https://app.example.com"],
                        "ExposeHeaders": ["ETag"],
                        "MaxAgeSeconds": 600,
                    }
                ],
            ),
        ),
        words=("update buckets/bucket/images", "versioning", "lifecycle", "cors"),
        keeps=("buckets/bucket/images", "buckets/bucket/reports", "buckets/key"),
    ),
    Step(
        "they are taken away again, and the objects with the bucket",
        (
            "buckets = { images = { force_destroy = true }, "
            'reports = { name = "the-reports-of-the-shop" }, more = {} }',
        ),
        seen=(
            Seen("buckets.versioning", _versioning, "Enabled"),
            Seen("buckets.lifecycle", _rules, []),
            Seen("buckets.cors", _cors, []),
            Seen(
                "buckets.more", lambda a: _bucket(a, "more") in a.values["s3"]["more"]["arn"], True
            ),
        ),
        words=("buckets/bucket/more", "update buckets/bucket/images"),
        keeps=("buckets/bucket/images",),
    ),
]
