"""Instances: they take a while to end, and only then free what they stand in."""

from __future__ import annotations

from typing import Any

from lab.extend import Context, Output, Params, after, on_end
from lab.services.ec2 import interfaces

INSTANCE = "ec2/instance"
ENDING = {"Code": 32, "Name": "shutting-down"}


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
