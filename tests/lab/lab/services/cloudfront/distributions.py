"""CloudFront distributions: create, get, list, update, delete."""

from __future__ import annotations

import copy
from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.records import Record, moment, pick, public, tag_map
from lab.services.cloudfront import config as configs
from lab.services.cloudfront.state import (
    DISTRIBUTION,
    all_distributions,
    check_etag,
    home,
    listing,
    new_etag,
    new_id,
)


@operation("cloudfront", "CreateDistribution")
def create_distribution(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """InProgress until every edge has it."""
    return _create(ctx, params["DistributionConfig"], {})


@operation("cloudfront", "CreateDistributionWithTags")
def create_with_tags(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The same with tags."""
    given = params["DistributionConfigWithTags"]
    return _create(ctx, given["DistributionConfig"], tag_map(given["Tags"].get("Items")))


def _create(ctx: Context, given: Record, tags: dict[str, str]) -> dict[str, Any]:
    for each in all_distributions(ctx).values():
        if each["DistributionConfig"]["CallerReference"] == given["CallerReference"]:
            raise AwsError(
                "DistributionAlreadyExists",
                "The caller reference that you are using to create a distribution is associated "
                f"with another distribution. Already exists: {each['Id']}",
            )
    config = configs.whole(given)
    configs.check(ctx, config)
    identifier = new_id(ctx)
    record = {
        "Id": identifier,
        "ARN": f"arn:aws:cloudfront::{ctx.account}:distribution/{identifier}",
        "Status": "InProgress",
        "LastModifiedTime": moment(ctx),
        "InProgressInvalidationBatches": 0,
        "DomainName": f"d{identifier[1:].lower()}.cloudfront.net",
        "ActiveTrustedSigners": {"Enabled": False, "Quantity": 0},
        "ActiveTrustedKeyGroups": {"Enabled": False, "Quantity": 0},
        "DistributionConfig": config,
        "_etag": new_etag(ctx),
        "_tags": tags,
    }
    all_distributions(ctx)[identifier] = record
    home(ctx).life.start(DISTRIBUTION, identifier, "create")
    location = f"https://cloudfront.amazonaws.com/2020-05-31/distribution/{identifier}"
    return _answer(record) | {"Location": location}


@on_end(DISTRIBUTION, "create", "update")
def _deployed(ctx: Context, identifier: str) -> None:
    all_distributions(ctx)[identifier]["Status"] = "Deployed"


@operation("cloudfront", "GetDistribution")
def get_distribution(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The distribution as it is now."""
    return _answer(find(ctx, params["Id"]))


@operation("cloudfront", "GetDistributionConfig")
def get_config(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The configuration with its ETag."""
    record = find(ctx, params["Id"])
    return {
        "DistributionConfig": copy.deepcopy(record["DistributionConfig"]),
        "ETag": record["_etag"],
    }


@operation("cloudfront", "ListDistributions")
def list_distributions(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Summaries: most of the configuration, without caller reference."""
    rows = [summary(record) for record in all_distributions(ctx).values()]
    return {"DistributionList": listing(rows, params, full=True)}


def summary(record: Record) -> Record:
    """A distribution as lists show it."""
    shown = pick(record, "Id", "ARN", "Status", "LastModifiedTime", "DomainName")
    return shown | pick(
        record["DistributionConfig"],
        "Aliases",
        "Origins",
        "OriginGroups",
        "DefaultCacheBehavior",
        "CacheBehaviors",
        "CustomErrorResponses",
        "Comment",
        "PriceClass",
        "Enabled",
        "ViewerCertificate",
        "Restrictions",
        "WebACLId",
        "HttpVersion",
        "IsIPV6Enabled",
        "Staging",
    )


@operation("cloudfront", "UpdateDistribution")
def update_distribution(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The whole configuration is replaced; `If-Match` must be the newest ETag."""
    record = find(ctx, params["Id"])
    check_etag(record, params.get("IfMatch"))
    given = params["DistributionConfig"]
    if given["CallerReference"] != record["DistributionConfig"]["CallerReference"]:
        raise AwsError("IllegalUpdate", "The caller reference cannot be changed.")
    config = configs.whole(given)
    configs.check(ctx, config, record["Id"])
    record |= {
        "DistributionConfig": config,
        "Status": "InProgress",
        "LastModifiedTime": moment(ctx),
        "_etag": new_etag(ctx),
    }
    home(ctx).life.start(DISTRIBUTION, record["Id"], "update")
    return _answer(record)


@operation("cloudfront", "DeleteDistribution")
def delete_distribution(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Disabled first, and deployed as such."""
    record = find(ctx, params["Id"])
    check_etag(record, params.get("IfMatch"))
    if record["DistributionConfig"]["Enabled"] or record["Status"] != "Deployed":
        raise AwsError(
            "DistributionNotDisabled",
            "The distribution you are trying to delete has not been disabled.",
        )
    home(ctx).life.forget(DISTRIBUTION, record["Id"])
    del all_distributions(ctx)[record["Id"]]
    return {}


def find(ctx: Context, identifier: str) -> Record:
    """The distribution, or NoSuchDistribution."""
    if identifier not in all_distributions(ctx):
        raise AwsError("NoSuchDistribution", "The specified distribution does not exist.")
    return all_distributions(ctx)[identifier]


def _answer(record: Record) -> dict[str, Any]:
    return {"Distribution": public(record), "ETag": record["_etag"]}
