"""Instances: they take a while to start and to end, and only then free what they stand in."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before, on_end
from lab.services.ec2 import interfaces

INSTANCE = "ec2/instance"
PENDING = {"Code": 0, "Name": "pending"}
RUNNING = {"Code": 16, "Name": "running"}
ENDING = {"Code": 32, "Name": "shutting-down"}


@before("ec2", "RunInstances")
def as_many_as_can_be(_ctx: Context, params: Params) -> Params:
    """As many as asked for at most: the lab has room for all of them. moto makes the least."""
    least, most = params["MinCount"], params["MaxCount"]
    if not 0 < least <= most:
        text = f"Invalid value '{least}' for MinCount: it must be at least 1 and at most MaxCount."
        raise AwsError("InvalidParameterValue", text, status=400)
    return params | {"MinCount": most}


@after("ec2", "RunInstances")
def starting(ctx: Context, params: Params, output: Output) -> None:
    """pending for a while, and protected if asked for."""
    for shown in output["Instances"]:
        shown["State"] = PENDING
        instance = ctx.moto("ec2").get_instance(shown["InstanceId"])
        instance.disable_api_termination = params.get("DisableApiTermination", False)
        _show(instance, PENDING)
        ctx.life.start(INSTANCE, shown["InstanceId"], "create")


@on_end(INSTANCE, "create")
def started(ctx: Context, instance_id: str) -> None:
    """running."""
    _show(ctx.moto("ec2").get_instance(instance_id), RUNNING)


@before("ec2", "TerminateInstances")
def unprotected(ctx: Context, params: Params) -> None:
    """A protected instance stays, and with it all that were to end in the same call."""
    known = {each.id: each for each in ctx.moto("ec2").all_instances()}
    for identifier in params["InstanceIds"]:
        protected = getattr(known.get(identifier), "disable_api_termination", False)
        if str(protected).lower() == "true":
            text = (
                f"The instance '{identifier}' may not be terminated. Modify its "
                "'disableApiTermination' instance attribute and try again."
            )
            raise AwsError("OperationNotPermitted", text, status=400)


@after("ec2", "TerminateInstances")
def ending(ctx: Context, _params: Params, output: Output) -> None:
    """shutting-down first; one that has ended stays as it is."""
    for shown in output["TerminatingInstances"]:
        if shown["PreviousState"]["Name"] == "terminated":
            continue
        shown["CurrentState"] = ENDING
        instance = ctx.moto("ec2").get_instance(shown["InstanceId"])
        _show(instance, ENDING)
        ctx.life.start(INSTANCE, instance.id, "terminate")


@on_end(INSTANCE, "terminate")
def ended(ctx: Context, instance_id: str) -> None:
    """terminated; the interfaces that came with it are gone."""
    instance = ctx.moto("ec2").get_instance(instance_id)
    _show(instance, {"Code": 48, "Name": "terminated"})
    for eni in list(instance.nics.values()):
        interfaces.remove(ctx, eni.id)


def _show(instance: Any, state: dict[str, Any]) -> None:
    instance._state.code, instance._state.name = state["Code"], state["Name"]
