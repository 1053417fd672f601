"""What is known of points: one JSON line each, in a file by which a sweep goes on; and the tables made of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from chaos.points import FAULTS, PHASES, parse
from chaos.trial import Result
from harness.lab import ROOT


@dataclass(frozen=True)
class Record:
    """A line of the file."""

    point: str
    cli: str
    """The CLI's version line."""
    commit: str
    date: str
    passed: bool
    reached: bool
    repeats: int
    seconds: float
    destroyed: bool
    why: list[str]


class Results:
    """The file of results; the newest line of a point counts."""

    def __init__(self, file: Path, cli: str) -> None:
        self.file = file
        self.cli = cli
        self.commit = commit()
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = file.read_text().splitlines() if file.exists() else []
        self.records = {each.point: each for each in map(_record, lines) if each.cli == cli}

    def add(self, result: Result) -> Record:
        """Appends a result."""
        record = Record(
            str(result.point),
            self.cli,
            self.commit,
            date.today().isoformat(),
            result.passed,
            result.reached,
            result.repeats,
            round(result.seconds, 1),
            result.destroyed,
            result.why,
        )
        with self.file.open("a") as file:
            file.write(json.dumps(asdict(record)) + "\n")
        self.records[record.point] = record
        return record


def commit() -> str:
    """The commit of the sources, with a + when they differ from it."""
    git = ["git", "-C", str(ROOT)]
    head = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    changed = subprocess.run(
        [*git, "status", "--porcelain", "--untracked-files=no"], capture_output=True, text=True
    )
    return (head.stdout.strip() or "unknown") + ("+" if changed.stdout.strip() else "")


def table(records: Iterable[Record]) -> list[str]:
    """The summary as lines of a Markdown table, phase by phase and fault by fault."""
    rows = [["phase", "fault", "points", "passed", "failed", "seconds each"]]
    records = list(records)
    for phase in PHASES:
        for fault in FAULTS:
            found = [each for each in records if _is_of(each, phase, fault)]
            if found:
                rows.append([phase, fault, *_numbers(found)])
    rows.append(["all", "", *_numbers(records)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(_cells(row, widths)) + " |" for row in rows]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return [lines[0], rule, *lines[1:]]


def _record(line: str) -> Record:
    return Record(**json.loads(line))


def _is_of(record: Record, phase: str, fault: str) -> bool:
    point = parse(record.point)
    return (point.phase, point.fault) == (phase, fault)


def _numbers(records: list[Record]) -> list[str]:
    passed = sum(each.passed for each in records)
    seconds = sum(each.seconds for each in records) / max(len(records), 1)
    return [str(len(records)), str(passed), str(len(records) - passed), f"{seconds:.0f}"]


def _cells(row: list[str], widths: list[int]) -> list[str]:
    return [
        cell.ljust(width) if column < 2 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
