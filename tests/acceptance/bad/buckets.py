"""Mistakes in `buckets`."""

from __future__ import annotations

from acceptance.bad import Bad, any_account
from acceptance.stacks import stack


def buckets(fields: str) -> str:
    """A stack with one bucket `images` of these fields."""
    return stack(f"buckets = {{ images = {{ {fields} }} }}")


def lifecycle(rule: str) -> str:
    """The bucket with one lifecycle rule."""
    return buckets(f"lifecycle = [{{ {rule} }}]")


ROWS = [
    Bad(
        "a key becomes part of a name",
        stack("buckets = { My_Images = {} }"),
        ("buckets", "My_Images", "lower-case"),
    ),
    Bad("a name has no dots", buckets('name = "a.b.c"'), ("buckets", "name", "a.b.c", "Dots")),
    Bad("a name is not reserved", buckets('name = "xn--images"'), ("buckets", "name", "xn--")),
    Bad("a rule does something", lifecycle('prefix = "raw/"'), ("lifecycle[0]", "expiration")),
    Bad(
        "a storage class exists",
        lifecycle('transitions = [{ days = 30, storage_class = "COLD" }]'),
        ("transitions[0].storage_class", "COLD", "GLACIER"),
    ),
    Bad(
        "objects move after 30 days at the earliest",
        lifecycle('transitions = [{ days = 7, storage_class = "STANDARD_IA" }]'),
        ("transitions[0].days", "30"),
    ),
    Bad(
        "objects expire after they have moved",
        lifecycle('transitions = [{ days = 60, storage_class = "GLACIER" }], expiration_days = 30'),
        ("lifecycle[0].expiration_days", "60", "30"),
    ),
    Bad(
        "a CORS method is one of S3's",
        buckets('cors = [{ allowed_origins = ["*"], allowed_methods = ["PATCH"] }]'),
        ("cors[0].allowed_methods", "PATCH"),
    ),
    Bad(
        "a key of one's own exists",
        stack(
            "buckets = { images = {} }",
            "kms_key_arns = { buckets = "
            '"arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000" }',
        ),
        ("kms_key_arns", "there is no key"),
        before=any_account,
    ),
]
