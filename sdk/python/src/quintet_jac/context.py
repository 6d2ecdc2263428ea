"""What a walker runs in: whose root, which node, what it has reported. One per call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING
from typing import Any
from uuid import UUID

from jaclang import JacMachineInterface as Jac
from jaclang.runtimelib.archetype import AccessLevel, NodeAnchor, Root

from . import ids
from .machine import reference
from .memory import GraphMemory, anchor_of
from .store import Store

#: Whether a user of this number exists.
Ask = Callable[[int], bool]


class Refused(Exception):
    """The entry node may not be read; the text is for the caller."""


class WalkerContext:
    """The context, with the names by which jaclang and programs know its parts."""

    def __init__(self, store: Store, root: UUID, ask: Ask) -> None:
        self.mem = GraphMemory(store)
        self.reports: list[Any] = []
        self.status = 200
        self.custom: Any = MISSING
        self._ask = ask
        self.system_root = self._root(ids.SUPER)
        self.root_state = self._root(root)
        self.entry_node = self.root_state

    @property
    def root(self) -> Any:
        """The anchor of the current root."""
        return self.root_state

    def get_root(self) -> Any:
        """The current root."""
        return self.root_state.archetype

    def find(self, identity: UUID) -> Any:
        """An anchor; the root of a user of the house also where the user has not run a walker yet."""
        anchor = self.mem.find_by_id(identity)
        if anchor is None:
            number = ids.user(identity)
            if identity in (ids.PUBLIC, ids.SUPER) or (number is not None and self._ask(number)):
                anchor = self._root(identity)
        return anchor

    def enter(self, node: str | None) -> None:
        """Takes the entry node. ``ValueError`` where there is none; ``Refused`` where it may not be read."""
        if not node:
            return
        identity = ids.read(node)
        if not ids.is_node(node):
            raise ValueError(f"[{node}] is not a valid reference!")
        anchor = self.find(identity)
        if not isinstance(anchor, NodeAnchor):
            raise ValueError(f"Invalid anchor id {node} !")
        self.entry_node = anchor
        if not Jac.check_read_access(anchor):
            raise Refused(f"You don't have access on target entry {reference(anchor.archetype)}!")

    def close(self) -> None:
        """Lets go of everything, unsaved."""
        self.mem.close()

    def _root(self, identity: UUID) -> Any:
        if (anchor := self.mem.find_by_id(identity)) is not None:
            return anchor
        anchor = anchor_of(Root(), identity)
        if identity == ids.PUBLIC:
            anchor.access.all = AccessLevel.WRITE
        self.mem.set(identity, anchor)
        self.mem.commit(anchor)
        return anchor
