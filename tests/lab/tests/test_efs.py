"""EFS: states, tokens, and what holds up a file system."""

from __future__ import annotations

import pytest
import setups


@pytest.fixture
def efs(lab):
    return lab.client("efs")


@pytest.fixture
def system(lab, efs):
    made = efs.create_file_system(CreationToken="t")["FileSystemId"]
    lab.settle()
    return made


def state(efs, target):
    (shown,) = efs.describe_mount_targets(MountTargetId=target)["MountTargets"]
    return shown["LifeCycleState"]


def test_a_file_system_is_created_once_per_token(lab, efs, refused):
    net = setups.network(lab)
    made = efs.create_file_system(CreationToken="t")
    assert made["LifeCycleState"] == "creating"
    with refused("FileSystemAlreadyExists"):
        efs.create_file_system(CreationToken="t")
    try:
        efs.create_file_system(CreationToken="t")
    except efs.exceptions.FileSystemAlreadyExists as refusal:
        assert refusal.response["FileSystemId"] == made["FileSystemId"]
    with refused("IncorrectFileSystemLifeCycleState"):
        efs.create_mount_target(FileSystemId=made["FileSystemId"], SubnetId=net.subnets[0])
    lab.settle()
    (shown,) = efs.describe_file_systems(CreationToken="t")["FileSystems"]
    assert shown["LifeCycleState"] == "available"


def test_mount_targets_take_their_time_and_hold_everything(lab, efs, system, refused):
    net, ec2 = setups.network(lab), lab.client("ec2")
    of = {"FileSystemId": system, "SubnetId": net.subnets[0]}
    made = efs.create_mount_target(**of, SecurityGroups=[net.group])
    target, eni = made["MountTargetId"], made["NetworkInterfaceId"]
    assert made["LifeCycleState"] == "creating"
    (interface,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[eni])["NetworkInterfaces"]
    assert interface["Description"] == f"EFS mount target for {system} ({target})"
    assert interface["RequesterManaged"]
    with refused("OperationNotPermitted"):
        ec2.delete_network_interface(NetworkInterfaceId=eni)
    with refused("MountTargetConflict"):
        efs.create_mount_target(**of)
    lab.advance(90)
    assert state(efs, target) == "available"
    efs.delete_mount_target(MountTargetId=target)
    assert state(efs, target) == "deleting"
    with refused("FileSystemInUse"):
        efs.delete_file_system(FileSystemId=system)
    with refused("DependencyViolation"):
        ec2.delete_subnet(SubnetId=net.subnets[0])
    lab.advance(60)
    with refused("MountTargetNotFound"):
        efs.describe_mount_targets(MountTargetId=target)
    efs.delete_file_system(FileSystemId=system)
    ec2.delete_subnet(SubnetId=net.subnets[0])


def test_access_points_are_their_file_systems(lab, efs, system, refused):
    made = efs.create_access_point(ClientToken="t", FileSystemId=system)
    assert made["LifeCycleState"] == "creating"
    with refused("AccessPointAlreadyExists"):
        efs.create_access_point(ClientToken="t", FileSystemId=system)
    with refused("FileSystemNotFound"):
        efs.create_access_point(ClientToken="u", FileSystemId="fs-0123456789abcdef0")
    with refused("AccessPointNotFound"):
        efs.delete_access_point(AccessPointId="fsap-0123456789abcdef0")
    efs.delete_file_system(FileSystemId=system)
    assert efs.describe_access_points()["AccessPoints"] == []
    assert lab.admin("GET", "/_lab/census")["total"] == 0
