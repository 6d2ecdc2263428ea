"""A call, as a procedure sees it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from .link import Link

T = TypeVar("T")


@dataclass(frozen=True)
class User:
    """A user who calls."""

    id: str
    username: str


@dataclass(frozen=True)
class Actor:
    """On whose behalf a procedure runs: ``type`` is ``websocket``, ``http`` or ``backend``."""

    type: str
    user: User | None
    admin: bool


@dataclass(frozen=True)
class Connection:
    """The socket on which it was called: its id, to notify it, and the dialect that it speaks."""

    id: str
    dialect: str


@dataclass(frozen=True)
class Answer:
    """A result with an HTTP status from 200 to 299, for callers that see one."""

    payload: Any
    status: int = 200


class Call:
    """What was called, by whom, and what one may do meanwhile.

    Its coroutines are for procedures that are ``async``; others run them by :meth:`wait`.
    """

    def __init__(self, said: Mapping[str, Any], link: Link, loop: asyncio.AbstractEventLoop) -> None:
        actor = said.get("actor") or {}
        user = actor.get("user")
        connection = said.get("connection")
        self.name: str = str(said["name"])
        self.payload: Any = said.get("payload")
        self.actor = Actor(
            str(actor.get("type", "backend")),
            User(str(user["id"]), str(user.get("username", ""))) if user else None,
            bool(actor.get("admin")),
        )
        self.connection = Connection(str(connection["id"]), str(connection.get("dialect", ""))) if connection else None
        #: When nobody waits any more, as ``time.monotonic`` counts.
        self.deadline: float = time.monotonic() + float(said.get("deadlineMs", 30_000)) / 1_000
        #: 1; more where the call was made before and that worker was lost.
        self.attempt: int = int(said.get("attempt", 1))
        #: A room's own words, for procedures with an interface.
        self.extra: Any = said.get("extra")
        self._link = link
        self._loop = loop

    @property
    def remaining(self) -> float:
        """How long somebody waits yet, in seconds; never negative."""
        return max(0.0, self.deadline - time.monotonic())

    async def invoke(self, name: str, payload: Any = None) -> Any:
        """Calls another procedure, as the house. ``Refused`` where it answers with an error."""
        return await invoke(self._link, name, payload)

    async def publish(self, topic: str, payload: Any) -> None:
        """Says something to whoever listens to the topic."""
        await publish(self._link, topic, payload)

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
        """Tells them an object. It is heard before the answer of this call, confirmed or not."""
        await notify(self._link, data, users, channels, clients, rooms, confirm)

    def wait(self, doing: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine of this call from a procedure that is not ``async``."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result()


async def invoke(link: Link, name: str, payload: Any) -> Any:
    """Calls a procedure."""
    return await link.ask(f"app::{name}", payload)


async def publish(link: Link, topic: str, payload: Any) -> None:
    """Publishes on the bus."""
    await link.ask("app::topic:publish", {"topic": topic, "payload": payload})


async def notify(
    link: Link,
    data: Mapping[str, Any],
    users: Iterable[str | int],
    channels: Iterable[str],
    clients: Iterable[str],
    rooms: Iterable[str | int],
    confirm: bool,
) -> None:
    """Notifies; without confirmation a refusal is only logged."""
    whom = {
        "users": [str(user) for user in users],
        "channels": list(channels),
        "clients": list(clients),
        "rooms": [str(room) for room in rooms],
    }
    payload = {key: ids for key, ids in whom.items() if ids}
    if not payload:
        return
    payload["data"] = dict(data)  # type: ignore[assignment]
    if confirm:
        await link.ask("app::notify", payload)
    else:
        await link.say({"topic": "app::notify", "payload": payload})
