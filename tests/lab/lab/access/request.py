"""What a policy is asked about: one action on one resource, with its circumstances."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """One action on one resource; a call can need several."""

    action: str
    resource: str | None
    """An ARN, or `*` for an action without a resource; None where the lab cannot tell."""
    context: dict[str, list[str]] = field(default_factory=dict)
    """Condition key in lower case → values."""
    says: str = ""
    """How a service refuses what it would do with its caller's permissions; else as usual."""

    def values(self, key: str) -> list[str]:
        """The values of a condition key, whose service part and name ignore case."""
        prefix, slash, tag = key.partition("/")
        return self.context.get(f"{prefix.lower()}{slash}{tag}", [])
