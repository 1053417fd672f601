"""Faults on request: rules that break chosen calls, counted and therefore repeatable.

A rule is a JSON object; all members but `kind` are optional:
  service, operation, region   which calls; left out = any
  skip                         so many matching calls go through first (default 0)
  count                        so many matching calls are hit (default 1, 0 = no limit)
  every                        only every n-th of them
  kind                         throttle | error | reset | lost-response | delay | kill
  code, message, status        of the error (kinds throttle and error)
  seconds                      real seconds (kind delay)
  pid, when                    the process to SIGKILL and "before" or "after" the call (kind kill)
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass, fields
from typing import Any

from lab.extend import AwsError

KINDS = ("throttle", "error", "reset", "lost-response", "delay", "kill")
THROTTLES = {
    "ec2": ("RequestLimitExceeded", 503),
    "s3": ("SlowDown", 503),
    "rds": ("ThrottlingException", 400),
    "eks": ("ThrottlingException", 429),
}
"""Service → wire code and status of throttling; others answer `ThrottlingException` 400."""


class BadRule(ValueError):
    """A rule that cannot be understood."""


class Dropped(Exception):
    """The connection is to be reset instead of answered."""


@dataclass
class Rule:
    """One fault and how often it has matched."""

    kind: str
    service: str | None = None
    operation: str | None = None
    region: str | None = None
    skip: int = 0
    count: int = 1
    every: int = 1
    code: str | None = None
    message: str = "A fault of the lab"
    status: int | None = None
    seconds: float = 0.0
    pid: int | None = None
    when: str = "before"
    seen: int = 0
    hits: int = 0

    def takes(self, service: str, operation: str, region: str) -> bool:
        """Counts a call and says whether this rule breaks it."""
        wanted = ((self.service, service), (self.operation, operation), (self.region, region))
        if any(rule not in (None, "*", call) for rule, call in wanted):
            return False
        self.seen += 1
        past = self.seen - self.skip
        if past <= 0 or past % self.every or (self.count and self.hits >= self.count):
            return False
        self.hits += 1
        return True

    def before(self, service: str) -> None:
        """What happens instead of the call, or ahead of it."""
        if self.kind == "delay":
            time.sleep(self.seconds)
        elif self.kind == "reset":
            raise Dropped
        elif self.kind == "kill" and self.when == "before":
            self._kill()
        elif self.kind == "throttle":
            code, status = THROTTLES.get(service, ("ThrottlingException", 400))
            raise AwsError(self.code or code, "Rate exceeded", self.status or status)
        elif self.kind == "error":
            fallback = 400 if self.code else 500
            raise AwsError(self.code or "InternalError", self.message, self.status or fallback)

    def after(self) -> None:
        """What happens once the call is done but not answered."""
        if self.kind == "lost-response":
            raise Dropped
        if self.kind == "kill" and self.when == "after":
            self._kill()

    def _kill(self) -> None:
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        raise Dropped


def rules_from(document: Any) -> list[Rule]:
    """Reads a list of rules; raises BadRule."""
    if not isinstance(document, list):
        raise BadRule("faults are a list of rules")
    return [_rule(item) for item in document]


def _rule(item: Any) -> Rule:
    known = {each.name for each in fields(Rule)} - {"seen", "hits"}
    if not isinstance(item, dict) or item.get("kind") not in KINDS:
        raise BadRule(f"a rule is an object whose kind is one of {', '.join(KINDS)}")
    if unknown := set(item) - known:
        raise BadRule(f"unknown members of a rule: {', '.join(sorted(unknown))}")
    if item["kind"] == "kill" and not isinstance(item.get("pid"), int):
        raise BadRule("a rule of kind kill needs a pid")
    if item.get("every", 1) < 1:
        raise BadRule("every must be at least 1")
    return Rule(**item)
