"""Kubernetes versions that the lab offers, and what each brings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from lab.extend import Context, operation
from lab.kit.pages import page

DEFAULT = "1.35"


@dataclass(frozen=True)
class Minor:
    """One Kubernetes minor: its support dates (UTC), platform version and newest patch."""

    name: str
    status: str
    released: str
    standard_until: str
    extended_until: str
    platform: str
    patch: int

    @property
    def offered(self) -> bool:
        """Whether clusters can be made of it: until its extended support ends."""
        return self.status != "unsupported"

    @property
    def number(self) -> int:
        """The minor's number: 34 for "1.34"."""
        return int(self.name.split(".")[1])


MINORS = {
    minor.name: minor
    for minor in (
        Minor("1.30", "unsupported", "2024-05-23", "2025-07-23", "2026-07-23", "eks.60", 14),
        Minor("1.31", "extended-support", "2024-09-26", "2025-11-26", "2026-11-26", "eks.52", 14),
        Minor("1.32", "extended-support", "2025-01-23", "2026-03-23", "2027-03-23", "eks.40", 13),
        Minor("1.33", "extended-support", "2025-05-29", "2026-07-29", "2027-07-29", "eks.29", 11),
        Minor("1.34", "standard-support", "2025-10-02", "2026-12-02", "2027-12-02", "eks.21", 7),
        Minor("1.35", "standard-support", "2026-01-27", "2027-03-27", "2028-03-27", "eks.12", 4),
    )
}


def ami_release(minor: str) -> str:
    """The release version of the newest node image for a minor."""
    return f"{minor}.{MINORS[minor].patch}-20261105"


@operation("eks", "DescribeClusterVersions")
def describe_cluster_versions(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Newest first, as AWS lists them; unsupported ones only with `includeAll` or by name."""
    wanted = params.get("clusterVersions")
    state = params.get("versionStatus", params.get("status", "")).lower().replace("_", "-")
    rows = [
        _describe(minor)
        for minor in sorted(MINORS.values(), key=lambda minor: -minor.number)
        if (not wanted or minor.name in wanted)
        and (not state or minor.status == state)
        and (minor.offered or params.get("includeAll") or wanted)
        and (not params.get("defaultOnly") or minor.name == DEFAULT)
    ]
    rows, token = page(rows, params)
    return {"clusterVersions": rows, "nextToken": token}


def _describe(minor: Minor) -> dict[str, Any]:
    return {
        "clusterVersion": minor.name,
        "clusterType": "eks",
        "defaultPlatformVersion": minor.platform,
        "defaultVersion": minor.name == DEFAULT,
        "releaseDate": _day(minor.released),
        "endOfStandardSupportDate": _day(minor.standard_until),
        "endOfExtendedSupportDate": _day(minor.extended_until),
        "status": minor.status,
        "versionStatus": minor.status.upper().replace("-", "_"),
        "kubernetesPatchVersion": f"{minor.name}.{minor.patch}",
    }


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
