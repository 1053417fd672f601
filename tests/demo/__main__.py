"""`make demo`: apply → no changes → change in place → no changes → destroy → nothing left."""

from __future__ import annotations

import argparse
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from demo import timeline
from harness.cli import CLIS, Cli, environment, lab_settings, provider_binary, version, write_mirror
from harness.lab import ROOT, Lab

CLOCK = 600
"""Ten minutes of AWS pass in one second."""
CHANGED = ("-var-file=grow.tfvars",)
COMMON = ("-input=false", "-var=disposable=true")


class Failed(Exception):
    """A step of the demo went wrong; the text says which."""


class Demo:
    """One run of the demo: its directory, its lab, its CLI."""

    def __init__(self, directory: Path, lab: Lab, cli: Cli) -> None:
        self.lab = lab
        self.cli = cli
        self.directory = directory
        self.configuration = write_mirror(directory, provider_binary())
        self.environment = environment(lab, self.configuration)
        self.stack = directory / "examples" / "minimum"
        for part in ("examples", "modules"):
            shutil.copytree(
                ROOT / part,
                directory / part,
                ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"),
            )

    def create(self) -> None:
        """Everything up to a platform that has been changed once."""
        self.run("init", "-input=false")
        self.run("apply", "-auto-approve", *COMMON, title="create the platform")
        self.times()
        self.run("plan", "-detailed-exitcode", *COMMON, title="nothing to do")
        self.run(
            "apply",
            "-auto-approve",
            *COMMON,
            *CHANGED,
            title="a larger volume, a third node pool: in place",
        )
        self.run("plan", "-detailed-exitcode", *COMMON, *CHANGED, title="nothing to do")

    def destroy(self) -> None:
        """Removes everything, and proves it."""
        self.run("destroy", "-auto-approve", *COMMON, *CHANGED, title="destroy")
        heading("what is left in the account")
        left = self.lab.census()
        for kind, ids in left.items():
            say(f"  {kind}: {', '.join(ids)}")
        if left:
            raise Failed("the account is not empty after destroy")
        say("  nothing")

    def run(self, *arguments: str, title: str = "") -> None:
        """Runs the CLI in the open; raises Failed unless it exits with 0."""
        heading(f"{self.cli.name} {shlex.join(arguments)}", title)
        began = time.monotonic()
        colour = () if sys.stdout.isatty() else ("-no-color",)
        command = [self.cli.path or self.cli.name, *arguments, *colour]
        code = subprocess.run(
            command, cwd=self.stack, env=self.environment, stdin=subprocess.DEVNULL
        ).returncode
        if code == 2 and arguments[0] == "plan":
            raise Failed(f"`{self.cli.name} plan` found changes where there should be none")
        if code != 0:
            raise Failed(f"`{self.cli.name} {arguments[0]}` ended with exit code {code}")
        say(dim(f"{self.cli.name} {arguments[0]}: {time.monotonic() - began:.1f} s"))

    def times(self) -> None:
        """Prints what took how long in AWS time."""
        heading(f"minutes of AWS; the lab's clock runs {CLOCK} times faster", "what took how long")
        steps = self.lab.timeline()
        for line in timeline.table(steps):
            say(f"  {line}")
        critical = self.lab.critical_path()
        say("\n  The longest chain of waiting, which no provider can beat:")
        for line in timeline.chain(critical["path"]):
            say(f"  {line}")
        say(
            f"  {timeline.minutes(critical['total']):>8}  in all, {len(self.lab.log())} calls to AWS"
        )

    def keep(self) -> None:
        """Says how to go on with what is left running."""
        settings = lab_settings(self.lab, self.configuration)
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in settings.items()]
        (self.directory / "env.sh").write_text("".join(lines))
        run = f"{self.cli.name} plan {shlex.join((*COMMON, *CHANGED))}"
        heading("yours to play with")
        say(f"  go on:   cd {self.stack} && . {self.directory}/env.sh && {run}")
        say(f"  look:    curl {self.lab.url}/_lab/census")
        say(f"  stop:    kill {self.lab.process.pid} && rm -r {self.directory}")


def main() -> int:
    """Runs the demo; answers the exit code."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument(
        "--cli", choices=[cli.name for cli in CLIS], help="default: the first that is found"
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the platform, the lab and the directory"
    )
    chosen = parser.parse_args()
    cli = next((one for one in CLIS if one.path and chosen.cli in (None, one.name)), None)
    if cli is None:
        say(f"missing on the PATH: {chosen.cli or 'terraform or tofu'}")
        return 1
    signal.signal(signal.SIGTERM, _interrupt)
    began = time.monotonic()
    directory = Path(tempfile.mkdtemp(prefix="stellar-demo-"))
    lab = Lab.start(CLOCK, directory / "lab.log")
    stays = chosen.keep
    try:
        say(f"{version(cli)}, lab at {lab.url}, working in {directory}")
        demo = Demo(directory, lab, cli)
        demo.create()
        if chosen.keep:
            demo.keep()
        else:
            demo.destroy()
        heading(f"done in {time.monotonic() - began:.0f} s")
        return 0
    except Failed as reason:
        say(f"\ndemo failed: {reason}")
        return 1
    except KeyboardInterrupt:
        say("\ndemo interrupted")
        stays = False
        return 130
    finally:
        if not stays:
            lab.stop()
            shutil.rmtree(directory, ignore_errors=True)


def heading(text: str, title: str = "") -> None:
    """Prints the title of a step."""
    say("\n" + bold(f"── {title or text} " + "─" * max(0, 78 - len(title or text))))
    if title:
        say(dim(f"$ {text}" if text.startswith(tuple(cli.name for cli in CLIS)) else text))


def say(text: str) -> None:
    """Prints a line at once, so that it keeps its place between the CLI's lines."""
    print(text, flush=True)


def bold(text: str) -> str:
    """Bold where that can be seen."""
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text


def dim(text: str) -> str:
    """Faint where that can be seen."""
    return f"\033[2m{text}\033[0m" if sys.stdout.isatty() else text


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
