"""The calls of one connection: each is a task of its own, and is answered once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Any

from .call import Answer, Call
from .errors import Disconnected, Error, Refused
from .link import Link
from .procedure import Procedure
from .wire import Frame, encode

log = logging.getLogger("quintet")


class Visit:
    """What the server has asked for on one connection, and is under way."""

    def __init__(self, link: Link, procedures: Mapping[str, Procedure], threads: Executor, calls: int) -> None:
        self._link = link
        self._procedures = procedures
        self._threads = threads
        self._calls = calls
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def hear(self, frame: Frame) -> None:
        """Takes a call, or that nobody waits for one any more."""
        payload = frame.get("payload")
        if not isinstance(payload, dict):
            return
        if frame["topic"] == "worker::cancel":
            if task := self._tasks.get(str(payload.get("ack"))):
                task.cancel()
        elif frame["topic"] == "worker::call":
            ack = str(frame.get("ack"))
            # The server keeps to the number that it was told; that it does is not this side's memory to bet on.
            work = self._answer(ack, payload) if len(self._tasks) < 2 * self._calls else self._refuse(ack)
            task = asyncio.create_task(work, name=f"call {payload.get('name')}")
            self._tasks[ack] = task
            task.add_done_callback(partial(self._done, ack))

    def _done(self, ack: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(ack) is task:
            del self._tasks[ack]
        if not task.cancelled() and (error := task.exception()):
            log.error("a call could not be answered", exc_info=error)

    async def finish(self, seconds: float) -> bool:
        """Waits for what is under way, so long; whether all was answered."""
        if not self._tasks:
            return True
        _, rest = await asyncio.wait(self._tasks.values(), timeout=seconds)
        return not rest

    async def end(self) -> None:
        """Cancels what is under way."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _refuse(self, ack: str) -> None:
        await self._say(ack, Error("too many calls at once", status=503))

    async def _answer(self, ack: str, said: dict[str, Any]) -> None:
        await self._say(ack, await self._outcome(said))

    async def _outcome(self, said: dict[str, Any]) -> Any:
        procedure = self._procedures.get(str(said.get("name")))
        if procedure is None:
            return Error(status=404)
        try:
            call = Call(said, self._link, asyncio.get_running_loop())
        except (KeyError, TypeError, ValueError, AttributeError):
            log.exception("the server's call is not as it should be")
            return Error(status=500)
        patience = asyncio.timeout(call.remaining)
        try:
            async with patience:
                return await self._run(procedure, call)
        except Error as error:
            return error
        except Exception as error:
            # A TimeoutError that the procedure itself raised is a failure like any other.
            if isinstance(error, TimeoutError) and patience.expired():
                log.warning("%s took too long", procedure.name)
                return Error(status=504)
            log.exception("%s failed", procedure.name)
            return Error(status=500)

    async def _run(self, procedure: Procedure, call: Call) -> Any:
        arguments = procedure.arguments.bind(call)
        if procedure.is_async:
            return await procedure.function(**arguments)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(procedure.function, **arguments))

    async def _say(self, ack: str, outcome: Any) -> None:
        try:
            frame = encode(_frame(ack, outcome))
        except (TypeError, ValueError, RecursionError):
            log.exception("a result has no JSON form")
            frame = encode(_frame(ack, Error(status=500)))
        try:
            await self._send(ack, frame)
        except Disconnected:
            log.info("an answer came too late: the connection has ended")

    async def _send(self, ack: str, frame: bytes) -> None:
        try:
            await self._link.say_encoded(frame)
        except Refused as error:
            log.error("an answer is not sent: %s", error)
            await self._link.say_encoded(encode(_frame(ack, Error("the answer is too large", status=500))))


def _frame(ack: str, outcome: Any) -> Frame:
    if isinstance(outcome, Error):
        return {"topic": "error", "ack": ack, "payload": outcome.payload()}
    if isinstance(outcome, Answer):
        return {"topic": "worker::call", "ack": ack, "payload": outcome.payload, "status": outcome.status}
    return {"topic": "worker::call", "ack": ack, "payload": outcome}
