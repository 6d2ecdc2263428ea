"""One open socket to the server: requests that are answered, and all else that it says."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from .address import Address
from .errors import Disconnected, Fatal, Refused
from .wire import Frame, decode, encode

log = logging.getLogger("quintet")

#: The library logs headers, and with them the token, where its logger lets debug messages pass.
_quiet = logging.getLogger("quintet.websocket")
_quiet.setLevel(logging.INFO)

#: Requests that wait for their answer on one socket.
WAITING = 4_096
#: How long one waits, in seconds.
PATIENCE = 60.0
#: The largest message that is taken, in bytes.
MESSAGE_BYTES = 64 * 1024 * 1024
#: The largest that a server takes unless it is told otherwise (its `message_bytes`): at more it ends the connection,
#: and with it all calls that are under way.
SENT_BYTES = 16 * 1024 * 1024


_TOKEN = {401: "is missing or does not hold", 403: "is no worker's token"}


class Link:
    """An open socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Any]] = {}

    @classmethod
    async def open(cls, address: Address) -> Link:
        """Connects. ``Fatal`` where the token does not hold."""
        headers = {"Authorization": f"Bearer {address.token}"} if address.token else {}
        try:
            socket = await connect(
                address.url, additional_headers=headers, max_size=MESSAGE_BYTES, compression=None, logger=_quiet
            )
        except InvalidStatus as error:
            if (problem := _TOKEN.get(error.response.status_code)) is not None:
                raise Fatal(f"the token {problem}: `quintet token --worker NAME` makes one") from None
            raise
        return cls(socket)

    async def say(self, frame: Frame) -> None:
        """Sends one frame; in order of the calls. ``Disconnected`` where the socket has ended, ``Refused`` where it is
        too large.
        """
        await self.say_encoded(encode(frame))

    async def say_encoded(self, frame: bytes) -> None:
        """Sends one frame that is encoded already."""
        if len(frame) > SENT_BYTES:
            raise Refused(f"a message of {len(frame)} bytes is more than a server takes", 413)
        try:
            await self._socket.send(frame, text=True)
        except ConnectionClosed:
            raise Disconnected("the connection to the server has ended") from None

    async def ask(self, topic: str, payload: Any, patience: float = PATIENCE) -> Any:
        """Sends a request and waits for its answer. ``Refused``, ``Disconnected``, or ``TimeoutError``."""
        if len(self._waiting) >= WAITING:
            raise Refused("too many requests wait for their answers", 429)
        ack = str(next(self._numbers))
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[ack] = answer
        try:
            await self.say({"topic": topic, "payload": payload, "ack": ack})
            async with asyncio.timeout(patience):
                return await answer
        finally:
            self._waiting.pop(ack, None)

    async def read(self, hear: Callable[[Frame], None]) -> None:
        """Reads until the socket ends, answers of requests aside; what remains unanswered then is ``Disconnected``."""
        try:
            async for text in self._socket:
                frame = decode(text)
                if frame is None:
                    log.warning("the server said something that is no frame")
                elif not self._answers(frame):
                    hear(frame)
        except ConnectionClosed:
            pass
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(Disconnected("the connection to the server has ended"))

    def _answers(self, frame: Frame) -> bool:
        if frame["topic"] == "worker::call":
            return False
        answer = self._waiting.get(str(frame.get("ack")))
        if answer is None:
            if frame["topic"] == "error":
                log.warning("the server refused: %s", Refused.read(frame.get("payload")))
                return True
            return "ack" in frame
        if not answer.done():
            if frame["topic"] == "error":
                answer.set_exception(Refused.read(frame.get("payload")))
            else:
                answer.set_result(frame.get("payload"))
        return True

    def why(self) -> str:
        """Why the socket ended."""
        code, reason = self._socket.close_code, self._socket.close_reason
        return f"closed with {code} {reason or ''}".strip()

    async def close(self) -> None:
        """Says goodbye."""
        # Where the server has ended it in the middle of a message, asyncio may look for what is gone already.
        with contextlib.suppress(OSError, AttributeError):
            await self._socket.close()
