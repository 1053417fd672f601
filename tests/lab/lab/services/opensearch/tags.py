"""Tags of domains, by ARN."""

from __future__ import annotations

from typing import Any

from lab.extend import Context, operation
from lab.kit.records import Record, tag_list, tag_map
from lab.services.opensearch.state import find


@operation("opensearch", "AddTags")
def add_tags(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Adds and overwrites."""
    domain = _tagged(ctx, params["ARN"])
    domain["_tags"] = tag_list(tag_map(domain["_tags"]) | tag_map(params["TagList"]))
    return {}


@operation("opensearch", "RemoveTags")
def remove_tags(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Unknown keys are ignored."""
    domain = _tagged(ctx, params["ARN"])
    domain["_tags"] = [tag for tag in domain["_tags"] if tag["Key"] not in params["TagKeys"]]
    return {}


@operation("opensearch", "ListTags")
def list_tags(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """All tags of a domain."""
    return {"TagList": list(_tagged(ctx, params["ARN"])["_tags"])}


def _tagged(ctx: Context, arn: str) -> Record:
    return find(ctx, arn.rpartition("/")[2])
