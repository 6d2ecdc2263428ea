"""A worker: `python -m quintet worker.py`, with QUINTET_URL and QUINTET_TOKEN in the environment."""

import asyncio

from quintet import Call, Error, procedure, run

notes: dict[str, str] = {}


@procedure("add", idempotent=True)
def add(a: float, b: float) -> float:
    """Adds two numbers."""
    return a + b


@procedure("notes:write", concurrency=1)
def write(call: Call, id: str, text: str) -> dict[str, str]:  # noqa: A002
    """Keeps a note, and tells whoever listens to `notes/ID`."""
    if id in notes and notes[id].startswith("locked:"):
        raise Error("Note is locked", status=409)
    notes[id] = text
    call.wait(call.publish(f"notes/{id}", {"id": id, "text": text}))
    return {"id": id, "text": text}


@procedure("countdown", claims=["authenticated", "websocket"], timeout=60)
async def countdown(call: Call, seconds: int = 3) -> str:
    """Counts down, and tells the caller's socket each second."""
    assert call.connection is not None  # noqa: S101 - the claim says so
    for left in range(seconds, 0, -1):
        await call.notify({"left": left}, clients=[call.connection.id])
        await asyncio.sleep(1)
    return "done"


if __name__ == "__main__":
    run()
