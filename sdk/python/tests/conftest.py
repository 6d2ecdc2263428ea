"""What tests begin with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from house import PATIENCE, TOKEN, House

from quintet import Worker


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with House().open() as house:
        yield house


@asynccontextmanager
async def serving(worker: Worker) -> AsyncIterator[asyncio.Task[None]]:
    """A worker at work."""
    task = asyncio.create_task(worker.serve())
    try:
        yield task
    finally:
        worker.stop()
        async with asyncio.timeout(PATIENCE):
            with suppress(Exception):
                await task


def worker_of(house: House, **options: object) -> Worker:
    """One that comes back at once."""
    return Worker(house.url, TOKEN, drain_seconds=5, random_number=lambda: 0.0, **options)  # type: ignore[arg-type]
