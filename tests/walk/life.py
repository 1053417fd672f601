"""One life of a stack: configuration after configuration, interruptions, imports, and the end."""

from __future__ import annotations

import json
import os
import re
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.lab import Lab
from harness.workspace import Run, Workspace
from walk.dice import Dice
from walk.platform import NAME, ROLES, USER, Platform

ADDRESS = "stellar_cluster.this"
NAMED = re.compile(r'"([a-z][a-z0-9/._-]*@[^"\s]+)"')
"""An entry of `allow_replace`, as a refusal prints it."""
REFUSALS = 3
"""Plans that are refused for data, each for more than the one before."""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "ec2.amazonaws.com"},
        }
    ],
}
KEPT = ("snapshot", "kms", "secret")
"""What a destroy may leave behind: final snapshots, and what they need."""


@dataclass
class Life:
    """A stack in an empty account; its configurations follow from the seed, and are kept as files."""

    workspace: Workspace
    lab: Lab
    dice: Dice
    kills: bool
    faults: list[str] = field(default_factory=list)
    """What went wrong, each with the number of the step."""

    def live(self, steps: int) -> None:
        """So many configurations, then the end."""
        self.lab.reset()
        principals(self.lab)
        platform = Platform(self.dice)
        for number in range(steps):
            stack = platform.next()
            self._write(stack)
            if number == 0:
                self.workspace.init()
            if not self._step(number, stack):
                break
        self._end()

    def _step(self, number: int, stack: dict[str, Any]) -> bool:
        """One configuration; false when nothing can follow."""
        planned = self._permitted(stack)
        if planned.code == 1:
            return self._fault(number, "the plan is refused", planned)
        if planned.code == 0:
            return True
        if self.kills and self.dice.maybe(0.4):
            self._interrupt()
        applied = self.workspace.apply()
        if applied.code != 0:
            return self._fault(number, "the apply fails", applied)
        values = self.workspace.state()[ADDRESS]["values"]
        if values["status"] != "ready":
            return self._fault(number, f"{values['status']}: {values['pending']}", applied)
        again = self.workspace.plan()
        if again.code != 0:
            return self._fault(number, "the next plan is not empty", again)
        name = f"{values['id'].split('/')[1]}/{NAME}"
        return self._imported(number, name) if self.dice.maybe(0.3) else True

    def _permitted(self, stack: dict[str, Any]) -> Run:
        """The plan; where data would go, after the user has permitted it as the refusal says."""
        planned = self.workspace.plan()
        for _ in range(REFUSALS):
            if planned.code != 1 or "allow_replace" not in planned.errors:
                break
            named = set(NAMED.findall(planned.errors)) | set(stack.get("allow_replace", []))
            stack["allow_replace"] = sorted(named)
            self._write(stack)
            planned = self.workspace.plan()
        return planned

    def _interrupt(self) -> None:
        """Kills Terraform and the provider in the middle; the lock that they leave is the user's to break."""
        before = len(self.lab.log())
        process = self.workspace.start("apply", "-json", "-auto-approve", "-input=false")
        after = self.dice.randint(1, 150)
        while process.poll() is None and len(self.lab.log()) < before + after:
            pass
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        for lock in self.workspace.directory.glob(".terraform.tfstate.lock.info"):
            lock.unlink()

    def _imported(self, number: int, name: str) -> bool:
        """The state is lost, and comes back."""
        self.workspace.forget()
        self.workspace.command("import", "-input=false", "-no-color", ADDRESS, name)
        planned = self.workspace.plan()
        if planned.code != 0:
            return self._fault(number, "the plan after an import is not empty", planned)
        return True

    def _end(self) -> None:
        destroyed = self.workspace.destroy()
        if destroyed.code != 0:
            self._fault("at the end", "the destroy fails", destroyed)
            return
        left = {
            kind: names
            for kind, names in self.lab.census().items()
            if not any(word in kind for word in KEPT) and set(names) - {*ROLES, USER}
        }
        if left:
            self._fault("at the end", f"left behind: {left}", destroyed)

    def _fault(self, number: int | str, what: str, run: Run) -> bool:
        self.faults.append(f"step {number}: {what}\n{run}")
        return False

    def _write(self, stack: dict[str, Any]) -> None:
        document = {
            "terraform": {"required_providers": {"stellar": {"source": "stellar/stellar"}}},
            "provider": {"stellar": {"region": "us-east-1"}},
            "resource": {"stellar_cluster": {"this": stack}},
        }
        self.workspace.write(json.dumps(document, indent=2), "main.tf.json")
        count = len(list(self.workspace.directory.glob("*.was")))
        self.workspace.write(json.dumps(stack, indent=2), f"{count:02}.was")


def principals(lab: Lab) -> None:
    """Roles and users of other people, to whom a cluster gives access."""
    iam = lab.client("iam")
    for role in ROLES:
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_user(UserName=USER)


def kept(directory: Path) -> str:
    """Where the configurations of a life lie."""
    return f"the configurations, in order: {directory}/*.was"
