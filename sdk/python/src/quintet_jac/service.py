"""The walkers as procedures of the server."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from quintet import Answer, Call, Disconnected, Error, Procedure, Refused, Worker

from . import ids
from .pool import Late, Lost, Pool

log = logging.getLogger("quintet.jac")

#: How long a walker may run after it was answered, in seconds.
BACKGROUND_SECONDS = 600.0
#: Users that are remembered to exist.
_KNOWN = 65_536


class Service:
    """Answers calls by walkers."""

    def __init__(
        self, worker: Worker, pool: Pool, timeout: float | None, background: float = BACKGROUND_SECONDS
    ) -> None:
        self._worker = worker
        self._pool = pool
        self._background = background
        self._known: set[int] = set()
        for name, spec in pool.interfaces.items():
            worker.add(self._procedure(name, spec, timeout))

    def _procedure(self, name: str, spec: dict[str, Any], timeout: float | None) -> Procedure:
        async def answer(payload: Any, call: Call) -> Answer:
            return await self._answer(spec, payload, call)

        dress = spec["openapi"]
        return Procedure(
            name,
            answer,
            claims=["authenticated"] if spec["auth"] else [],
            timeout=timeout,
            description=str(dress.get("summary") or dress.get("description") or f"walker {name}"),
            interface={"kind": "walker", "spec": spec},
        )

    async def _answer(self, spec: dict[str, Any], payload: Any, call: Call) -> Answer:
        said = request(spec, payload, call)

        async def hear(line: dict[str, Any]) -> Any:
            if "ask" in line:
                return await self._exists(int(line["ask"]))
            return await self._notify(line, call, said["method"])

        try:
            line = await self._pool.run(
                said, call.deadline, hear, background=self._background if said["background"] else 0
            )
        except Lost:
            raise Error("the walker's process has ended", status=503) from None
        except Late:
            raise Error("the walker took too long", status=504) from None
        if error := line.get("error"):
            raise Error(
                error.get("message"), status=error["status"], fields=error.get("fields"), data=error.get("data")
            )
        return Answer(line["result"]["payload"], line["result"].get("status", 200))

    async def _notify(self, line: dict[str, Any], call: Call, method: str) -> None:
        whom, targets = line["notify"], line["ids"]
        if whom == "self":
            if call.connection is None or method != "websocket":
                return
            whom, targets = "clients", [call.connection.id]
        try:
            await self._worker.notify(line["data"], **{whom: targets}, confirm=False)
        except Disconnected:
            log.warning("nobody was notified: there is no connection to the server")
        # Too large, or with text that has no UTF-8 form.
        except (Refused, ValueError) as error:
            log.warning("nobody was notified by walker %s: %s", call.name, error)

    async def _exists(self, user: int) -> bool:
        if user in self._known:
            return True
        try:
            await self._worker.invoke("user:get", {"id": user})
        except (TimeoutError, Refused, Disconnected) as error:
            if not (isinstance(error, Refused) and error.status == 404):
                log.warning("user %d could not be asked for: %s", user, error)
            return False
        if len(self._known) < _KNOWN:
            self._known.add(user)
        return True


def request(spec: Mapping[str, Any], payload: Any, call: Call) -> dict[str, Any]:
    """A call as processes are told it. What the Jac room says besides is taken; other rooms call as over a socket."""
    extra = call.extra if isinstance(call.extra, dict) else {}
    method = str(extra.get("method", "websocket"))
    return {
        "walker": call.name,
        "method": method,
        "root": ids.digits(_root(spec, extra, call)),
        "node": extra.get("node"),
        "context": {} if payload is None else payload,
        "query": extra.get("query"),
        "path": extra.get("path"),
        "background": bool(spec["async"]) and method != "websocket",
    }


def _root(spec: Mapping[str, Any], extra: Mapping[str, Any], call: Call) -> Any:
    if not spec["auth"]:
        return ids.PUBLIC
    if extra.get("root"):
        return ids.read(str(extra["root"]))
    if call.actor.user is not None:
        return ids.of_digits(f"{int(call.actor.user.id):024x}")
    return ids.PUBLIC
