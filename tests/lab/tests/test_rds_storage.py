"""RDS storage: ranges, what replicas inherit, how often it changes; the maintenance window."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import databases
import pytest
from databases import create, instance, request, settled, status


@pytest.fixture
def rds(lab):
    return lab.client("rds")


@pytest.fixture
def net(lab):
    return databases.network(lab)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"StorageType": "io1", "Iops": 500}, "InvalidParameterCombination"),
        ({"StorageType": "io1", "Iops": 6000}, "InvalidParameterCombination"),
        ({"StorageType": "io2", "Iops": 300000}, "InvalidParameterCombination"),
        ({"AllocatedStorage": 500, "Iops": 3000}, "InvalidParameterCombination"),
        ({"AllocatedStorage": 500, "StorageThroughput": 4500}, "InvalidParameterCombination"),
        (
            {"AllocatedStorage": 500, "Iops": 12000, "StorageThroughput": 3500},
            "InvalidParameterCombination",
        ),
        (
            {"StorageType": "io1", "Iops": 5000, "StorageThroughput": 500},
            "InvalidParameterCombination",
        ),
        ({"StorageType": "gp2", "AllocatedStorage": 70000}, "InvalidParameterValue"),
    ],
)
def test_iops_and_throughput_have_their_ranges(rds, net, refused, change, code):
    with refused(code):
        rds.create_db_instance(**request(**change))


@pytest.mark.parametrize(
    "given",
    [
        {"StorageType": "io1", "Iops": 5000},
        {"StorageType": "io2", "Iops": 50000},
        {"StorageType": "gp3", "AllocatedStorage": 400, "Iops": 16000, "StorageThroughput": 4000},
    ],
)
def test_chosen_iops_and_throughput_pass_on_to_replicas(lab, rds, net, given):
    create(lab, rds, **given)
    assert given.items() <= instance(rds).items()
    rds.create_db_instance_read_replica(
        DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="main", MultiAZ=True
    )
    settled(lab)
    copy = instance(rds, "copy")
    assert given.items() <= copy.items()
    assert (copy["MultiAZ"], "SecondaryAvailabilityZone" in copy) == (True, True)


def test_storage_changes_are_six_hours_apart(lab, rds, net, refused):
    create(lab, rds)

    def grow(size):
        rds.modify_db_instance(
            DBInstanceIdentifier="main", AllocatedStorage=size, ApplyImmediately=True
        )

    grow(200)
    lab.settle()
    assert status(rds) == "available"
    with refused("InvalidParameterCombination"):
        grow(300)
    lab.advance(6 * 3600)
    grow(300)
    lab.settle()
    assert instance(rds)["AllocatedStorage"] == 300


def test_pending_changes_are_applied_when_the_window_opens(lab, rds, net):
    now = datetime.fromtimestamp(lab.world.clock.now(), timezone.utc)
    opens, closes = now + timedelta(hours=30), now + timedelta(hours=31)
    window = f"{opens:%a:%H:%M}-{closes:%a:%H:%M}".lower()
    backup = f"{now:%H:%M}-{now + timedelta(hours=1):%H:%M}"
    create(lab, rds, PreferredMaintenanceWindow=window, PreferredBackupWindow=backup)
    rds.modify_db_instance(DBInstanceIdentifier="main", DBInstanceClass="db.r6g.xlarge")
    lab.advance(28 * 3600)
    lab.world.settle()
    assert instance(rds)["DBInstanceClass"] == "db.r6g.large"
    lab.advance(3 * 3600)
    lab.world.settle()
    assert instance(rds)["DBInstanceClass"] == "db.r6g.xlarge"
    assert instance(rds)["PendingModifiedValues"] == {}
