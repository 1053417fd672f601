"""Multi-Region keys: replicas, the change of the primary, and deletion that waits for replicas.

"Multi-Region keys in AWS KMS" in the KMS guide.
"""

from __future__ import annotations

from copy import copy
from datetime import datetime, timedelta, timezone
from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, on_end, operation
from lab.kit.records import Record
from lab.services.kms import DAY, KEY, LONGEST, find_key


def _family(ctx: Context, key_id: str) -> Record:
    """Where a key's primary and replicas are."""
    families = ctx.world.store(ctx.account, "global", "kms").setdefault("families", {})
    return families.setdefault(key_id, {"primary": ctx.region, "replicas": []})


def _multi_region(ctx: Context, key_id: str) -> Any:
    """A multi-Region key of this region that is enabled."""
    key = find_key(ctx, key_id)
    if key is None:
        raise AwsError("NotFoundException", f"Key '{key_id}' does not exist", status=400)
    if not key.multi_region:
        raise AwsError(
            "UnsupportedOperationException", f"{key.arn} is no multi-Region key", status=400
        )
    if key.key_state != "Enabled":
        raise AwsError("KMSInvalidStateException", f"{key.arn} is {key.key_state}.", status=400)
    return key


def _primary(ctx: Context, key_id: str) -> tuple[Any, Record]:
    key = _multi_region(ctx, key_id)
    family = _family(ctx, key.id)
    if family["primary"] != ctx.region:
        raise AwsError(
            "UnsupportedOperationException",
            f"{key.arn} is a replica: call in {family['primary']}",
            status=400,
        )
    return key, family


@operation("kms", "ReplicateKey")
def replicate_key(ctx: Context, params: Params) -> Output:
    """The same key id and material in another region, with policy, tags and names of its own."""
    key, family = _primary(ctx, params["KeyId"])
    region = params["ReplicaRegion"]
    if region == ctx.region or region in family["replicas"]:
        raise AwsError("AlreadyExistsException", f"{region} has {key.id} already", status=400)
    replica = copy(key)
    replica.region = region
    replica.arn = key.arn.replace(f":{ctx.region}:", f":{region}:")
    replica.description = params.get("Description", "")
    replica.policy = params.get("Policy") or key.generate_default_policy()
    replica.aliases, replica.grants = {}, {}
    replica.key_state, replica.enabled = "Creating", False
    replica.multi_region_configuration = dict(key.multi_region_configuration)
    there = ctx.elsewhere(region)
    there.moto("kms").keys[replica.id] = replica
    if tags := params.get("Tags"):
        there.moto("kms").tagger.tag_resource(replica.id, tags)
    family["replicas"].append(region)
    there.life.start(KEY, replica.id, "create")
    shown = there.call("kms", "DescribeKey", {"KeyId": replica.id})["KeyMetadata"]
    return {
        "ReplicaKeyMetadata": shown,
        "ReplicaPolicy": replica.policy,
        "ReplicaTags": params.get("Tags", []),
    }


@operation("kms", "UpdatePrimaryRegion")
def update_primary(ctx: Context, params: Params) -> Output:
    """A replica and the primary change places."""
    key, family = _primary(ctx, params["KeyId"])
    region = params["PrimaryRegion"]
    if region not in family["replicas"]:
        raise AwsError("NotFoundException", f"{key.id} has no replica in {region}", status=400)
    _multi_region(ctx.elsewhere(region), key.id)
    family["replicas"] = [ctx.region, *(each for each in family["replicas"] if each != region)]
    family["primary"] = region
    for place in (ctx, ctx.elsewhere(region)):
        find_key(place, key.id).key_state = "Updating"
        place.life.start(KEY, key.id, "update")
    return {}


@on_end(KEY, "create", "update")
def _enabled(ctx: Context, key_id: str) -> None:
    if key := find_key(ctx, key_id):
        key.key_state, key.enabled = "Enabled", True


@after("kms", "CreateKey", "DescribeKey")
def described(ctx: Context, _params: Params, output: Output) -> None:
    """Who is primary and who follows, the same from every region."""
    shown = output["KeyMetadata"]
    if not shown.get("MultiRegion"):
        return
    family = _family(ctx, shown["KeyId"])

    def at(region: str) -> Record:
        return {"Arn": shown["Arn"].replace(f":{ctx.region}:", f":{region}:"), "Region": region}

    shown["MultiRegionConfiguration"] = {
        "MultiRegionKeyType": "PRIMARY" if family["primary"] == ctx.region else "REPLICA",
        "PrimaryKey": at(family["primary"]),
        "ReplicaKeys": [at(region) for region in family["replicas"]],
    }
    if "days" in family and shown["KeyState"] == "PendingReplicaDeletion":
        shown["PendingDeletionWindowInDays"] = family["days"]


@after("kms", "ScheduleKeyDeletion")
def wait_for_replicas(ctx: Context, params: Params, output: Output) -> Output | None:
    """A primary's window begins when its last replica is really gone."""
    key = find_key(ctx, params["KeyId"])
    if not key.multi_region:
        return None
    family = _family(ctx, key.id)
    if family["primary"] != ctx.region or not family["replicas"]:
        return None
    ctx.life.forget(KEY, key.id)
    key.key_state, key.deletion_date = "PendingReplicaDeletion", None
    family["days"] = params.get("PendingWindowInDays", LONGEST)
    rest = {name: value for name, value in output.items() if name != "DeletionDate"}
    return rest | {"KeyState": key.key_state}


@after("kms", "CancelKeyDeletion")
def no_longer(ctx: Context, params: Params, _output: Output) -> None:
    """The primary waits for nobody any more."""
    key = find_key(ctx, params["KeyId"])
    if key.multi_region:
        _family(ctx, key.id).pop("days", None)


@on_end(KEY, "delete")
def _replica_gone(ctx: Context, key_id: str) -> None:
    families = ctx.world.store(ctx.account, "global", "kms").get("families", {})
    family = families.get(key_id)
    if family is None or ctx.region not in family["replicas"]:
        return
    family["replicas"].remove(ctx.region)
    days = family.get("days")
    if family["replicas"] or days is None:
        return
    there = ctx.elsewhere(family["primary"])
    if key := find_key(there, key_id):
        key.key_state = "PendingDeletion"
        now = datetime.fromtimestamp(ctx.now(), timezone.utc)
        key.deletion_date = now.replace(tzinfo=None) + timedelta(days=days)
        there.life.start(KEY, key_id, "delete", seconds=days * DAY, waited_for=False)
