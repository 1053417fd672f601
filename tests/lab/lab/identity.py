"""Which objects a call names, and which of them it is about.

There is no list of all operations: AWS's names are regular enough. An operation is a verb and a
noun (`CreateNatGateway`); the object that it is about is called after the noun (`NatGatewayId`),
stands at the top of the answer, or has the plain name `Id`, `Arn` or `Name` one level below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

ENDINGS = re.compile(r"(?i)(ids?|arns?|names?|identifiers?|bucket)$")
PLAIN = frozenset({"id", "arn", "name"})
NOISE = re.compile(
    r"(?i)^(owner|requester|readreplica|availabilityzone|.*account|dhcpoptions|version|user|role(last|.*unique)).*"
)
"""Members that look like identifiers but name nothing that was made here."""
NOUN = re.compile(r"^[A-Z][a-z]+(?P<noun>[A-Z]\w*?)(WithTags)?s?$")
UNIQUE = re.compile(r"^(arn:|[a-z]+-[0-9a-f]{8}|[0-9a-f]{8}-|mrk-|E[A-Z0-9]{11})")
"""Identifiers that no other object has, of whatever service."""
DELETES = ("Delete", "Release", "Terminate", "Schedule", "Deregister")
READS = (
    *("Describe", "Get", "List", "Head", "Filter", "Lookup", "Search", "BatchGet", "BatchCheck"),
    *("Check", "Simulate", "Validate", "Verify", "Select", "Download", "Estimate", "Discover"),
)
"""How the names of operations begin that change nothing."""
QUIET = frozenset(
    {
        ("cloudfront", "TestFunction"),
        ("events", "TestEventPattern"),
        ("kms", "Decapsulate"),
        ("kms", "Decrypt"),
        ("kms", "DeriveSharedSecret"),
        ("kms", "Encapsulate"),
        ("kms", "Encrypt"),
        ("kms", "GenerateDataKey"),
        ("kms", "GenerateDataKeyPair"),
        ("kms", "GenerateDataKeyPairWithoutPlaintext"),
        ("kms", "GenerateDataKeyWithoutPlaintext"),
        ("kms", "GenerateMac"),
        ("kms", "GenerateRandom"),
        ("kms", "ReEncrypt"),
        ("kms", "Sign"),
        ("logs", "StartQuery"),
        ("logs", "StopQuery"),
        ("logs", "TestMetricFilter"),
        ("route53", "TestDNSAnswer"),
    }
)
"""Further calls that change nothing; so do all of STS's."""


def mutates(service: str, operation: str, params: dict[str, Any] | None = None) -> bool:
    """Whether a call may change something; EC2's dry runs do not."""
    if service == "sts" or operation.startswith(READS) or (service, operation) in QUIET:
        return False
    return not (params or {}).get("DryRun")


def named(value: Any, key: str = "") -> Iterator[str]:
    """Every string under a member whose name says that it identifies something."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name.lower() not in ("tags", "tagspecifications"):
                yield from named(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from named(item, key)
    elif isinstance(value, str) and value and ENDINGS.search(key) and not NOISE.match(key):
        yield value


def owned(operation: str, params: dict[str, Any], output: dict[str, Any]) -> set[str]:
    """The identifiers of what the call made, changed or deleted.

    Empty for calls whose noun is no object of its own, like `AttachRolePolicy`.
    """
    noun = _noun(operation)
    given = set(named(params))
    about = {value for key, value in _strings(params) if noun in key.lower()}
    for key, value in output.items():
        if isinstance(value, dict):
            about |= {text for name, text in _strings(value) if _is_own(name, noun)} - given
        elif isinstance(value, (str, list)):
            about |= set(named({key: value})) - given
    return about


def key(service: str, identifier: str) -> str:
    """What tells an object from all others: ids and ARNs do, plain names only within a service."""
    return identifier if UNIQUE.match(identifier) else f"{service}:{identifier}"


def _noun(operation: str) -> str:
    match = NOUN.match(operation)
    return match["noun"].lower() if match else operation.lower()


def _strings(value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, item in value.items():
        if isinstance(item, str) and ENDINGS.search(key) and not NOISE.match(key):
            yield key, item


def _is_own(key: str, noun: str) -> bool:
    stem = ENDINGS.sub("", key).lower()
    return key.lower() in PLAIN or (len(stem) > 2 and (stem in noun or noun in stem))
