"""Changes of a domain: it stays in service and is processing until they are done."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from lab.extend import Context, operation
from lab.kit.records import Record
from lab.services.opensearch import checks
from lab.services.opensearch.domains import merged, place, require_known, require_master
from lab.services.opensearch.state import KIND, find, invalid, require_idle, status

ONE_WAY = ("EncryptionAtRestOptions", "NodeToNodeEncryptionOptions", "AdvancedSecurityOptions")
"""What cannot be switched off again."""
AT_ONCE = frozenset({"DomainName", "AccessPolicies", "SnapshotOptions"})
"""Changes of these alone need no new nodes."""


@operation("opensearch", "UpdateDomainConfig")
def update_domain_config(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One change at a time; descriptions show the new values while it is under way."""
    require_known(params, frozenset({"DomainName"}))
    domain = find(ctx, params["DomainName"])
    require_idle(ctx, domain)
    for name in ONE_WAY:
        if domain[name].get("Enabled") and params.get(name, {}).get("Enabled") is False:
            raise invalid(f"{name} cannot be disabled once it is enabled")
    if ("VPCOptions" in params) and ("VPCOptions" not in domain):
        raise invalid("You cannot change a domain from public access to VPC access")
    new = merged(domain, params)
    require_master(params, new)
    checks.require_valid(ctx, new)
    place(ctx, new, params)
    changed = {name for name in params if new.get(name) != domain.get(name)}
    domain.update(new)
    if changed:
        domain |= {"_updated": ctx.now(), "_version": domain["_version"] + 1}
    if changed - AT_ONCE:
        ctx.life.start(KIND, domain["DomainName"], "update")
    return {"DomainConfig": config(ctx, domain)}


@operation("opensearch", "DescribeDomainConfig")
def describe_domain_config(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The options, each with whether it is in force."""
    return {"DomainConfig": config(ctx, find(ctx, params["DomainName"]))}


def config(ctx: Context, domain: Record) -> dict[str, Any]:
    """DomainConfig: every option with its state."""
    shown = status(ctx, domain)
    state = {
        "CreationDate": _date(domain["_created"]),
        "UpdateDate": _date(domain["_updated"]),
        "UpdateVersion": domain["_version"],
        "State": "Processing" if shown["Processing"] else "Active",
        "PendingDeletion": shown["Deleted"],
    }
    names = [name for name in shown if name.endswith(("Options", "Config", "Policies"))]
    names += [name for name in ("EngineVersion", "IPAddressType") if name in shown]
    return {name: {"Options": shown[name], "Status": state} for name in names}


def _date(at: float) -> datetime:
    return datetime.fromtimestamp(int(at), timezone.utc)
