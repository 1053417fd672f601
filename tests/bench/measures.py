"""The measurements, each as rows of the result."""

from __future__ import annotations

import json
import shutil
import statistics
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench import plugin, runs
from bench.report import Row
from bench.runs import Contender, Measured
from harness.cli import Cli
from harness.lab import ROOT, Lab

MINIMUM = "minimum profile"

PLANNED = 1000
"""Components of the plan whose CPU time is measured."""
PER_BUCKET, PER_STACK = 7, 2
"""Components of a bucket, and of a stack with nothing but buckets."""

STACKS = 10
"""Stacks of the larger of two refreshes."""
FOREIGN = 1000
"""Objects of other people in the account."""
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ec2.amazonaws.com"},
            }
        ],
    }
)

SEVERAL = """
terraform {{
  required_providers {{
    stellar = {{ source = "stellar/stellar" }}
  }}
}}

resource "stellar_cluster" "this" {{
  for_each = toset([for n in range({stacks}) : "stack-${{n}}"])

  name    = each.key
  region  = "us-east-1"
  network = {{ cidr = "10.0.0.0/16", zone_count = 2, nat = "single", flow_logs = {{}} }}
  buckets = {{ images = {{}} }}

  deletion_protection = false
}}
"""

MANY = """
terraform {{
  required_providers {{
    stellar = {{ source = "stellar/stellar" }}
  }}
}}

resource "stellar_cluster" "this" {{
  name    = "many"
  region  = "us-east-1"
  buckets = {{ for n in range({buckets}) : "b${{n}}" => {{}} }}
}}
"""


def starts(ours: Path, peer: Path | None, times: int) -> list[Row]:
    """From process start to the schema's last byte."""
    found = [plugin.start(ours) for _ in range(times)]
    theirs = [plugin.start(peer) for _ in range(times)] if peer else []

    def both(of) -> tuple[float, float | None]:
        return statistics.median(map(of, found)), statistics.median(
            map(of, theirs)
        ) if theirs else None

    seconds, peer_seconds = both(lambda each: each.seconds * 1000)
    memory, peer_memory = both(lambda each: each.resident_kib / 1024)
    return [
        Row("start to schema", "ms", seconds, limit=50, peer=peer_seconds),
        Row("resident memory then", "MiB", memory, limit=30, peer=peer_memory),
    ]


def compared(
    ours: Contender, peer: Contender | None, lab: Lab, cli: Cli, place: Path, times: int
) -> list[Row]:
    """Apply, refresh and destroy of the same platform on an AWS that is ready at once.

    Ours: medians of `times` lives. The peer's life is long, and mostly its own fixed delays: once, and not destroyed.
    """
    lives = [_life(ours, lab, cli, place, destroys=True) for _ in range(times)]
    theirs = _life(peer, lab, cli, place, destroys=False) if peer else {}

    def row(what: str, unit: str, step: str, of, **budget: float) -> Row:
        other = of(theirs[step]) if step in theirs else None
        value = statistics.median(of(life[step]) for life in lives)
        return Row(what, unit, value, peer=other, **budget)

    return [
        row("apply, AWS instantly ready", "s", "apply", _seconds, ratio=10),
        row("calls of that apply", "calls", "apply", _calls),
        row("peak memory of that apply", "MiB", "apply", _peak, limit=80),
        row("refresh without changes", "calls", "refresh", _calls, ratio=2.5),
        row("wall time of that refresh, CLI included", "s", "refresh", _seconds, ratio=4),
        *(
            row(f"of its calls: {service}", "calls", "refresh", partial(_calls_of, service))
            for service in sorted(_services(lives[0]["refresh"]))
        ),
        row("destroy, AWS instantly ready", "s", "destroy", _seconds),
    ]


