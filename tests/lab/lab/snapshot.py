"""The whole world as bytes: kept in memory to go back to, or in a file to go on later.

A file is a pickle, which can run code when it is read: load only what you wrote yourself.
"""

from __future__ import annotations

import io
import pickle
import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import moto
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from moto import backends
from moto.core.base_backend import AccountSpecificBackend, BackendDict

if TYPE_CHECKING:
    from lab.world import World

KEPT = 16
"""Snapshots in memory; a newer one pushes out the oldest."""
HEADER = f"lab 1 on moto {moto.__version__}\n".encode()
"""How a saved world begins; another version's objects would not fit."""
PEM = serialization.Encoding.PEM
PKCS8 = serialization.PrivateFormat.PKCS8


class UnknownSnapshot(LookupError):
    """There is no such snapshot, or it is of another version."""


class Shelf:
    """Snapshots in memory."""

    def __init__(self) -> None:
        self._bytes: OrderedDict[str, bytes] = OrderedDict()
        self._count = 0

    def keep(self, world: World) -> tuple[str, int]:
        """Takes a snapshot; its id and its size in bytes."""
        self._count += 1
        name = f"snapshot-{self._count}"
        self._bytes[name] = save(world)
        while len(self._bytes) > KEPT:
            self._bytes.popitem(last=False)
        return name, len(self._bytes[name])

    def bring_back(self, world: World, name: str) -> None:
        """Makes the world what it was, time included; raises UnknownSnapshot."""
        if name not in self._bytes:
            held = ", ".join(self._bytes) or "none"
            raise UnknownSnapshot(f"no such snapshot: {name}; there are: {held}")
        load(world, self._bytes[name])


def save(world: World) -> bytes:
    """Everything that a reset would drop, and the time."""
    state = {
        "time": world.clock.now(),
        "world": world.contents(),
        "moto": [
            (service.service_name, account, region, backend)
            for service in BackendDict._instances
            for account, region, backend in service.iter_backends()
        ],
    }
    file = io.BytesIO(HEADER)
    file.seek(0, io.SEEK_END)
    _Pickler(file, protocol=pickle.HIGHEST_PROTOCOL).dump(state)
    return file.getvalue()


def load(world: World, data: bytes) -> None:
    """Puts a saved world in the place of the present one; raises UnknownSnapshot."""
    if not data.startswith(HEADER):
        raise UnknownSnapshot(f"not a world of this version ({HEADER.decode().strip()})")
    # First, because moto's reset of S3 closes the files of every object that there is by then.
    world.reset()
    state = _Unpickler(io.BytesIO(data[len(HEADER) :])).load()
    for service, account, region, backend in state["moto"]:
        regions = backends.get_backend(service)[account]
        dict.__setitem__(regions, region, backend)
    world.take_over(state["world"])
    world.clock.set(state["time"])


def write(world: World, file: Path) -> None:
    """Saves into a file; an interrupted write leaves the old one."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_bytes(save(world))
    fresh.replace(file)


def read(world: World, file: Path) -> None:
    """Loads a file; raises UnknownSnapshot, or OSError when it cannot be read."""
    try:
        load(world, file.read_bytes())
    except (UnknownSnapshot, pickle.UnpicklingError, EOFError, AttributeError, ImportError) as why:
        raise UnknownSnapshot(f"{file} holds no world: {why}") from why


class _Pickler(pickle.Pickler):
    """Knows what cannot be copied: moto's registries, locks, private keys."""

    def persistent_id(self, value: Any) -> Any:
        if isinstance(value, BackendDict):
            return "service", value.service_name
        if isinstance(value, AccountSpecificBackend):
            return "account", value.service_name, value.account_id
        return None

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, PrivateKeyTypes):
            secret = value.private_bytes(PEM, PKCS8, serialization.NoEncryption())
            return _private_key, (secret,)
        if isinstance(value, type(threading.Lock())):
            return threading.Lock, ()
        if isinstance(value, type(threading.RLock())):
            return threading.RLock, ()
        return NotImplemented


def _private_key(secret: bytes) -> PrivateKeyTypes:
    return serialization.load_pem_private_key(secret, None)


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, pid: Any) -> Any:
        service = backends.get_backend(pid[1])
        return service if pid[0] == "service" else service[pid[2]]
