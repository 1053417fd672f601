"""The HTTP endpoint: one process, one thread per connection."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lab import admin, dispatch, moto_time
from lab.faults import Dropped
from lab.request import Raw
from lab.wire import Reply
from lab.world import World

log = logging.getLogger(__name__)

LARGEST_BODY = 256 * 1024 * 1024
"""Bytes; a larger request is refused before it is read."""


class BodyTooLarge(Exception):
    """The client announced more than LARGEST_BODY."""


class Handler(BaseHTTPRequestHandler):
    """One connection: AWS calls, and admin calls under `/_lab/`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Headers and body leave in one packet.
    wbufsize = -1
    server: Server

    def _serve(self) -> None:
        try:
            body = self._body()
        except (BodyTooLarge, ValueError):
            self.close_connection = True
            return self._send(Reply(413))
        try:
            if self.path.startswith("/_lab/"):
                reply = admin.handle(self.server.world, self.command, self.path, body)
            else:
                ends = self.client_address[1], self.server.server_address[1]
                raw = Raw(self.command, self.path, self.headers, body, *ends)
                reply = dispatch.handle(self.server.world, raw)
        except Dropped:
            return self._drop()
        except Exception as failed:
            log.exception("%s %s", self.command, self.path)
            reply = Reply(500, f"The lab failed: {failed!r}\n".encode())
        self._send(reply)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = _serve

    def handle_expect_100(self) -> bool:
        """Tells the client to go on at once; the answer's buffer would keep it waiting."""
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            raise BodyTooLarge
        return self.rfile.read(length) if length else b""

    def _chunks(self) -> bytes:
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            if len(body) + size > LARGEST_BODY:
                raise BodyTooLarge
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return bytes(body)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            if name.lower() not in ("content-length", "connection", "status", "date", "server"):
                self.send_header(name, value)
        # The answer to HEAD announces the length of a body that it does not carry.
        announced = reply.headers.get("content-length") or reply.headers.get("Content-Length")
        length = announced if self.command == "HEAD" and announced else len(reply.body)
        if reply.status != 204:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _drop(self) -> None:
        """Resets the connection: with linger 0, close sends RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def finish(self) -> None:
        """Ends the connection; one that was reset has nothing left to flush."""
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, *_args: object) -> None:
        """Keeps the console quiet: the log of calls is at /_lab/log."""


class Server(ThreadingHTTPServer):
    """Serves one world on 127.0.0.1."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, world: World, port: int) -> None:
        self.world = world
        super().__init__(("127.0.0.1", port), Handler)
        # moto's state is one per process, so its time is that of the world that is served.
        moto_time.follow(world.clock.now)

    @property
    def url(self) -> str:
        """The endpoint for clients."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address) -> None:
        """A client that hangs up, for instance because it was killed, is no news."""
        log.debug("connection from %s ended", client_address, exc_info=True)
