"""Services that the lab owns as a whole: what is not simulated is refused, never left to moto."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from botocore.session import get_session

from lab import extend
from lab.backend import not_simulated
from lab.extend import Context


def refuse_rest(service: str) -> None:
    """Registers a 501 for every operation of the model that has no handler yet.

    Half of a service in moto and half in the lab would be two worlds that cannot see each other.
    """
    names = get_session().get_service_model(service).operation_names
    refuse(service, [name for name in names if not extend.has_operation(service, name)])


def refuse(service: str, names: Iterable[str]) -> None:
    """Registers a 501 for each of the operations."""
    for name in names:
        extend.operation(service, name)(_refusal(service, name))


def _refusal(service: str, name: str):
    def refused(_ctx: Context, _params: dict[str, Any]) -> dict[str, Any]:
        raise not_simulated(service, name)

    return refused
