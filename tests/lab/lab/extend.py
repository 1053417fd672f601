"""What a simulated service is written with: operations, hooks, errors and the context of a call.

    @operation("eks", "CreateAddon")     replaces moto's handling; returns the output
    @before("ec2", "DeleteSubnet")       may refuse (raise AwsError) or return other parameters
    @after("rds", "CreateDBInstance")    may change the output or return another one
    @on_end("eks/addon", "create")       runs when a transition's time is over
    idempotent("ec2", "CreateVpcEndpoint")   the same token answers as the first time

Parameters and outputs have botocore's shapes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from lab.failures import Failure
    from lab.lifecycle import Life
    from lab.world import World

Params: TypeAlias = dict[str, Any]
Output: TypeAlias = dict[str, Any]
Operation: TypeAlias = Callable[["Context", Params], Output | None]
Before: TypeAlias = Callable[["Context", Params], Params | None]
After: TypeAlias = Callable[["Context", Params, Output], Output | None]
OnEnd: TypeAlias = Callable[["Context", str], None]


class AwsError(Exception):
    """An error as AWS answers it: its wire code, its message and, if given, its HTTP status.

    Without `status` the service model's status of that code is used, else 400. `headers` are
    added to the answer. Further members of the modelled error (EKS's `clusterName`) are keyword
    arguments.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int | None = None,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}
        self.lacking = ""
        """Which member of the request is not simulated, where it is one."""
        for name, value in members.items():
            setattr(self, name, value)


@dataclass(frozen=True)
class Context:
    """Whose call it is and where: handed to every operation and hook."""

    world: World
    account: str
    region: str
    service: str
    at: float | None = None
    """Fixed lab time, in handlers of transitions: the moment the transition ended."""
    origin: int = 0
    """Number of the logged call that led here; 0 for none."""
    failure: Failure | None = None
    """How what the call begins is to fail."""
    access_key: str = ""
    """Whose call it is; empty in handlers of transitions."""

    def now(self) -> float:
        """Lab seconds since 1970."""
        return self.world.clock.now() if self.at is None else self.at

    def store(self, service: str) -> dict[Any, Any]:
        """The lab's own state of a service in this account and region; cleared by a reset."""
        return self.world.store(self.account, self.region, service)

    def moto(self, service: str) -> Any:
        """moto's backend of a service in this account and region."""
        return self.world.moto(self.account, self.region, service)

    @property
    def life(self) -> Life:
        """The transitions of this account's and region's objects."""
        return self.world.life(self)

    def call(
        self, service: str, operation: str, params: Params, region: str | None = None
    ) -> Output:
        """Makes another call, with its hooks but without log, faults or validation."""
        return self.world.call(self.elsewhere(region or self.region, service), operation, params)

    def elsewhere(self, region: str, service: str | None = None) -> Context:
        """The same caller in another region (or at another service)."""
        place = (self.account, region, service or self.service)
        rest = (self.at, self.origin, self.failure, self.access_key)
        return Context(self.world, *place, *rest)


@dataclass(frozen=True)
class Token:
    """An idempotency token: which member carries it, and the error when its call changed."""

    member: str
    mismatch: str


@dataclass
class Hooks:
    """What is registered for one operation."""

    operation: Operation | None = None
    token: Token | None = None
    before: list[Before] = field(default_factory=list)
    after: list[After] = field(default_factory=list)


_hooks: defaultdict[tuple[str, str], Hooks] = defaultdict(Hooks)
_on_end: defaultdict[tuple[str, str], list[OnEnd]] = defaultdict(list)


def operation(service: str, name: str) -> Callable[[Operation], Operation]:
    """Registers the lab's own implementation; a second one for the same operation is a mistake."""

    def register(function: Operation) -> Operation:
        hooks = _hooks[service, name]
        if hooks.operation is not None:
            raise ValueError(f"{service} {name} is implemented twice")
        hooks.operation = function
        return function

    return register


def before(service: str, *names: str) -> Callable[[Before], Before]:
    """Registers a check that runs before the operation, in order of registration.

    The name "*" stands for every operation of the service; such checks run first.
    """

    def register(function: Before) -> Before:
        for name in names:
            _hooks[service, name].before.append(function)
        return function

    return register


def after(service: str, *names: str) -> Callable[[After], After]:
    """Registers a step that runs after the operation succeeded."""

    def register(function: After) -> After:
        for name in names:
            _hooks[service, name].after.append(function)
        return function

    return register


def on_end(kind: str, *transitions: str) -> Callable[[OnEnd], OnEnd]:
    """Registers what happens to `(context, id)` when a transition of `kind` is over."""

    def register(function: OnEnd) -> OnEnd:
        for transition in transitions:
            _on_end[kind, transition].append(function)
        return function

    return register


def idempotent(
    service: str,
    name: str,
    member: str = "ClientToken",
    mismatch: str = "IdempotentParameterMismatch",
) -> None:
    """Makes an operation answer a repeated token as it did the first time.

    The same token with other parameters is refused with the code `mismatch`.
    """
    _hooks[service, name].token = Token(member, mismatch)


def has_operation(service: str, name: str) -> bool:
    """Whether the lab itself implements the operation."""
    return hooks(service, name).operation is not None


def hooks(service: str, name: str) -> Hooks:
    """Everything registered for an operation; empty hooks when nothing is."""
    own, common = _hooks.get((service, name)), _hooks.get((service, "*"))
    if common is None:
        return own or Hooks()
    own = own or Hooks()
    return Hooks(own.operation, own.token, common.before + own.before, common.after + own.after)


def end_handlers(kind: str, transition: str) -> list[OnEnd]:
    """What to run at the end of a transition."""
    return _on_end.get((kind, transition), [])
