"""What a process uses, read from /proc while it runs."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from pathlib import Path

INTERVAL = 0.005
"""Seconds between two looks at a process: what it used in its last milliseconds is not seen."""
DISCOVERY = 4
"""New processes are looked for at every fourth look."""


def resident_kib(pid: int) -> int:
    """The largest resident memory of a process so far, in KiB; 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    peak = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peak[0].split()[1]) if peak else 0


def cpu_seconds(pid: int) -> float:
    """CPU time of all threads of a process so far; 0 when it is gone."""
    total = 0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    except OSError:
        return 0.0
    return total / 1e9


@dataclass
class Watch:
    """Watches every process of one program from `with` to its end."""

    binary: Path
    peak_kib: dict[int, int] = field(default_factory=dict)
    """Process id → largest resident memory in KiB."""
    cpu: dict[int, float] = field(default_factory=dict)
    """Process id → CPU seconds."""

    def __enter__(self) -> Watch:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def largest_mib(self) -> float:
        """Peak of the largest of the processes."""
        return max(self.peak_kib.values(), default=0) / 1024

    @property
    def cpu_seconds(self) -> float:
        """CPU time of all of them together."""
        return sum(self.cpu.values())

    def _look(self) -> None:
        known: set[int] = set()
        for tick in itertools.count():
            if self._over.wait(INTERVAL):
                return
            if tick % DISCOVERY == 0:
                known |= {int(e.name) for e in Path("/proc").glob("[0-9]*") if self._is_ours(e)}
            for pid in known:
                self.peak_kib[pid] = max(self.peak_kib.get(pid, 0), resident_kib(pid))
                self.cpu[pid] = max(self.cpu.get(pid, 0.0), cpu_seconds(pid))

    def _is_ours(self, entry: Path) -> bool:
        try:
            return (entry / "exe").resolve() == self.binary
        except OSError:
            return False
