"""Route 53: changes that take a minute to reach every name server, references used once.

States and errors: Route 53 API reference, ChangeInfo, CreateHostedZone, CreateHealthCheck.
"""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before, idempotent, operation
from lab.kit.records import digest, moment

KIND = "route53/change"
HOME = "us-east-1"
KEPT = 10_000
"""Changes that can still be asked for."""

# The same reference with other settings: HealthCheckAlreadyExists, says the API reference.
idempotent("route53", "CreateHealthCheck", "CallerReference", "HealthCheckAlreadyExists")


def _changes(ctx: Context) -> dict[str, Any]:
    return ctx.store("route53").setdefault("changes", {})


def _info(ctx: Context, identifier: str) -> dict[str, Any]:
    pending = ctx.elsewhere(HOME).life.running(KIND, identifier)
    return {
        "Id": f"/change/{identifier}",
        "Status": "PENDING" if pending else "INSYNC",
        "SubmittedAt": _changes(ctx)[identifier],
    }


@after(
    "route53",
    "CreateHostedZone",
    "DeleteHostedZone",
    "ChangeResourceRecordSets",
    "AssociateVPCWithHostedZone",
    "DisassociateVPCFromHostedZone",
)
def submitted(ctx: Context, _params: Params, output: Output) -> None:
    """Each change has an id of its own and is PENDING at first; moto's are all one and INSYNC."""
    changes = _changes(ctx)
    count = ctx.store("route53").setdefault("count", 0) + 1
    ctx.store("route53")["count"] = count
    identifier = f"C{digest('change', str(count), length=20).upper()}"
    changes[identifier] = moment(ctx)
    ctx.elsewhere(HOME).life.start(KIND, identifier, "spread")
    while len(changes) > KEPT:
        oldest = next(iter(changes))
        del changes[oldest]
        ctx.elsewhere(HOME).life.forget(KIND, oldest)
    comment = output.get("ChangeInfo", {}).get("Comment")
    output["ChangeInfo"] = _info(ctx, identifier) | ({"Comment": comment} if comment else {})


@before("route53", "ChangeResourceRecordSets")
def there(ctx: Context, params: Params) -> None:
    """Only a record that exists is deleted."""
    zone = ctx.moto("route53").zones.get(params["HostedZoneId"].rpartition("/")[2])
    if zone is None:
        return
    present = {(each.name.rstrip("."), each.type) for each in zone.rrsets}
    for change in params["ChangeBatch"]["Changes"]:
        record = change["ResourceRecordSet"]
        name, kind = record["Name"].rstrip("."), record["Type"]
        if change["Action"] == "DELETE" and (name, kind) not in present:
            text = (
                f"Tried to delete resource record set [name='{name}.', type='{kind}'] "
                "but it was not found"
            )
            raise AwsError("InvalidChangeBatch", text, status=400)
        present.add((name, kind))


@operation("route53", "GetChange")
def get_change(ctx: Context, params: Params) -> Output:
    """How far a change is."""
    identifier = params["Id"].rpartition("/")[2]
    if identifier not in _changes(ctx):
        text = f"A change with the specified change ID does not exist: {identifier}"
        raise AwsError("NoSuchChange", text, status=404)
    return {"ChangeInfo": _info(ctx, identifier)}


@before("route53", "CreateHostedZone")
def unused(ctx: Context, params: Params) -> None:
    """A reference makes one zone, ever."""
    used = ctx.store("route53").setdefault("references", set())
    if params["CallerReference"] in used:
        text = "A hosted zone with the same caller reference already exists."
        raise AwsError("HostedZoneAlreadyExists", text, status=409)


@after("route53", "CreateHostedZone")
def used(ctx: Context, params: Params, _output: Output) -> None:
    """Even when the zone is deleted."""
    ctx.store("route53").setdefault("references", set()).add(params["CallerReference"])


@before("route53", "CreateHealthCheck")
def not_deleted(ctx: Context, params: Params) -> None:
    """A reference whose health check is deleted cannot be used again for days."""
    made = ctx.store("route53").setdefault("checks", {}).get(params["CallerReference"])
    if made is not None and made not in ctx.moto("route53").health_checks:
        text = "A health check with this caller reference was created and deleted already."
        raise AwsError("HealthCheckAlreadyExists", text, status=409)


@after("route53", "CreateHealthCheck")
def checked(ctx: Context, params: Params, output: Output) -> None:
    """The reference is this health check's."""
    made = output["HealthCheck"]["Id"]
    ctx.store("route53").setdefault("checks", {})[params["CallerReference"]] = made
