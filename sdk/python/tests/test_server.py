"""Workers and walkers on a real server, called by clients of several rooms.

`QUINTET_TEST_URL` and `QUINTET_TEST_TOKENS` (of two workers, with a blank between them) name a running server; else
`QUINTET_BINARY` is one to be started. `make test` gives the former.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
import pytest_asyncio
from conftest import serving
from house import PATIENCE
from websockets.asyncio.client import ClientConnection, connect

from quintet import Call, Error, Fatal, Refused, Worker

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = Path(__file__).parent.parent / "examples"
PROGRAMS = Path(__file__).parent / "programs"
STEPS = [("0%", "started"), *((f"{n}%", "inprogress") for n in (20, 40, 60, 80)), ("100%", "completed")]
PROGRESS = [{"any_field": "for_progress", "progress": progress, "status": status} for progress, status in STEPS]
DONE = {"status": 200, "reports": [f"do something {n}" for n in range(1, 7)]}
_names = itertools.count(1)


@dataclass(frozen=True)
class Server:
    """Where it is, and tokens of two workers."""

    url: str
    mine: str
    other: str

    def worker(self, **options: Any) -> Worker:
        return Worker(self.url, self.mine, drain_seconds=5, **options)

    async def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
        """Status, and JSON."""
        request = urllib.request.Request(self.url + path, method=method)  # noqa: S310
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        data = None if body is None else json.dumps(body).encode()

        def send() -> tuple[int, Any]:
            try:
                with urllib.request.urlopen(request, data, timeout=PATIENCE) as answer:  # noqa: S310
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as error:
                return error.code, json.loads(error.read() or b"null")

        return await asyncio.to_thread(send)

    async def user(self) -> User:
        """A new one, who is logged in."""
        account = {"email": f"user{os.getpid()}.{next(_names)}@example.org", "password": "a long secret"}
        status, said = await self.ask("POST", "/user/register", account)
        assert status == 201, said
        status, said = await self.ask("POST", "/user/login", account)
        assert status == 200, said
        return User(said["token"], f"n::{said['user']['root_id']}")


@dataclass(frozen=True)
class User:
    token: str
    root: str


class Client:
    """A socket of any room."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.connection: dict[str, Any] = {}
        self._acks = itertools.count(1)

    async def say(self, frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def hears(self) -> Any:
        async with asyncio.timeout(PATIENCE):
            return json.loads(await self.socket.recv())

    async def call(self, topic: str, payload: Any) -> Any:
        """Of the Flamigo room: topic and payload of the answer."""
        ack = str(next(self._acks))
        await self.say({"topic": topic, "payload": payload, "ack": ack})
        while (frame := await self.hears()).get("ack") != ack:
            pass
        return frame["topic"], frame["payload"]

    @classmethod
    @asynccontextmanager
    async def flamigo(cls, server: Server, user: User) -> AsyncIterator[Self]:
        async with connect(server.url.replace("http", "ws") + "/ws") as socket:
            client = cls(socket)
            _, answer = await client.call("app::websocket:auth", {"token": user.token})
            assert answer == {"success": True}
            yield client

    @classmethod
    @asynccontextmanager
    async def jac(cls, server: Server, user: User | None, channel: str = "") -> AsyncIterator[Self]:
        query = f"?auth={user.token if user else ''}&channel_id={channel}"
        async with connect(server.url.replace("http", "ws") + "/websocket" + query) as socket:
            client = cls(socket)
            client.connection = (await client.hears())["data"]
            yield client


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    if url := os.environ.get("QUINTET_TEST_URL"):
        mine, other = os.environ["QUINTET_TEST_TOKENS"].split()
        yield Server(url, mine, other)
        return
    if not (binary := os.environ.get("QUINTET_BINARY")):
        pytest.skip("QUINTET_BINARY names no server to be started")
    data = str(tmp_path_factory.mktemp("house"))
    process = await asyncio.create_subprocess_exec(
        binary, "serve", "--listen", "127.0.0.1:0", "--data", data, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Server(await _url(process), await _token(binary, data, "mine"), await _token(binary, data, "other"))
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def _url(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        async for line in process.stdout:
            if found := re.search(r"http://[^\s/]+", line.decode()):
                return found[0]
    raise AssertionError("the server did not say where it listens")


async def _token(binary: str, data: str, name: str) -> str:
    process = await asyncio.create_subprocess_exec(
        binary, "token", "--worker", name, "--data", data, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    return said.decode().strip()


async def test_a_procedure_is_called_from_flamigo(server: Server) -> None:
    worker = server.worker()

    @worker.procedure("sdk:add")
    def add(a: int, b: int) -> int:
        return a + b

    @worker.procedure("sdk:locked")
    async def locked() -> None:
        raise Error("Note is locked", status=409)

    @worker.procedure("sdk:broken")
    async def broken() -> None:
        raise RuntimeError("a secret")

    @worker.procedure("sdk:admins", claims=["admin"])
    async def admins() -> None: ...

    @worker.procedure("sdk:tell")
    async def tell(call: Call) -> Any:
        assert call.connection is not None
        await call.notify({"n": 1}, clients=[call.connection.id], confirm=False)
        await call.publish("sdk/news", {"n": 2})
        return [call.connection.dialect, await call.invoke("echo", "e")]

    user = await server.user()
    async with serving(worker), Client.flamigo(server, user) as client:
        await worker.ready()
        assert await client.call("app::sdk:add", {"a": 1, "b": 2}) == ("app::sdk:add", 3)
        topic, error = await client.call("app::sdk:add", {"a": "x"})
        assert (topic, error["status"]) == ("error", 400)
        assert error["fieldErrors"] == [
            {"field": "a", "error": "a must be an integer"},
            {"field": "b", "error": "b is required"},
        ]
        _, error = await client.call("app::sdk:locked", None)
        assert (error["message"], error["status"], error["type"]) == ("Note is locked", 409, "conflict")
        _, error = await client.call("app::sdk:broken", None)
        assert error["status"] == 500
        assert "secret" not in json.dumps(error)
        assert (await client.call("app::sdk:admins", None))[1]["status"] == 403
        assert await client.call("app::topic:subscribe", {"topic": "sdk/*"}) == (
            "app::topic:subscribe",
            {"success": True},
        )
        await client.say({"topic": "app::sdk:tell", "payload": None, "ack": "t"})
        heard = [await client.hears() for _ in range(3)]
        assert {"topic": "sdk/news", "payload": {"n": 2}} in heard
        assert heard[-1] == {"topic": "app::sdk:tell", "ack": "t", "payload": ["flamigo", "e"]}
        assert [frame["payload"] for frame in heard if frame["topic"] == "client:notice"] == [{"n": 1}]


async def test_a_name_has_one_owner_and_its_workers_share_it(server: Server) -> None:
    first, second, stranger = server.worker(), server.worker(), Worker(server.url, server.other)
    for worker, name in ((first, "first"), (second, "second"), (stranger, "stranger")):
        worker.procedure("sdk:whose", idempotent=True)(lambda name=name: name)
    user = await server.user()
    async with Client.flamigo(server, user) as client, serving(second) as leaving:
        async with serving(first):
            await asyncio.gather(first.ready(), second.ready())
            async with asyncio.timeout(PATIENCE):
                with pytest.raises(Fatal, match="409") as clash:
                    await stranger.serve()
            assert "sdk:whose" in str(clash.value)
            second.stop()
            await leaving
            assert await client.call("app::sdk:whose", None) == ("app::sdk:whose", "first")
        _, error = await client.call("app::sdk:whose", None)
        assert error["status"] in (404, 503)


async def test_a_worker_is_told_and_listens(server: Server) -> None:
    worker = server.worker()
    worker.procedure("sdk:nothing")(lambda: None)
    pushes = worker.subscribe("sdk-told/*")
    async with serving(worker):
        await worker.ready()
        listening = asyncio.ensure_future(anext(pushes))
        # It is heard when the subscription is in force, which is not told: say it until it is heard.
        async with asyncio.timeout(PATIENCE):
            while not listening.done():
                await worker.publish("sdk-told/x", {"n": 1})
                await asyncio.wait([listening], timeout=0.05)
        push = listening.result()
        assert (push.topic, push.payload) == ("sdk-told/x", {"n": 1})
        with pytest.raises(Refused) as refused:
            await worker.invoke("fail", None)
        assert refused.value.status == 418
        await pushes.aclose()


async def test_a_worker_that_is_killed_leaves_no_call_without_an_answer(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "slow.py"
    file.write_text(
        "import asyncio, os\nfrom quintet import procedure\n\n"
        "@procedure('sdk:slow')\nasync def slow(n: int) -> list[int]:\n"
        "    await asyncio.sleep(0.02)\n    return [n, os.getpid()]\n"
    )
    user = await server.user()
    async with started(server, file) as doomed, started(server, file) as survivor:
        answered = 0

        async def calls(numbers: range) -> list[Any]:
            nonlocal answered
            answers = []
            async with Client.flamigo(server, user) as client:
                for number in numbers:
                    topic, payload = await client.call("app::sdk:slow", {"n": number})
                    answers.append((number, topic, payload))
                    answered += 1
                    if answered == 300:
                        doomed.kill()
            return answers

        async with Client.flamigo(server, user) as client:
            pids: set[int] = set()
            async with asyncio.timeout(PATIENCE):
                while len(pids) < 2:
                    _, payload = await client.call("app::sdk:slow", {"n": 0})
                    pids.update(payload[1:] if isinstance(payload, list) else [])
        answers = [
            answer
            for some in await asyncio.gather(*(calls(range(start, start + 50)) for start in range(0, 1000, 50)))
            for answer in some
        ]
        assert [number for number, _, _ in answers] == list(range(1000))
        lost = [payload for _, topic, payload in answers if topic == "error"]
        assert all(payload["status"] == 503 for payload in lost)
        assert len(lost) <= 20, "no more can have been under way"
        assert all(payload[0] == number for number, topic, payload in answers if topic != "error")
        async with Client.flamigo(server, user) as client:
            assert await client.call("app::sdk:slow", {"n": 7}) == ("app::sdk:slow", [7, survivor.pid])


@asynccontextmanager
async def started(server: Server, file: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker that is a program."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "quintet", str(file)),
        env={**os.environ, "QUINTET_URL": server.url, "QUINTET_TOKEN": server.mine},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def program(server: Server, file: Path, data: Path, walker: str) -> AsyncIterator[None]:
    """A Jac program that is run, when a walker of it is there."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "quintet_jac", str(file), "--data", str(data), "--processes", "2"),
        env={**os.environ, "QUINTET_URL": server.url, "QUINTET_TOKEN": server.mine},
    )
    try:
        async with asyncio.timeout(PATIENCE):
            while f"/walker/{walker}" not in (await server.ask("GET", "/openapi.json"))[1].get("paths", {}):
                assert process.returncode is None
                await asyncio.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def test_the_sample_program(server: Server, tmp_path: Path) -> None:
    ann, bob = await server.user(), await server.user()
    async with (
        program(server, EXAMPLES / "progress.jac", tmp_path, "something"),
        Client.jac(server, ann) as client,
        Client.jac(server, bob, "sdk-lobby") as other,
    ):

        async def walk(walker: str, **context: str) -> None:
            await client.say({"type": "walker", "walker": walker, "response": True, "context": context})

        async def hears(who: Client, count: int) -> list[Any]:
            return [await who.hears() for _ in range(count)]

        await walk("self_progress_notif")
        assert await hears(client, 7) == [*PROGRESS, DONE]
        for walker, context in (
            # Bob has not run a walker yet.
            ("user_progress_notif", {"root_id": bob.root}),
            ("channel_progress_notif", {"channel_id": "sdk-lobby"}),
            ("client_progress_notif", {"client_id": other.connection["client_id"]}),
        ):
            await walk(walker, **context)
            assert await hears(client, 1) == [DONE], walker
            assert await hears(other, 6) == PROGRESS, walker
            assert await server.ask("POST", f"/walker/{walker}", context, ann.token) == (200, DONE)
            assert await hears(other, 6) == PROGRESS, walker
        await walk("user_progress_notif", root_id=ann.root)
        assert await hears(client, 7) == [*PROGRESS, DONE]
        something = {"status": 200, "reports": ["something"]}
        assert await server.ask("POST", "/walker/something", {}) == (200, something)
        await walk("something")
        assert "error" in (await hears(client, 1))[0]


def pushed(topic: str) -> list[Any]:
    return [{"topic": topic, "payload": step} for step in PROGRESS]


async def test_the_sample_program_across_rooms(server: Server, tmp_path: Path) -> None:
    """Whoever calls from wherever: the six, in order, then the answer; and whoever is told hears the six."""
    ann, bob = await server.user(), await server.user()
    worker = server.worker()

    @worker.procedure("sdk:who")
    def who(call: Call) -> str:
        assert call.connection is not None
        return call.connection.id

    async with (
        program(server, EXAMPLES / "progress.jac", tmp_path, "something"),
        serving(worker),
        Client.jac(server, ann, "sdk-hall") as jac,
        Client.flamigo(server, bob) as flamigo,
    ):
        await worker.ready()
        assert await flamigo.call("app::topic:subscribe", {"topic": "channel/sdk-hall"}) == (
            "app::topic:subscribe",
            {"success": True},
        )
        bobs = f"user/{int(bob.root.rpartition(':')[2], 16)}"
        assert (await flamigo.call("app::topic:subscribe", {"topic": bobs}))[1] == {"success": True}
        _, flamigos = await flamigo.call("app::sdk:who", None)

        async def hears(who: Client, count: int) -> list[Any]:
            return [await who.hears() for _ in range(count)]

        # A Jac socket and a plain POST tell a Flamigo client.
        for walker, context, topic in (
            ("channel_progress_notif", {"channel_id": "sdk-hall"}, "channel:notice"),
            ("user_progress_notif", {"root_id": bob.root}, "user:notice"),
            ("client_progress_notif", {"client_id": flamigos}, "client:notice"),
        ):
            mine = PROGRESS if topic == "channel:notice" else []
            await jac.say({"type": "walker", "walker": walker, "response": True, "context": context})
            assert await hears(jac, len(mine) + 1) == [*mine, DONE], walker
            assert await hears(flamigo, 6) == pushed(topic), walker
            assert await server.ask("POST", f"/walker/{walker}", context, ann.token) == (200, DONE)
            assert await hears(jac, len(mine)) == mine, walker
            assert await hears(flamigo, 6) == pushed(topic), walker
        # A Flamigo client tells itself, those of its channel, and sockets of the Jac room.
        for walker, context, topic in (
            ("self_progress_notif", {}, "client:notice"),
            ("channel_progress_notif", {"channel_id": "sdk-hall"}, "channel:notice"),
            ("user_progress_notif", {"root_id": ann.root}, ""),
            ("client_progress_notif", {"client_id": jac.connection["client_id"]}, ""),
        ):
            await flamigo.say({"topic": f"app::{walker}", "payload": context, "ack": walker})
            own = pushed(topic) if topic else []
            answer = {"topic": f"app::{walker}", "ack": walker, "payload": DONE}
            assert await hears(flamigo, len(own) + 1) == [*own, answer], walker
            if walker != "self_progress_notif":
                assert await hears(jac, 6) == PROGRESS, walker


async def test_a_graph_over_http_sockets_and_flamigo(server: Server, tmp_path: Path) -> None:
    ann, bob = await server.user(), await server.user()
    async with (
        program(server, PROGRAMS / "graph.jac", tmp_path, "make"),
        Client.jac(server, ann) as socket,
        Client.flamigo(server, ann) as flamigo,
    ):
        status, said = await server.ask("POST", "/walker/make", {"name": "x"}, ann.token)
        assert status == 200, said
        made = said["reports"][0]
        await socket.say({"type": "walker", "walker": "make", "response": True, "context": {"name": "y"}})
        assert (await socket.hears())["reports"][0]["context"]["name"] == "Y"
        _, things = await flamigo.call("app::things", {})
        assert [thing["context"]["name"] for thing in things["reports"][0]] == ["X", "Y"]
        assert things["reports"][2]["id"] == ann.root
        # Whoever may not read it, and what is not as it should be.
        assert await server.ask("POST", f"/walker/look/{made['id']}", {}, bob.token) == (
            403,
            {"detail": {"error": f"You don't have access on target entry {made['id']}!"}},
        )
        status, said = await server.ask("POST", "/walker/deref", {}, ann.token)
        assert (status, [entry["loc"] for entry in said["detail"]]) == (422, [["body", "id"]])
        status, said = await server.ask("POST", "/walker/look/zzz", {}, ann.token)
        assert status == 500
        assert "ValueError: [zzz] is not a valid reference!" in said["errors"][-1]
        status, said = await server.ask("POST", "/walker/odd", {"kind": "status"}, ann.token)
        assert (status, said) == (404, {"status": 404, "reports": ["gone"]})
        status, said = await server.ask("POST", "/walker/slowly", {}, ann.token)
        assert (status, list(said)) == (200, ["walker_id"])
        status, said = await server.ask("POST", "/asked/zed?x=1&y=a&y=b", {"body": True})
        assert (status, said["reports"]) == (200, [[1, ["a", "b"], "zed", True]])
        await socket.say({"type": "walker", "walker": "typed", "context": {"val": "x"}})
        assert [entry["loc"] for entry in (await socket.hears())["error"]] == [["val"]]
        _, error = await flamigo.call("app::typed", {})
        assert (error["status"], error["fieldErrors"]) == (422, [{"field": "val", "error": "val is required"}])
        status, said = await server.ask("POST", "/walker/odd", {"kind": "crash"}, ann.token)
        assert status == 503
        assert (await server.ask("GET", "/openapi.json"))[1]["paths"]["/walker/make"]["post"]
