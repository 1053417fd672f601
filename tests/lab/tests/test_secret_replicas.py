"""Secrets Manager: replicas in other regions."""

from __future__ import annotations

import pytest

EAST, WEST = "us-east-1", "us-west-2"


@pytest.fixture
def secrets(lab):
    return {region: lab.client("secretsmanager", region) for region in (EAST, WEST)}


def create(secrets, **replica):
    return secrets[EAST].create_secret(
        Name="s", SecretString="hidden", AddReplicaRegions=[{"Region": WEST} | replica]
    )


def status(secrets):
    (row,) = secrets[EAST].describe_secret(SecretId="s")["ReplicationStatus"]
    return row


def test_a_replica_is_in_sync_after_moments(lab, secrets):
    key = lab.client("kms", WEST).create_key()["KeyMetadata"]["Arn"]
    assert create(secrets, KmsKeyId=key)["ReplicationStatus"][0]["Status"] == "InProgress"
    lab.advance(10)
    assert (status(secrets)["Status"], status(secrets)["KmsKeyId"]) == ("InSync", key)
    assert secrets[WEST].get_secret_value(SecretId="s")["SecretString"] == "hidden"


def test_a_key_of_another_region_is_refused(lab, secrets, refused):
    key = lab.client("kms", EAST).create_key()["KeyMetadata"]["Arn"]
    with refused("InvalidParameterException"):
        create(secrets, KmsKeyId=key)


def test_a_replica_becomes_a_secret_of_its_own(lab, secrets, refused):
    create(secrets)
    lab.settle()
    with refused("InvalidRequestException"):
        secrets[EAST].stop_replication_to_replica(SecretId="s")
    with refused("ResourceNotFoundException"):
        secrets[WEST].stop_replication_to_replica(SecretId="none")
    secrets[WEST].stop_replication_to_replica(SecretId="s")
    secrets[WEST].put_secret_value(SecretId="s", SecretString="new")
    assert secrets[EAST].get_secret_value(SecretId="s")["SecretString"] == "hidden"
    assert secrets[WEST].get_secret_value(SecretId="s")["SecretString"] == "new"
    assert not secrets[EAST].describe_secret(SecretId="s").get("ReplicationStatus")
    secrets[WEST].delete_secret(SecretId="s", ForceDeleteWithoutRecovery=True)
    secrets[EAST].delete_secret(SecretId="s", ForceDeleteWithoutRecovery=True)
