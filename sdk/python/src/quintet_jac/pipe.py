"""Lines between a process and its parent."""

from __future__ import annotations

import json
import os
import queue
import threading
from typing import Any, TextIO


class Pipe:
    """Lines from and to the parent. The process ends when the parent does."""

    def __init__(self) -> None:
        self._in: TextIO = os.fdopen(os.dup(0), encoding="utf-8")
        self._out: TextIO = os.fdopen(os.dup(1), "w", encoding="utf-8")
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(2, 1)
        self._lock = threading.Lock()
        self._heard: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.call: Any = None

    def listen(self) -> None:
        """Begins to read, in a thread of its own."""
        threading.Thread(target=self._read, name="pipe", daemon=True).start()

    def _read(self) -> None:
        for line in self._in:
            self._heard.put(json.loads(line))
        os._exit(0)

    def hear(self) -> dict[str, Any]:
        """The next line."""
        return self._heard.get()

    def say(self, **said: Any) -> None:
        """Says a line."""
        line = json.dumps(said, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
        with self._lock:
            self._out.write(line + "\n")
            self._out.flush()

    def notify(self, whom: str, ids: list[str], data: dict[str, Any]) -> None:
        """What a walker tells sockets; ``data`` is JSON."""
        self.say(id=self.call, notify=whom, ids=ids, data=data)

    def ask(self, user: int) -> bool:
        """Whether a user exists."""
        self.say(id=self.call, ask=user)
        return bool(self.hear().get("told"))
