"""What stands between a runner and AWS in many companies: a proxy that opens TLS under a certificate of its own."""

from __future__ import annotations

import base64
import datetime
import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAMES = ("*.amazonaws.com", "*.us-east-1.amazonaws.com", "*.pricing.us-east-1.amazonaws.com")
NAMES += ("*.us-east-1.api.aws", "*.global.api.aws", "localhost")
"""The hosts that the certificate stands for."""


class Gateway:
    """A proxy for which every host is the lab; in the clear and, after CONNECT, over TLS."""

    def __init__(self, upstream: str, directory: Path) -> None:
        self.asked: list[str] = []
        """The hosts that were asked for, in order."""
        self.logins: set[str] = set()
        """`user:password` of the requests."""
        self.authority = directory / "authority.pem"
        """The certificate that a client has to trust."""
        place = urlsplit(upstream)
        self._upstream = (place.hostname, place.port)
        self._tls = _context(directory, self.authority)
        handler = type("Handler", (_Handler,), {"gateway": self})
        self._server = ThreadingTCPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """`127.0.0.1:port`."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()

    def serve(self, client: socket.socket) -> None:
        """One connection: CONNECT, TLS from the first byte, or plain requests."""
        if client.recv(1, socket.MSG_PEEK) == b"\x16":
            self._carry(self._tls.wrap_socket(client, server_side=True), b"")
            return
        head = _head(client)
        method, target = head.split(b" ", 2)[:2]
        self._note(head, target.decode())
        if method == b"CONNECT":
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if target.endswith(b":443"):
                client = self._tls.wrap_socket(client, server_side=True)
            head = b""
        self._carry(client, head)

    def _note(self, head: bytes, target: str) -> None:
        host = urlsplit(target).hostname if "://" in target else target.rpartition(":")[0]
        self.asked.append(host or "")
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"proxy-authorization":
                self.logins.add(base64.b64decode(value.split()[-1]).decode())

    def _carry(self, client: socket.socket, first: bytes) -> None:
        with socket.create_connection(self._upstream) as server, client:
            server.sendall(first)
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join()


class _Handler(BaseRequestHandler):
    gateway: Gateway

    def handle(self) -> None:
        # A client that goes away, or does not trust the certificate, is no fault of ours.
        with suppress(OSError):
            self.gateway.serve(self.request)


def _head(client: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        part = client.recv(65536)
        if not part:
            raise ConnectionError("the client is gone")
        head += part
    return head


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _context(directory: Path, authority: Path) -> ssl.SSLContext:
    """A server's context with a certificate of an authority that nobody knows."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A company's authority")])
    root = _certificate(root_name, root_name, root_key, root_key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    names = x509.SubjectAlternativeName([x509.DNSName(name) for name in NAMES])
    leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proxy")])
    leaf = _certificate(leaf_name, root_name, key, root_key).add_extension(names, critical=False)
    pem, text = serialization.Encoding.PEM, serialization.NoEncryption()
    authority.write_bytes(root.sign(root_key, hashes.SHA256()).public_bytes(pem))
    chain = directory / "proxy.pem"
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, text)
    chain.write_bytes(private + leaf.sign(root_key, hashes.SHA256()).public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(identifier, critical=False)
    )
