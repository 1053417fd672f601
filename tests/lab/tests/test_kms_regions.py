"""KMS: multi-Region keys."""

from __future__ import annotations

import pytest

EAST, WEST = "us-east-1", "us-west-2"


@pytest.fixture
def kms(lab):
    return {region: lab.client("kms", region) for region in (EAST, WEST)}


@pytest.fixture
def key(lab, kms):
    """A primary in the east with a replica in the west; its id."""
    made = kms[EAST].create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms[EAST].replicate_key(KeyId=made, ReplicaRegion=WEST, Tags=[{"TagKey": "a", "TagValue": "b"}])
    lab.advance(10)
    lab.world.settle()
    return made


def state(kms, region, key):
    return kms[region].describe_key(KeyId=key)["KeyMetadata"]["KeyState"]


def kind(kms, region, key):
    found = kms[region].describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]
    return found["MultiRegionKeyType"]


def test_a_replica_is_creating_and_then_enabled_with_tags_of_its_own(lab, kms, refused):
    made = kms[EAST].create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    answer = kms[EAST].replicate_key(
        KeyId=made, ReplicaRegion=WEST, Tags=[{"TagKey": "a", "TagValue": "b"}]
    )["ReplicaKeyMetadata"]
    assert (answer["KeyState"], f":{WEST}:" in answer["Arn"]) == ("Creating", True)
    lab.advance(10)
    assert state(kms, WEST, made) == "Enabled"
    assert (kind(kms, EAST, made), kind(kms, WEST, made)) == ("PRIMARY", "REPLICA")
    assert kms[WEST].list_resource_tags(KeyId=made)["Tags"] != []
    assert kms[EAST].list_resource_tags(KeyId=made)["Tags"] == []
    with refused("AlreadyExistsException"):
        kms[EAST].replicate_key(KeyId=made, ReplicaRegion=WEST)
    with refused("UnsupportedOperationException"):
        kms[WEST].replicate_key(KeyId=made, ReplicaRegion="eu-west-1")


def test_other_keys_have_no_replicas(kms, refused):
    made = kms[EAST].create_key()["KeyMetadata"]["KeyId"]
    with refused("UnsupportedOperationException"):
        kms[EAST].replicate_key(KeyId=made, ReplicaRegion=WEST)


def test_the_primary_changes(lab, kms, key, refused):
    with refused("NotFoundException"):
        kms[EAST].update_primary_region(KeyId=key, PrimaryRegion="eu-west-1")
    kms[EAST].update_primary_region(KeyId=key, PrimaryRegion=WEST)
    assert state(kms, WEST, key) == "Updating"
    lab.advance(10)
    assert (kind(kms, EAST, key), kind(kms, WEST, key)) == ("REPLICA", "PRIMARY")
    assert state(kms, EAST, key) == "Enabled"


def test_a_primary_waits_for_its_replicas_before_its_own_window(lab, kms, key, refused):
    answer = kms[EAST].schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert answer["KeyState"] == "PendingReplicaDeletion"
    lab.advance(30 * 86400)
    assert state(kms, EAST, key) == "PendingReplicaDeletion"
    with refused("KMSInvalidStateException"):
        kms[EAST].enable_key(KeyId=key)
    kms[WEST].schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    lab.advance(7 * 86400 + 1)
    lab.world.settle()
    assert state(kms, EAST, key) == "PendingDeletion"
    with refused("NotFoundException"):
        state(kms, WEST, key)
    lab.advance(7 * 86400 + 1)
    lab.world.settle()
    with refused("NotFoundException"):
        state(kms, EAST, key)
