"""Kills the provider, or loses an answer, at every call that changes something; then the same command again.

Every point must end with exit code 0 after at most two repeats, an empty plan, and exactly the objects of a run that
nothing disturbed: none left over, none made twice, none replaced.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue

from chaos import page
from chaos.points import PHASES, BadPoint, Point, parse, sampled, swept
from chaos.results import Record, Results, table
from chaos.stage import Course, Stage, StageError
from chaos.trial import play
from harness.cli import CLIS, Cli, provider_binary, version, write_mirror

SHARES = {"create": 0.5, "update": 0.2, "destroy": 0.3}
"""How a sample is divided among the phases."""
DESTROY_EVERY = 4
"""After every so many points, the stack is destroyed, and nothing may be left."""


def main() -> int:
    """Answers the exit code: 1 when a point does not end well, 2 when none could be tried."""
    chosen = _arguments()
    cli = next((one for one in CLIS if one.path and chosen.cli in (None, one.name)), None)
    if cli is None:
        say(f"missing on the PATH: {chosen.cli or 'terraform or tofu'}")
        return 2
    file = chosen.results or _target() / "chaos" / "results.jsonl"
    if chosen.fresh:
        file.unlink(missing_ok=True)
    results = Results(file, version(cli))
    place = Path(tempfile.mkdtemp(prefix="stellar-chaos-"))
    try:
        return Chaos(cli, place, results, chosen).run()
    except (StageError, BadPoint) as why:
        say(f"chaos: {why}")
        return 2
    except KeyboardInterrupt:
        say(f"chaos: interrupted; the same command goes on, results are in {file}")
        return 130
    finally:
        shutil.rmtree(place, ignore_errors=True)


class Chaos:
    """One run over some points."""

    def __init__(self, cli: Cli, place: Path, results: Results, chosen: argparse.Namespace) -> None:
        self.cli = cli
        self.place = place
        self.results = results
        self.chosen = chosen
        self.configuration = write_mirror(place, provider_binary())
        self.queue: SimpleQueue[tuple[int, Point]] = SimpleQueue()
        self.done: list[Record] = []
        self.stop = threading.Event()

    def run(self) -> int:
        """Plays the points; answers the exit code."""
        began = time.monotonic()
        stage = Stage(self.cli, self._directory(0), self.configuration)
        try:
            asked = [parse(text) for text in self.chosen.point]
            courses = stage.build()
            if not asked or any(point.phase == "destroy" for point in asked):
                courses["destroy"] = stage.finish()
            points = asked or self._points(courses)
            if self.chosen.write:
                page.write(self.results, len(_sweep(courses)))
                say(f"chaos: wrote {page.PAGE}")
                return 0
            for each in enumerate(points):
                self.queue.put(each)
            jobs = min(self.chosen.jobs, len(points))
            say(f"chaos: {len(points)} points, {jobs} at a time, {self.results.cli}")
            self._play(stage, courses, jobs)
        finally:
            stage.close()
        return self._conclude(time.monotonic() - began)

    def _points(self, courses: dict[str, Course]) -> list[Point]:
        """A sample, or what the sweep has not reached yet."""
        phases = [phase for phase in PHASES if phase in self.chosen.phases]
        if size := self.chosen.sample:
            shares = {phase: max(1, round(size * SHARES[phase])) for phase in phases}
            return [
                point
                for phase in phases
                for point in sampled(phase, courses[phase].log, shares[phase])
            ]
        every = [point for point in _sweep(courses) if point.phase in phases]
        known = {point for point, record in self.results.records.items() if record.passed}
        left = [point for point in every if str(point) not in known]
        say(f"chaos: {len(every)} points in all, {len(every) - len(left)} passed before")
        return left

    def _play(self, first: Stage, courses: dict[str, Course], jobs: int) -> None:
        with ThreadPoolExecutor(jobs) as pool:
            others = [pool.submit(self._another, number, courses) for number in range(1, jobs)]
            try:
                self._take(first, courses)
                for other in others:
                    other.result()
            except BaseException:
                self.stop.set()
                raise

    def _another(self, number: int, courses: dict[str, Course]) -> None:
        stage = Stage(self.cli, self._directory(number), self.configuration)
        try:
            stage.build()
            self._take(stage, courses)
        finally:
            stage.close()

    def _take(self, stage: Stage, courses: dict[str, Course]) -> None:
        """Plays points until there are no more."""
        while not self.stop.is_set():
            try:
                number, point = self.queue.get_nowait()
            except Empty:
                return
            destroy = bool(self.chosen.point) or number % DESTROY_EVERY == 0
            record = self.results.add(play(stage, point, courses[point.phase], destroy))
            self.done.append(record)
            if not record.passed:
                say(_failure(record))
            elif self.chosen.verbose:
                say(f"passed  {point}  {record.seconds:.0f} s, {record.repeats} repeats")

    def _conclude(self, seconds: float) -> int:
        shown = self.done if self.chosen.sample or self.chosen.point else self.results.records
        records = list(shown.values()) if isinstance(shown, dict) else shown
        for line in table(records):
            say(line)
        failed = [each for each in records if not each.passed]
        for each in failed:
            say(_failure(each))
        unreached = sum(not each.reached for each in records)
        say(
            f"chaos: {len(records) - len(failed)} of {len(records)} interrupted runs ended well when "
            f"the same command was run again, {len(failed)} did not; {seconds:.0f} s"
            + (f"; {unreached} ended before their call came" if unreached else "")
        )
        return 1 if failed else 0

    def _directory(self, number: int) -> Path:
        path = self.place / f"stage-{number}"
        path.mkdir()
        return path


def say(text: str) -> None:
    """Prints a line at once."""
    print(text, flush=True)


def _sweep(courses: dict[str, Course]) -> list[Point]:
    return [point for phase in PHASES for point in swept(phase, courses[phase].log)]


def _failure(record: Record) -> str:
    why = "\n".join(f"    {line}" for reason in record.why for line in reason.splitlines())
    return f"FAILED  {record.point}\n{why}\n    again: make chaos POINT={record.point}"


def _target() -> Path:
    return provider_binary().parents[1]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--cli", choices=[cli.name for cli in CLIS], help="default: the first that is found"
    )
    parser.add_argument(
        "--point", action="append", default=[], metavar="POINT", help="only this one"
    )
    parser.add_argument(
        "--sample", type=int, default=0, metavar="N", help="about N points, evenly spread"
    )
    parser.add_argument(
        "--phases", nargs="+", choices=PHASES, default=PHASES, help="only points of these"
    )
    parser.add_argument("--jobs", type=int, default=1, help="points at a time, each with its lab")
    parser.add_argument(
        "--results", type=Path, metavar="FILE", help="default: chaos/results.jsonl under target"
    )
    parser.add_argument("--fresh", action="store_true", help="forget the results so far")
    parser.add_argument("--write", action="store_true", help="only write docs/chaos.md")
    parser.add_argument("--verbose", action="store_true", help="name the points that pass, too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
