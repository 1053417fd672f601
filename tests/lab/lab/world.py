"""The world: everything that a reset clears, and the one door through which calls reach it."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from typing import Any

from lab import backend, lifecycle, services
from lab.clock import Clock
from lab.extend import AwsError, Context, Output, Params, hooks
from lab.lifecycle import Life, Lives, Place

ACCOUNT = "123456789012"
GLOBAL_SERVICES = frozenset({"iam", "cloudfront", "route53", "s3"})
"""Services whose objects belong to the account and not to a region."""


def load_services() -> None:
    """Imports every module of `lab.services`, which registers its operations and hooks."""
    for module in pkgutil.iter_modules(services.__path__):
        importlib.import_module(f"{services.__name__}.{module.name}")


class World:
    """Accounts, regions and objects. `lock` is held around every call: moto is not thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.call_number = 0
        self.lives = Lives()
        self._stores: dict[tuple[str, str, str], dict[Any, Any]] = {}

    def reset(self) -> None:
        """Empties the world; the clock runs on."""
        backend.reset()
        self.lives = Lives()
        self._stores.clear()

    def context(self, region: str, service: str, account: str = ACCOUNT) -> Context:
        """The context of a call."""
        return Context(self, account, region, service)

    def store(self, account: str, region: str, service: str) -> dict[Any, Any]:
        """The lab's own state of a service; one for all regions where the service is global."""
        place = "global" if service in GLOBAL_SERVICES else region
        return self._stores.setdefault((account, place, service), {})

    def moto(self, account: str, region: str, service: str) -> Any:
        """moto's backend."""
        return backend.moto(account, region, service)

    def life(self, context: Context) -> Life:
        """The transitions as `context` sees them."""
        return Life(self.lives, self.clock, context, self.call_number)

    def settle(self) -> None:
        """Ends every transition whose time is over."""
        lifecycle.settle(self.lives, self.clock.now(), self._context_at)

    def _context_at(self, place: Place, kind: str, moment: float) -> Context:
        account, region = place
        return Context(self, account, region, kind.split("/")[0], moment)

    def call(self, context: Context, operation: str, params: Params) -> Output:
        """Runs an operation with its hooks; raises AwsError."""
        registered = hooks(context.service, operation)
        for check in registered.before:
            params = check(context, params) or params
        if registered.operation is not None:
            output = registered.operation(context, params) or {}
        else:
            output = backend.invoke(context, operation, params)
        for step in registered.after:
            output = step(context, params, output) or output
        return output


__all__ = ["ACCOUNT", "AwsError", "World", "load_services"]
