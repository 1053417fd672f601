"""What a lab does or leaves out: switched on its command line and over `PUT /_lab/settings`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any


class BadSetting(ValueError):
    """A setting that does not exist or has no such value."""


@dataclass(frozen=True)
class Settings:
    """The switches of a lab."""

    ec2_lag: float = 0.0
    """Lab seconds for which EC2 may not find what it just created; 0 = never."""
    seed: int = 0
    """What is drawn by chance is drawn from this."""
    keys: dict[str, str] | None = None
    """Access key → secret. When given, signatures are checked and no other key is known."""

    def changed(self, document: Any) -> Settings:
        """These settings with some others; raises BadSetting."""
        if not isinstance(document, dict):
            raise BadSetting('expected an object such as {"ec2_lag": 1}')
        if unknown := sorted(set(document) - set(CHECKS)):
            raise BadSetting(f"no such setting: {', '.join(unknown)}; known: {', '.join(CHECKS)}")
        for name, value in document.items():
            accepts, wanted = CHECKS[name]
            if not accepts(value):
                raise BadSetting(f"{name} must be {wanted}")
        return replace(self, **document)

    def shown(self) -> dict[str, Any]:
        """The settings without secrets."""
        return asdict(self) | {"keys": None if self.keys is None else sorted(self.keys)}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def _is_keys(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
    )


CHECKS = {
    "ec2_lag": (_is_number, "a number of lab seconds, at least 0"),
    "seed": (lambda value: type(value) is int, "a whole number"),
    "keys": (_is_keys, "an object of access keys and their secrets, or null"),
}
