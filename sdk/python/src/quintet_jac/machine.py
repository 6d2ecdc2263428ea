"""jaclang, made ready: its ids, its context, its reports are ours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from enum import Enum
from typing import Any

import jaclang
from jaclang.runtimelib import archetype as archetypes
from jaclang.runtimelib.machine import JacMachineImpl, hookimpl, plugin_manager

from . import ids

_KINDS = (
    (archetypes.NodeArchetype, "n"),
    (archetypes.EdgeArchetype, "e"),
    (archetypes.WalkerArchetype, "w"),
)
_current: Any = None


def current() -> Any:
    """The context of the call that is run. ``RuntimeError`` where none is."""
    if _current is None:
        raise RuntimeError("no walker is running")
    return _current


@contextlib.contextmanager
def running(context: Any) -> Iterator[None]:
    """Runs with a context: this process runs one walker at a time, and its threads share it."""
    global _current  # noqa: PLW0603
    _current = context
    try:
        yield
    finally:
        _current = None


def reference(archetype: Any) -> str:
    """The reference of a node, edge, walker or object; roots and untyped edges have no type's name."""
    prefix = next((prefix for kind, prefix in _KINDS if isinstance(archetype, kind)), "o")
    name = "" if isinstance(archetype, (archetypes.Root, archetypes.GenericEdge)) else type(archetype).__name__
    return f"{prefix}:{name}:{ids.digits(archetype.__jac__.id)}"


def _identity(anyone: Any) -> Any:
    """The UUID of an anchor, of what has one, or of a reference."""
    if isinstance(anyone, str):
        return ids.read(anyone)
    return getattr(getattr(anyone, "__jac__", anyone), "id", anyone)


def _level(level: Any) -> Any:
    """``ReadPerm`` and its like are of an enumeration that jaclang itself does not understand."""
    return level.value if isinstance(level, Enum) and isinstance(level.value, str) else level


class Plugin:
    """What is asked before jaclang's own ways. A result of ``None`` would mean: ask them."""

    @staticmethod
    @hookimpl
    def get_context() -> Any:
        """The context of this call; outside of calls, jaclang's own."""
        return _current

    @staticmethod
    @hookimpl
    def object_ref(obj: Any) -> str:
        """Of ``jid``."""
        return reference(obj)

    @staticmethod
    @hookimpl
    def get_object(id: str) -> Any:  # noqa: A002 - jaclang's name
        """Of ``&(id)``, which asks for no right."""
        if id == "root":
            return current().get_root()
        identity = ids.read(id)
        anchor = current().find(identity)
        if anchor is None:
            raise ValueError(f"NodeAnchor [{id}] is not a valid reference!")
        return anchor.archetype

    @staticmethod
    @hookimpl
    def log_report(expr: Any, custom: bool) -> bool:
        """Of ``report``; jaclang's also prints it."""
        if custom:
            current().custom = expr
        else:
            current().reports.append(expr)
        return True

    @staticmethod
    @hookimpl
    def allow_root(archetype: Any, root_id: Any, level: Any) -> bool:
        """Takes anchors and references as well."""
        JacMachineImpl.allow_root(archetype, _identity(root_id), _level(level))
        return True

    @staticmethod
    @hookimpl
    def disallow_root(archetype: Any, root_id: Any, level: Any) -> bool:
        """Takes anchors and references as well."""
        JacMachineImpl.disallow_root(archetype, _identity(root_id), _level(level))
        return True

    @staticmethod
    @hookimpl
    def perm_grant(archetype: Any, level: Any) -> bool:
        """Takes ``ReadPerm`` and its like as well."""
        JacMachineImpl.perm_grant(archetype, _level(level))
        return True


def _number(anchor: Any) -> None:
    """Lets an anchor's id be one of ours where none is given."""
    initialise = anchor.__init__

    def numbered(self: Any, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("id", ids.fresh())
        initialise(self, *args, **kwargs)

    anchor.__init__ = numbered


def _stub(cls: type, reference: str) -> Any:
    """An anchor that is read when it is looked at."""
    anchor: Any = object.__new__(cls)
    anchor.id = ids.read(reference)
    return anchor


def prepare() -> None:
    """Takes jaclang over; once per process, before a program is loaded."""
    anchors: tuple[Any, ...] = (
        archetypes.Anchor,
        archetypes.NodeAnchor,
        archetypes.EdgeAnchor,
        archetypes.WalkerAnchor,
        archetypes.ObjectAnchor,
    )
    for anchor in anchors:
        _number(anchor)
    archetypes.Anchor.ref = classmethod(_stub)
    archetypes.Anchor.ref_id = property(lambda self: reference(self.archetype))
    plugin_manager.register(Plugin)
    assert jaclang.JacMachineInterface.get_context() is not None  # noqa: S101 - the plugin's signatures fit