def makespan(ours: Contender, lab: Lab, cli: Cli, place: Path, times: int) -> list[Row]:
    """First to last call of the apply of a plan against the longest chain of AWS's own durations."""
    ratios, minutes, peaks = [], [], []
    minimum = replace(ours, stack=ROOT / "examples" / "minimum", options=("-var=disposable=true",))
    for number in range(times):
        directory = place / f"makespan-{number}" / "examples" / "minimum"
        found = runs.apply_planned(minimum, lab, runs.prepare(minimum, lab, cli, directory))
        peaks.append(found.peak_mib)
        ratios.append(found.makespan / found.critical)
        minutes.append(found.makespan / 60)
    return [
        Row(f"apply of the {MINIMUM}, in AWS's time", "minutes", statistics.median(minutes)),
        Row("makespan ÷ critical path", "ratio", statistics.median(ratios), limit=1.03),
        Row("peak memory of that apply", "MiB", statistics.median(peaks), limit=80),
    ]


def plan_cpu(ours: Contender, lab: Lab, cli: Cli, place: Path) -> list[Row]:
    """CPU time of a plan of many components beyond that of a plan of few."""
    ours = replace(ours, options=())
    used = {}
    for components in (PER_STACK + PER_BUCKET, PLANNED):
        buckets = (components - PER_STACK) // PER_BUCKET
        directory = place / f"plan-{buckets}"
        directory.mkdir()
        (directory / "main.tf").write_text(MANY.format(buckets=buckets))
        workspace = runs.prepare(ours, lab, cli, directory)
        found = [runs.plan(ours, lab, workspace).cpu_seconds * 1000 for _ in range(3)]
        used[components] = statistics.median(found)
    few, many = used.values()
    note = f"beyond the {few:.0f} ms of a plan of {PER_STACK + PER_BUCKET}"
    return [Row(f"CPU of a plan of {PLANNED:,} components", "ms", many - few, limit=50, note=note)]


def scale(ours: Contender, lab: Lab, cli: Cli, place: Path) -> list[Row]:
    """Calls of a refresh: of more stacks of ours, and beside objects that are not ours."""
    ours = replace(ours, options=())
    calls = {}
    for stacks in (1, STACKS):
        directory = place / f"scale-{stacks}"
        directory.mkdir()
        (directory / "main.tf").write_text(SEVERAL.format(stacks=stacks))
        workspace = runs.prepare(ours, lab, cli, directory)
        runs.apply(ours, lab, workspace)
        calls[stacks] = runs.refresh(ours, lab, workspace, times=1).calls
    _crowd(lab)
    crowded = runs.refresh(ours, lab, workspace, times=1).calls
    return [
        Row(
            f"refresh of {STACKS} stacks ÷ of one", "calls", calls[STACKS] / calls[1], limit=STACKS
        ),
        Row(
            f"more calls beside {FOREIGN} foreign objects",
            "calls",
            crowded - calls[STACKS],
            limit=0,
        ),
    ]


def _crowd(lab: Lab) -> None:
    """Roles and buckets of other people."""
    iam, s3 = lab.client("iam"), lab.client("s3")
    for number in range(FOREIGN // 2):
        iam.create_role(RoleName=f"foreign-{number}", AssumeRolePolicyDocument=TRUST)
        s3.create_bucket(Bucket=f"foreign-bucket-{number}")


def package(release: Path, place: Path) -> list[Row]:
    """Size of the zip that users download."""
    if not release.exists():
        return [Row("release zip", "MB", None, limit=15, note="no release build: make install")]
    archive = place / "release.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        zipped.write(release, release.name)
    return [Row("release zip", "MB", archive.stat().st_size / 1e6, limit=15)]


def _life(
    contender: Contender, lab: Lab, cli: Cli, place: Path, *, destroys: bool
) -> dict[str, Measured]:
    directory = place / contender.name / "examples" / contender.stack.name
    workspace = runs.prepare(contender, lab, cli, directory)
    found = {
        "apply": runs.apply(contender, lab, workspace),
        "refresh": runs.refresh(contender, lab, workspace, times=3 if destroys else 1),
    }
    if destroys:
        found["destroy"] = runs.destroy(contender, lab, workspace)
    shutil.rmtree(directory)
    return found


def _services(measured: Measured) -> set[str]:
    return {name.split(".")[0] for name in measured.operations}


def _calls_of(service: str, measured: Measured) -> float:
    return sum(n for name, n in measured.operations.items() if name.split(".")[0] == service)


def _seconds(measured: Measured) -> float:
    return measured.seconds


def _calls(measured: Measured) -> float:
    return measured.calls


def _peak(measured: Measured) -> float:
    return measured.peak_mib
