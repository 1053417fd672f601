"""Invalidations of distributions, and who uses a web ACL."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.records import Record, moment, pick, public
from lab.services.cloudfront.distributions import find, summary
from lab.services.cloudfront.state import all_distributions, home, listing, new_id, shelf

KIND = "cloudfront/invalidation"


def _of(ctx: Context, distribution: str) -> dict[str, Record]:
    return shelf(ctx, "invalidations").setdefault(find(ctx, distribution)["Id"], {})


@operation("cloudfront", "CreateInvalidation")
def create_invalidation(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The same caller reference and paths are the same invalidation."""
    rows, batch = _of(ctx, params["DistributionId"]), params["InvalidationBatch"]
    paths = batch["Paths"]
    if paths["Quantity"] != len(paths.get("Items", [])):
        raise AwsError("InconsistentQuantities", "Quantity and Items of Paths don't match.")
    if any(not path.startswith("/") for path in paths.get("Items", [])):
        raise AwsError("InvalidArgument", "Your request contains one or more invalid paths.")
    for row in rows.values():
        if row["InvalidationBatch"]["CallerReference"] == batch["CallerReference"]:
            if row["InvalidationBatch"] != batch:
                raise AwsError(
                    "InvalidArgument", "The caller reference was used with other paths before."
                )
            return _answer(row, params["DistributionId"])
    identifier = new_id(ctx, "I")
    rows[identifier] = {
        "Id": identifier,
        "Status": "InProgress",
        "CreateTime": moment(ctx),
        "InvalidationBatch": batch,
    }
    home(ctx).life.start(KIND, f"{params['DistributionId']}/{identifier}", "create")
    return _answer(rows[identifier], params["DistributionId"])


def _answer(row: Record, distribution: str) -> dict[str, Any]:
    path = f"2020-05-31/distribution/{distribution}/invalidation/{row['Id']}"
    return {"Location": f"https://cloudfront.amazonaws.com/{path}", "Invalidation": public(row)}


@on_end(KIND, "create")
def _completed(ctx: Context, path: str) -> None:
    distribution, _, identifier = path.partition("/")
    if row := shelf(ctx, "invalidations").get(distribution, {}).get(identifier):
        row["Status"] = "Completed"


@operation("cloudfront", "GetInvalidation")
def get_invalidation(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One invalidation."""
    rows = _of(ctx, params["DistributionId"])
    if params["Id"] not in rows:
        raise AwsError("NoSuchInvalidation", "The specified invalidation does not exist.")
    return {"Invalidation": public(rows[params["Id"]])}


@operation("cloudfront", "ListInvalidations")
def list_invalidations(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Newest first."""
    rows = [
        pick(row, "Id", "CreateTime", "Status")
        for row in reversed(_of(ctx, params["DistributionId"]).values())
    ]
    return {"InvalidationList": listing(rows, params, full=True)}


@operation("cloudfront", "ListDistributionsByWebACLId")
def by_web_acl(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Distributions behind a web ACL; the word `null` asks for those without one."""
    wanted = "" if params["WebACLId"] == "null" else params["WebACLId"]
    rows = [
        summary(record)
        for record in all_distributions(ctx).values()
        if record["DistributionConfig"]["WebACLId"] == wanted
    ]
    return {"DistributionList": listing(rows, params, full=True)}
