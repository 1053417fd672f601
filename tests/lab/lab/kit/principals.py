"""Whether an IAM principal exists."""

from __future__ import annotations

from lab.extend import Context
from lab.kit.calls import succeeds
from lab.kit.roles import find_role


def principal_exists(ctx: Context, arn: str) -> bool:
    """Roles and users of this account must exist; other accounts' principals are taken as given."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] not in ("iam", "sts"):
        return False
    account, resource = parts[4], parts[5]
    if account != ctx.account or resource == "root":
        return True
    kind, _, path = resource.partition("/")
    if kind == "role":
        return find_role(ctx, arn) is not None
    if kind == "user":
        return succeeds(ctx, "iam", "GetUser", {"UserName": path.rsplit("/", 1)[-1]})
    return False
