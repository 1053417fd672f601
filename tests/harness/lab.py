"""The lab as a child process, and its admin calls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3

ROOT = Path(__file__).resolve().parents[2]
READY = "lab ready on "
READS = ("Describe", "Get", "List", "Head", "Filter", "Lookup")


class LabError(RuntimeError):
    """The lab did not start, or did not do what it was asked."""


class Lab:
    """A lab on a free port. Lab time runs `clock` times faster than ours."""

    def __init__(self, process: subprocess.Popen[str], url: str, clock: float) -> None:
        self.process = process
        self.url = url
        self.clock = clock
        self._clients: dict[tuple[str, str, str], Any] = {}

    @classmethod
    def start(
        cls,
        clock: float,
        log: Path,
        seconds: float = 60.0,
        *,
        instant: bool = False,
        state: Path | None = None,
    ) -> Lab:
        """Starts a lab, in a session of its own; its messages go to `log`.

        With `instant` every duration is 0; `state` is the file in which its world outlives it.
        Raises LabError when it is not ready within `seconds`.
        """
        options = ["--port", "0", "--clock", f"{clock:g}"]
        options += ["--instant"] if instant else []
        options += ["--state", str(state)] if state else []
        process, url = _started(options, log, seconds)
        return cls(process, url, clock)

    def restart(self, state: Path, log: Path, seconds: float = 60.0) -> None:
        """Ends a lab that was started with a `state`, and goes on with its world at its address."""
        self.stop()
        port = self.url.rpartition(":")[2]
        options = ["--port", port, "--clock", f"{self.clock:g}", "--state", str(state)]
        self.process, self.url = _started(options, log, seconds)

    def stop(self) -> None:
        """Ends the lab and waits for it."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def reset(self) -> None:
        """Empties the account: objects, log, faults."""
        self._call("POST", "reset")
        self.faults()

    def log(self) -> list[dict[str, Any]]:
        """Every call since the last reset, oldest first."""
        return [json.loads(line) for line in self._call("GET", "log").splitlines()]

    def changes(self, prefix: str = "") -> list[str]:
        """The successful calls that were no reads, as `service.Operation`, by the operation's prefix."""
        return [
            f"{call['service']}.{call['operation']}"
            for call in self.log()
            if not call["error"]
            and not call["operation"].startswith(READS)
            and call["operation"].startswith(prefix)
        ]

    def census(self) -> dict[str, list[str]]:
        """What exists: `region kind` → ids."""
        regions = json.loads(self._call("GET", "census"))["regions"]
        return {
            f"{region} {kind}": [found["id"] for found in objects]
            for region, kinds in regions.items()
            for kind, objects in kinds.items()
        }

    def faults(self, *rules: dict[str, Any]) -> None:
        """Replaces the rules by which calls fail."""
        self._call("PUT", "faults", list(rules))

    def settings(self, **values: Any) -> None:
        """Switches what the lab does besides, like EC2's eventual consistency."""
        self._call("PUT", "settings", values)

    def policy(self, document: dict[str, Any] | None) -> None:
        """Allows only what an IAM policy allows; None allows everything again."""
        self._call("PUT", "policy", document)

    def actions(self) -> dict[str, list[str]]:
        """What a policy must allow for the calls so far: action → resources."""
        return json.loads(self._call("GET", "actions"))

    def snapshot(self) -> str:
        """Remembers the world as it is; the name by which `restore` brings it back."""
        return json.loads(self._call("POST", "snapshot"))["snapshot"]

    def restore(self, name: str) -> None:
        """Makes the world, its time and its log what they were."""
        self._call("POST", "restore", {"snapshot": name})

    def plant(self, cluster: str, *kinds: str, **more: str) -> dict[str, list[str]]:
        """Plants what controllers inside a cluster leave behind: kind → ids. No kinds = all."""
        document = {"cluster": cluster} | ({"kinds": list(kinds)} if kinds else {}) | more
        planted: dict[str, list[str]] = {}
        for each in json.loads(self._call("POST", "plant", document))["planted"]:
            planted.setdefault(each["kind"], []).append(each["id"])
        return planted

    def decay(self, kind: str, identifier: str, reason: str | None, **more: str) -> None:
        """Makes an object go bad by itself, such as `rds/instance` main `storage-full`; None heals."""
        self._call("POST", "decay", {"kind": kind, "id": identifier, "reason": reason} | more)

    def advance(self, seconds: float) -> None:
        """Lets so much of the lab's time pass at once."""
        self._call("POST", "clock", {"advance": seconds})

    def critical_path(self) -> dict[str, Any]:
        """The longest chain of waiting since the last reset: `{total, path}`, in lab seconds."""
        return json.loads(self._call("GET", "critical-path"))

    def timeline(self) -> list[dict[str, Any]]:
        """Every life-cycle step since the last reset: `{kind, id, step, begin, end}`, in lab seconds."""
        return json.loads(self._call("GET", "timeline"))

    def wait_for(self, service: str, operation: str, seconds: float = 60.0, times: int = 1) -> None:
        """Returns once the call has been made so often; raises LabError when that is not in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.made(service, operation) >= times:
                return
            time.sleep(0.02)
        raise LabError(f"no call {service}.{operation} within {seconds:g} s")

    def made(self, service: str, operation: str) -> int:
        """How often the call has been made since the last reset."""
        return sum((c["service"], c["operation"]) == (service, operation) for c in self.log())

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """A boto3 client of the lab, independent of the provider under test; made once, since that takes its time."""
        key = (service, region, self.url)
        if key not in self._clients:
            self._clients[key] = boto3.client(
                service,
                region_name=region,
                endpoint_url=self.url,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
        return self._clients[key]

    def _call(self, method: str, name: str, body: Any = None) -> str:
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/_lab/{name}", data=data, method=method)
        with urlopen(request, timeout=60) as answer:
            return answer.read().decode()


def _started(options: list[str], log: Path, seconds: float) -> tuple[subprocess.Popen[str], str]:
    """The process and the address of a lab that is ready."""
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "lab", *options],
            env=os.environ | {"PYTHONPATH": str(ROOT / "tests" / "lab")},
            stdout=subprocess.PIPE,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
    late = threading.Timer(seconds, process.kill)
    late.start()
    line = process.stdout.readline().strip()
    late.cancel()
    if not line.startswith(READY):
        process.kill()
        raise LabError(f"the lab did not start:\n{log.read_text()}")
    return process, line.removeprefix(READY)
