"""The part of the graph that one call has touched, read afresh, and written back where it was changed.

Calls in other processes may have changed the same things meanwhile. So what is written is what changed here: edges that
came and went, and fields that have another value.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Generator, Iterable
from pickle import dumps, loads
from typing import Any
from uuid import UUID

from jaclang import JacMachineInterface as Jac
from jaclang.runtimelib.archetype import Anchor, NodeAnchor, Root
from jaclang.runtimelib.memory import Memory

from . import ids
from .machine import reference
from .store import Store


class GraphMemory(Memory):  # type: ignore[misc]
    """Anchors by id, over the store."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        #: As they were when they were read.
        self._read: dict[UUID, bytes] = {}
        self._gone: set[UUID] = set()

    def find_by_id(self, id: UUID) -> Any:  # noqa: A002 - jaclang's name
        """One, or ``None``."""
        anchor = self.__mem__.get(id)
        if anchor is None and id not in self._gone and (data := self._store.get(id)):
            anchor = loads(data)  # noqa: S301 - our own file
            _complete(anchor.archetype)
            self.__mem__[id] = anchor
            self._read[id] = dumps(anchor)
        return anchor

    def find(
        self,
        ids: UUID | Iterable[UUID],
        filter: Callable[[Any], Any] | None = None,  # noqa: A002
    ) -> Generator[Any, None, None]:
        """Those that there are."""
        for each in [ids] if isinstance(ids, UUID) else ids:
            anchor = self.find_by_id(each)
            if anchor is not None and (not filter or filter(anchor)):
                yield anchor

    def find_one(self, ids: UUID | Iterable[UUID], filter: Callable[[Any], Any] | None = None) -> Any:  # noqa: A002
        """The first that there is."""
        return next(self.find(ids, filter), None)

    def remove(self, ids: UUID | Iterable[UUID]) -> None:
        """Destroys those."""
        targets = [ids] if isinstance(ids, UUID) else list(ids)
        self._gone.update(targets)
        super().remove(targets)

    def query(self, filter: Callable[[Any], bool] | None = None) -> Generator[Any, None, None]:  # noqa: A002
        """All of the graph."""
        known = set(self.__mem__)
        yield from self.find([*known, *(each for each in self._store.all() if each not in known)], filter)

    def all_root(self) -> Generator[Any, None, None]:
        """All roots but that of the system."""
        for anchor in self.find(self._store.all("n", "")):
            if isinstance(anchor.archetype, Root) and anchor.id != ids.SUPER:
                yield anchor.archetype

    def commit(self, anchor: Any = None) -> None:
        """Writes what was changed: of one, or of all."""
        gone = [each for each in self.__gc__ if anchor is None or each == anchor]
        kept = (
            [anchor] if anchor is not None and not gone else [] if anchor is not None else list(self.__mem__.values())
        )
        changed = [(each, data) for each in kept if _is_kept(each) and (data := dumps(each)) != self._read.get(each.id)]
        if not gone and not changed:
            return
        with self._store.transaction():
            for each in gone:
                self._store.delete(each.id)
            for each, data in changed:
                self._write(each, data)
        self.__gc__.difference_update(gone)

    def _write(self, anchor: Any, data: bytes) -> None:
        before = self._read.get(anchor.id)
        stored = self._store.get(anchor.id)
        kept = anchor
        if before is not None:
            if stored is None:  # somebody else destroyed it
                return
            merged = _merge(anchor, loads(before), loads(stored))  # noqa: S301 - our own file
            if merged is None:
                return
            kept, data = merged, dumps(merged)
        # A new one that was saved without an edge is kept, until it is changed: so does Jac Cloud.
        if before is not None and _is_adrift(kept):
            self._store.delete(anchor.id)
        else:
            self._store.put(reference(anchor.archetype), data)
        self._read[anchor.id] = dumps(anchor)


def _is_kept(anchor: Any) -> bool:
    return bool(anchor.is_populated() and anchor.persistent)


def _is_adrift(anchor: Any) -> bool:
    """Nodes without edges are not kept, but roots."""
    if os.environ.get("DISABLE_AUTO_CLEANUP", "").lower() == "true":
        return False
    return isinstance(anchor, NodeAnchor) and not anchor.edges and not isinstance(anchor.archetype, Root)


def _merge(now: Any, before: Any, stored: Any) -> Any:
    """What is stored, with what was changed here, as far as this root may. ``None`` where that is nothing."""
    touched = False
    if isinstance(now, NodeAnchor) and now.edges != before.edges and Jac.check_connect_access(now):
        went = [edge for edge in before.edges if edge not in now.edges]
        came = [edge for edge in now.edges if edge not in before.edges and edge not in stored.edges]
        stored.edges = [edge for edge in stored.edges if edge not in went] + came
        touched = True
    if Jac.check_write_access(now):
        if now.access != before.access:
            stored.access = now.access
            touched = True
        were, have = before.archetype.__dict__, stored.archetype.__dict__
        for name, value in now.archetype.__dict__.items():
            if name != "__jac__" and (name not in were or dumps(were[name]) != dumps(value)):
                have[name] = value
                touched = True
    return stored if touched else None


def _complete(archetype: Any) -> None:
    """Gives a thing of an older program the fields that its type has got since."""
    for field in dataclasses.fields(archetype):
        if field.name not in archetype.__dict__ and field.default_factory is not dataclasses.MISSING:
            setattr(archetype, field.name, field.default_factory())


def anchor_of(archetype: Any, identity: UUID) -> Any:
    """The anchor of a new thing that is to be kept under this id."""
    anchor: Anchor = archetype.__jac__
    anchor.id = identity
    anchor.persistent = True
    return anchor
