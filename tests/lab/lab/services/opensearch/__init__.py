"""Amazon OpenSearch Service: domains with their changes, version upgrades and networks."""

from __future__ import annotations

from typing import Any

from lab.extend import Context
from lab.kit.records import tag_map
from lab.kit.refuse import refuse_rest
from lab.services.opensearch import changes, domains, tags, versions  # noqa: F401 (registration)
from lab.services.opensearch.state import domains_of

refuse_rest("opensearch")


def census(ctx: Context) -> list[dict[str, Any]]:
    """Every domain of this account and region."""
    return [
        {"kind": "opensearch/domain", "id": name, "tags": tag_map(domain["_tags"])}
        for name, domain in domains_of(ctx).items()
    ]
