"""Rows of the result: what was measured, its budget, and how the peer does."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One measurement."""

    what: str
    unit: str
    value: float | None
    """None: not measured, and `note` says why."""
    limit: float | None = None
    """The value must not be above it."""
    peer: float | None = None
    ratio: float | None = None
    """The peer's value must be at least so many times ours."""
    note: str = ""

    @property
    def kept(self) -> bool | None:
        """Whether the budget is kept; None when there is none, or nothing to judge by."""
        if self.value is None or (self.limit is None and (self.ratio is None or self.peer is None)):
            return None
        within = self.limit is None or self.value <= self.limit
        ahead = self.ratio is None or self.peer is None or self.peer >= self.ratio * self.value
        return within and ahead

    @property
    def budget(self) -> str:
        """The budget in words."""
        parts = [] if self.limit is None else [f"≤ {number(self.limit)}"]
        return ", ".join(
            parts if self.ratio is None else [*parts, f"{number(self.ratio)} × better"]
        )

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"kept": self.kept}


def number(value: float | None) -> str:
    """Three significant digits, without an exponent."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def markdown(rows: list[Row]) -> str:
    """A table."""
    lines = [
        "| what | stellar | budget | AWS provider | ratio | kept |",
        "|---|---:|---|---:|---:|---|",
    ]
    for row in rows:
        ratio = f"{row.peer / row.value:.1f}" if row.peer and row.value else ""
        what = f"{row.what} ({row.note})" if row.note else row.what
        kept = {True: "yes", False: "**no**", None: ""}[row.kept]
        cells = [
            f"{what}, {row.unit}",
            number(row.value),
            row.budget,
            number(row.peer) if row.peer is not None else "",
            ratio,
            kept,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
