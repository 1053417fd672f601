"""What holds data outlives its stack, with the key that it needs, and is listed; what does not goes."""

from __future__ import annotations

import json

from acceptance.stacks import ADDRESS, NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace

BUCKETS = "buckets = { images = {}, empty = {}, temporary = { force_destroy = true } }"


def test_a_bucket_with_objects_outlives_its_stack(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(BUCKETS))
    workspace.init()
    created = workspace.apply()
    assert created.code == 0, created
    values = workspace.state()[ADDRESS]["values"]
    names = {key: bucket["name"] for key, bucket in values["s3"].items()}
    for key in ("images", "temporary"):
        _put(lab, names[key])

    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    assert workspace.state() == {}
    found = [bucket["Name"] for bucket in lab.client("s3").list_buckets()["Buckets"]]
    assert found == [names["images"]]
    key = values["s3"]["images"]["kms_key_arn"]
    described = lab.client("kms").describe_key(KeyId=key)["KeyMetadata"]
    assert described["KeyState"] == "Enabled", "the objects could not be read without it"
    body = lab.client("s3").get_object(Bucket=names["images"], Key="a")["Body"].read()
    assert body == b"a"

    again = workspace.apply()
    assert again.code == 0, again
    assert workspace.plan().code == 0


def test_a_bucket_that_was_left_behind_is_taken_back(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(BUCKETS))
    workspace.init()
    assert workspace.apply().code == 0
    values = workspace.state()[ADDRESS]["values"]
    name = values["s3"]["images"]["name"]
    _put(lab, name)
    without = "buckets = { empty = {}, temporary = { force_destroy = true } }"
    allowed = f'allow_replace = ["buckets/bucket/images@{name}"]'

    workspace.write(stack(without))
    refused = workspace.plan()
    assert refused.code == 1, refused
    assert f"buckets/bucket/images@{name}" in refused.errors
    workspace.write(stack(without, allowed))
    removed = workspace.apply()
    assert removed.code == 0, removed
    retained = workspace.state()[ADDRESS]["values"]["retained"]
    assert any(name in line for line in retained), retained

    workspace.write(stack(BUCKETS))
    back = workspace.apply()
    assert back.code == 0, back
    assert workspace.state()[ADDRESS]["values"]["s3"]["images"]["name"] == name
    assert workspace.plan().code == 0
    versions = lab.client("s3").list_object_versions(Bucket=name)["Versions"]
    assert [version["Key"] for version in versions] == ["a"]
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed


def test_a_cache_leaves_a_final_snapshot_and_its_key(workspace: Workspace, lab: Lab) -> None:
    cache = 'cache = { node_type = "cache.t3.micro", snapshot = { final_snapshot = true } }'
    workspace.write(stack(NETWORK, cache))
    workspace.init()
    assert workspace.apply().code == 0
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    (snapshot,) = lab.client("elasticache").describe_snapshots()["Snapshots"]
    assert snapshot["SnapshotName"].startswith("shop-cache-final-")
    key = lab.client("kms").describe_key(KeyId=snapshot["KmsKeyId"])["KeyMetadata"]
    assert key["KeyState"] == "Enabled", "the snapshot could not be read without it"

    restored = f'snapshot = {{ restore_from = "{snapshot["SnapshotName"]}" }}'
    workspace.write(stack(NETWORK, f'cache = {{ node_type = "cache.t3.micro", {restored} }}'))
    again = workspace.apply()
    assert again.code == 0, again
    assert workspace.plan().code == 0


def test_a_bucket_and_a_cache_that_others_deleted_are_made_anew_only_when_that_is_allowed(
    workspace: Workspace, lab: Lab
) -> None:
    sections = (NETWORK, BUCKETS, 'cache = { node_type = "cache.t3.micro" }')
    workspace.write(stack(*sections))
    workspace.init()
    assert workspace.apply().code == 0
    before = workspace.state()[ADDRESS]["values"]["components"]
    lost = {
        address: before[address]["id"]
        for address in ("buckets/bucket/empty", "cache/replication-group")
    }
    lab.client("s3").delete_bucket(Bucket=lost["buckets/bucket/empty"])
    elasticache, group = lab.client("elasticache"), lost["cache/replication-group"]
    elasticache.delete_replication_group(ReplicationGroupId=group)
    elasticache.get_waiter("replication_group_deleted").wait(
        ReplicationGroupId=group, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )

    refused = workspace.plan()
    assert refused.code == 1, refused
    names = [f"{address}@{identifier}" for address, identifier in lost.items()]
    for name in names:
        assert name in refused.errors, refused
    workspace.write(stack(*sections, f"allow_replace = {json.dumps(names)}"))
    again = workspace.apply()
    assert again.code == 0, again
    assert workspace.plan().code == 0
    after = workspace.state()[ADDRESS]["values"]["components"]
    assert after.keys() == before.keys()
    assert len(elasticache.describe_replication_groups()["ReplicationGroups"]) == 1
    kept = {address for address in before if not address.startswith(("buckets/", "cache/"))}
    assert all(after[address]["id"] == before[address]["id"] for address in kept)


def _put(lab: Lab, bucket: str) -> None:
    """Somebody uses the bucket. Its policy refuses the lab's plain HTTP, as it should."""
    s3 = lab.client("s3")
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
