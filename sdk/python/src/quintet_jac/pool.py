"""The processes: each runs one walker at a time; one that hangs is killed, one that dies is replaced."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

log = logging.getLogger("quintet.jac")

#: The longest line of a process, in bytes.
LINE_BYTES = 64 * 1024 * 1024
#: How long a process may take to load the program, in seconds.
START_SECONDS = 120.0
_LONGEST_PAUSE = 30.0

#: What a walker says while it runs; what is returned is told to it, where it asked.
Hear = Callable[[dict[str, Any]], Awaitable[Any]]
Answering = asyncio.Future[dict[str, Any]]


class Broken(Exception):
    """The program cannot be loaded."""


class Lost(Exception):
    """The process ended before it answered."""


class Late(Exception):
    """The walker took too long; it is no more."""


class Process:
    """One process."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self._child = child
        self._calls = 0
        self.interfaces: dict[str, dict[str, Any]] = {}

    @classmethod
    async def start(cls, file: Path, directory: Path) -> Process:
        """Starts one, and waits until it has loaded the program. ``Broken`` or ``Lost`` where it cannot."""
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "quintet_jac.process",
            str(file),
            str(directory),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_BYTES,
            # A signal of the terminal is for the parent: it lets walkers finish.
            start_new_session=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        process = cls(child)
        try:
            async with asyncio.timeout(START_SECONDS):
                said = await process._line()
        except BaseException:
            await process.kill()
            raise
        if "broken" in said:
            await process.kill()
            raise Broken(said["broken"])
        process.interfaces = said["ready"]
        return process

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._child.returncode is None

    async def run(self, call: dict[str, Any], deadline: float, hear: Hear, answer: Answering) -> None:
        """Runs a call until the walker has ended, and resolves ``answer`` when it is there. ``Lost``, or ``Late``."""
        self._calls += 1
        self._tell({**call, "id": self._calls})
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                while not await self._hear(hear, answer):
                    pass
        except TimeoutError:
            await self.kill()
            raise Late from None

    async def _hear(self, hear: Hear, answer: Answering) -> bool:
        said = await self._line()
        if said.get("id") != self._calls:
            return False
        if "result" in said or "error" in said:
            if not answer.done():
                answer.set_result(said)
            return not said.get("background")
        if "ask" in said:
            self._tell({"told": await hear(said)})
        elif "notify" in said:
            await hear(said)
        return "done" in said

    def _tell(self, said: dict[str, Any]) -> None:
        assert self._child.stdin is not None  # noqa: S101 - it is a pipe
        self._child.stdin.write(json.dumps(said, separators=(",", ":")).encode() + b"\n")

    async def _line(self) -> dict[str, Any]:
        assert self._child.stdout is not None  # noqa: S101 - it is a pipe
        try:
            line = await self._child.stdout.readline()
        except ValueError:
            await self.kill()
            raise Lost("it said more than a line may hold") from None
        if not line.endswith(b"\n"):
            await self.kill()
            raise Lost(f"it ended with {self._child.returncode}")
        said: dict[str, Any] = json.loads(line)
        return said

    async def kill(self) -> None:
        """Ends it at once."""
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                self._child.kill()
        await self._child.wait()


class Pool:
    """Several processes of one program over one store."""

    def __init__(self, file: Path, directory: Path, size: int) -> None:
        self._file = file
        self._directory = directory
        self._size = size
        self._idle: asyncio.Queue[Process] = asyncio.Queue()
        self._all: set[Process] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        # Walkers that go on by themselves must not take all processes.
        self._background = asyncio.Semaphore(max(1, size - 1))
        self.interfaces: dict[str, dict[str, Any]] = {}

    async def open(self) -> None:
        """Starts the first, which compiles the program, then the others. ``Broken`` where it does not compile."""
        first = await Process.start(self._file, self._directory)
        self.interfaces = first.interfaces
        self._take(first)
        for _ in range(self._size - 1):
            self._spawn(self._replace())

    async def run(self, call: dict[str, Any], deadline: float, hear: Hear, *, background: float = 0) -> dict[str, Any]:
        """The line with the result or error of a call, when a process is free. ``Lost`` or ``Late``.

        Who leaves before the walker has begun takes the call along. One that has begun is not ended because nobody
        waits for it any more: only when its time is over. With ``background`` it has so many seconds, and may go on
        after its answer.
        """
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    if background:
                        await held.enter_async_context(self._background)
                    process = await self._free()
            except TimeoutError:
                raise Late from None
            answer: Answering = asyncio.get_running_loop().create_future()
            # Nobody may be left to hear of it.
            answer.add_done_callback(lambda done: done.cancelled() or done.exception())
            if background:
                deadline = time.monotonic() + background
            self._spawn(self._run(process, call, deadline, hear, answer, held.pop_all()))
        return await asyncio.shield(answer)

    async def close(self) -> None:
        """Ends all."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(process.kill() for process in list(self._all)))

    async def _run(
        self,
        process: Process,
        call: dict[str, Any],
        deadline: float,
        hear: Hear,
        answer: Answering,
        held: AsyncExitStack,
    ) -> None:
        problem: Exception | None = None
        async with held:
            try:
                await process.run(call, deadline, hear, answer)
            except (Lost, Late) as error:
                problem = error
            except Exception as error:
                # What it would say next belongs to no call.
                log.exception("walker %s", call["walker"])
                await process.kill()
                problem = Lost(str(error))
            finally:
                self._give_back(process)
        if problem is not None:
            log.error("walker %s: %s", call["walker"], str(problem) or "it took too long, and was ended")
            if not answer.done():
                answer.set_exception(problem)

    async def _free(self) -> Process:
        while True:
            process = await self._idle.get()
            if process.is_alive:
                return process
            self._give_back(process)

    def _take(self, process: Process) -> None:
        self._all.add(process)
        self._idle.put_nowait(process)

    def _give_back(self, process: Process) -> None:
        if process.is_alive:
            self._idle.put_nowait(process)
        else:
            self._all.discard(process)
            self._spawn(self._replace())

    async def _replace(self) -> None:
        pause = 0.5
        while True:
            try:
                self._take(await Process.start(self._file, self._directory))
            except (Broken, Lost, TimeoutError, OSError) as error:
                log.error("a process could not be started: %s", error)
                await asyncio.sleep(pause)
                pause = min(_LONGEST_PAUSE, pause * 2)
            else:
                return

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
