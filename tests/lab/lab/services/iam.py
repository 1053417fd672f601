"""IAM: roles that other services see only after some seconds, and what is still attached."""

from __future__ import annotations

import functools
import json
from typing import Any

from moto.iam.models import AWSManagedPolicy, IAMBackend, aws_managed_policies_data

from lab.extend import AwsError, Context, Output, Params, after, before
from lab.kit.policies import unacceptable_principal

ROLE = "iam/role"
GLOBAL = True
MOST = 10
"""Managed policies per role, as a new account has it."""
LONGEST_INLINE = 10_240
SERVICE_LINKED = "/aws-service-role/"


@functools.cache
def _managed(account: str, region: str) -> list[AWSManagedPolicy]:
    data = json.loads(aws_managed_policies_data)
    return [AWSManagedPolicy.from_data(name, account, region, each) for name, each in data.items()]


def _unattached(backend: IAMBackend) -> list[AWSManagedPolicy]:
    policies = _managed(backend.account_id, backend.region_name)
    for policy in policies:
        policy.attachment_count = 0
    return policies


# moto reads and builds AWS's 1600 policies again for every new account, which every reset makes.
IAMBackend._init_aws_policies = _unattached


@after("iam", "CreateRole")
def begin_propagation(ctx: Context, params: Params, _output: Output) -> None:
    """Other services do not see a new role at once; they ask whether this still runs."""
    ctx.life.start(ROLE, params["RoleName"], "propagate")


@after("iam", "DeleteRole")
def forget(ctx: Context, params: Params, _output: Output) -> None:
    """A role made again under this name is new to the other services, too."""
    ctx.life.forget(ROLE, params["RoleName"])


@before("iam", "CreateRole", "UpdateAssumeRolePolicy")
def principals_exist(ctx: Context, params: Params) -> None:
    """A trust policy can only name principals of this account that exist."""
    document = params.get("AssumeRolePolicyDocument") or params["PolicyDocument"]
    try:
        unknown = unacceptable_principal(ctx, document, spread=False)
    except ValueError as reason:
        text = "This policy contains invalid Json"
        raise AwsError("MalformedPolicyDocument", text, status=400) from reason
    if unknown is not None:
        text = f'Invalid principal in policy: "AWS":"{unknown}"'
        raise AwsError("MalformedPolicyDocument", text, status=400)


@before("iam", "CreateRole")
def name_free(ctx: Context, params: Params) -> None:
    """Role names differ by more than case: "CreateRole" in the API reference."""
    name = params["RoleName"].lower()
    if any(role.name.lower() == name for role in ctx.moto("iam").roles.values()):
        text = f"Role with name {params['RoleName']} already exists."
        raise AwsError("EntityAlreadyExists", text, status=409)


@before("iam", "AttachRolePolicy")
def few_policies(ctx: Context, params: Params) -> None:
    """Managed policies per role, quota L-0DA4ABF3."""
    roles = ctx.moto("iam").roles.values()
    for role in (each for each in roles if each.name == params["RoleName"]):
        if params["PolicyArn"] not in role.managed_policies and len(role.managed_policies) >= MOST:
            text = f"Cannot exceed quota for PoliciesPerRole: {MOST}"
            raise AwsError("LimitExceeded", text, status=409)


@before("iam", "PutRolePolicy")
def short_policies(ctx: Context, params: Params) -> None:
    """All inline policies of a role have 10,240 characters, white space not counted."""
    roles = [each for each in ctx.moto("iam").roles.values() if each.name == params["RoleName"]]
    texts = dict(roles[0].policies) if roles else {}
    texts[params["PolicyName"]] = params["PolicyDocument"]
    if sum(len("".join(str(text).split())) for text in texts.values()) > LONGEST_INLINE:
        text = f"Maximum policy size of {LONGEST_INLINE} bytes exceeded for role"
        raise AwsError("LimitExceeded", f"{text} {params['RoleName']}", status=409)


@before("iam", "DeletePolicy")
def policy_unused(ctx: Context, params: Params) -> None:
    """A policy that is attached anywhere, or has other versions, stays."""
    policy = ctx.moto("iam").managed_policies.get(params["PolicyArn"])
    if policy is None:
        return
    if policy.attachment_count > 0:
        text = "Cannot delete a policy attached to entities."
        raise AwsError("DeleteConflict", text, status=409)
    if len(policy.versions) > 1:
        text = "The policy has more than one version: delete the others before you delete it."
        raise AwsError("DeleteConflict", text, status=409)


@before("iam", "CreateServiceLinkedRole")
def linked_once(ctx: Context, params: Params) -> None:
    """One service-linked role per service and suffix."""
    suffix = params.get("CustomSuffix")
    for role in ctx.moto("iam").roles.values():
        same = role.path == f"{SERVICE_LINKED}{params['AWSServiceName']}/"
        if same and (suffix is None or role.name.endswith(f"_{suffix}")):
            text = (
                f"Service role name {role.name} has been taken in this account, "
                "please try a different suffix."
            )
            raise AwsError("InvalidInput", text, status=400)


def census(ctx: Context) -> list[dict[str, Any]]:
    """Roles, policies, profiles and the like; what AWS owns is not counted."""
    iam = ctx.moto("iam")
    found = [
        ("role", role.name, {tag["Key"]: tag["Value"] for tag in role.tags or []})
        for role in iam.roles.values()
        if not role.path.startswith(SERVICE_LINKED)
    ]
    found += [
        ("policy", arn, {})
        for arn in iam.managed_policies
        if not arn.startswith("arn:aws:iam::aws:")
    ]
    found += [("instance-profile", each.name, {}) for each in iam.instance_profiles.values()]
    found += [("user", name, {}) for name in iam.users]
    found += [("open-id-provider", arn, {}) for arn in iam.open_id_providers]
    return [
        {"kind": f"iam/{kind}", "id": identifier, "tags": tags} for kind, identifier, tags in found
    ]
