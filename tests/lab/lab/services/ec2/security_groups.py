"""Security groups: deleted only when no interface and no other group's rule uses them."""

from __future__ import annotations

from lab.extend import AwsError, Context, Output, Params, after, before
from lab.services.ec2.network import dependency


@before("ec2", "CreateSecurityGroup")
def needs_vpc(ctx: Context, params: Params) -> None:
    """There is no default VPC to fall back to."""
    if not params.get("VpcId"):
        raise AwsError("VPCIdNotSpecified", "No default VPC for this user", status=400)
    ctx.moto("ec2").get_vpc(params["VpcId"])
    if params["GroupName"].startswith("sg-"):
        text = f"Invalid value '{params['GroupName']}' for groupName. It may not begin with 'sg-'"
        raise AwsError("InvalidParameterValue", text, status=400)


@after("ec2", "CreateSecurityGroup")
def show_tags(_ctx: Context, params: Params, output: Output) -> None:
    """The answer carries the tags of the request; moto leaves them out."""
    specifications = params.get("TagSpecifications", ())
    output["Tags"] = [tag for group in specifications for tag in group.get("Tags", ())]


@before("ec2", "DeleteSecurityGroup")
def unused(ctx: Context, params: Params) -> None:
    """Refuses the default group, and groups that an interface or a rule elsewhere names."""
    ec2 = ctx.moto("ec2")
    group_id = params.get("GroupId")
    group = ec2.get_security_group_from_id(group_id) if group_id else None
    if group is None:
        return
    if group.is_default:
        text = f'the specified group: "{group_id}" name: "default" cannot be deleted by a user'
        raise AwsError("CannotDelete", text, status=400)
    used = any(
        member.id == group_id for eni in ec2.enis.values() for member in eni.group_set
    ) or any(
        (rule.source_group or {}).get("GroupId") == group_id
        for other in ec2.groups.get(group.vpc_id, {}).values()
        if other.id != group_id
        for rule in (*other.ingress_rules, *other.egress_rules)
    )
    if used:
        raise dependency(f"resource {group_id} has a dependent object")


@before("ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
def sources_exist(ctx: Context, params: Params) -> None:
    """A rule can only name groups that exist."""
    ec2 = ctx.moto("ec2")
    for permission in params.get("IpPermissions", ()):
        for pair in permission.get("UserIdGroupPairs", ()):
            group_id = pair.get("GroupId")
            if group_id and ec2.get_security_group_from_id(group_id) is None:
                text = f"The security group '{group_id}' does not exist"
                raise AwsError("InvalidGroup.NotFound", text, status=400)
