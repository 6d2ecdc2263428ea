"""What is kept of the graph: one SQLite file, which all processes write."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from . import ids

_PATIENCE = 30.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS things (
    id TEXT PRIMARY KEY,  -- 24 hex digits
    kind TEXT NOT NULL,   -- n, e, w or o
    name TEXT NOT NULL,   -- of its type; empty for roots and untyped edges
    data BLOB NOT NULL    -- the anchor, pickled
) STRICT
"""


class Store:
    """The file. What a walker has been answered for is on disk.

    ``PermissionError`` where the file is another user's, or others may write it: what is unpickled can do anything.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check(directory / "graph.sqlite")
        # Walkers may have threads.
        self._rows = sqlite3.connect(
            directory / "graph.sqlite", timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        self._rows.execute("PRAGMA journal_mode = WAL")
        self._rows.execute("PRAGMA synchronous = FULL")
        self._rows.execute(_SCHEMA)

    def get(self, identity: UUID) -> bytes | None:
        """One thing."""
        row = self._rows.execute("SELECT data FROM things WHERE id = ?", (ids.digits(identity),)).fetchone()
        return row[0] if row else None

    def all(self, kind: str | None = None, name: str | None = None) -> list[UUID]:
        """All things, or those of a kind and type."""
        rows = self._rows.execute(
            "SELECT id FROM things WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR name = ?2) ORDER BY id",
            (kind, name),
        )
        return [ids.of_digits(identity) for (identity,) in rows]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Alone among all processes; all or nothing."""
        self._rows.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._rows.execute("ROLLBACK")
            raise
        self._rows.execute("COMMIT")

    def put(self, reference: str, data: bytes) -> None:
        """Writes one thing, by its reference."""
        kind, name, digits = reference.split(":")
        self._rows.execute(
            "INSERT INTO things (id, kind, name, data) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, data = excluded.data",
            (digits, kind, name, data),
        )

    def delete(self, identity: UUID) -> None:
        """Forgets one thing."""
        self._rows.execute("DELETE FROM things WHERE id = ?", (ids.digits(identity),))


def _check(file: Path) -> None:
    # SQLite makes its other files with the rights of this one.
    opened = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        found = os.fstat(opened)
    finally:
        os.close(opened)
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(f"{file} is not only yours: others may write it, and with it run programs as you")
