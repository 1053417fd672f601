"""A working directory in which a CLI runs, with its answers parsed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.cli import Cli, provider_binary

LIMIT = 240
"""Seconds after which a run counts as stuck."""


_started: list[subprocess.Popen[str]] = []
"""What was started without waiting."""


def end_all() -> None:
    """Ends what is still running of the started runs, with their children."""
    while _started:
        process = _started.pop()
        if process.poll() is None:
            # Not yet waited for, so its group is still its own.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


@dataclass(frozen=True, repr=False)
class Run:
    """One finished run of a CLI."""

    code: int
    events: list[dict[str, Any]]
    """The machine-readable lines it printed."""
    seconds: float

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """Warnings and errors."""
        return [event["diagnostic"] for event in self.events if event.get("type") == "diagnostic"]

    @property
    def errors(self) -> str:
        """Every error's summary and detail."""
        return self._text("error")

    @property
    def warnings(self) -> str:
        """Every warning's summary and detail."""
        return self._text("warning")

    @property
    def summary(self) -> dict[str, int]:
        """How many resources the run adds, changes and removes."""
        found = [event["changes"] for event in self.events if event.get("type") == "change_summary"]
        return {key: found[-1][key] for key in ("add", "change", "remove")} if found else {}

    def _text(self, severity: str) -> str:
        return "\n".join(
            f"{each['summary']}\n{each.get('detail', '')}"
            for each in self.diagnostics
            if each["severity"] == severity
        )

    def __repr__(self) -> str:
        return f"exit code {self.code} after {self.seconds:.1f} s\n{self.errors}\n{self.warnings}"


class Workspace:
    """A directory with a configuration, one CLI and the environment it runs in."""

    def __init__(
        self, directory: Path, cli: Cli, env: dict[str, str], limit: float = LIMIT
    ) -> None:
        self.directory = directory
        self.cli = cli
        self.env = env
        self.limit = limit
        directory.mkdir(parents=True, exist_ok=True)

    def write(self, configuration: str, name: str = "main.tf") -> None:
        """Writes a file of the configuration."""
        (self.directory / name).write_text(configuration)

    def command(self, *arguments: str) -> str:
        """What the CLI prints; raises AssertionError with its words when it fails."""
        done = self._run(list(arguments))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def init(self) -> None:
        """Installs the provider."""
        self.command("init", "-input=false", "-no-color")

    def validate(self, **env: str) -> Run:
        """Checks the configuration without reaching AWS."""
        began = time.monotonic()
        done = self._run(["validate", "-json"], env)
        diagnostics = json.loads(done.stdout)["diagnostics"]
        events = [{"type": "diagnostic", "diagnostic": each} for each in diagnostics]
        return Run(done.returncode, events, time.monotonic() - began)

    def plan(self, *options: str, **env: str) -> Run:
        """Plans into `plan.out`; exit code 0 = nothing to do, 2 = changes, 1 = error."""
        return self._events(["plan", "-json", "-detailed-exitcode", "-out=plan.out", *options], env)

    def apply(self, *options: str, **env: str) -> Run:
        """Plans and applies."""
        return self._events(["apply", "-json", "-auto-approve", *options], env)

    def destroy(self, *options: str, **env: str) -> Run:
        """Destroys everything."""
        return self._events(["destroy", "-json", "-auto-approve", *options], env)

    def provider(self, *arguments: str, typed: str = "") -> tuple[int, str]:
        """Exit code and words of the provider's own program."""
        done = subprocess.run(
            [provider_binary(), *arguments],
            env=self.env,
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr

    def planned(self) -> dict[str, Any]:
        """The last plan as a document."""
        return json.loads(self.command("show", "-json", "plan.out"))

    def state(self) -> dict[str, dict[str, Any]]:
        """Resource address → `{values, tainted}` of the state."""
        values = json.loads(self.command("show", "-json")).get("values", {})
        return {found["address"]: found for found in _resources(values.get("root_module", {}))}

    def forget(self) -> None:
        """Removes the state, as for another stack."""
        for file in self.directory.glob("terraform.tfstate*"):
            file.unlink()

    def strip_private_state(self) -> None:
        """Removes what the provider stored besides the state's values, as a crash can do."""
        file = self.directory / "terraform.tfstate"
        state = json.loads(file.read_text())
        for resource in state["resources"]:
            for instance in resource["instances"]:
                instance.pop("private", None)
        state["serial"] += 1
        file.write_text(json.dumps(state))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts a run without waiting, in its own process group, which Ctrl-C reaches as a whole.

        It ends with the test, at the latest.
        """
        process = subprocess.Popen(
            [self.cli.path or self.cli.name, *arguments],
            cwd=self.directory,
            env={name: value for name, value in self.env.items() if value},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        _started.append(process)
        return process

    def finish(self, process: subprocess.Popen[str]) -> Run:
        """Waits for a started run that prints machine-readable lines."""
        began = time.monotonic()
        out, _ = process.communicate(timeout=LIMIT)
        return Run(process.returncode, _parse(out), time.monotonic() - began)

    def _events(self, arguments: list[str], env: dict[str, str]) -> Run:
        began = time.monotonic()
        # A plan's file, if one is named, has to stay the last.
        command, *options = arguments
        done = self._run([command, "-input=false", *options], env)
        return Run(done.returncode, _parse(done.stdout + done.stderr), time.monotonic() - began)

    def _run(
        self, arguments: list[str], env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        changed = self.env | (env or {})
        return subprocess.run(
            [self.cli.path or self.cli.name, *arguments],
            cwd=self.directory,
            env={name: value for name, value in changed.items() if value},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=self.limit,
        )


def _parse(out: str) -> list[dict[str, Any]]:
    """JSON lines; what is not JSON (a panic, a usage error) becomes an error diagnostic."""
    events = []
    for line in filter(None, out.splitlines()):
        try:
            events.append(json.loads(line))
        except json.JSONDecodeError:
            diagnostic = {"severity": "error", "summary": line}
            events.append({"type": "diagnostic", "diagnostic": diagnostic})
    return events


def _resources(module: dict[str, Any]) -> list[dict[str, Any]]:
    nested = [found for child in module.get("child_modules", []) for found in _resources(child)]
    return module.get("resources", []) + nested
