"""Measures the provider against its budgets: `python -m bench [--check] [--runs 5] [--json FILE]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from bench import measures
from bench.report import Row, markdown
from bench.runs import BenchError, Contender
from harness.cli import CLIS, Cli, provider_binary, version, write_mirror
from harness.lab import ROOT, Lab

CLOCK = 15
"""Lab seconds per real second where waiting is measured: slow enough for the provider's own delays to be small."""
PEER_VERSION = "5.32.0"
RESULT = ROOT / "docs" / "benchmarks.md"
INTRODUCTION = """# Benchmarks

Made by `make bench`; the budgets are the project's own. The AWS provider makes the same platform from single resources,
with the same CLI on the same simulated AWS: the minimum profile without database and cache, which `ARGS=--databases` adds.

"""


def main() -> int:
    """Answers the exit code: 1 when something could not be measured, or with `--check` when a budget is not kept."""
    chosen = _arguments()
    cli = next((one for one in CLIS if one.path), None)
    if cli is None:
        print("missing on the PATH: terraform or tofu", file=sys.stderr)
        return 1
    binary = (chosen.binary or _newest_build()).resolve()
    place = Path(tempfile.mkdtemp(prefix="stellar-bench-"))
    try:
        rows = _measure(binary, _peer(place), cli, place, chosen)
    except BenchError as reason:
        print(f"bench: {reason}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(place, ignore_errors=True)
    built = datetime.fromtimestamp(binary.stat().st_mtime)
    about = f"{date.today()}, commit {_commit()}, {_profile(binary)} build of {built:%Y-%m-%d %H:%M}, {version(cli)}, {platform.machine()}"
    about += f" with {os.cpu_count()} cores, runs per measurement: {chosen.runs}, load {os.getloadavg()[0]:.0f}, clock {chosen.clock:g}."
    text = f"{about}\n\n{markdown(rows)}"
    print(text)
    if chosen.json:
        document = {"about": about, "rows": [row.document() for row in rows]}
        chosen.json.write_text(json.dumps(document, indent=2) + "\n")
    if chosen.write:
        RESULT.write_text(INTRODUCTION + text)
    return 1 if chosen.check and any(row.kept is False for row in rows) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="exit code 1 when a budget is not kept"
    )
    parser.add_argument(
        "--clock",
        type=float,
        default=CLOCK,
        help="lab seconds per second where waiting is measured; slower on a busy machine",
    )
    parser.add_argument("--runs", type=int, default=3, help="medians of so many runs")
    parser.add_argument(
        "--databases",
        action="store_true",
        help="compare with database and cache, too: the AWS provider takes ten minutes longer",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there, too")
    parser.add_argument("--write", action="store_true", help=f"write {RESULT.relative_to(ROOT)}")
    parser.add_argument(
        "--binary", type=Path, help="default: the release build, else the debug build"
    )
    return parser.parse_args()


def _measure(
    binary: Path, peer: Contender | None, cli: Cli, place: Path, chosen: argparse.Namespace
) -> list[Row]:
    options = (f"-var=databases={str(chosen.databases).lower()}",)
    peer = peer and replace(peer, options=peer.options + options)
    times = chosen.runs
    mirror = write_mirror(_directory(place / "ours"), binary)
    ours = Contender("stellar", binary, ROOT / "tests" / "bench" / "platform", mirror, options)
    rows = measures.starts(binary, peer and peer.binary, max(times, 5))
    instant = Lab.start(1, place / "instant.log", instant=True)
    try:
        rows += measures.compared(ours, peer, instant, cli, place, times)
        rows += measures.scale(ours, instant, cli, place)
        rows += measures.plan_cpu(ours, instant, cli, place)
    finally:
        instant.stop()
    scaled = Lab.start(chosen.clock, place / "scaled.log")
    try:
        rows += measures.makespan(ours, scaled, cli, place, times)
    finally:
        scaled.stop()
    return rows + measures.package(_build("release"), place)


def _peer(place: Path) -> Contender | None:
    """HashiCorp's AWS provider, when it is on the PATH."""
    stack = ROOT / "tests" / "peer" / "platform"
    found = shutil.which("terraform-provider-aws")
    if not found or not (stack / "main.tf").exists():
        print("skipped because missing: terraform-provider-aws (the peer)", file=sys.stderr)
        return None
    binary = Path(found).resolve()
    mirror = write_mirror(_directory(place / "theirs"), binary, "hashicorp/aws", PEER_VERSION)
    return Contender("aws", binary, stack, mirror, ("-var=extras=false",))


def _directory(path: Path) -> Path:
    path.mkdir()
    return path


def _build(profile: str) -> Path:
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    return target / profile / "terraform-provider-stellar"


def _newest_build() -> Path:
    release = _build("release")
    return release if release.exists() else provider_binary()


def _profile(binary: Path) -> str:
    return binary.parent.name if binary.parent.name in ("release", "debug") else str(binary)


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
