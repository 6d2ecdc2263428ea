"""``quintet-jac WALKERS.jac``: runs a Jac program behind a server, that of ``QUINTET_URL`` and ``QUINTET_TOKEN``."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

from quintet import Fatal, Worker

from .pool import Broken, Lost, Pool
from .service import BACKGROUND_SECONDS, Service

log = logging.getLogger("quintet.jac")


def main() -> None:
    """Exits with 1, and says why, where the program does not compile or the server refuses it."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(_serve(arguments))
    except (Broken, Lost, Fatal) as error:
        log.critical("%s", error)
        sys.exit(1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="quintet-jac", description="Runs the walkers of a Jac program.")
    parser.add_argument("program", type=Path, metavar="WALKERS.jac", help="the program, unmodified")
    parser.add_argument(
        "--data", type=Path, default=Path("quintet-jac"), help="where its graph is kept (./quintet-jac)"
    )
    parser.add_argument(
        "--processes", type=int, default=max(2, min(4, os.cpu_count() or 2)), help="walkers that run at once (2 to 4)"
    )
    parser.add_argument("--calls", type=int, default=64, help="calls that it takes at once, to run or wait (64)")
    parser.add_argument("--timeout", type=float, help="seconds that a walker may take; the server's bound if not given")
    parser.add_argument(
        "--background-seconds",
        type=float,
        default=BACKGROUND_SECONDS,
        help="seconds that an async walker may go on after its answer (600)",
    )
    parser.add_argument("--drain-seconds", type=float, default=30.0, help="how long it finishes what is under way (30)")
    arguments = parser.parse_args()
    if arguments.processes < 1 or arguments.calls < 1:
        parser.error("--processes and --calls are at least 1")
    return arguments


async def _serve(arguments: argparse.Namespace) -> None:
    worker = Worker(calls=arguments.calls, drain_seconds=arguments.drain_seconds)
    pool = Pool(arguments.program, arguments.data, arguments.processes)
    try:
        await pool.open()
        if not pool.interfaces:
            raise Fatal(f"{arguments.program} has no walkers to offer")
        Service(worker, pool, arguments.timeout, arguments.background_seconds)
        log.info("walkers: %s", ", ".join(sorted(worker.by_name)))
        await worker.serve_until_signal()
    finally:
        await pool.close()
