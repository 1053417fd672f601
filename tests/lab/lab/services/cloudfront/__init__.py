"""Amazon CloudFront: distributions, origin access controls, policies, tags.

The whole service is the lab's own; what it does not simulate is refused.
"""

from __future__ import annotations

from typing import Any

from lab.extend import Context
from lab.kit.refuse import refuse_rest
from lab.services.cloudfront import (  # noqa: F401 (registration)
    distributions,
    failures,
    functions,
    invalidations,
    policies,
    tags,
)
from lab.services.cloudfront.state import access_controls, all_distributions

GLOBAL = True

refuse_rest("cloudfront")


def census(ctx: Context) -> list[dict[str, Any]]:
    """Every CloudFront object of this account; AWS's managed policies do not count."""
    found = [
        {"kind": "cloudfront/distribution", "id": each["Id"], "tags": dict(each["_tags"])}
        for each in all_distributions(ctx).values()
    ]
    found += [
        {"kind": "cloudfront/origin-access-control", "id": each["Id"], "tags": {}}
        for each in access_controls(ctx).values()
    ]
    found += [
        {"kind": "cloudfront/function", "id": name, "tags": dict(each["_tags"])}
        for name, each in functions.own(ctx).items()
    ]
    for catalog in policies.POLICIES:
        found += [
            {"kind": f"cloudfront/{catalog.label}", "id": each["Id"], "tags": {}}
            for each in catalog.own(ctx).values()
        ]
    return found
