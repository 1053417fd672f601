"""Rules for tags that hold in every service, each refused with the service's own code.

At most 50 per object, keys of at most 128 characters and values of at most 256, no key twice, and
none in AWS's own name space: "Tagging AWS resources" in the Tagging User Guide. EC2 has its own.
"""

from __future__ import annotations

from collections import Counter

from lab import tags
from lab.extend import AwsError, Context, Params, before

MOST, LONGEST_KEY, LONGEST_VALUE = 50, 128, 256
CODES: dict[str, tuple[str, str]] = {
    "iam": ("InvalidInput", "LimitExceeded"),
    "kms": ("TagException", "TagException"),
    "logs": ("InvalidParameterException", "InvalidParameterException"),
    "secretsmanager": ("InvalidParameterException", "InvalidParameterException"),
    "elbv2": ("ValidationError", "TooManyTags"),
    "eks": ("InvalidParameterException", "InvalidParameterException"),
    "rds": ("InvalidParameterValue", "InvalidParameterValue"),
    "elasticache": ("InvalidParameterValue", "TagQuotaPerResourceExceeded"),
    "s3": ("InvalidTag", "BadRequest"),
    "cloudfront": ("InvalidTagging", "InvalidTagging"),
}
"""Service → the code for a tag that is not acceptable, and for too many."""


def _acceptable(ctx: Context, params: Params) -> None:
    given = list(tags.of(params))
    wrong, too_many = CODES[ctx.service]
    if len(given) > MOST:
        raise AwsError(too_many, f"{len(given)} tags; an object can have {MOST}", status=400)
    for key, value in given:
        if key.lower().startswith("aws:"):
            text = f"The tag key {key} is reserved: keys that begin with aws: belong to AWS"
            raise AwsError(wrong, text, status=400)
        if not 1 <= len(key) <= LONGEST_KEY or len(value) > LONGEST_VALUE:
            raise AwsError(wrong, f"The tag {key[:20]}… is too long, or has no key", status=400)
    twice = [key for key, count in Counter(key for key, _ in given).items() if count > 1]
    if twice:
        code = "DuplicateTagKeys" if ctx.service == "elbv2" else wrong
        raise AwsError(code, f"The tag key {twice[0]} is given twice", status=400)


for _service in CODES:
    before(_service, "*")(_acceptable)
