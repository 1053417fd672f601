"""Volumes: attached to one instance at a time, in its own zone."""

from __future__ import annotations

from lab.extend import AwsError, Context, Params, before


@before("ec2", "AttachVolume")
def free(ctx: Context, params: Params) -> None:
    """moto moves a volume from one instance to the next."""
    ec2 = ctx.moto("ec2")
    volume = ec2.volumes.get(params["VolumeId"])
    if volume is None:
        return
    if volume.attachment is not None:
        text = f"{volume.id} is already attached to an instance"
        raise AwsError("VolumeInUse", text, status=400)
    zone = ec2.get_instance(params["InstanceId"])._placement.zone
    if zone is not None and volume.zone is not None and volume.zone.name != zone:
        text = f"The volume '{volume.id}' is not in the same availability zone as instance"
        raise AwsError("InvalidVolume.ZoneMismatch", text, status=400)
