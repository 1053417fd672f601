"""EFS on moto: file systems, mount targets and access points with their states.

States and errors: EFS API reference, CreateFileSystem, CreateMountTarget, DeleteFileSystem.
"""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before, on_end, operation
from lab.services.ec2 import interfaces

SYSTEM, TARGET, POINT = "efs/file-system", "efs/mount-target", "efs/access-point"


def _error(code: str, text: str, status: int, **more: str) -> AwsError:
    return AwsError(code, text, status, ErrorCode=code, **more)


def _available(ctx: Context, identifier: str) -> Any:
    """moto's file system, which must exist and be made."""
    found = ctx.moto("efs").file_systems_by_id.get(identifier)
    if found is None:
        raise _error("FileSystemNotFound", f"File system '{identifier}' does not exist.", 404)
    if ctx.life.running(SYSTEM, identifier):
        text = f"File system '{identifier}' is not available."
        raise _error("IncorrectFileSystemLifeCycleState", text, 409)
    return found


def _state(ctx: Context, kind: str, identifier: str, shown: dict[str, Any]) -> None:
    """What moto calls available from the start."""
    step = ctx.life.state(kind, identifier)
    shown["LifeCycleState"] = {"create": "creating", "delete": "deleting"}.get(
        step or "", "available"
    )


@before("efs", "CreateFileSystem")
def once(ctx: Context, params: Params) -> None:
    """A token that was used names the file system that it made."""
    for found in ctx.moto("efs").file_systems_by_id.values():
        if found.creation_token == params["CreationToken"]:
            text = f"File system '{found.file_system_id}' already exists with this creation token"
            raise _error("FileSystemAlreadyExists", text, 409, FileSystemId=found.file_system_id)


@after("efs", "CreateFileSystem")
def begun(ctx: Context, _params: Params, output: Output) -> None:
    """creating for some seconds."""
    ctx.life.start(SYSTEM, output["FileSystemId"], "create")
    _state(ctx, SYSTEM, output["FileSystemId"], output)


@after("efs", "DescribeFileSystems")
def systems(ctx: Context, _params: Params, output: Output) -> None:
    """With their states."""
    for shown in output["FileSystems"]:
        _state(ctx, SYSTEM, shown["FileSystemId"], shown)


@before("efs", "DeleteFileSystem")
def idle(ctx: Context, params: Params) -> None:
    """Mount targets that are going still hold it."""
    _available(ctx, params["FileSystemId"])
    targets = ctx.moto("efs").mount_targets_by_id.values()
    if any(each.file_system_id == params["FileSystemId"] for each in targets):
        text = f"File system '{params['FileSystemId']}' has mount targets created in it."
        raise _error("FileSystemInUse", text, 409)


@after("efs", "DeleteFileSystem")
def gone(ctx: Context, params: Params, _output: Output) -> None:
    """Its access points go with it."""
    points = ctx.moto("efs").access_points
    for name in [n for n, each in points.items() if each.file_system_id == params["FileSystemId"]]:
        del points[name]
    ctx.life.forget(SYSTEM, params["FileSystemId"])


@before("efs", "CreateMountTarget")
def mountable(ctx: Context, params: Params) -> None:
    """One per zone and file system, in one network, of a file system that is available."""
    _available(ctx, params["FileSystemId"])


@after("efs", "CreateMountTarget")
def mounting(ctx: Context, _params: Params, output: Output) -> None:
    """creating for a minute or two; its interface is EFS's and stands in the subnet at once."""
    identifier = output["MountTargetId"]
    eni = ctx.moto("ec2").enis[output["NetworkInterfaceId"]]
    eni.description = f"EFS mount target for {output['FileSystemId']} ({identifier})"
    eni.requester_managed, eni.requester_id, eni.status = True, "amazon-efs", "in-use"
    ctx.life.start(TARGET, identifier, "create", needs=[(SYSTEM, output["FileSystemId"])])
    _state(ctx, TARGET, identifier, output)


@after("efs", "DescribeMountTargets")
def targets(ctx: Context, _params: Params, output: Output) -> None:
    """With their states."""
    for shown in output["MountTargets"]:
        _state(ctx, TARGET, shown["MountTargetId"], shown)


@operation("efs", "DeleteMountTarget")
def unmounting(ctx: Context, params: Params) -> None:
    """deleting for a while, in which it holds its subnet, groups and file system."""
    identifier = params["MountTargetId"]
    if identifier not in ctx.moto("efs").mount_targets_by_id:
        text = f"Mount target '{identifier}' does not exist."
        raise _error("MountTargetNotFound", text, 404)
    if ctx.life.state(TARGET, identifier) != "delete":
        ctx.life.start(TARGET, identifier, "delete")


@on_end(TARGET, "delete")
def unmounted(ctx: Context, identifier: str) -> None:
    """The interface goes with it."""
    efs = ctx.moto("efs")
    target = efs.mount_targets_by_id.pop(identifier)
    interfaces.remove(ctx, target.network_interface_id)
    target.clean_up()
    ctx.life.forget(TARGET, identifier)


@before("efs", "CreateAccessPoint")
def pointable(ctx: Context, params: Params) -> None:
    """A token that was used names the access point that it made."""
    for found in ctx.moto("efs").access_points.values():
        if found.client_token == params["ClientToken"]:
            text = f"Access point '{found.access_point_id}' already exists with this client token"
            more = {"AccessPointId": found.access_point_id}
            raise _error("AccessPointAlreadyExists", text, 409, **more)
    _available(ctx, params["FileSystemId"])


@after("efs", "CreateAccessPoint")
def pointing(ctx: Context, _params: Params, output: Output) -> None:
    """creating for some seconds."""
    ctx.life.start(POINT, output["AccessPointId"], "create")
    _state(ctx, POINT, output["AccessPointId"], output)


@after("efs", "DescribeAccessPoints")
def points(ctx: Context, _params: Params, output: Output) -> None:
    """With their states."""
    for shown in output["AccessPoints"]:
        _state(ctx, POINT, shown["AccessPointId"], shown)


@before("efs", "DeleteAccessPoint")
def known(ctx: Context, params: Params) -> None:
    """One that does not exist is not deleted."""
    if params["AccessPointId"] not in ctx.moto("efs").access_points:
        text = f"Access point '{params['AccessPointId']}' does not exist."
        raise _error("AccessPointNotFound", text, 404)


@after("efs", "DeleteAccessPoint")
def forgotten(ctx: Context, params: Params, _output: Output) -> None:
    """Gone at once."""
    ctx.life.forget(POINT, params["AccessPointId"])
