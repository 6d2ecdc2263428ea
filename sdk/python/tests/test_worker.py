"""A worker and its server."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import pytest
from conftest import serving, worker_of
from house import PATIENCE, TOKEN, House

from quintet import Answer, Call, Disconnected, Error, Fatal, Refused, Worker
from quintet.address import Address


async def test_it_registers_and_answers(house: House) -> None:
    worker = worker_of(house, calls=7)

    @worker.procedure("add", claims=["admin"], timeout=1.5, concurrency=2, idempotent=True)
    def add(a: int, b: int) -> int:
        """Adds.

        And no more.
        """
        return a + b

    async with serving(worker):
        visitor = await house.visitor()
        assert visitor.registered == {
            "calls": 7,
            "procedures": [
                {
                    "name": "add",
                    "claims": ["admin"],
                    "idempotent": True,
                    "timeoutMs": 1500,
                    "concurrency": 2,
                    "description": "Adds.",
                }
            ],
        }
        assert await house.call(visitor, "add", {"a": 1, "b": 2}) == {"topic": "worker::call", "payload": 3}
        assert (await house.call(visitor, "add", {"a": 1}))["payload"]["fieldErrors"] == [
            {"field": "b", "error": "b is required"}
        ]
        assert await house.call(visitor, "sub", {}) == {"topic": "error", "payload": {"status": 404}}


async def test_calls_overlap_and_threads_do_too(house: House) -> None:
    worker = worker_of(house)
    gate = asyncio.Event()
    meeting = threading.Barrier(2, timeout=PATIENCE)

    @worker.procedure("wait")
    async def wait() -> str:
        await gate.wait()
        return "waited"

    @worker.procedure("open")
    async def opens() -> None:
        gate.set()

    @worker.procedure("meet")
    def meet() -> int:
        return meeting.wait()

    async with serving(worker):
        visitor = await house.visitor()
        _, waiting = await house.order(visitor, "wait", None)
        assert (await house.call(visitor, "open", None))["payload"] is None
        assert (await waiting)["payload"] == "waited"
        both = await asyncio.gather(house.call(visitor, "meet", None), house.call(visitor, "meet", None))
        assert {answer["payload"] for answer in both} == {0, 1}


async def test_a_call_knows_who_calls_and_answers_may_have_a_status(house: House) -> None:
    worker = worker_of(house)

    @worker.procedure("who")
    async def who(call: Call) -> Answer:
        assert call.actor.user is not None
        assert call.connection is not None
        assert 19 < call.remaining <= 20
        return Answer(
            [call.actor.user.id, call.actor.type, call.connection.dialect, call.attempt, call.extra], status=201
        )

    async with serving(worker):
        answer = await house.call(await house.visitor(), "who", None, extra={"x": 1}, attempt=2)
        assert answer == {"topic": "worker::call", "payload": ["4097", "websocket", "jac", 2, {"x": 1}], "status": 201}


async def test_errors_are_told_and_secrets_are_not(house: House, caplog: pytest.LogCaptureFixture) -> None:
    worker = worker_of(house)
    kinds: dict[str, Any] = {
        "public": Error("Note is locked", status=409, fields={"id": "id is locked"}, data=[1]),
        "private": RuntimeError("the secret"),
        "timeout": TimeoutError("the secret"),
        "refused": Refused("the secret", 403),
    }

    @worker.procedure("fail")
    async def fail(kind: str) -> None:
        raise kinds[kind]

    @worker.procedure("odd")
    async def odd(kind: str) -> Any:
        return {"nan": float("nan"), "object": object(), "surrogate": "\ud800"}[kind]

    async with serving(worker):
        visitor = await house.visitor()
        assert await house.call(visitor, "fail", {"kind": "public"}) == {
            "topic": "error",
            "payload": {
                "message": "Note is locked",
                "status": 409,
                "fieldErrors": [{"field": "id", "error": "id is locked"}],
                "data": [1],
            },
        }
        for name, kind in [("fail", "private"), ("fail", "timeout"), ("fail", "refused")]:
            assert await house.call(visitor, name, {"kind": kind}) == {"topic": "error", "payload": {"status": 500}}
        for kind in ("nan", "object", "surrogate"):
            assert await house.call(visitor, "odd", {"kind": kind}) == {"topic": "error", "payload": {"status": 500}}
    assert "the secret" in caplog.text


async def test_a_cancelled_call_stops_and_a_late_one_is_told(house: House) -> None:
    worker = worker_of(house)
    begun, stopped = asyncio.Event(), asyncio.Event()

    @worker.procedure("forever")
    async def forever() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with serving(worker):
        visitor = await house.visitor()
        ack, answer = await house.order(visitor, "forever", None)
        async with asyncio.timeout(PATIENCE):
            await begun.wait()
        await visitor.say({"topic": "worker::cancel", "payload": {"ack": ack}})
        async with asyncio.timeout(PATIENCE):
            await stopped.wait()
        assert await house.call(visitor, "forever", None, deadlineMs=1) == {
            "topic": "error",
            "payload": {"status": 504},
        }
        assert not answer.done()


async def test_it_notifies_before_it_answers_and_publishes_and_calls(house: House) -> None:
    worker = worker_of(house)
    house.replies["app::user:get"] = {"user": {"id": 4097}}
    house.replies["app::topic:publish"] = {"message": "no such topic", "status": 403, "type": "forbidden"}

    @worker.procedure("tell")
    async def tell(call: Call) -> Any:
        await call.notify({"n": 1}, users=[4097], clients=["c-1"], confirm=False)
        await call.notify({"n": 2}, channels=["lobby"])
        await call.notify({"n": 3})
        with pytest.raises(Refused) as refused:
            await call.publish("x/y", 1)
        assert (refused.value.message, refused.value.status) == ("no such topic", 403)
        return await call.invoke("user:get", {"id": 4097})

    @worker.procedure("thread")
    def thread(call: Call) -> Any:
        call.wait(call.notify({"n": 4}, rooms=[5000]))
        return "told"

    async with serving(worker):
        visitor = await house.visitor()
        assert (await house.call(visitor, "tell", None))["payload"] == {"user": {"id": 4097}}
        assert (await house.call(visitor, "thread", None))["payload"] == "told"
        await worker.ready()
        await worker.notify_users(["n::000000000000000000001001"], {"n": 5})
    assert [(frame["topic"], frame["payload"]) for frame in house.heard[1:-1] if "notify" in frame["topic"]] == [
        ("app::notify", {"users": ["4097"], "clients": ["c-1"], "data": {"n": 1}}),
        ("app::notify", {"channels": ["lobby"], "data": {"n": 2}}),
        ("app::notify", {"rooms": ["5000"], "data": {"n": 4}}),
        ("app::notify", {"users": ["n::000000000000000000001001"], "data": {"n": 5}}),
    ]


async def test_it_comes_back_and_registers_again(house: House) -> None:
    worker = worker_of(house)
    begun, ended = asyncio.Event(), asyncio.Event()

    @worker.procedure("hold")
    async def hold() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(Disconnected):
        await worker.publish("x", 1)
    async with serving(worker):
        first = await house.visitor()
        await house.order(first, "hold", None)
        await begun.wait()
        await first.socket.close(1001)
        second = await house.visitor()
        assert ended.is_set(), "a call of a lost connection goes on"
        assert second.registered == first.registered
        second.socket.transport.abort()
        assert (await house.visitor()).registered == first.registered


async def test_what_is_too_large_fails_alone(house: House) -> None:
    worker = worker_of(house)
    worker.procedure("text")(lambda bytes: "x" * bytes)  # noqa: A006

    @worker.procedure("tell")
    async def tell(call: Call) -> int:
        with pytest.raises(Refused) as refused:
            await call.notify({"text": "x" * 2**24}, clients=["1:2"], confirm=False)
        return refused.value.status

    async with serving(worker):
        visitor = await house.visitor()
        assert await house.call(visitor, "text", {"bytes": 2**24}) == {
            "topic": "error",
            "payload": {"status": 500, "message": "the answer is too large"},
        }
        assert (await house.call(visitor, "tell", {}))["payload"] == 413
        assert (await house.call(visitor, "text", {"bytes": 3}))["payload"] == "xxx"


async def test_it_comes_back_when_the_server_wants_no_more_of_a_message(house: House) -> None:
    worker = worker_of(house)
    worker.procedure("text")(lambda bytes: "x" * bytes)  # noqa: A006
    async with serving(worker):
        visitor = await house.visitor()
        # This house takes a MiB.
        await house.order(visitor, "text", {"bytes": 2**24 - 200})
        assert (await house.call(await house.visitor(), "text", {"bytes": 3}))["payload"] == "xxx"


async def test_it_drains(house: House) -> None:
    worker = worker_of(house)
    gate = asyncio.Event()

    @worker.procedure("hold")
    async def hold() -> str:
        await gate.wait()
        return "held"

    async with serving(worker) as task:
        visitor = await house.visitor()
        _, answer = await house.order(visitor, "hold", None)
        worker.stop()
        await house.hears("worker::drain")
        assert not task.done()
        gate.set()
        assert (await answer)["payload"] == "held"
        async with asyncio.timeout(PATIENCE):
            await task
        assert not worker.left_early
        await visitor.socket.wait_closed()


async def test_it_leaves_in_the_end(house: House) -> None:
    worker = Worker(house.url, TOKEN, drain_seconds=0.05)
    begun = asyncio.Event()

    @worker.procedure("forever")
    async def forever() -> None:
        begun.set()
        await asyncio.Event().wait()

    async with serving(worker) as task:
        await house.order(await house.visitor(), "forever", None)
        async with asyncio.timeout(PATIENCE):
            await begun.wait()
        worker.stop()
        async with asyncio.timeout(PATIENCE):
            await task
        assert worker.left_early


@pytest.mark.parametrize(
    ("token", "reply", "why"),
    [
        ("nonsense", None, "does not hold"),
        ("a-user's-token", None, "no worker's token"),
        (TOKEN, {"message": "add is worker other's; this is worker mine", "status": 409}, "worker other's"),
        (TOKEN, {"message": "bad name", "status": 400}, "bad name"),
    ],
)
async def test_what_is_no_use_is_fatal(
    house: House, token: str, reply: Any, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    if reply:
        house.replies["worker::register"] = reply
    worker = Worker(house.url, token)
    worker.procedure("add")(lambda a: a)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(Fatal, match=why):
            await worker.serve()
    assert token not in caplog.text


async def test_a_server_that_is_busy_is_tried_again(house: House) -> None:
    house.replies["worker::register"] = {"message": "not now", "status": 503}
    worker = worker_of(house)
    worker.procedure("add")(lambda a: a)
    async with serving(worker):
        await house.hears("worker::register", 2)
        del house.replies["worker::register"]
        assert await house.visitor()


async def test_it_listens_and_listens_again(house: House) -> None:
    worker = worker_of(house)
    heard = worker.subscribe("rooms/*")
    listening = asyncio.ensure_future(anext(heard))
    for text in ("hi", "ho"):
        await house.hears("app::topic:subscribe")
        visitor = await _subscriber(house)
        await visitor.say({"topic": "rooms/blue", "payload": {"text": text}})
        async with asyncio.timeout(PATIENCE):
            push = await listening
        assert (push.topic, push.payload) == ("rooms/blue", {"text": text})
        listening = asyncio.ensure_future(anext(heard))
        house.heard.clear()
        await visitor.socket.close(1001)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def _subscriber(house: House) -> Any:
    async with asyncio.timeout(PATIENCE):
        return await house.listeners.get()


def test_two_procedures_of_one_name_are_refused() -> None:
    worker = Worker("http://localhost:1", TOKEN)
    worker.procedure("add")(lambda a: a)
    with pytest.raises(ValueError, match="two procedures add"):
        worker.procedure("add")(lambda b: b)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://localhost:8080", "ws://localhost:8080/worker"),
        ("https://a.example/", "wss://a.example/worker"),
        ("wss://a.example/q/worker", "wss://a.example/q/worker"),
    ],
)
def test_urls(given: str, url: str) -> None:
    address = Address.read(given, TOKEN)
    assert address.url == url
    assert TOKEN not in repr(address)
    with pytest.raises(Fatal):
        Address.read("localhost:8080")


def test_who_has_no_token_is_told_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUINTET_TOKEN", raising=False)
    with pytest.raises(Fatal, match="quintet token --worker NAME"):
        Address.read("http://localhost:8080")
