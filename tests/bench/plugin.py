"""The smallest client of a provider process: handshake, mutual TLS, one gRPC call over HTTP/2.

Nothing else stands between the measurement and the provider: no CLI, no client library. Handshake as in go-plugin's
public description; frames as in RFC 9113, header fields as literals (RFC 7541 §6.2.2).
"""

from __future__ import annotations

import base64
import os
import socket
import ssl
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bench.process import resident_kib

COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
SCHEMA_CALLS = {
    5: "/tfplugin5.Provider/GetSchema",
    6: "/tfplugin6.Provider/GetProviderSchema",
}
DATA, HEADERS, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
LARGEST = 2**31 - 1
SECONDS = 60.0


class PluginError(RuntimeError):
    """The provider did not answer as a plugin does."""


@dataclass(frozen=True)
class Start:
    """What one start of a provider cost."""

    seconds: float
    """From the start of the process to the last byte of the schema."""
    resident_kib: int
    """Largest resident memory until then, in KiB."""
    schema_bytes: int


def start(binary: Path) -> Start:
    """Starts the provider, asks for its schema and ends it.

    Raises PluginError when it does not answer.
    """
    with tempfile.TemporaryDirectory() as directory:
        pair, certificate = _certificate(Path(directory))
        environment = {
            "PATH": os.defpath,
            "TF_PLUGIN_MAGIC_COOKIE": COOKIE,
            "PLUGIN_PROTOCOL_VERSIONS": "5,6",
            "PLUGIN_CLIENT_CERT": certificate,
        }
        began = time.perf_counter()
        process = subprocess.Popen(
            [binary], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            line = process.stdout.readline().decode().strip().split("|")
            if len(line) < 6:
                raise PluginError(f"no handshake from {binary.name}: {'|'.join(line)!r}")
            _, version, network, address, _, server = line[:6]
            with _connect(network, address, server, pair) as connection:
                size = _call(connection, SCHEMA_CALLS[int(version)])
            return Start(time.perf_counter() - began, resident_kib(process.pid), size)
        finally:
            process.kill()
            process.wait()


def _certificate(directory: Path) -> tuple[Path, str]:
    """A key pair in a file, and its certificate as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pair = directory / "client.pem"
    pair.write_bytes(private + certificate)
    return pair, certificate.decode()


def _connect(network: str, address: str, server: str, pair: Path) -> ssl.SSLSocket:
    der = base64.b64decode(server + "=" * (-len(server) % 4))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=der)
    context.load_cert_chain(pair)
    context.set_alpn_protocols(["h2"])
    if network == "unix":
        raw = socket.socket(socket.AF_UNIX)
        raw.settimeout(SECONDS)
        raw.connect(address)
    else:
        host, port = address.rsplit(":", 1)
        raw = socket.create_connection((host, int(port)), SECONDS)
    return context.wrap_socket(raw, server_hostname="localhost")


def _call(connection: ssl.SSLSocket, path: str) -> int:
    """Calls `path` with an empty message; answers the size of the response's message in bytes."""
    fields = {
        ":method": "POST",
        ":scheme": "https",
        ":path": path,
        ":authority": "localhost",
        "content-type": "application/grpc",
        "te": "trailers",
    }
    settings = struct.pack(">HI", 4, LARGEST)
    connection.sendall(
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        + _frame(SETTINGS, 0, 0, settings)
        + _frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", LARGEST - 65535))
        + _frame(HEADERS, END_HEADERS, 1, b"".join(_literal(*each) for each in fields.items()))
        + _frame(DATA, END_STREAM, 1, b"\0" * 5)
    )
    incoming, received = connection.makefile("rb"), 0
    while head := incoming.read(9):
        length, kind, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
        payload = incoming.read(length)
        if kind == SETTINGS and not flags & ACK:
            connection.sendall(_frame(SETTINGS, ACK, 0, b""))
        elif kind == PING and not flags & ACK:
            connection.sendall(_frame(PING, ACK, 0, payload))
        elif kind == GOAWAY:
            break
        elif kind == DATA:
            received += length
        if kind in (DATA, HEADERS) and flags & END_STREAM:
            break
    if received <= 5:
        raise PluginError(f"{path} answered without a message")
    return received - 5


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return (
        len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload
    )


def _literal(name: str, value: str) -> bytes:
    """A header field without indexing and without Huffman coding; both parts are shorter than 127 bytes."""
    return b"\0" + b"".join(bytes([len(text)]) + text.encode() for text in (name, value))
