"""Routes: targets must exist, and what points at a deleted gateway is a black hole."""

from __future__ import annotations

from lab.extend import AwsError, Context, Output, Params, after, before, idempotent

idempotent("ec2", "CreateRouteTable")


@before("ec2", "CreateRoute", "ReplaceRoute")
def target_exists(ctx: Context, params: Params) -> None:
    """moto accepts routes to NAT gateways that do not exist."""
    nat_id = params.get("NatGatewayId")
    if nat_id is None:
        return
    nat = ctx.moto("ec2").nat_gateways.get(nat_id)
    if nat is None or nat.state in ("deleting", "deleted", "failed"):
        text = f"The natGateway ID '{nat_id}' does not exist"
        raise AwsError("InvalidNatGatewayID.NotFound", text, status=400)


@before("ec2", "CreateRoute", "ReplaceRoute")
def gateway_of_same_network(ctx: Context, params: Params) -> None:
    """An internet gateway takes routes of the VPC that it is attached to."""
    ec2 = ctx.moto("ec2")
    gateway = ec2.internet_gateways.get(params.get("GatewayId", ""))
    table = ec2.route_tables.get(params["RouteTableId"])
    if gateway is None or table is None:
        return
    if gateway.vpc is None or gateway.vpc.id != table.vpc_id:
        text = (
            f"route table {table.id} and network gateway {gateway.id} belong to different networks"
        )
        raise AwsError("InvalidParameterValue", text, status=400)


@before("ec2", "DeleteRoute")
def not_local(ctx: Context, params: Params) -> None:
    """The route of the VPC's own block cannot be removed."""
    table = ctx.moto("ec2").route_tables.get(params["RouteTableId"])
    for route in table._routes.values() if table else ():
        if route.local and route.destination_cidr_block == params.get("DestinationCidrBlock"):
            text = f"cannot remove local route {route.destination_cidr_block} in route table"
            raise AwsError("InvalidParameterValue", text, status=400)


@before("ec2", "AssociateRouteTable")
def one_table_per_subnet(ctx: Context, params: Params) -> None:
    """A subnet that has another table must be moved by ReplaceRouteTableAssociation."""
    subnet_id = params.get("SubnetId")
    for table in ctx.moto("ec2").route_tables.values():
        if table.id != params["RouteTableId"] and subnet_id in table._associations.values():
            text = (
                f"the specified association for route table {params['RouteTableId']} "
                "conflicts with an existing association"
            )
            raise AwsError("Resource.AlreadyAssociated", text, status=400)


@before("ec2", "DeleteRouteTable")
def not_main(ctx: Context, params: Params) -> None:
    """The main route table goes with its VPC."""
    table = ctx.moto("ec2").route_tables.get(params["RouteTableId"])
    if table is not None and table.main_association_id is not None:
        text = f"The routeTable '{table.id}' has dependencies and cannot be deleted."
        raise AwsError("DependencyViolation", text, status=400)


@after("ec2", "DescribeRouteTables")
def black_holes(ctx: Context, _params: Params, output: Output) -> None:
    """Marks routes whose NAT gateway is gone."""
    nats = ctx.moto("ec2").nat_gateways
    for table in output["RouteTables"]:
        for route in table.get("Routes", ()):
            if nat_id := route.get("NatGatewayId"):
                nat = nats.get(nat_id)
                gone = nat is None or nat.state in ("deleted", "failed")
                route["State"] = "blackhole" if gone else "active"
