"""Tags: AWS's own prefix is reserved, and tags go with their object."""

from __future__ import annotations

from lab.extend import AwsError, Before, Context, Output, Params, after, before
from lab.services.ec2.census import living

MOST = 50
"""Tags per object."""

EC2_MAKES = {
    "CreateVpc": "vpc",
    "CreateSubnet": "subnet",
    "CreateInternetGateway": "internet-gateway",
    "AllocateAddress": "elastic-ip",
    "CreateNatGateway": "natgateway",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateVpcEndpoint": "vpc-endpoint",
    "CreateLaunchTemplate": "launch-template",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateNetworkInterface": "network-interface",
    "CreatePlacementGroup": "placement-group",
    "CreateCapacityReservation": "capacity-reservation",
    "RunInstances": "instance",
    "CreateVolume": "volume",
}
"""Operation → resource type of what it makes."""


@before("ec2", "*")
def tags_acceptable(_ctx: Context, params: Params) -> None:
    """Checks tags wherever a request carries them."""
    groups = [group.get("Tags", []) for group in params.get("TagSpecifications", ())]
    for tags in (*groups, params.get("Tags", [])):
        keys = [tag.get("Key", "") for tag in tags]
        if any(key.lower().startswith("aws:") for key in keys):
            text = "Tag keys starting with 'aws:' are reserved for internal use"
            raise AwsError("InvalidParameterValue", text, status=400)
        if len(set(keys)) < len(keys):
            raise AwsError("InvalidParameterValue", "Tag keys must be unique", status=400)
        if len(keys) > MOST:
            text = f"You cannot specify more than {MOST} tags"
            raise AwsError("TagLimitExceeded", text, status=400)


def _types_fit(kind: str) -> Before:
    """Tags in a create call are for what that call creates."""

    def check(_ctx: Context, params: Params) -> None:
        for group in params.get("TagSpecifications", ()):
            if group.get("ResourceType") != kind:
                text = f"'{group.get('ResourceType')}' is not a valid taggable resource type"
                raise AwsError("InvalidParameterValue", f"{text} for this operation.", status=400)

    return check


for _operation, _kind in EC2_MAKES.items():
    if _operation != "RunInstances":  # tags volumes and interfaces, too
        before("ec2", _operation)(_types_fit(_kind))


@after("ec2", "DescribeTags")
def only_of_living(ctx: Context, _params: Params, output: Output) -> None:
    """moto keeps the tags of what is deleted."""
    alive = living(ctx)
    output["Tags"] = [tag for tag in output["Tags"] if tag["ResourceId"] in alive]
