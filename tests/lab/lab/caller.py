"""Which process is at the other end of a connection, and its kin. Linux only: it reads /proc."""

from __future__ import annotations

import contextlib
from pathlib import Path

LOCAL, REMOTE, INODE = 1, 2, 9
"""Columns of /proc/net/tcp."""


def pid(
    port: int, server: int, tables: tuple[str, ...] = ("/proc/net/tcp", "/proc/net/tcp6")
) -> int | None:
    """The process whose socket has this port as its own end and the server's as the other, if it is visible.

    One port alone does not tell: connections to different servers may share it (ip(7), ephemeral ports).
    """
    ends = (port, server)
    inodes = {
        row[INODE]
        for table in tables
        for row in _rows(table)
        if (_port(row[LOCAL]), _port(row[REMOTE])) == ends
    }
    wanted = {f"socket:[{inode}]" for inode in inodes - {"0"}}
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and wanted & _links(process / "fd"):
            return int(process.name)
    return None


def ancestors(pid: int, generations: int) -> list[int]:
    """Its parent, that one's parent and so on; never the first process of the machine."""
    above = parents()
    found: list[int] = []
    while len(found) < generations and (pid := above.get(pid, 0)) > 1:
        found.append(pid)
    return found


def descendants(pid: int) -> list[int]:
    """Every process that it started and that these started, parents before children."""
    found, above = [pid], parents()
    for each in found:
        found += [child for child, parent in above.items() if parent == each]
    return found[1:]


def parents() -> dict[int, int]:
    """Every visible process and its parent."""
    found = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):
                # The name, in parentheses, may hold anything.
                after = (process / "stat").read_text().rpartition(")")[2].split()
                found[int(process.name)] = int(after[1])
    return found


def _rows(table: str) -> list[list[str]]:
    try:
        lines = Path(table).read_text().splitlines()[1:]
    except OSError:
        return []
    return [line.split() for line in lines]


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


def _links(folder: Path) -> set[str]:
    """Where the open files of a process lead; nothing for one that is gone or not ours."""
    links: set[str] = set()
    with contextlib.suppress(OSError):
        links.update(str(each.readlink()) for each in folder.iterdir())
    return links
