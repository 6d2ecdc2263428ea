"""A worker: it connects, registers, answers, connects again."""

from __future__ import annotations

import asyncio
import logging
import random
import signal
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from websockets.exceptions import WebSocketException

from . import call as calling
from .address import Address
from .errors import Disconnected, Fatal, Refused
from .link import Link
from .procedure import Procedures
from .subscription import Push, Subscription
from .visit import Visit

log = logging.getLogger("quintet")

#: The longest pause between two attempts to connect, in seconds.
LONGEST_PAUSE = 30.0
_FIRST_PAUSE = 0.25
_TROUBLE = (OSError, TimeoutError, WebSocketException, Disconnected)


class Worker(Procedures):
    """A program that answers calls.

    ``url`` and ``token`` are those of ``QUINTET_URL`` and ``QUINTET_TOKEN`` where not given. ``calls`` is how many it
    takes at once, ``threads`` how many of them can be functions that are not ``async``, ``drain_seconds`` how long
    it stays to finish what is under way.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        procedures: Procedures | None = None,
        calls: int = 64,
        threads: int | None = None,
        drain_seconds: float = 30.0,
        random_number: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(dict(procedures.by_name) if procedures else {})
        self._address = Address.read(url, token)
        self._calls = calls
        self._threads = ThreadPoolExecutor(threads or min(32, calls), thread_name_prefix="quintet")
        self._drain_seconds = drain_seconds
        self._random = random_number
        self._failures = 0
        self._link: Link | None = None
        self._ready = asyncio.Event()
        self._stopping = asyncio.Event()
        #: Whether it left while something was still under way.
        self.left_early = False

    async def serve(self) -> None:
        """Answers calls until :meth:`stop`. ``Fatal`` where there is no use in trying again."""
        try:
            while not self._stopping.is_set():
                try:
                    await self._visit()
                except _TROUBLE as error:
                    log.warning("no connection to %s: %s", self._address.url, error)
                if not self._stopping.is_set():
                    await self._pause()
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Takes no more calls, finishes what is under way, and leaves."""
        self._stopping.set()

    async def ready(self) -> None:
        """Waits until the procedures are registered."""
        await self._ready.wait()

    async def invoke(self, name: str, payload: Any = None) -> Any:
        """Calls a procedure, as the house. ``Refused`` where it answers with an error."""
        return await calling.invoke(self._open(), name, payload)

    async def publish(self, topic: str, payload: Any) -> None:
        """Says something to whoever listens to the topic."""
        await calling.publish(self._open(), topic, payload)

    async def notify(
        self,
        data: Mapping[str, Any],
        *,
        users: Iterable[str | int] = (),
        channels: Iterable[str] = (),
        clients: Iterable[str] = (),
        rooms: Iterable[str | int] = (),
        confirm: bool = True,
    ) -> None:
        """Tells them an object. Without ``confirm`` it does not wait for the server, and a refusal is only logged."""
        await calling.notify(self._open(), data, users, channels, clients, rooms, confirm)

    async def notify_users(self, users: Iterable[str | int], data: Mapping[str, Any]) -> None:
        """Tells users, by number or root id, an object."""
        await self.notify(data, users=users)

    async def notify_channels(self, channels: Iterable[str], data: Mapping[str, Any]) -> None:
        """Tells the members of channels an object."""
        await self.notify(data, channels=channels)

    async def notify_clients(self, clients: Iterable[str], data: Mapping[str, Any]) -> None:
        """Tells sockets an object."""
        await self.notify(data, clients=clients)

    async def notify_rooms(self, rooms: Iterable[str | int], data: Mapping[str, Any]) -> None:
        """Tells who hears rooms an object."""
        await self.notify(data, rooms=rooms)

    def subscribe(self, pattern: str) -> AsyncGenerator[Push, None]:
        """What is said on the topics that a pattern names, such as ``rooms/*``, from when iteration begins.

        It has a connection of its own, which comes back by itself; what is said meanwhile is missed.
        """
        return Subscription(self._address, pattern, self._random).pushes()

    def _open(self) -> Link:
        if self._link is None:
            raise Disconnected("there is no connection to the server now")
        return self._link

    async def _visit(self) -> None:
        link = await Link.open(self._address)
        visit = Visit(link, self.by_name, self._threads, self._calls)
        reading = asyncio.create_task(link.read(visit.hear))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await self._register(link)
            await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                log.warning("the connection ended: %s", link.why())
            else:
                await self._drain(link, visit)
        finally:
            self._link = None
            self._ready.clear()
            stopping.cancel()
            await visit.end()
            await link.close()
            await reading

    async def _register(self, link: Link) -> None:
        offers = [procedure.offer() for procedure in self.by_name.values()]
        try:
            await link.ask("worker::register", {"calls": self._calls, "procedures": offers})
        except Refused as error:
            if error.status in (401, 403):
                raise Fatal(f"the token does not hold: {error}") from None
            if 400 <= error.status < 500 and error.status not in (408, 429):
                raise Fatal(f"the procedures were not registered: {error}") from None
            raise Disconnected(f"the procedures were not registered: {error}") from None
        self._failures = 0
        self._link = link
        self._ready.set()
        log.info("connected to %s, with %d procedures", self._address.url, len(offers))

    async def _drain(self, link: Link, visit: Visit) -> None:
        log.info("leaving, when what is under way is done")
        try:
            async with asyncio.timeout(self._drain_seconds) as patience:
                await link.ask("worker::drain", {})
                await visit.finish(self._drain_seconds)
        except TimeoutError:
            pass
        self.left_early = patience.expired() or not await visit.finish(0)
        if self.left_early:
            log.warning("left before all calls were answered")

    async def _pause(self) -> None:
        bound = min(LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(self._failures, 20))
        self._failures += 1
        # Half of it is chance, so that many workers do not come back at once.
        seconds = bound * (0.5 + self._random() / 2)
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            pass

    async def serve_until_signal(self) -> None:
        """:meth:`serve`, and :meth:`stop` at the first SIGTERM or SIGINT; the second one ends it at once."""
        loop = asyncio.get_running_loop()
        serving = asyncio.create_task(self.serve())

        def leave() -> None:
            if self._stopping.is_set():
                serving.cancel()
            self.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, leave)
        try:
            await serving
        except asyncio.CancelledError:
            self.left_early = True
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
