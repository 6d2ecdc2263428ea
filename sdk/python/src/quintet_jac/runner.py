"""Runs walkers, and says what comes of them."""

from __future__ import annotations

import asyncio
import inspect
import traceback
from pathlib import Path
from typing import Any

from jaclang import JacMachineInterface as Jac

from . import cloud, ids, machine
from .body import body
from .context import Refused, WalkerContext
from .pipe import Pipe
from .program import load
from .store import Store
from .walker import Invalid


class Runner:
    """The program, and the store."""

    def __init__(self, pipe: Pipe, file: Path, directory: Path) -> None:
        machine.prepare()
        cloud.install(pipe.notify)
        self._pipe = pipe
        self._store = Store(directory)
        # What a program's entry block does to the graph would be done by each process: it is not kept.
        with machine.running(WalkerContext(self._store, ids.SUPER, lambda _: False)):
            self.walkers = load(file)
        WalkerContext(self._store, ids.PUBLIC, lambda _: False).close()

    def run(self, said: dict[str, Any]) -> None:
        """Runs a walker, and says what comes of it."""
        pipe, call = self._pipe, said["id"]
        pipe.call = call
        walker = self.walkers[said["walker"]]
        background = walker.is_async and bool(said.get("background"))
        answered = False
        try:
            context = WalkerContext(self._store, ids.of_digits(said["root"]), pipe.ask)
            with machine.running(context):
                spawned = walker.make(said)
                context.enter(said.get("node"))
                if background:
                    pipe.say(id=call, result={"payload": {"walker_id": machine.reference(spawned)}}, background=True)
                    answered = True
                _walk(context, spawned, keep=background)
                outcome = _outcome(context)
        except BaseException as error:
            outcome = _failure(error)
        pipe.say(id=call, **({"done": True} if answered else outcome))


def _walk(context: Any, walker: Any, keep: bool) -> None:
    spawned = Jac.spawn(walker, context.entry_node.archetype)
    if inspect.iscoroutine(spawned):
        asyncio.run(_finish(spawned))
    if keep:
        Jac.save(walker)
    context.mem.commit()


async def _finish(spawned: Any) -> None:
    await spawned


def _outcome(context: Any) -> dict[str, Any]:
    payload, status = body(context), context.status
    if isinstance(status, int) and 400 <= status <= 599:
        return {"error": {"status": status, "data": {"body": payload}}}
    fine = isinstance(status, int) and 200 <= status <= 299
    return {"result": {"payload": payload, "status": status if fine else 200}}


def _failure(error: BaseException) -> dict[str, Any]:
    if isinstance(error, Invalid):
        fields = {_field(entry): _problem(entry) for entry in error.entries}
        return {
            "error": {"status": 422, "message": str(error), "fields": fields, "data": {"validation": error.entries}}
        }
    if isinstance(error, Refused):
        return {"error": {"status": 403, "message": str(error)}}
    traceback.print_exception(error)
    # The last entry of a traceback: name and message, which may be of several lines.
    last = traceback.format_exception_only(error)[-1].removesuffix("\n")
    return {"error": {"status": 500, "data": {"exception": last}}}


def _field(entry: dict[str, Any]) -> str:
    places = entry["loc"][1:] if entry["loc"][:1] in (["body"], ["query"], ["path"]) else entry["loc"]
    return ".".join(map(str, places)) or "payload"


def _problem(entry: dict[str, Any]) -> str:
    return f"{_field(entry)} is required" if entry["type"] == "missing" else str(entry["msg"])
