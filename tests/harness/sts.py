"""AWS's token service before the lab's: what it gives expires within seconds of ours, so that renewal can be seen."""

from __future__ import annotations

import re
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.parse import parse_qs
from urllib.request import Request, urlopen

EXPIRATION = re.compile(rb"<Expiration>[^<]*</Expiration>")
CARRIED = ("Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Security-Token")


class ShortLived:
    """Passes requests on to the lab; credentials in its answers last `seconds` of real time."""

    def __init__(self, upstream: str, seconds: float) -> None:
        self.asked: list[dict[str, str]] = []
        """The parameters of each request, in order."""
        self._upstream = upstream
        self._seconds = seconds
        handler = type("Handler", (_Handler,), {"service": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Status and body of the lab's answer, with another expiry."""
        self.asked.append({name: values[0] for name, values in parse_qs(body.decode()).items()})
        try:
            with urlopen(Request(self._upstream, body, headers), timeout=60) as answer:
                status, text = answer.status, answer.read()
        except HTTPError as error:
            status, text = error.code, error.read()
        until = datetime.now(timezone.utc) + timedelta(seconds=self._seconds)
        expiration = f"<Expiration>{until:%Y-%m-%dT%H:%M:%SZ}</Expiration>".encode()
        return status, EXPIRATION.sub(expiration, text)


class _Handler(BaseHTTPRequestHandler):
    service: ShortLived

    def do_POST(self) -> None:
        """The one method of STS."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name: self.headers[name] for name in CARRIED if name in self.headers}
        # The signature is over the host that was asked; the lab reads only its scope.
        status, text = self.service.answer(body, headers)
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""
