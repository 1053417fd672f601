"""AUTH tokens of replication groups: set, rotated, taken away.

"Authenticating with the AUTH command" in the ElastiCache guide: ROTATE accepts the old token and
the new one, SET the given one alone, DELETE is for moving to user groups.
"""

from __future__ import annotations

from lab.extend import Context
from lab.kit.records import Record, moment
from lab.services.elasticache import checks

PENDING = {"SET": "SETTING", "ROTATE": "ROTATING"}


def change(ctx: Context, group: Record, params: Record) -> Record:
    """The group's members after the change of token that the request asks for; {} for none."""
    token, strategy = params.get("AuthToken"), params.get("AuthTokenUpdateStrategy")
    if not token and not strategy:
        return {}
    if not params.get("ApplyImmediately"):
        raise checks.combination("A change of the AUTH token needs ApplyImmediately")
    if strategy == "DELETE":
        return _delete(group, params)
    if not token:
        raise checks.combination("AuthTokenUpdateStrategy needs an AuthToken")
    if not group["TransitEncryptionEnabled"]:
        raise checks.combination("The AUTH token needs encryption-in-transit")
    if group["UserGroupIds"]:
        raise checks.combination("The AUTH token and user groups exclude each other")
    checks.auth_token(token)
    strategy = strategy or "ROTATE"
    if strategy == "SET":
        tokens = [token]
    else:
        tokens = [*group["_tokens"], token][-2:]
    group["PendingModifiedValues"] = {"AuthTokenStatus": PENDING[strategy]}
    return {"_tokens": tokens, "AuthTokenEnabled": True, "AuthTokenLastModifiedDate": moment(ctx)}


def _delete(group: Record, params: Record) -> Record:
    if params.get("AuthToken"):
        raise checks.combination("The strategy DELETE takes no AuthToken")
    if not params.get("UserGroupIdsToAdd"):
        raise checks.combination("The strategy DELETE needs UserGroupIdsToAdd")
    if not group["_tokens"]:
        raise checks.combination("The replication group has no AUTH token")
    return {"_tokens": [], "AuthTokenEnabled": False}
