"""`python -m lab`: runs the lab in the foreground until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from lab import snapshot
from lab.clock import Clock
from lab.server import Server
from lab.settings import Settings
from lab.world import World, load_services, warm_up


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="lab", description="A control plane like that of AWS.")
    parser.add_argument("--port", type=int, default=5999, help="0 = any free port")
    parser.add_argument(
        "--clock", type=_factor, default=600, metavar="N", help="lab seconds per real second"
    )
    parser.add_argument("--instant", action="store_true", help="every duration is 0")
    parser.add_argument(
        "--state",
        type=Path,
        metavar="FILE",
        help="go on with the world in FILE; written at the end",
    )
    parser.add_argument(
        "--ec2-lag",
        type=float,
        default=1.0,
        metavar="S",
        help="lab seconds for which EC2 may not find what it just created; 0 = it always does",
    )
    return parser.parse_args(argv)


def _factor(text: str) -> float:
    if (factor := float(text)) <= 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return factor


def main(argv: list[str] | None = None) -> int:
    """Serves until a signal; returns the exit code."""
    chosen = arguments(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    clock = Clock(chosen.clock, instant=chosen.instant)
    world = World(clock, Settings(ec2_lag=chosen.ec2_lag))
    try:
        if chosen.state is not None and chosen.state.exists():
            snapshot.read(world, chosen.state)
    except (snapshot.UnknownSnapshot, OSError) as reason:
        print(f"lab: cannot go on: {reason}", file=sys.stderr)
        return 1
    try:
        server = Server(world, chosen.port)
    except OSError as reason:
        print(f"lab: cannot listen on port {chosen.port}: {reason.strerror}", file=sys.stderr)
        return 1
    load_services()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Thread(target=_warm_up, args=(world,), daemon=True).start()
    print(f"lab ready on {server.url}", flush=True)
    stop.wait()
    server.shutdown()
    if chosen.state is not None:
        with world.lock:
            snapshot.write(world, chosen.state)
    return 0


def _warm_up(world: World) -> None:
    """Loads what the first calls need while the caller gets going."""
    with world.lock:
        warm_up()


if __name__ == "__main__":
    sys.exit(main())
