"""Fault rules as they are written: JSON objects, checked, and counted so that runs repeat.

Members of every rule:
  service, operation, region, access_key   which calls; left out = any
  mutating      true: only calls that may change something; false: only those that cannot
  except        operations that the rule neither hits nor counts
  kind                                     what happens to them: KINDS, explained in `faults`
Members of rules that choose among those calls:
  skip          so many matching calls go through first (default 0)
  count         so many matching calls are hit (default 1, 0 = no limit)
  every         only every n-th of them
  probability   each with this chance, drawn from `seed` (default 0): the same calls every run
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from lab import failures, partial
from lab.identity import mutates

if TYPE_CHECKING:
    from lab.request import Call


@dataclass(frozen=True)
class Many:
    """A member that is one value of a type, or a list of them."""

    of: type


Type: TypeAlias = type | Many
WHICH = {
    "service": str,
    "operation": str,
    "region": str,
    "access_key": str,
    "mutating": bool,
    "except": Many(str),
}
CHOICE: dict[str, Type] = {
    "skip": int,
    "count": int,
    "every": int,
    "probability": float,
    "seed": int,
}
ERROR: dict[str, Type] = {"code": str, "message": str, "status": int}
KINDS: dict[str, dict[str, Type]] = {
    "throttle": CHOICE | ERROR | {"rate": float, "burst": int},
    "error": CHOICE | ERROR,
    "quota": CHOICE | ERROR,
    "reset": CHOICE,
    "lost-response": CHOICE,
    "delay": CHOICE | {"seconds": float},
    "hold": CHOICE,
    "kill": CHOICE | {"pid": Many(int), "parents": int, "tree": bool, "when": str},
    "fail": CHOICE | {"reason": str, "message": str},
    "partial": CHOICE | {"code": str, "message": str},
    "capacity": {"instance_type": str, "zone": str},
    "expire": {"seconds": float},
    "down": {"how": str},
}
"""Kind → its members beyond WHICH."""
NEEDED = {"fail": ("service", "operation", "reason"), "partial": ("service", "operation")}
VALUES = {"when": ("before", "after"), "how": ("error", "reset")}
CONDITIONS = ("capacity", "expire", "down")
"""Kinds that hold from now on, for every call."""
COMPANIONS = ("fail", "partial")
"""Kinds with which the call itself succeeds; what fails is inside, or comes later."""


class BadRule(ValueError):
    """A rule that cannot be understood."""


@dataclass
class Rule:
    """One fault and how often it has matched; a member that was not given is None or neutral."""

    kind: str
    service: str | None = None
    operation: str | None = None
    region: str | None = None
    access_key: str | None = None
    mutating: bool | None = None
    omit: tuple[str, ...] = ()
    """The member `except`."""
    skip: int = 0
    count: int = 1
    every: int = 1
    probability: float = 1.0
    seed: int = 0
    code: str | None = None
    message: str | None = None
    status: int | None = None
    rate: float = 0.0
    burst: int = 1
    seconds: float = 0.0
    pid: tuple[int, ...] = ()
    parents: int = 0
    tree: bool = False
    when: str = "before"
    reason: str = ""
    instance_type: str | None = None
    zone: str | None = None
    how: str = "error"
    since: float = 0.0
    """Lab time at which the rule was set."""
    seen: int = 0
    hits: int = 0
    tokens: float = 0.0
    """What is left of `burst`."""
    filled: float = 0.0
    """Real time at which `tokens` was last brought up to date."""
    dice: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.tokens = float(self.burst)

    def takes(self, call: Call, lab_now: float, real_now: float) -> bool:
        """Counts a call and says whether this rule applies to it."""
        if self.kind == "capacity" or not self._about(call):
            return False
        if self.kind == "expire":
            return lab_now >= self.since + self.seconds
        self.seen += 1
        if self.kind == "down":
            return True
        past = self.seen - self.skip
        if past <= 0 or past % self.every or (self.count and self.hits >= self.count):
            return False
        if self.probability < 1 and self.dice.random() >= self.probability:
            return False
        if self.rate and self._within_rate(real_now):
            return False
        self.hits += 1
        return True

    def _about(self, call: Call) -> bool:
        if call.operation in self.omit:
            return False
        if self.mutating not in (None, mutates(call.service, call.operation, call.params)):
            return False
        wanted = (
            (self.service, call.service),
            (self.operation, call.operation),
            (self.region, call.region),
            (self.access_key, call.access_key),
        )
        return all(rule in (None, "*", its) for rule, its in wanted)

    def _within_rate(self, now: float) -> bool:
        """Takes a token from the bucket, if it has one: `rate` flow in per real second."""
        if self.filled:
            self.tokens = min(self.burst, self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


def rules_from(document: Any, since: float = 0.0) -> list[Rule]:
    """Reads a list of rules that hold from `since` (lab seconds) on; raises BadRule."""
    if not isinstance(document, list):
        raise BadRule("faults are a list of rules")
    return [_rule(item, since) for item in document]


def _rule(item: Any, since: float) -> Rule:
    if not isinstance(item, dict) or item.get("kind") not in KINDS:
        raise BadRule(f"a rule is an object whose kind is one of {', '.join(KINDS)}")
    kind, given = item["kind"], {name: value for name, value in item.items() if name != "kind"}
    known = WHICH | KINDS[kind]
    if unknown := set(given) - set(known):
        raise BadRule(
            f"unknown members of a {kind} rule: {', '.join(sorted(unknown))}; it has "
            f"{', '.join(known)}"
        )
    for name, value in given.items():
        _check(name, value, known[name])
    if missing := [name for name in NEEDED.get(kind, ()) if not given.get(name)]:
        raise BadRule(f"a {kind} rule needs {', '.join(missing)}")
    _check_target(kind, given)
    unlimited = kind in CONDITIONS or given.get("rate") or given.get("probability")
    given = {name: _several(value, known[name]) for name, value in given.items()}
    if "except" in given:
        given["omit"] = given.pop("except")
    return Rule(kind, **({"count": 0} if unlimited else {}) | given, since=since)


def _several(value: Any, kind: Type) -> Any:
    """One value where several may stand is a list of one."""
    if not isinstance(kind, Many):
        return value
    return tuple(value) if isinstance(value, list) else (value,)


def _check(name: str, value: Any, kind: Type) -> None:
    if isinstance(kind, Many):
        for each in value if isinstance(value, list) else [value]:
            _check(name, each, kind.of)
        return
    accepted = (int, float) if kind is float else kind
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
        raise BadRule(f"{name} must be {kind.__name__}, not {value!r}")
    if isinstance(value, (int, float)) and value < (1 if name in ("every", "burst") else 0):
        raise BadRule(f"{name} is too small: {value}")
    if name == "probability" and value > 1:
        raise BadRule(f"probability is at most 1, not {value}")
    if name in VALUES and value not in VALUES[name]:
        raise BadRule(f"{name} is one of {', '.join(VALUES[name])}, not {value!r}")


def _check_target(kind: str, given: dict[str, Any]) -> None:
    target = given.get("service"), given.get("operation")
    if kind == "partial" and target not in partial.SHAPES:
        raise BadRule("partial failures exist in: " + _listed(partial.SHAPES))
    if kind != "fail":
        return
    if (way := failures.ways.get(target)) is None:
        raise BadRule("what fails later is begun by: " + _listed(failures.ways))
    if given["reason"] not in way.reasons:
        raise BadRule(f"reasons of {' '.join(target)}: {', '.join(sorted(way.reasons))}")


def _listed(calls: Any) -> str:
    return ", ".join(sorted(" ".join(each) for each in calls))
