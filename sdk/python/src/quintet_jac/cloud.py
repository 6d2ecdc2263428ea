"""The names that programs import of ``jac_cloud``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from enum import StrEnum
from types import ModuleType
from typing import Any

from jaclang.runtimelib import archetype as archetypes

from . import ids, machine
from .body import plain

#: ``(whom, ids, data)``, ``whom`` being ``self``, ``users``, ``channels`` or ``clients``.
Notify = Callable[[str, list[str], dict[str, Any]], None]

#: What programs import of ``jac_cloud.core.archetype``, as the language itself has it.
_GRAPH = (
    "Access",
    "AccessLevel",
    "Anchor",
    "EdgeAnchor",
    "NodeAnchor",
    "ObjectAnchor",
    "Permission",
    "Root",
    "WalkerAnchor",
)


class EntryType(StrEnum):
    """Which of a walker's two routes exist."""

    NODE = "NODE"
    ROOT = "ROOT"
    BOTH = "BOTH"


class WebSocketManager:
    """``WEBSOCKET_MANAGER``: tells sockets an object, verbatim, at once."""

    def __init__(self, notify: Notify) -> None:
        self._notify = notify

    def notify_self(self, data: dict[str, Any]) -> None:
        """The socket whose call this is, if it is one."""
        self._say("self", [], data)

    def notify_users(self, roots: Any, data: dict[str, Any]) -> None:
        """All sockets of users: by roots, or their ids."""
        self._some("users", [_root(each) for each in _several(roots)], data)

    def notify_channels(self, channel_ids: Any, data: dict[str, Any]) -> None:
        """The members of channels."""
        self._some("channels", [str(each) for each in _several(channel_ids)], data)

    def notify_clients(self, client_ids: Any, data: dict[str, Any]) -> None:
        """Sockets."""
        self._some("clients", [str(each) for each in _several(client_ids)], data)

    def _some(self, whom: str, targets: list[str], data: dict[str, Any]) -> None:
        if targets:
            self._say(whom, targets, data)

    def _say(self, whom: str, targets: list[str], data: dict[str, Any]) -> None:
        if not isinstance(data, dict):
            raise TypeError("what sockets are notified of is an object")
        self._notify(whom, targets, plain(data))


def _several(targets: Any) -> Iterable[Any]:
    return targets if isinstance(targets, (list, tuple, set, frozenset)) else [targets]


def _root(root: Any) -> str:
    if isinstance(root, str):
        return ids.root(ids.read(root))
    return ids.root(getattr(root, "__jac__", root).id)


def specs(cls: type | None = None, **named: Any) -> Any:
    """The decorator that gives a walker written in Python its ``__specs__``."""

    def dress(walker: type) -> type:
        walker.__specs__ = type("__specs__", (), named)  # type: ignore[attr-defined]
        return walker

    return dress if cls is None else dress(cls)


class JaseciContext:
    """``JaseciContext.get()``."""

    @staticmethod
    def get() -> Any:
        """The context of the running walker."""
        return machine.current()


def install(notify: Notify) -> None:
    """Puts the modules where imports find them."""
    plugin = {"WEBSOCKET_MANAGER": WebSocketManager(notify), "EntryType": EntryType, "specs": specs}
    graph = {name: getattr(archetypes, name) for name in _GRAPH}
    for name, content in {
        "jac_cloud": {},
        "jac_cloud.plugin": plugin,
        "jac_cloud.plugin.implementation": plugin,
        "jac_cloud.core": {},
        "jac_cloud.core.archetype": graph,
        "jac_cloud.core.architype": graph,
        "jac_cloud.core.context": {"JaseciContext": JaseciContext},
    }.items():
        module = ModuleType(name)
        module.__path__ = []
        module.__dict__.update(content)
        sys.modules[name] = module
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], last, module)
