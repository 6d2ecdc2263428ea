"""Listening to the bus, on a connection of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

from websockets.exceptions import WebSocketException

from .address import Address
from .errors import Disconnected, Fatal, Refused
from .link import Link
from .wire import Frame

log = logging.getLogger("quintet")

#: What waits for the listener; where it is slower than that, the oldest is dropped, and how many is logged.
WAITING = 4_096
_PAUSES = (0.25, 30.0)


@dataclass(frozen=True)
class Push:
    """Something that was said: its client topic (``chat:sent`` for chats, the topic itself for messages), and what."""

    topic: str
    payload: Any


class Subscription:
    """A pattern. A push does not say by which pattern it was asked for, so each has its own connection."""

    def __init__(self, address: Address, pattern: str, random_number: Callable[[], float]) -> None:
        self._address = address
        self._pattern = pattern
        self._random = random_number
        self._heard: asyncio.Queue[Push | None]
        self._dropped = 0

    async def pushes(self) -> AsyncGenerator[Push, None]:
        """All that is heard. ``Refused`` where the pattern is, ``Fatal`` where the token is."""
        first, longest = _PAUSES
        pause = first
        while True:
            try:
                async for push in self._listen():
                    pause = first
                    yield push
            except (OSError, TimeoutError, WebSocketException, Disconnected) as error:
                log.warning("cannot listen to %s: %s", self._pattern, error)
            await asyncio.sleep(pause * (0.5 + self._random() / 2))
            pause = min(longest, pause * 2)

    async def _listen(self) -> AsyncGenerator[Push, None]:
        link = await Link.open(self._address)
        self._heard = asyncio.Queue(WAITING)
        reading = asyncio.create_task(self._read(link))
        try:
            await link.ask("app::topic:subscribe", {"topic": self._pattern})
            while (push := await self._heard.get()) is not None:
                yield push
        except Refused as error:
            if error.status in (401, 403):
                raise Fatal(f"{self._pattern} cannot be listened to: {error}") from None
            raise
        finally:
            await link.close()
            await reading

    async def _read(self, link: Link) -> None:
        await link.read(self._hear)
        self._keep(None)

    def _hear(self, frame: Frame) -> None:
        self._keep(Push(frame["topic"], frame.get("payload")))

    def _keep(self, push: Push | None) -> None:
        if self._heard.full():
            self._heard.get_nowait()
            self._dropped += 1
            if self._dropped.bit_count() == 1:
                log.warning("%d pushes of %s were dropped: their reader is too slow", self._dropped, self._pattern)
        self._heard.put_nowait(push)
