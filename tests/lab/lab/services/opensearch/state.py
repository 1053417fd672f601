"""What the lab remembers of domains."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context
from lab.kit.records import Record, public

KIND = "opensearch/domain"


def domains_of(ctx: Context) -> dict[str, Record]:
    """Name → domain in this account and region."""
    return ctx.store("opensearch").setdefault("domains", {})


def find(ctx: Context, name: str) -> Record:
    """One domain; ResourceNotFoundException when there is none."""
    if (domain := domains_of(ctx).get(name)) is None:
        raise AwsError("ResourceNotFoundException", f"Domain not found: {name}")
    return domain


def invalid(text: str) -> AwsError:
    """What the service answers to values that it cannot take."""
    return AwsError("ValidationException", text)


def require_idle(ctx: Context, domain: Record) -> None:
    """A domain that is being made, changed, upgraded or deleted takes no change."""
    if ctx.life.running(KIND, domain["DomainName"]):
        raise invalid(
            "A change/update is in progress. Please wait for it to complete before requesting "
            "another change."
        )


def status(ctx: Context, domain: Record) -> dict[str, Any]:
    """DomainStatus: processing while something is under way, endpoints only once it is made."""
    shown = public(domain)
    step = ctx.life.state(KIND, domain["DomainName"])
    busy = step not in (None, "ready")
    shown |= {
        "Created": True,
        "Deleted": step == "delete",
        "Processing": busy,
        "UpgradeProcessing": step == "upgrade",
        "DomainProcessingStatus": STEPS.get(step or "", "Active"),
    }
    if step != "create":
        shown |= _endpoints(domain)
    return shown


STEPS = {
    "create": "Creating",
    "update": "Modifying",
    "upgrade": "UpgradingEngineVersion",
    "delete": "Deleting",
}
"""Running transition → DomainProcessingStatus."""


def _endpoints(domain: Record) -> dict[str, Any]:
    """A domain in a VPC has a map of endpoints, a public one a single endpoint."""
    if "VPCOptions" in domain:
        return {"Endpoints": {"vpc": f"vpc-{domain['_host']}"}}
    return {"Endpoint": f"search-{domain['_host']}"}
