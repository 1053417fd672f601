"""VPC endpoints: gateways at once, interfaces in minutes, with their network interfaces."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.vpcs import AWS_ENDPOINT_SERVICES

from lab.backend import not_simulated
from lab.extend import (
    AwsError,
    Context,
    Output,
    Params,
    after,
    before,
    idempotent,
    on_end,
    operation,
)
from lab.services.ec2 import interfaces

ENDPOINT = "ec2/vpc-endpoint"
GATEWAY_SERVICES = frozenset({"s3", "dynamodb"})

idempotent("ec2", "CreateVpcEndpoint")


@before("ec2", "CreateVpcEndpoint")
def acceptable(ctx: Context, params: Params) -> Params:
    """The service exists, offers the type, and the network fits."""
    kind = params.get("VpcEndpointType", "Gateway")
    name = params.get("ServiceName", "")
    prefix = f"com.amazonaws.{ctx.region}."
    service = name.removeprefix(prefix)
    if not name.startswith(prefix) or service not in AWS_ENDPOINT_SERVICES:
        text = f"The Vpc Endpoint Service '{name}' does not exist"
        raise AwsError("InvalidServiceName", text, status=400)
    if kind == "Gateway" and service not in GATEWAY_SERVICES:
        text = f"Endpoint type ({kind}) does not match available service types ([Interface])."
        raise AwsError("InvalidParameter", text, status=400)
    if kind == "Interface":
        return _interface_defaults(ctx, params)
    for table_id in params.get("RouteTableIds", ()):
        ctx.moto("ec2").get_route_table(table_id)
    return params | {"VpcEndpointType": kind, "PrivateDnsEnabled": False}


def _interface_defaults(ctx: Context, params: Params) -> Params:
    ec2 = ctx.moto("ec2")
    vpc = ec2.get_vpc(params["VpcId"])
    zones = [ec2.get_subnet(each).availability_zone for each in params.get("SubnetIds", ())]
    if len(set(zones)) < len(zones):
        text = "Found another VPC endpoint subnet in the availability zone"
        raise AwsError("DuplicateSubnetsInSameZone", text, status=400)
    private_dns = params.get("PrivateDnsEnabled", False)
    if private_dns and not (_on(vpc.enable_dns_support) and _on(vpc.enable_dns_hostnames)):
        text = (
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames "
            f"VPC attributes set to true for {vpc.id}"
        )
        raise AwsError("InvalidParameter", text, status=400)
    groups = params.get("SecurityGroupIds") or [ec2.get_default_security_group(vpc.id).id]
    return params | {"SecurityGroupIds": groups, "PrivateDnsEnabled": private_dns}


def _on(attribute: Any) -> bool:
    return str(attribute).lower() == "true"


@after("ec2", "CreateVpcEndpoint")
def begin(ctx: Context, params: Params, output: Output) -> None:
    """Interfaces get EC2's look and the endpoint its time."""
    shown = output["VpcEndpoint"]
    endpoint = ctx.moto("ec2").vpc_end_points[shown["VpcEndpointId"]]
    # moto's filters look for an attribute of the filter's name.
    endpoint.vpc_endpoint_id = endpoint.id
    if endpoint.vpc_endpoint_type != "Interface":
        return
    for eni_id in endpoint.network_interface_ids:
        interfaces.remove(ctx, eni_id)
    endpoint.network_interface_ids = [
        interfaces.place(
            ctx,
            subnet_id,
            f"VPC Endpoint Interface {endpoint.id}",
            kind="vpc_endpoint",
            group_ids=params["SecurityGroupIds"],
        ).id
        for subnet_id in endpoint.subnet_ids
    ]
    endpoint.state = "pending"
    shown |= {"State": "pending", "NetworkInterfaceIds": endpoint.network_interface_ids}
    ctx.life.start(ENDPOINT, endpoint.id, "create")


@on_end(ENDPOINT, "create")
def ready(ctx: Context, endpoint_id: str) -> None:
    """The endpoint answers."""
    ctx.moto("ec2").vpc_end_points[endpoint_id].state = "available"


@before("ec2", "ModifyVpcEndpoint")
def not_busy(ctx: Context, params: Params) -> None:
    """One change at a time."""
    if ctx.life.running(ENDPOINT, params["VpcEndpointId"]):
        text = f"The VPC endpoint {params['VpcEndpointId']} is being changed"
        raise AwsError("OperationInProgress", text, status=400)


