"""Engine versions and upgrades, which go one way."""

from __future__ import annotations

from typing import Any

from lab.extend import Context, on_end, operation
from lab.services.opensearch.state import KIND, domains_of, find, invalid, require_idle

PATHS = {
    "OpenSearch_1.3": ("OpenSearch_2.11", "OpenSearch_2.13", "OpenSearch_2.15", "OpenSearch_2.17"),
    "OpenSearch_2.11": ("OpenSearch_2.13", "OpenSearch_2.15", "OpenSearch_2.17", "OpenSearch_2.19"),
    "OpenSearch_2.13": ("OpenSearch_2.15", "OpenSearch_2.17", "OpenSearch_2.19"),
    "OpenSearch_2.15": ("OpenSearch_2.17", "OpenSearch_2.19"),
    "OpenSearch_2.17": ("OpenSearch_2.19",),
    "OpenSearch_2.19": ("OpenSearch_3.1",),
    "OpenSearch_3.1": (),
}
"""Version → what it can be upgraded to; a new major version only from the last minor one."""
VERSIONS = frozenset(PATHS)
LATEST = "OpenSearch_3.1"


@operation("opensearch", "ListVersions")
def list_versions(_ctx: Context, _params: dict[str, Any]) -> dict[str, Any]:
    """The newest first."""
    return {"Versions": list(reversed(PATHS))}


@operation("opensearch", "GetCompatibleVersions")
def get_compatible_versions(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Upgrade paths, of all versions or of one domain's."""
    name = params.get("DomainName")
    sources = [find(ctx, name)["EngineVersion"]] if name else PATHS
    rows = [{"SourceVersion": each, "TargetVersions": list(PATHS[each])} for each in sources]
    return {"CompatibleVersions": rows}


@operation("opensearch", "UpgradeDomain")
def upgrade_domain(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Begins an upgrade, or with PerformCheckOnly only says whether it could."""
    domain, target = find(ctx, params["DomainName"]), params["TargetVersion"]
    require_idle(ctx, domain)
    if target not in PATHS[domain["EngineVersion"]]:
        raise invalid(f"Invalid upgrade path: {domain['EngineVersion']} to {target}")
    if not params.get("PerformCheckOnly"):
        domain["_target"] = target
        ctx.life.start(KIND, domain["DomainName"], "upgrade")
    only = params.get("PerformCheckOnly", False)
    name = domain["DomainName"]
    return {"DomainName": name, "TargetVersion": target, "PerformCheckOnly": only}


@on_end(KIND, "upgrade")
def _upgraded(ctx: Context, name: str) -> None:
    domain = domains_of(ctx)[name]
    domain["EngineVersion"] = domain["_target"]


@operation("opensearch", "GetUpgradeStatus")
def get_upgrade_status(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """How the last upgrade goes; a domain that had none has nothing to tell."""
    domain = find(ctx, params["DomainName"])
    if "_target" not in domain:
        raise invalid(f"Domain {domain['DomainName']} has never been upgraded")
    under_way = ctx.life.state(KIND, domain["DomainName"]) == "upgrade"
    return {
        "UpgradeStep": "UPGRADE",
        "StepStatus": "IN_PROGRESS" if under_way else "SUCCEEDED",
        "UpgradeName": f"Upgrade to {domain['_target']}",
    }
