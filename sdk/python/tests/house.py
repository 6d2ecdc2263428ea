"""A server as small as the worker protocol allows, that tests tell what to say."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

# Only what the worker logs is of interest.
logging.getLogger("websockets.server").setLevel(logging.WARNING)

PATIENCE = 20
TOKEN = "a-worker's-token"


class Visitor:
    """A worker's connection, as the server has it."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.registered: dict[str, Any] = {}
        self.answers: dict[str, asyncio.Future[dict[str, Any]]] = {}

    async def say(self, frame: dict[str, Any]) -> None:
        await self.socket.send(json.dumps(frame))


class House:
    """What it heard, and what it answers."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.visitors: asyncio.Queue[Visitor] = asyncio.Queue()
        self.listeners: asyncio.Queue[Visitor] = asyncio.Queue()
        #: Topic → answers of requests; a dict with ``status`` is an error.
        self.replies: dict[str, Any] = {}
        self.arrived = asyncio.Condition()
        self._numbers = itertools.count(1)
        self._server: Server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}"

    async def visitor(self) -> Visitor:
        """The next worker that has registered."""
        async with asyncio.timeout(PATIENCE):
            return await self.visitors.get()

    async def order(self, visitor: Visitor, name: str, payload: Any, **more: Any) -> tuple[str, asyncio.Future[Any]]:
        """Begins a call: its ack, and the frame that answers it."""
        ack = str(next(self._numbers))
        visitor.answers[ack] = asyncio.get_running_loop().create_future()
        said = {
            "name": name,
            "payload": payload,
            "actor": {"type": "websocket", "user": {"id": "4097", "username": "ann"}, "admin": False},
            "connection": {"id": "c-1", "dialect": "jac"},
            "deadlineMs": 20_000,
            "attempt": 1,
            **more,
        }
        await visitor.say({"topic": "worker::call", "ack": ack, "payload": said})
        return ack, visitor.answers[ack]

    async def call(self, visitor: Visitor, name: str, payload: Any, **more: Any) -> Any:
        """Calls, and waits: for the frame without its ack."""
        ack, answer = await self.order(visitor, name, payload, **more)
        async with asyncio.timeout(PATIENCE):
            frame = await answer
        assert frame.pop("ack") == ack
        return frame

    async def hears(self, topic: str, count: int = 1) -> list[dict[str, Any]]:
        """Waits until it has heard a topic so often."""

        def found() -> list[dict[str, Any]]:
            return [frame for frame in self.heard if frame["topic"] == topic]

        async with asyncio.timeout(PATIENCE), self.arrived:
            await self.arrived.wait_for(lambda: len(found()) >= count)
        return found()

    async def _serve(self, socket: ServerConnection) -> None:
        visitor = Visitor(socket)
        try:
            async for text in socket:
                await self._hear(visitor, json.loads(text))
        except ConnectionClosed:
            pass

    async def _hear(self, visitor: Visitor, frame: dict[str, Any]) -> None:
        self.heard.append(frame)
        async with self.arrived:
            self.arrived.notify_all()
        ack = frame.get("ack")
        if ack in visitor.answers and frame["topic"] in ("worker::call", "error"):
            if not visitor.answers[ack].done():
                visitor.answers[ack].set_result(frame)
            return
        reply = self.replies.get(frame["topic"], {"success": True})
        if ack is not None:
            failed = isinstance(reply, dict) and "status" in reply
            await visitor.say({"topic": "error" if failed else frame["topic"], "ack": ack, "payload": reply})
            if failed:
                return
        if frame["topic"] == "worker::register":
            visitor.registered = frame["payload"]
            self.visitors.put_nowait(visitor)
        if frame["topic"] == "app::topic:subscribe":
            self.listeners.put_nowait(visitor)

    @staticmethod
    def _greet(socket: ServerConnection, request: Request) -> Response | None:
        if request.path != "/worker":
            return socket.respond(HTTPStatus.NOT_FOUND, "")
        match request.headers.get("Authorization", "").removeprefix("Bearer "):
            case "a-worker's-token":
                return None
            case "a-user's-token":
                return socket.respond(HTTPStatus.FORBIDDEN, "")
        return socket.respond(HTTPStatus.UNAUTHORIZED, "")

    @asynccontextmanager
    async def open(self) -> AsyncIterator[House]:
        async with serve(self._serve, "127.0.0.1", 0, process_request=self._greet) as self._server:
            yield self
