"""Security groups: deleted only when no interface and no other group's rule uses them."""

from __future__ import annotations

import copy
from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before, operation
from lab.services.ec2.network import dependency

MOST = 5
"""Security groups of one interface."""
SOURCES = ("CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId")


@before("ec2", "CreateSecurityGroup")
def needs_vpc(ctx: Context, params: Params) -> None:
    """There is no default VPC to fall back to."""
    if not params.get("VpcId"):
        raise AwsError("VPCIdNotSpecified", "No default VPC for this user", status=400)
    ctx.moto("ec2").get_vpc(params["VpcId"])
    if params["GroupName"] == "default":
        text = "Cannot use reserved security group name: default"
        raise AwsError("InvalidParameterValue", text, status=400)
    if params["GroupName"].startswith("sg-"):
        text = f"Invalid value '{params['GroupName']}' for groupName. It may not begin with 'sg-'"
        raise AwsError("InvalidParameterValue", text, status=400)


@before(
    "ec2",
    "AuthorizeSecurityGroupIngress",
    "AuthorizeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "RevokeSecurityGroupEgress",
)
def one_form(_ctx: Context, params: Params) -> None:
    """A rule stands in IpPermissions or in the older flat members."""
    both = [name for name in ("IpProtocol", "CidrIp", "FromPort", "ToPort") if name in params]
    if both and params.get("IpPermissions"):
        name = both[0][0].lower() + both[0][1:]
        text = f"The parameter '{name}' may not be used in combination with 'ipPermissions'"
        raise AwsError("InvalidParameterCombination", text, status=400)


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


@before("ec2", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress")
def descriptions_do_not_matter(ctx: Context, params: Params) -> Params | None:
    """A rule is named by protocol, ports and source; moto compares descriptions, too."""
    if not params.get("IpPermissions"):
        return None
    notes = {
        (rule.source_group or {}).get("GroupId"): rule.source_group["Description"]
        for rule in _rules(ctx)
        if rule.group_id == params.get("GroupId") and (rule.source_group or {}).get("Description")
    }
    permissions = copy.deepcopy(params["IpPermissions"])
    for permission in permissions:
        for pair in permission.get("UserIdGroupPairs", ()):
            if note := notes.get(pair.get("GroupId")):
                pair["Description"] = note
    return params | {"IpPermissions": permissions}


@before("ec2", "CreateNetworkInterface", "RunInstances", "ModifyNetworkInterfaceAttribute")
def few_groups(_ctx: Context, params: Params) -> None:
    """Security groups per interface, quota L-2AFB9258."""
    if len(params.get("Groups") or params.get("SecurityGroupIds") or ()) > MOST:
        text = f"You have exceeded the maximum number of security groups per interface ({MOST})"
        raise AwsError("SecurityGroupsPerInterfaceLimitExceeded", text, status=400)


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


@after("ec2", "DescribeSecurityGroupRules")
def show_description(ctx: Context, _params: Params, output: Output) -> None:
    """moto keeps the description of a rule with a group as source, but does not show it."""
    rules = {rule.id: rule for rule in _rules(ctx)}
    for shown in output["SecurityGroupRules"]:
        source = rules[shown["SecurityGroupRuleId"]].source_group or {}
        if source.get("Description"):
            shown["Description"] = source["Description"]


def _rules(ctx: Context) -> list[Any]:
    return [
        rule
        for groups in ctx.moto("ec2").groups.values()
        for group in groups.values()
        for rule in (*group.ingress_rules, *group.egress_rules)
    ]


@operation("ec2", "ModifySecurityGroupRules")
def modify_rules(ctx: Context, params: Params) -> Output:
    """Replaces each rule's protocol, ports, source and description; its id stays."""
    rules = {rule.id: rule for rule in _rules(ctx) if rule.group_id == params["GroupId"]}
    for change in params["SecurityGroupRules"]:
        rule = rules.get(change["SecurityGroupRuleId"])
        if rule is None:
            text = f"The security group rule ID '{change['SecurityGroupRuleId']}' does not exist"
            raise AwsError("InvalidSecurityGroupRuleId.NotFound", text, status=400)
        _change(ctx, rule, change.get("SecurityGroupRule", {}))
    return {"Return": True}


def _change(ctx: Context, rule: Any, wanted: Params) -> None:
    given = [name for name in SOURCES if wanted.get(name)]
    if len(given) != 1:
        text = f"The request must contain exactly one of: {', '.join(SOURCES)}"
        raise AwsError("InvalidParameterCombination", text, status=400)
    source, note = wanted[given[0]], {}
    if wanted.get("Description"):
        note = {"Description": wanted["Description"]}
    rule.ip_range, rule.source_group, rule.prefix_list_id = {}, {}, None
    if given[0] == "ReferencedGroupId":
        rule.source_group = {"GroupId": source, "UserId": ctx.account} | note
    elif given[0] == "PrefixListId":
        rule.prefix_list_id = source
    else:
        rule.ip_range = {given[0].replace("CidrIpv4", "CidrIp"): source} | note
    rule.ip_protocol = wanted.get("IpProtocol", "-1")
    rule.from_port, rule.to_port = wanted.get("FromPort"), wanted.get("ToPort")
