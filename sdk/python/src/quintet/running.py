"""Running a worker as a program."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

from .errors import Fatal
from .procedure import declared
from .worker import Worker

log = logging.getLogger("quintet")


def run(url: str | None = None, token: str | None = None, *, calls: int = 64, drain_seconds: float = 30.0) -> None:
    """Answers calls of the functions that are declared with ``@procedure`` until SIGTERM or SIGINT.

    Exits with 1, and says why, where there is no use in trying again.
    """
    if not logging.getLogger().handlers:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        early = asyncio.run(_serve(url, token, calls, drain_seconds))
    except Fatal as error:
        log.critical("%s", error)
        sys.exit(1)
    if early:
        # Threads that are still at work would be waited for without bound.
        logging.shutdown()
        os._exit(1)


async def _serve(url: str | None, token: str | None, calls: int, drain_seconds: float) -> bool:
    worker = Worker(url, token, procedures=declared, calls=calls, drain_seconds=drain_seconds)
    if not worker.by_name:
        raise Fatal("there is nothing to answer: declare a function with @procedure")
    await worker.serve_until_signal()
    return worker.left_early