@after("ec2", "ModifyVpcEndpoint")
def move_routes(ctx: Context, params: Params, _output: Output) -> None:
    """A gateway endpoint's routes follow its tables; moto changes the list alone."""
    ec2 = ctx.moto("ec2")
    endpoint = ec2.vpc_end_points[params["VpcEndpointId"]]
    prefix_list = endpoint.destination_prefix_list_id
    if prefix_list is None:
        return
    for table_id in params.get("AddRouteTableIds", ()):
        ec2.create_route(
            table_id, None, gateway_id=endpoint.id, destination_prefix_list_id=prefix_list
        )
    for table_id in params.get("RemoveRouteTableIds", ()):
        ec2.delete_route(table_id, prefix_list)


@operation("ec2", "DeleteVpcEndpoints")
def delete(ctx: Context, params: Params) -> Output:
    """Deletes each endpoint; failures are inside the answer, which is HTTP 200."""
    unsuccessful = []
    for endpoint_id in params["VpcEndpointIds"]:
        endpoint = ctx.moto("ec2").vpc_end_points.get(endpoint_id)
        if endpoint is None:
            text = f"The Vpc Endpoint Id '{endpoint_id}' does not exist"
            error = {"Code": "InvalidVpcEndpoint.NotFound", "Message": text}
            unsuccessful.append({"ResourceId": endpoint_id, "Error": error})
        elif endpoint.vpc_endpoint_type == "Interface":
            if endpoint.state != "deleting":
                endpoint.state = "deleting"
                ctx.life.start(ENDPOINT, endpoint_id, "delete")
        else:
            _drop_gateway(ctx, endpoint)
    return {"Unsuccessful": unsuccessful}


def _drop_gateway(ctx: Context, endpoint: Any) -> None:
    ec2 = ctx.moto("ec2")
    for table_id in endpoint.route_table_ids:
        table = ec2.route_tables.get(table_id)
        for key, route in list(table._routes.items()) if table else ():
            if route.gateway_id == endpoint.id:
                del table._routes[key]
    _forget(ctx, endpoint.id)


@on_end(ENDPOINT, "delete")
def gone(ctx: Context, endpoint_id: str) -> None:
    """The interfaces leave the subnets, and the endpoint is no longer listed."""
    for eni_id in ctx.moto("ec2").vpc_end_points[endpoint_id].network_interface_ids:
        interfaces.remove(ctx, eni_id)
    _forget(ctx, endpoint_id)


def _forget(ctx: Context, endpoint_id: str) -> None:
    ec2 = ctx.moto("ec2")
    ec2.vpc_end_points.pop(endpoint_id, None)
    ec2.tags.pop(endpoint_id, None)
    ctx.life.forget(ENDPOINT, endpoint_id)


@operation("ec2", "DescribeVpcEndpointServices")
def describe_services(ctx: Context, params: Params) -> Output:
    """AWS's own services by `ServiceNames` or the filter `service-name`; moto's filter finds nothing."""
    named = params.get("ServiceNames", [])
    filters = {each["Name"]: each.get("Values", []) for each in params.get("Filters", ())}
    if unknown := set(filters) - {"service-name"}:
        raise not_simulated("ec2", f"DescribeVpcEndpointServices with the filters {unknown}")
    zones = [zone.name for zone in ctx.moto("ec2").describe_availability_zones()]
    names = sorted({f"com.amazonaws.{ctx.region}.{each}" for each in AWS_ENDPOINT_SERVICES})
    if missing := [name for name in named if name not in names]:
        text = f"The Vpc Endpoint Service '{missing[0]}' does not exist"
        raise AwsError("InvalidServiceName", text, status=400)
    wanted = [
        name
        for name in names
        if (not named or name in named) and name in filters.get("service-name", names)
    ]
    details = [
        {
            "ServiceName": name,
            "ServiceType": [{"ServiceType": kind} for kind in _types(name.rsplit(".", 1)[-1])],
            "AvailabilityZones": zones,
            "Owner": "amazon",
        }
        for name in wanted
    ]
    return {"ServiceNames": wanted, "ServiceDetails": details}


def _types(service: str) -> tuple[str, ...]:
    return ("Gateway", "Interface") if service in GATEWAY_SERVICES else ("Interface",)
