"""Whole programs, as they are started: against a small server of our own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from house import PATIENCE, TOKEN, House

EXAMPLES = Path(__file__).parent.parent / "examples"
PROGRAMS = Path(__file__).parent / "programs"
STEPS = [("0%", "started"), *((f"{n}%", "inprogress") for n in (20, 40, 60, 80)), ("100%", "completed")]


@asynccontextmanager
async def started(house: House, *arguments: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *arguments,
        env={**os.environ, "QUINTET_URL": house.url, "QUINTET_TOKEN": TOKEN, **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def leaves(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """How it left, and what it said."""
    async with asyncio.timeout(PATIENCE):
        assert process.stderr is not None
        said = await process.stderr.read()
        return await process.wait(), said.decode()


async def test_a_file_of_procedures(house: House) -> None:
    async with started(house, "quintet", str(EXAMPLES / "worker.py")) as process:
        visitor = await house.visitor()
        assert [offer["name"] for offer in visitor.registered["procedures"]] == ["add", "notes:write", "countdown"]
        assert (await house.call(visitor, "add", {"a": 1, "b": 2}))["payload"] == 3
        written = await house.call(visitor, "notes:write", {"id": "n", "text": "locked: x"})
        assert written["payload"] == {"id": "n", "text": "locked: x"}
        assert (await house.hears("app::topic:publish"))[0]["payload"] == {
            "topic": "notes/n",
            "payload": written["payload"],
        }
        assert (await house.call(visitor, "notes:write", {"id": "n", "text": "y"}))["payload"] == {
            "message": "Note is locked",
            "status": 409,
        }
        process.send_signal(signal.SIGTERM)
        code, said = await leaves(process)
        assert code == 0, said
        assert TOKEN not in said
        assert await house.hears("worker::drain")


async def test_a_token_that_does_not_hold(house: House, tmp_path: Path) -> None:
    arguments = ("quintet_jac", str(PROGRAMS / "far.jac"), "--data", str(tmp_path), "--processes", "1")
    for command in (("quintet", str(EXAMPLES / "worker.py")), arguments):
        async with started(house, *command, QUINTET_TOKEN="nonsense") as process:
            code, said = await leaves(process)
            assert code == 1
            assert "quintet token --worker NAME" in said
            assert "nonsense" not in said


async def test_a_program_that_does_not_compile(house: House, tmp_path: Path) -> None:
    async with started(house, "quintet_jac", str(PROGRAMS / "broken.jac"), "--data", str(tmp_path)) as process:
        code, said = await leaves(process)
        assert code == 1
        assert "broken.jac:4" in said
        assert "Missing SEMI" in said
        assert "Traceback" not in said


@pytest.mark.parametrize(
    ("walker", "context", "told"),
    [
        ("self_progress_notif", {}, {"clients": ["c-1"]}),
        ("user_progress_notif", {"root_id": "n::000000000000000000001001"}, {"users": ["n::000000000000000000001001"]}),
        ("user_progress_notif", {"root_id": "n::000000000000000000001002"}, {"users": ["n::000000000000000000001002"]}),
        ("channel_progress_notif", {"channel_id": "room1"}, {"channels": ["room1"]}),
        ("client_progress_notif", {"client_id": "1:2"}, {"clients": ["1:2"]}),
    ],
)
async def test_the_sample_program(
    house: House, tmp_path: Path, walker: str, context: dict[str, str], told: dict[str, Any]
) -> None:
    async with jac(house, EXAMPLES / "progress.jac", tmp_path) as visitor:
        extra: dict[str, Any] = {
            "method": "websocket",
            "node": None,
            "root": "n::000000000000000000001001",
            "query": {},
            "path": {},
        }
        answer = await house.call(visitor, walker, context, extra=extra)
        reports = [f"do something {n}" for n in range(1, 7)]
        assert answer == {"topic": "worker::call", "payload": {"status": 200, "reports": reports}, "status": 200}
        heard = [frame for frame in house.heard if frame["topic"] == "app::notify"]
        assert [frame["payload"] for frame in heard] == [
            {**told, "data": {"any_field": "for_progress", "progress": progress, "status": status}}
            for progress, status in STEPS
        ]
        # In the order in which it heard them.
        assert house.heard.index(heard[-1]) < len(house.heard) - 1
        if walker == "self_progress_notif":
            house.heard.clear()
            await house.call(visitor, walker, context, extra=extra | {"method": "post"}, connection=None)
            assert [frame["topic"] for frame in house.heard] == ["worker::call"]


@asynccontextmanager
async def jac(house: House, program: Path, data: Path) -> AsyncIterator[Any]:
    async with started(house, "quintet_jac", str(program), "--data", str(data), "--processes", "1") as process:
        yield await house.visitor()
        process.send_signal(signal.SIGTERM)
        code, said = await leaves(process)
        assert code == 0, said


async def test_walkers_are_procedures_of_all_rooms(house: House, tmp_path: Path) -> None:
    async with jac(house, PROGRAMS / "graph.jac", tmp_path) as visitor:
        offers = {offer["name"]: offer for offer in visitor.registered["procedures"]}
        assert offers["asked"]["claims"] == []
        assert offers["make"]["claims"] == ["authenticated"]
        assert offers["make"]["interface"]["kind"] == "walker"
        assert offers["typed"]["description"] == "All types"
        # Without words of the Jac room, it runs for the user who calls, on its own root.
        made = (await house.call(visitor, "make", {"name": "x"}))["payload"]["reports"][0]
        things = (await house.call(visitor, "things", None))["payload"]["reports"]
        assert things[0] == [made]
        assert things[2]["id"] == "n::000000000000000000001001"
        nobody = {"type": "backend", "user": None, "admin": True}
        assert (await house.call(visitor, "things", None, actor=nobody))["payload"]["reports"][2]["id"][-1] == "1"
        # Errors, as the contract with the Jac room says.
        extra = {"method": "post", "root": "n::000000000000000000001002", "node": made["id"], "query": {}, "path": {}}
        assert (await house.call(visitor, "look", {}, extra=extra))["payload"] == {
            "status": 403,
            "message": f"You don't have access on target entry {made['id']}!",
        }
        invalid = (await house.call(visitor, "deref", {}))["payload"]
        assert invalid["status"] == 422
        assert invalid["fieldErrors"] == [{"field": "id", "error": "id is required"}]
        assert invalid["data"]["validation"][0]["loc"] == ["id"]
        # A user is asked for, and where it is not there, no root is made.
        house.replies["app::user:get"] = {"message": "no such user", "status": 404}
        unknown = await house.call(visitor, "deref", {"id": "n::0000000000000000000f0000"})
        assert unknown["payload"]["data"]["exception"].startswith("ValueError: NodeAnchor")
        assert (await house.hears("app::user:get"))[0]["payload"] == {"id": 0xF0000}
        assert (await house.call(visitor, "odd", {"kind": "crash"}))["payload"]["status"] == 503
        # Behind the answer over HTTP, inline elsewhere.
        extra = {"method": "post", "root": "n::000000000000000000001001", "node": None}
        assert list((await house.call(visitor, "slowly", {}, extra=extra))["payload"]) == ["walker_id"]
        assert (await house.hears("app::notify"))[0]["payload"]["channels"] == ["slow"]
        assert (await house.call(visitor, "slowly", {}))["payload"]["reports"] == ["changed"]
