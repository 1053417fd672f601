"""Leads stacks through random configurations, kills some applies, imports some stacks, and destroys them all.

After each configuration the stack is ready and the next plan is empty; in the end nothing is left. A life follows from
its seed; where something is wrong, its configurations stay.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from harness.cli import CLIS, environment, provider_binary, write_mirror
from harness.lab import Lab
from harness.workspace import Workspace, end_all
from walk.dice import Dice
from walk.life import Life, kept

CLOCK = 6000
"""Lab seconds per real second: a life is about configurations, not about waiting."""


def main() -> int:
    """Answers the exit code: 1 when something is wrong, 2 when nothing could be tried."""
    chosen = _arguments()
    cli = next((one for one in CLIS if one.path and chosen.cli in (None, one.name)), None)
    if cli is None:
        print(f"missing on the PATH: {chosen.cli or 'terraform or tofu'}", file=sys.stderr)
        return 2
    place = Path(tempfile.mkdtemp(prefix="stellar-walk-"))
    mirror = write_mirror(place, provider_binary())
    lab = Lab.start(CLOCK, place / "lab.log")
    failed = 0
    try:
        for seed in range(chosen.seed, chosen.seed + chosen.lives):
            began, directory = time.monotonic(), place / f"life-{seed}"
            workspace = Workspace(directory, cli, environment(lab, mirror))
            life = Life(workspace, lab, Dice(seed), chosen.kill)
            life.live(chosen.steps)
            print(f"life {seed}: {time.monotonic() - began:.0f} s", flush=True)
            if not life.faults:
                shutil.rmtree(directory)
                continue
            failed += 1
            print("\n".join(life.faults), kept(directory), sep="\n", flush=True)
    except KeyboardInterrupt:
        return 130
    finally:
        end_all()
        lab.stop()
    if not failed:
        shutil.rmtree(place)
    print(f"{chosen.lives} lives under {cli.title}, {failed} with faults")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="walk", description=__doc__)
    parser.add_argument("--lives", type=int, default=20, help="how many stacks")
    parser.add_argument(
        "--seed", type=int, default=1, help="of the first life; the others' follow it"
    )
    parser.add_argument("--steps", type=int, default=5, help="configurations of a life")
    parser.add_argument("--kill", action="store_true", help="kill applies, four of ten")
    parser.add_argument("--cli", help="terraform or tofu")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
