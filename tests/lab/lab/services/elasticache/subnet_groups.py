"""ElastiCache subnet groups: one VPC, not deletable while used."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit import network
from lab.kit.records import Record, public
from lab.services.elasticache.state import Shelf, arn, page


@operation("elasticache", "CreateCacheSubnetGroup")
def create_subnet_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Names fold to lower case."""
    name, shelf = params["CacheSubnetGroupName"].lower(), Shelf(ctx)
    if name == "default":
        raise AwsError("InvalidParameterValue", "The name default is reserved.")
    if name in shelf.subnet_groups:
        raise AwsError(
            "CacheSubnetGroupAlreadyExists", f"Cache subnet group {name} already exists."
        )
    shelf.subnet_groups[name] = {
        "CacheSubnetGroupName": name,
        "CacheSubnetGroupDescription": params["CacheSubnetGroupDescription"],
        "ARN": arn(ctx, "subnetgroup", name),
        "SupportedNetworkTypes": ["ipv4"],
        "_tags": list(params.get("Tags", [])),
    } | _subnets(ctx, params["SubnetIds"])
    return {"CacheSubnetGroup": public(shelf.subnet_groups[name])}


@operation("elasticache", "DescribeCacheSubnetGroups")
def describe_subnet_groups(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One by name, or all."""
    shelf, name = Shelf(ctx), params.get("CacheSubnetGroupName")
    rows = [shelf.subnet_group(name)] if name else list(shelf.subnet_groups.values())
    return page(rows, params, "CacheSubnetGroups")


@operation("elasticache", "ModifyCacheSubnetGroup")
def modify_subnet_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Subnets are replaced; those that hold nodes must stay."""
    shelf = Shelf(ctx)
    group = shelf.subnet_group(params["CacheSubnetGroupName"])
    if params.get("SubnetIds"):
        new = _subnets(ctx, params["SubnetIds"])
        kept = {row["SubnetIdentifier"] for row in new["Subnets"]}
        used = {subnet for each in _users(shelf, group) for subnet in each["_subnets"].values()}
        if used - kept:
            raise AwsError("SubnetInUse", f"Subnets are in use: {sorted(used - kept)}")
        group |= new
    if params.get("CacheSubnetGroupDescription"):
        group["CacheSubnetGroupDescription"] = params["CacheSubnetGroupDescription"]
    return {"CacheSubnetGroup": public(group)}


@operation("elasticache", "DeleteCacheSubnetGroup")
def delete_subnet_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Refused while a replication group uses it, even one that is being deleted."""
    shelf = Shelf(ctx)
    group = shelf.subnet_group(params["CacheSubnetGroupName"])
    name = group["CacheSubnetGroupName"]
    if _users(shelf, group):
        raise AwsError(
            "CacheSubnetGroupInUse",
            f"Cache subnet group {name} is currently in use by a cache cluster.",
        )
    del shelf.subnet_groups[name]
    return {}


def _users(shelf: Shelf, group: Record) -> list[Record]:
    name = group["CacheSubnetGroupName"]
    return [each for each in shelf.groups.values() if each["_subnet_group"] == name]


def _subnets(ctx: Context, ids: list[str]) -> Record:
    try:
        found = network.subnets(ctx, ids)
    except AwsError as error:
        raise AwsError("InvalidSubnet", error.message) from error
    vpcs = {subnet["VpcId"] for subnet in found}
    if len(vpcs) != 1:
        raise AwsError("InvalidParameterValue", "The subnets must all belong to the same VPC")
    return {
        "VpcId": vpcs.pop(),
        "Subnets": [
            {
                "SubnetIdentifier": subnet["SubnetId"],
                "SubnetAvailabilityZone": {"Name": subnet["AvailabilityZone"]},
                "SupportedNetworkTypes": ["ipv4"],
            }
            for subnet in found
        ],
    }
