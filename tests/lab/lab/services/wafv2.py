"""WAF: web ACLs that something still uses."""

from __future__ import annotations

from lab.extend import AwsError, Context, Params, before


@before("wafv2", "DeleteWebACL")
def unused(ctx: Context, params: Params) -> None:
    """A web ACL that protects something stays."""
    for acl in ctx.moto("wafv2").wacls.values():
        if acl.id == params["Id"] and acl.associated_resources:
            text = "AWS WAF couldn't perform the operation because your resource is being used."
            raise AwsError("WAFAssociatedItemException", text, status=400)
