"""A lab in this process, and clients for it. Time passes only when a test says so."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lab.clock import Clock
from lab.server import Server
from lab.world import World, load_services

REGION = "us-east-1"


class StoppedClock(Clock):
    """A clock that stands still until it is advanced."""

    def __init__(self) -> None:
        super().__init__(1.0)
        self._moment = super().now()

    def now(self) -> float:
        """The moment at which it stands."""
        return self._moment

    def set(self, moment: float) -> None:
        """Moves it there."""
        self._moment = moment

    def advance(self, lab_seconds: float) -> None:
        """Moves it ahead."""
        self._moment += lab_seconds


class Lab:
    """A running lab as a test sees it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.world = server.world
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str = REGION, key: str = "AKIALABLABLABLABLAB0") -> Any:
        """A boto3 client without retries."""
        if (service, region, key) not in self._clients:
            self._clients[service, region, key] = boto3.client(
                service,
                region_name=region,
                endpoint_url=self.server.url,
                aws_access_key_id=key,
                aws_secret_access_key="secret",
                config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
            )
        return self._clients[service, region, key]

    def advance(self, lab_seconds: float) -> None:
        """Lets lab time pass."""
        self.world.clock.advance(lab_seconds)

    def settle(self) -> None:
        """Lets lab time pass until nothing is under way any more."""
        while (end := self.world.lives.next_end()) is not None:
            self.advance(max(0.0, end - self.world.clock.now()))
            self.world.settle()

    def admin(self, method: str, path: str, document: Any = None) -> Any:
        """An admin call; JSON is decoded, JSON lines are a list."""
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(f"{self.server.url}{path}", body, method=method)
        with urllib.request.urlopen(request) as answer:
            text = answer.read().decode()
            if answer.headers["Content-Type"] == "application/x-ndjson":
                return [json.loads(line) for line in text.splitlines()]
            return json.loads(text)


@pytest.fixture(scope="session")
def _server() -> Iterator[Lab]:
    load_services()
    server = Server(World(StoppedClock()), 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Lab(server)
    server.shutdown()


@pytest.fixture
def lab(_server: Lab) -> Lab:
    """An empty lab."""
    _server.world.reset()
    return _server


class Refusal:
    """What `refused` saw."""

    code: str = ""
    message: str = ""
    status: int = 0


@pytest.fixture
def refused():
    """`with refused("Code") as refusal:` – the call inside must fail with that code."""
    return _Refused


class _Refused:
    def __init__(self, code: str) -> None:
        self.wanted = code
        self.seen = Refusal()

    def __enter__(self) -> Refusal:
        return self.seen

    def __exit__(self, _kind, error, _trace) -> bool:
        assert isinstance(error, ClientError), f"expected {self.wanted}, got {error!r}"
        self.seen.code = error.response["Error"]["Code"]
        self.seen.message = error.response["Error"]["Message"]
        self.seen.status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert self.seen.code == self.wanted, f"expected {self.wanted}: {error}"
        return True
