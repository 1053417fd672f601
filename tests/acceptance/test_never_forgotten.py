"""A refresh forgets a stack only when it certainly does not exist: not for a wrong place, not for a failed look-up."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from acceptance.stacks import ADDRESS, NETWORK, stack
from acceptance.test_provider import make_role, root
from harness.lab import Lab
from harness.workspace import Run, Workspace

NOWHERE = "http://127.0.0.1:9"
SERVICES = ("logs", "ec2", "kms", "s3")
SECTIONS = (NETWORK, "buckets = { images = { force_destroy = true } }")


class NotFound(BaseHTTPRequestHandler):
    """A web server that is no AWS, and has nothing."""

    def do_POST(self) -> None:
        """Nothing here."""
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_PUT = do_POST

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    """The address of a web server that answers everything with 404."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), NotFound)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def test_a_wrong_place_or_a_failed_look_up_forgets_nothing(
    workspace: Workspace, lab: Lab, stranger: str
) -> None:
    workspace.write(stack(*SECTIONS))
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0

    # The endpoint: nobody there; somebody else there; for one service alone.
    kept(workspace, refreshed(workspace, AWS_ENDPOINT_URL=NOWHERE), "Connection refused", NOWHERE)
    kept(workspace, refreshed(workspace, AWS_ENDPOINT_URL=stranger), "404")
    for service in SERVICES:
        name = f"AWS_ENDPOINT_URL_{ {'logs': 'CLOUDWATCH_LOGS'}.get(service, service.upper()) }"
        kept(workspace, refreshed(workspace, **{name: stranger}), "404")

    # Credentials: none, expired, of a role that may not look.
    kept(workspace, refreshed(workspace, AWS_ACCESS_KEY_ID="EXPIRED"), "ExpiredToken")
    for service in SERVICES:
        lab.faults({"service": service, "kind": "error", "code": "AccessDenied", "status": 403})
        kept(workspace, refreshed(workspace), "AccessDenied")
    lab.faults()

    # Another region of the provider: the stack remembers its own.
    workspace.write(stack(*SECTIONS, region="eu-west-1"))
    assert workspace.plan().code == 0

    # Another account.
    file = workspace.directory / "terraform.tfstate"
    text = file.read_text()
    elsewhere = json.loads(text)
    elsewhere["resources"][0]["instances"][0]["attributes"]["id"] = "111111111111/us-east-1/shop"
    file.write_text(json.dumps(elsewhere))
    kept(workspace, refreshed(workspace), "111111111111", "123456789012")
    file.write_text(text)

    # And when it is gone indeed, it is forgotten.
    assert workspace.plan().code == 0
    lab.reset()
    gone = refreshed(workspace)
    assert gone.code == 0, gone
    assert workspace.state() == {}


def refreshed(workspace: Workspace, **env: str) -> Run:
    """Takes what exists now into the state, and nothing else."""
    return workspace._events(["apply", "-json", "-auto-approve", "-refresh-only"], env)


def kept(workspace: Workspace, run: Run, *words: str) -> None:
    """The refresh failed with these words, and the stack is still known."""
    assert run.code == 1, run
    missing = [word for word in words if word not in run.errors]
    assert not missing, f"{missing} not in:\n{run.errors}"
    assert ADDRESS in workspace.state()


def test_the_role_of_another_account_is_refused_before_anything_is_read(
    workspace: Workspace, lab: Lab
) -> None:
    make_role(lab)
    workspace.write(root('region = "us-east-1"'))
    workspace.init()
    assert workspace.apply().code == 0
    before = len(lab.log())
    workspace.write(root('region = "us-east-1"\n  forbidden_account_ids = ["123456789012"]'))
    kept(workspace, refreshed(workspace), "forbidden_account_ids")
    asked = {call["operation"] for call in lab.log()[before:]}
    assert asked == {"GetCallerIdentity"}
