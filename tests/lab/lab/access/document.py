"""IAM policy documents as the lab evaluates them; what it cannot evaluate is refused when set.

The language: "IAM JSON policy elements reference" in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lab.access.request import Request

OPERATORS: dict[str, tuple[Callable[[str, str], bool], bool]] = {
    "StringEquals": (lambda value, wanted: value == wanted, False),
    "StringNotEquals": (lambda value, wanted: value == wanted, True),
    "StringEqualsIgnoreCase": (lambda value, wanted: value.lower() == wanted.lower(), False),
    "StringLike": (lambda value, wanted: like(wanted, value), False),
    "StringNotLike": (lambda value, wanted: like(wanted, value), True),
    "ArnEquals": (lambda value, wanted: like(wanted, value), False),
    "ArnLike": (lambda value, wanted: like(wanted, value), False),
    "ArnNotLike": (lambda value, wanted: like(wanted, value), True),
    "Bool": (lambda value, wanted: value == wanted.lower(), False),
}
"""Operator → whether one value fits one wanted value, and whether the operator negates that."""
MEMBERS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
KEYS = re.compile(
    "aws:(RequestTag|ResourceTag)/.+|aws:(TagKeys|RequestedRegion|PrincipalArn|PrincipalAccount"
    "|ResourceAccount)|iam:(PassedToService|PolicyARN|AWSServiceName)|ec2:(CreateAction|LaunchTemplate)"
    "|kms:(ViaService|GrantIsForAWSResource)",
    re.IGNORECASE,
)
"""The condition keys that the lab knows."""


TAGGED = "aws:resourcetag/"
"""How condition keys about an object's tags begin."""


class BadPolicy(ValueError):
    """A document that is no policy, or one that the lab cannot evaluate."""


Policies: TypeAlias = "dict[str, list[Statement]]"
"""Access key, or `*` for every other one → what it may."""


@dataclass(frozen=True)
class Condition:
    """One line of a Condition block: `key` fits one of `wanted`."""

    operator: str
    key: str
    wanted: tuple[str, ...]
    if_exists: bool = False
    every: bool = False
    """`ForAllValues:`: each of the request's values must fit, instead of any."""

    def holds(self, request: Request) -> bool:
        """Whether the request fulfils it; an absent key does so for negated operators only."""
        values = request.values(self.key)
        if self.operator == "Null":
            return (not values) == (self.wanted[0].lower() == "true")
        fits, negated = OPERATORS[self.operator]
        if not values:
            return negated or self.if_exists or self.every
        found = [any(fits(value, wanted) for wanted in self.wanted) for value in values]
        return (all(found) if self.every else any(found)) != negated


@dataclass(frozen=True)
class Statement:
    """One statement; `not_action` and `not_resource` say that the lists are exceptions."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_action: bool = False
    not_resource: bool = False
    conditions: tuple[Condition, ...] = field(default_factory=tuple)

    def covers(self, request: Request) -> bool:
        """Whether the statement is about this request."""
        named = any(like(action.lower(), request.action.lower()) for action in self.actions)
        if named == self.not_action:
            return False
        # A request whose resource the lab cannot derive is taken to be about any.
        if request.resource is not None:
            there = any(like(resource, request.resource) for resource in self.resources)
            if there == self.not_resource:
                return False
        asked = self.conditions
        if request.resource is None:  # then its tags are not known either
            asked = tuple(each for each in asked if not each.key.lower().startswith(TAGGED))
        return all(condition.holds(request) for condition in asked)


def like(pattern: str, text: str) -> bool:
    """`*` for any text, `?` for any one character."""
    return (
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text) is not None
    )


def statements(document: Any) -> list[Statement]:
    """Reads an identity-based policy; raises BadPolicy."""
    if not isinstance(document, dict) or "Statement" not in document:
        raise BadPolicy("a policy is an object with Statement")
    found = document["Statement"]
    return [
        _statement(each, index)
        for index, each in enumerate(found if isinstance(found, list) else [found])
    ]


def _statement(given: Any, index: int) -> Statement:
    where = f"Statement {index}"
    if not isinstance(given, dict):
        raise BadPolicy(f"{where} is no object")
    if unknown := sorted(set(given) - MEMBERS):
        raise BadPolicy(f"{where}: not supported in an identity-based policy: {', '.join(unknown)}")
    if given.get("Effect") not in ("Allow", "Deny"):
        raise BadPolicy(f"{where}: Effect must be Allow or Deny")
    action, resource = (_one_of(given, name, where) for name in ("Action", "Resource"))
    return Statement(
        given.get("Sid", str(index)),
        given["Effect"] == "Allow",
        _texts(given[action], f"{where}.{action}"),
        _texts(given[resource], f"{where}.{resource}"),
        action.startswith("Not"),
        resource.startswith("Not"),
        tuple(_conditions(given.get("Condition", {}), where)),
    )


def _one_of(given: dict[str, Any], name: str, where: str) -> str:
    present = [each for each in (name, f"Not{name}") if each in given]
    if len(present) != 1:
        raise BadPolicy(f"{where} must have one of {name} and Not{name}")
    return present[0]


def _texts(given: Any, where: str) -> tuple[str, ...]:
    found = [given] if isinstance(given, (str, bool)) else given
    if not isinstance(found, list) or not all(isinstance(each, (str, bool)) for each in found):
        raise BadPolicy(f"{where} must be a string or a list of strings")
    return tuple(str(each).lower() if isinstance(each, bool) else each for each in found)


def _conditions(given: Any, where: str) -> Iterable[Condition]:
    if not isinstance(given, dict):
        raise BadPolicy(f"{where}.Condition must be an object")
    for written, block in given.items():
        quantifier, _, operator = written.rpartition(":")
        bare = operator.removesuffix("IfExists")
        if bare not in OPERATORS and bare != "Null":
            raise BadPolicy(f"{where}: the lab does not evaluate the operator {written}")
        for key, wanted in block.items():
            if not KEYS.fullmatch(key):
                raise BadPolicy(f"{where}: the lab does not evaluate the condition key {key}")
            texts = _texts(wanted, f"{where}.Condition.{written}.{key}")
            yield Condition(bare, key, texts, bare != operator, quantifier == "ForAllValues")
