"""The world: everything that a reset clears, and the one door through which calls reach it."""

from __future__ import annotations

import importlib
import pkgutil
import re
import threading
import time
from typing import Any

from lab import backend, consistency, forgotten, idempotency, lifecycle, services
from lab.access.document import Policies
from lab.backend import Answer
from lab.clock import Clock
from lab.extend import AwsError, Context, Hooks, Output, Params, hooks
from lab.lifecycle import Life, Lives, Transition
from lab.log import Log
from lab.request import Call
from lab.rules import Rule
from lab.settings import Settings
from lab.snapshot import Shelf

ACCOUNT = "123456789012"
"""The account of every key that is no other's."""
ACCOUNT_ID = re.compile(r"\d{12}")
GLOBAL_SERVICES = frozenset({"iam", "cloudfront", "route53", "s3"})
"""Services whose objects belong to the account and not to a region."""


def load_services() -> None:
    """Imports every module of `lab.services`, which registers its operations and hooks."""
    for module in pkgutil.iter_modules(services.__path__):
        importlib.import_module(f"{services.__name__}.{module.name}")


def warm_up() -> None:
    """Loads what the first calls need, so that they are not slow."""
    backend.warm_up(("ec2", "iam", "s3", "logs"))


CONTENTS = ("settings", "policies", "lives", "log", "faults", "_numbers", "_stores")
"""The members of a world that a snapshot holds."""


class World:
    """Accounts, regions and objects. `lock` is held around every call: moto is not thread-safe."""

    def __init__(self, clock: Clock, settings: Settings | None = None) -> None:
        self.clock = clock
        self.initial = settings or Settings()
        self.settings = self.initial
        self.account = ACCOUNT
        self.lock = threading.RLock()
        self._numbers = 0
        self.lives = Lives()
        self.log = Log()
        self.faults: list[Rule] = []
        self.policies: Policies | None = None
        self.snapshots = Shelf()
        self._stores: dict[tuple[str, str, str], dict[Any, Any]] = {}

    def reset(self) -> None:
        """Empties the world; the clock runs on, snapshots stay."""
        backend.reset()
        self.settings = self.initial
        self.lives = Lives()
        self.log = Log()
        self.faults = []
        self.policies = None
        self._numbers = 0
        self._stores.clear()

    def contents(self) -> dict[str, Any]:
        """What a reset drops, without moto's part."""
        return {name: getattr(self, name) for name in CONTENTS}

    def take_over(self, contents: dict[str, Any]) -> None:
        """Puts the contents of another world in the place of these."""
        for name in CONTENTS:
            setattr(self, name, contents[name])

    def next_number(self) -> int:
        """The number of the next logged call."""
        self._numbers += 1
        return self._numbers

    def faults_for(self, call: Call) -> list[Rule]:
        """The rules that apply to this call; every rule that matches counts it."""
        lab, real = self.clock.now(), time.monotonic()
        with self.lock:
            return [rule for rule in self.faults if rule.takes(call, lab, real)]

    def account_of(self, access_key: str) -> str:
        """Whose key it is: a role session's account, a key of twelve digits names its own."""
        if ACCOUNT_ID.fullmatch(access_key):
            return access_key
        session = self.sessions().get(access_key)
        return self.account if session is None else session["Account"]

    def sessions(self) -> dict[str, Any]:
        """Access key of a role session → who calls with it, of all accounts."""
        return self.store(self.account, "us-east-1", "sts").setdefault("sessions", {})

    def context(
        self, region: str, service: str, account: str | None = None, **more: Any
    ) -> Context:
        """The context of a call; `more` are further members of it."""
        return Context(self, account or self.account, region, service, **more)

    def store(self, account: str, region: str, service: str) -> dict[Any, Any]:
        """The lab's own state of a service; one for all regions where the service is global."""
        place = "global" if service in GLOBAL_SERVICES else region
        return self._stores.setdefault((account, place, service), {})

    def accounts_in_use(self) -> set[str]:
        """Accounts in which something was asked for."""
        return {account for account, _, _ in self._stores} | backend.accounts_in_use()

    def regions_in_use(self, account: str | None = None) -> set[str]:
        """Regions that hold objects, and us-east-1, where global services count theirs."""
        account = account or self.account
        used = {
            region for owner, region, _ in self._stores if owner == account and region != "global"
        }
        return used | backend.regions_in_use(account) | {"us-east-1"}

    def moto(self, account: str, region: str, service: str) -> Any:
        """moto's backend."""
        return backend.moto(account, region, service)

    def life(self, context: Context) -> Life:
        """The transitions as `context` sees them."""
        return Life(self.lives, self.clock, context)

    def settle(self) -> None:
        """Ends every transition whose time is over."""
        lifecycle.settle(self.lives, self.clock.now(), self._context_of)

    def _context_of(self, ended: Transition) -> Context:
        service = ended.kind.split("/")[0]
        return Context(self, *ended.place, service, ended.end, ended.call)

    def serve(self, context: Context, call: Call) -> Output | Answer:
        """Runs a call that came over HTTP; raises AwsError.

        An S3 call that only moto handles is passed on byte for byte and its Answer returned:
        objects are streams and must not be taken apart.
        """
        forgotten.require_none(call.service, call.operation, call.params)
        if call.service == "ec2" and self.settings.ec2_lag:
            return self._serve_late(context, call)
        registered = hooks(call.service, call.operation)
        if call.service != "s3" or registered.operation or registered.after:
            return self.call(context, call.operation, call.params)
        with backend.translating():
            _checked(context, registered, call.params)
        return backend.forward(context, call.operation, call.raw)

    def _serve_late(self, context: Context, call: Call) -> Output:
        """Runs a call of EC2, which does not yet see what it created a moment ago."""
        consistency.require_visible(context, call.params)
        output = self.call(context, call.operation, call.params)
        consistency.delay(self, context, call.operation, call.params, output)
        is_list = call.operation.startswith("Describe")
        return consistency.without_fresh(context, output) if is_list else output

    def call(self, context: Context, operation: str, params: Params) -> Output:
        """Runs an operation with its hooks; raises AwsError."""
        registered = hooks(context.service, operation)
        with backend.translating():
            accepted = _checked(context, registered, params)
            if registered.token is None:
                return _performed(context, operation, registered, accepted)
            return idempotency.once(
                context,
                operation,
                registered.token,
                accepted,
                lambda: _performed(context, operation, registered, accepted),
            )


def _checked(context: Context, registered: Hooks, params: Params) -> Params:
    """The parameters after every check; a check refuses by raising AwsError."""
    for check in registered.before:
        params = check(context, params) or params
    return params


def _performed(context: Context, operation: str, registered: Hooks, params: Params) -> Output:
    """The output of the lab's operation or of moto's, after the steps that follow it."""
    if registered.operation is not None:
        output = registered.operation(context, params) or {}
    else:
        output = backend.invoke(context, operation, params)
    for step in registered.after:
        output = step(context, params, output) or output
    return output


__all__ = ["ACCOUNT", "AwsError", "World", "load_services", "warm_up"]
