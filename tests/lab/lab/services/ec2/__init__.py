"""EC2: networks, gateways, endpoints, security groups and launch templates on moto's objects."""

from __future__ import annotations

from types import SimpleNamespace

from moto.ec2.models import EC2Backend

from lab.extend import AwsError, Context, Params, before
from lab.services.ec2 import (  # noqa: F401 (registration)
    addresses,
    capacity_blocks,
    endpoints,
    failures,
    flow_logs,
    gateways,
    instances,
    interfaces,
    launch_templates,
    limits,
    nat,
    network,
    pages,
    placement_groups,
    regions,
    reservations,
    routes,
    security_groups,
    tags,
    template_versions,
    vcpus,
    volumes,
)
from lab.services.ec2.census import census

# Accounts start without a default VPC: what exists is what somebody made. moto asks the default
# VPC for its id in a few places; the empty id finds nothing there.
EC2Backend.create_default_vpc = lambda _self: SimpleNamespace(id="")


@before("ec2", "*")
def dry_run(_ctx: Context, params: Params) -> None:
    """DryRun changes nothing; moto ignores the flag."""
    if params.get("DryRun"):
        text = "Request would have succeeded, but DryRun flag is set."
        raise AwsError("DryRunOperation", text, status=412)


__all__ = ["census"]
