"""What each field does: a table per section of configurations, one after the other on one stack.

A section's file (`network.py`, `kubernetes.py` …) holds `STEPS`. The first step creates the stack, every
further one changes it in place. After each step the stack is ready, every `see` finds what the configuration says by
boto3, and the next plan is empty.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.lab import Lab


@dataclass(frozen=True)
class Account:
    """The account in which the stack lives, and what the stack says about itself."""

    lab: Lab
    values: dict[str, Any]
    """The resource's attributes in the state."""
    region: str = "us-east-1"

    def client(self, service: str) -> Any:
        """A boto3 client of the stack's region."""
        return self.lab.client(service, self.region)

    def id(self, address: str) -> str:
        """The AWS id of a component."""
        return self.values["components"][address]["id"]


DATA = {
    "elasticache/replication-group",
    "kms/key",
    "rds/instance",
    "s3/bucket",
    "secretsmanager/secret",
}
"""Kinds that hold data, or without which data cannot be read."""


def allowed(account: Account, *sections: str) -> dict[str, str]:
    """For `Step.before`: the list for `allow_replace` with which these sections may go, as `@allowed@`."""
    found = account.values["components"].items()
    named = [
        f"{address}@{each['id']}"
        for address, each in found
        if address.split("/")[0] in sections and each["kind"] in DATA
    ]
    return {"allowed": json.dumps(named)}


@dataclass(frozen=True)
class Seen:
    """One field as AWS shows it."""

    field: str
    """The attribute as users write it: `database.backup.retention_days`."""
    see: Callable[[Account], Any]
    expected: Any


@dataclass(frozen=True)
class Step:
    """One configuration of the stack."""

    rule: str
    """What the step shows, as a sentence."""
    sections: tuple[str, ...]
    """The attributes of the resource, in HCL."""
    seen: tuple[Seen, ...] = ()
    words: tuple[str, ...] = ()
    """Words that a line of the planned `changes` holds."""
    keeps: tuple[str, ...] = ()
    """Components whose id must be the same as before the step."""
    before: Callable[[Account], dict[str, str] | None] | None = field(default=None, compare=False)
    """What somebody else does to the account first: drift, a scaling, a prerequisite. Of what it answers, the sections of
    this step and of later ones hold the values, written as `@key@`."""
