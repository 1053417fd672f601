"""RDS subnet groups: at least two zones, one VPC, not deletable while used."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit import network
from lab.kit.records import Record, public
from lab.services.rds.state import Shelf, arn, page, request_tags


@operation("rds", "CreateDBSubnetGroup")
def create_subnet_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Names fold to lower case."""
    name, shelf = params["DBSubnetGroupName"].lower(), Shelf(ctx)
    if name == "default":
        raise AwsError("InvalidParameterValue", "The name default is reserved.")
    if name in shelf.subnet_groups:
        raise AwsError(
            "DBSubnetGroupAlreadyExists", f"The DB subnet group '{name}' already exists."
        )
    shelf.subnet_groups[name] = {
        "DBSubnetGroupName": name,
        "DBSubnetGroupDescription": params["DBSubnetGroupDescription"],
        "SubnetGroupStatus": "Complete",
        "DBSubnetGroupArn": arn(ctx, "subgrp", name),
        "SupportedNetworkTypes": ["IPV4"],
        "TagList": request_tags(params, "subgrp"),
    } | _subnets(ctx, params["SubnetIds"])
    return {"DBSubnetGroup": public(shelf.subnet_groups[name])}


@operation("rds", "DescribeDBSubnetGroups")
def describe_subnet_groups(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One by name, or all."""
    shelf = Shelf(ctx)
    name = params.get("DBSubnetGroupName")
    rows = [shelf.subnet_group(name)] if name else list(shelf.subnet_groups.values())
    return page(rows, params, "DBSubnetGroups")


@operation("rds", "ModifyDBSubnetGroup")
def modify_subnet_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Replaces the subnets; those that an instance stands in must stay."""
    shelf = Shelf(ctx)
    group = shelf.subnet_group(params["DBSubnetGroupName"])
    new = _subnets(ctx, params["SubnetIds"])
    if new["VpcId"] != group["VpcId"]:
        raise AwsError("InvalidParameterValue", "The new Subnets are not in the same Vpc as before")
    kept = {row["SubnetIdentifier"] for row in new["Subnets"]}
    used = {
        subnet
        for instance in shelf.instances.values()
        if instance["DBSubnetGroup"]["DBSubnetGroupName"] == group["DBSubnetGroupName"]
        for subnet in instance["_subnets"]
    }
    if used - kept:
        raise AwsError(
            "SubnetInUse", f"Some of the subnets to be deleted are in use: {used - kept}"
        )
    group |= new
    if params.get("DBSubnetGroupDescription"):
        group["DBSubnetGroupDescription"] = params["DBSubnetGroupDescription"]
    return {"DBSubnetGroup": public(group)}


@operation("rds", "DeleteDBSubnetGroup")
def delete_subnet_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Refused while an instance uses it, even one that is being deleted."""
    shelf = Shelf(ctx)
    name = shelf.subnet_group(params["DBSubnetGroupName"])["DBSubnetGroupName"]
    for instance in shelf.instances.values():
        if instance["DBSubnetGroup"]["DBSubnetGroupName"] == name:
            raise AwsError(
                "InvalidDBSubnetGroupStateFault",
                f"Cannot delete the subnet group '{name}' because at least one database instance: "
                f"{instance['DBInstanceIdentifier']} is still using it.",
            )
    for cluster in shelf.clusters.values():
        if cluster["DBSubnetGroup"] == name:
            raise AwsError(
                "InvalidDBSubnetGroupStateFault",
                f"Cannot delete the subnet group '{name}' because at least one database cluster: "
                f"{cluster['DBClusterIdentifier']} is still using it.",
            )
    del shelf.subnet_groups[name]
    return {}


def _subnets(ctx: Context, ids: list[str]) -> Record:
    try:
        found = network.subnets(ctx, ids)
    except AwsError as error:
        raise AwsError("InvalidSubnet", error.message) from error
    vpcs = {subnet["VpcId"] for subnet in found}
    if len(vpcs) != 1:
        raise AwsError("InvalidParameterValue", "The subnets must all belong to the same VPC")
    zones = {subnet["AvailabilityZone"] for subnet in found}
    if len(zones) < 2:
        raise AwsError(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. "
            f"Current AZ coverage: {sorted(zones)}. Add subnets to cover at least 2 AZs.",
        )
    return {
        "VpcId": vpcs.pop(),
        "Subnets": [
            {
                "SubnetIdentifier": subnet["SubnetId"],
                "SubnetAvailabilityZone": {"Name": subnet["AvailabilityZone"]},
                "SubnetOutpost": {},
                "SubnetStatus": "Active",
            }
            for subnet in found
        ],
    }
