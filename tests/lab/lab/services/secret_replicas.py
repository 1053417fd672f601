"""Replicas of secrets: in sync after moments, with a key of their region, standalone on request.

"Replicate AWS Secrets Manager secrets across Regions" in the Secrets Manager guide.
"""

from __future__ import annotations

from copy import copy, deepcopy
from typing import Any

from moto.secretsmanager.models import FakeSecret, ReplicaSecret

from lab.extend import AwsError, Context, Output, Params, after, before, on_end, operation
from lab.kit import keys

KIND = "secretsmanager/replica"


def _given(params: Params) -> list[dict[str, str]]:
    return params.get("AddReplicaRegions", [])


@before("secretsmanager", "CreateSecret", "ReplicateSecretToRegions")
def keys_usable(ctx: Context, params: Params) -> None:
    """A replica's key must be usable in its region."""
    for row in _given(params):
        key = row.get("KmsKeyId")
        there = ctx.elsewhere(row["Region"])
        if key and keys.usable(there, key, "secretsmanager") is None:
            raise AwsError(
                "InvalidParameterException",
                f"The KMS key {key} cannot be used in {row['Region']}.",
                status=400,
            )


@after("secretsmanager", "CreateSecret", "ReplicateSecretToRegions")
def begin(ctx: Context, params: Params, output: Output) -> Output | None:
    """New replicas are InProgress; those that cannot be made stay Failed."""
    if not _given(params):
        return None
    secret = ctx.moto("secretsmanager").secrets[output["ARN"]]
    wished = {row["Region"]: row.get("KmsKeyId") for row in _given(params)}
    for replica in secret.replicas:
        if replica.region not in wished:
            continue
        if wished[replica.region]:
            replica.config["KmsKeyId"] = wished[replica.region]
        if replica.config["Status"] == "InSync":
            replica.config |= {"Status": "InProgress", "StatusMessage": "Replication in progress"}
            ctx.elsewhere(replica.region).life.start(KIND, secret.name, "create")
    return output | {"ReplicationStatus": deepcopy([each.config for each in secret.replicas])}


@on_end(KIND, "create")
def _in_sync(ctx: Context, name: str) -> None:
    replica = ctx.moto("secretsmanager").secrets.get(name)
    if isinstance(replica, ReplicaSecret) and replica.config["Status"] == "InProgress":
        replica.config |= {"Status": "InSync", "StatusMessage": "Replication succeeded"}


@operation("secretsmanager", "StopReplicationToReplica")
def stop(ctx: Context, params: Params) -> Output:
    """Called in the replica's region: the replica becomes a secret of its own."""
    secrets = ctx.moto("secretsmanager").secrets
    replica = secrets.get(params["SecretId"])
    if replica is None:
        raise AwsError(
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret.",
            status=400,
        )
    if not isinstance(replica, ReplicaSecret):
        raise AwsError(
            "InvalidRequestException",
            "You can't stop replication to a secret that is not a replica.",
            status=400,
        )
    source = replica.source
    source.replicas.remove(replica)
    dict.pop(secrets, replica.arn)
    secrets[source.name] = _standalone(source, replica)
    return {"ARN": replica.arn}


def _standalone(source: FakeSecret, replica: ReplicaSecret) -> Any:
    """A copy of the source under the replica's ARN, with the replica's key."""
    secret = copy(source)
    secret.region, secret.arn = replica.region, replica.arn
    secret.kms_key_id = replica.config["KmsKeyId"]
    secret.replicas = []
    secret.versions = deepcopy(source.versions)
    secret.tags = deepcopy(source.tags)
    return secret
