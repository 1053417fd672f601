"""Endpoints of Aurora clusters: the writer's, the readers', and custom ones."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.records import Record, digest, public
from lab.services.rds.checks import valid_name
from lab.services.rds.state import ENDPOINT, Shelf, arn, page, request_tags, require_cluster, wanted

# "You can create up to five custom endpoints for each provisioned Aurora cluster."
MOST = 5


@operation("rds", "CreateDBClusterEndpoint")
def create_endpoint(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """READER or ANY; of all instances, of some, or of all but some."""
    shelf = Shelf(ctx)
    cluster = shelf.cluster(params["DBClusterIdentifier"])
    require_cluster(cluster)
    name = valid_name(params["DBClusterEndpointIdentifier"], "DBClusterEndpointIdentifier")
    if name in shelf.cluster_endpoints:
        raise AwsError("DBClusterEndpointAlreadyExistsFault", f"Endpoint {name} already exists")
    of = cluster["DBClusterIdentifier"]
    if sum(row["DBClusterIdentifier"] == of for row in shelf.cluster_endpoints.values()) >= MOST:
        raise AwsError("DBClusterEndpointQuotaExceededFault", "Too many custom endpoints")
    host = cluster["Endpoint"].split(".cluster-", 1)[1]
    shelf.cluster_endpoints[name] = {
        "DBClusterEndpointIdentifier": name,
        "DBClusterIdentifier": of,
        "DBClusterEndpointResourceIdentifier": "cluster-endpoint-"
        + digest("endpoint", of, name, str(ctx.now()), length=26).upper(),
        "Endpoint": f"{name}.cluster-custom-{host}",
        "Status": "creating",
        "EndpointType": "CUSTOM",
        "DBClusterEndpointArn": arn(ctx, "cluster-endpoint", name),
        "TagList": request_tags(params, "cluster-endpoint"),
    } | _members(shelf, cluster, params)
    ctx.life.start(ENDPOINT, name, "create")
    return public(shelf.cluster_endpoints[name])


def _members(shelf: Shelf, cluster: Record, params: Record) -> Record:
    kind = params.get("EndpointType", "ANY")
    if kind not in ("READER", "ANY"):
        raise AwsError("InvalidParameterValue", f"Invalid endpoint type: {kind}")
    static, excluded = params.get("StaticMembers", []), params.get("ExcludedMembers", [])
    if static and excluded:
        raise AwsError(
            "InvalidParameterCombination", "Give either StaticMembers or ExcludedMembers"
        )
    own = {row["DBInstanceIdentifier"] for row in cluster["DBClusterMembers"]}
    for name in (*static, *excluded):
        if name.lower() not in own:
            raise AwsError("DBInstanceNotFound", f"DBInstance {name} not found.")
    return {"CustomEndpointType": kind, "StaticMembers": static, "ExcludedMembers": excluded}


@on_end(ENDPOINT, "create", "modify")
def _available(ctx: Context, name: str) -> None:
    if row := Shelf(ctx).cluster_endpoints.get(name):
        row["Status"] = "available"


@on_end(ENDPOINT, "delete")
def _deleted(ctx: Context, name: str) -> None:
    Shelf(ctx).cluster_endpoints.pop(name, None)


@operation("rds", "DescribeDBClusterEndpoints")
def describe_endpoints(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The built-in endpoints of every cluster, and the custom ones."""
    shelf = Shelf(ctx)
    of, name = params.get("DBClusterIdentifier"), params.get("DBClusterEndpointIdentifier")
    clusters = [shelf.cluster(of)] if of else list(shelf.clusters.values())
    built_in = [
        {
            "DBClusterIdentifier": cluster["DBClusterIdentifier"],
            "Endpoint": cluster[member],
            "Status": cluster["Status"],
            "EndpointType": kind,
        }
        for cluster in clusters
        for kind, member in (("WRITER", "Endpoint"), ("READER", "ReaderEndpoint"))
    ]
    rows = [
        row
        for row in [*built_in, *shelf.cluster_endpoints.values()]
        if (not of or row["DBClusterIdentifier"] == of.rsplit(":", 1)[-1].lower())
        and (not name or row.get("DBClusterEndpointIdentifier") == name.lower())
        and wanted(
            params.get("Filters", []),
            {
                "db-cluster-endpoint-type": row["EndpointType"].lower(),
                "db-cluster-endpoint-custom-type": row.get("CustomEndpointType", "").lower(),
                "db-cluster-endpoint-id": row.get("DBClusterEndpointIdentifier", ""),
                "db-cluster-endpoint-status": row["Status"],
            },
        )
    ]
    return page(rows, params, "DBClusterEndpoints")


@operation("rds", "ModifyDBClusterEndpoint")
def modify_endpoint(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Other members; a list that is not given stays."""
    shelf = Shelf(ctx)
    row = _available_endpoint(shelf, params["DBClusterEndpointIdentifier"])
    cluster = shelf.cluster(row["DBClusterIdentifier"])
    request = {
        "EndpointType": params.get("EndpointType") or row["CustomEndpointType"],
        "StaticMembers": params.get("StaticMembers", []),
        "ExcludedMembers": params.get("ExcludedMembers", []),
    }
    if "StaticMembers" not in params and "ExcludedMembers" not in params:
        request |= {key: row[key] for key in ("StaticMembers", "ExcludedMembers")}
    row |= _members(shelf, cluster, request) | {"Status": "modifying"}
    ctx.life.start(ENDPOINT, row["DBClusterEndpointIdentifier"], "modify")
    return public(row)


@operation("rds", "DeleteDBClusterEndpoint")
def delete_endpoint(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Custom endpoints only; the built-in ones go with the cluster."""
    row = _available_endpoint(Shelf(ctx), params["DBClusterEndpointIdentifier"])
    row["Status"] = "deleting"
    ctx.life.start(ENDPOINT, row["DBClusterEndpointIdentifier"], "delete")
    return public(row)


def _available_endpoint(shelf: Shelf, name: str) -> Record:
    row = shelf.cluster_endpoints.get(name.lower())
    if row is None:
        raise AwsError("DBClusterEndpointNotFoundFault", f"DBClusterEndpoint {name} not found.")
    if row["Status"] != "available":
        raise AwsError(
            "InvalidDBClusterEndpointStateFault", f"The endpoint {name} is {row['Status']}."
        )
    return row
