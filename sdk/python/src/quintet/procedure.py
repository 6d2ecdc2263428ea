"""Procedures: named functions that answer calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from .arguments import Arguments

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Procedure:
    """A function under a name, and how it may be called."""

    name: str
    function: Callable[..., Any]
    #: What callers must be: ``authenticated``, ``unauthenticated``, ``websocket``, ``not-websocket``, ``of-type:KIND``
    #: or ``admin``; the first that fails refuses the call.
    claims: Sequence[str] = ("authenticated",)
    #: How long a call may take, in seconds; the server's bound where not given.
    timeout: float | None = None
    #: Calls at once, over all workers.
    concurrency: int | None = None
    #: Whether a call may be made again, elsewhere, when this worker is lost before it answered.
    idempotent: bool = False
    #: For people; the first line of the function's documentation where not given.
    description: str | None = None
    #: For a room with walls of its own: ``{"kind": …, "spec": …}``.
    interface: dict[str, Any] | None = None

    @cached_property
    def arguments(self) -> Arguments:
        """What the function takes."""
        return Arguments(self.function)

    @cached_property
    def is_async(self) -> bool:
        """Whether it runs on the event loop; others run in threads."""
        return inspect.iscoroutinefunction(self.function)

    def offer(self) -> dict[str, Any]:
        """As it is registered."""
        offer: dict[str, Any] = {"name": self.name, "claims": list(self.claims), "idempotent": self.idempotent}
        if self.timeout is not None:
            offer["timeoutMs"] = max(1, round(self.timeout * 1_000))
        if self.concurrency is not None:
            offer["concurrency"] = self.concurrency
        description = self.description or (inspect.getdoc(self.function) or "").partition("\n")[0]
        if description:
            offer["description"] = description
        if self.interface is not None:
            offer["interface"] = self.interface
        return offer


@dataclass
class Procedures:
    """Procedures by name."""

    by_name: dict[str, Procedure] = field(default_factory=dict)

    def add(self, procedure: Procedure) -> None:
        """Adds one. ``ValueError`` where its name is taken."""
        if procedure.name in self.by_name:
            raise ValueError(f"there are two procedures {procedure.name}")
        # Told now, where the function stands, and not at its first call.
        _ = procedure.arguments
        self.by_name[procedure.name] = procedure

    def procedure(
        self,
        name: str,
        *,
        claims: Sequence[str] = ("authenticated",),
        timeout: float | None = None,
        concurrency: int | None = None,
        idempotent: bool = False,
        description: str | None = None,
    ) -> Callable[[F], F]:
        """Makes a procedure of a function, which remains what it is."""

        def declare(function: F) -> F:
            self.add(Procedure(name, function, claims, timeout, concurrency, idempotent, description))
            return function

        return declare


#: Those of :func:`procedure`, which :func:`quintet.run` answers.
declared = Procedures()
procedure = declared.procedure
