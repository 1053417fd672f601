"""How what CloudFront accepted can still go wrong."""

from __future__ import annotations

from lab.extend import Context
from lab.failures import Failure, fails
from lab.services.cloudfront.state import DISTRIBUTION

STUCK = {"stuck": "The change does not reach every edge location"}


@fails("cloudfront", "CreateDistribution", DISTRIBUTION, STUCK)
@fails("cloudfront", "CreateDistributionWithTags", DISTRIBUTION, STUCK)
@fails("cloudfront", "UpdateDistribution", DISTRIBUTION, STUCK)
def stuck(_ctx: Context, _identifier: str, _failure: Failure) -> None:
    """InProgress until another update gets through."""
