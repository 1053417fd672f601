"""Databases for tests: the network they stand in, requests, and what is read back."""

from __future__ import annotations

import setups

PASSWORD = "correct-horse-battery"


def network(lab, region="us-east-1"):
    """A network with the subnet group `data`."""
    net = setups.network(lab, region)
    lab.client("rds", region).create_db_subnet_group(
        DBSubnetGroupName="Data", DBSubnetGroupDescription="d", SubnetIds=net.subnets
    )
    return net


def request(**more):
    """What CreateDBInstance needs at least."""
    return {
        "DBInstanceIdentifier": "main",
        "Engine": "postgres",
        "EngineVersion": "17",
        "DBInstanceClass": "db.r6g.large",
        "AllocatedStorage": 100,
        "StorageType": "gp3",
        "MasterUsername": "stellar",
        "MasterUserPassword": PASSWORD,
        "DBSubnetGroupName": "data",
        "BackupRetentionPeriod": 7,
    } | more


def create(lab, rds, **more):
    """An available instance `main`."""
    made = rds.create_db_instance(**request(**more))["DBInstance"]
    settled(lab)
    return made


def settled(lab):
    """Waits until all but the background work of storage is done."""
    lab.advance(1000)
    lab.world.settle()


def instance(rds, name="main"):
    """The instance as it is described."""
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def status(rds, name="main"):
    """The instance's status."""
    return instance(rds, name)["DBInstanceStatus"]
