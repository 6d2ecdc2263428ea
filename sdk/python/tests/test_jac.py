"""The processes that run walkers, by themselves."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import signal
import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from house import PATIENCE

from quintet_jac import ids
from quintet_jac.pool import Broken, Late, Lost, Pool
from quintet_jac.store import Store

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROGRAMS = Path(__file__).parent / "programs"
PUBLIC = ids.digits(ids.PUBLIC)
SUPER = ids.digits(ids.SUPER)
_users = itertools.count(5_000)


class Jac:
    """A pool, and what its walkers say."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.users: set[int] = set()

    async def is_whole(self) -> None:
        """Waits until both processes are there."""
        async with asyncio.timeout(PATIENCE):
            while len(self.pool._all) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    def user(self) -> str:
        """The digits of a new user's root."""
        number = next(_users)
        self.users.add(number)
        return f"{number:024x}"

    async def call(
        self, walker: str, context: Any = None, *, root: str, seconds: float = PATIENCE, heard: Any = None, **more: Any
    ) -> dict[str, Any]:
        async def hear(line: dict[str, Any]) -> Any:
            if "ask" in line:
                return line["ask"] in self.users
            if heard is not None:
                heard.append((line["notify"], line["ids"], line["data"]))
            return None

        said = {"walker": walker, "method": "websocket", "root": root, "context": context or {}, **more}
        background = PATIENCE if more.get("background") else 0
        line = await self.pool.run(said, time.monotonic() + seconds, hear, background=background)
        line.pop("id")
        return line

    async def reports(self, walker: str, context: Any = None, **more: Any) -> Any:
        line = await self.call(walker, context, **more)
        assert line["result"]["status"] == 200, line
        assert line["result"]["payload"]["status"] == 200
        return line["result"]["payload"]["reports"]

    async def error(self, walker: str, context: Any = None, **more: Any) -> Any:
        return (await self.call(walker, context, **more))["error"]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def jac(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Jac]:
    pool = Pool(PROGRAMS / "graph.jac", tmp_path_factory.mktemp("graph"), 2)
    await pool.open()
    yield Jac(pool)
    await pool.close()


async def test_walkers_are_described(jac: Jac) -> None:
    interfaces = jac.pool.interfaces
    assert "far_away" in interfaces
    assert not {"hidden", "hooked"} & set(interfaces)
    assert interfaces["things"] == {
        "methods": ["post"],
        "auth": True,
        "private": False,
        "path": "",
        "as_query": [],
        "excluded": [],
        "entry_type": "BOTH",
        "async": False,
        "fields": {},
        "openapi": {},
    }
    asked = interfaces["asked"]
    assert (asked["auth"], asked["entry_type"], asked["as_query"], asked["path"]) == (
        False,
        "ROOT",
        ["x", "y"],
        "/asked/{z:path}",
    )
    assert interfaces["slowly"]["async"]
    typed = interfaces["typed"]
    assert typed["openapi"] == {"tags": ["types"], "summary": "All types"}
    assert {name: field["required"] for name, field in typed["fields"].items()} == {
        "val": True,
        "inner": False,
        "color": False,
        "many": False,
        "json": False,
        "free": False,
    }
    assert typed["fields"]["val"]["schema"] == {"title": "Val", "type": "integer"}
    assert typed["fields"]["inner"]["schema"]["anyOf"][0]["properties"]["a"]["type"] == "integer"


async def test_a_graph_is_kept_and_reported(jac: Jac) -> None:
    ann = jac.user()
    (made,) = await jac.reports("make", {"name": "x"}, root=ann)
    # Reports show what is at the end.
    assert made["context"] == {"name": "X", "color": "RED", "tags": []}
    assert re.fullmatch(r"n:Thing:[0-9a-f]{24}", made["id"])
    assert abs(int(made["id"][8:16], 16) - time.time()) < 60
    (things, edges, root) = await jac.reports("things", root=ann)
    assert things == [made]
    assert root == {"id": f"n::{ann}", "context": {}}
    assert re.fullmatch(r"e:Bond:[0-9a-f]{24}", edges[0]["id"])
    assert edges[0]["context"] == {"strength": 1}
    (look,) = await jac.reports("look", root=ann, node=made["id"])
    assert look == {"here": made, "mine": root}
    await jac.reports("rename", {"name": "y"}, root=ann, node=made["id"])
    assert (await jac.reports("things", root=ann))[0][0]["context"]["name"] == "y"
    await jac.reports("remove", root=ann, node=made["id"])
    assert (await jac.reports("things", root=ann))[:2] == [[], []]
    assert await jac.reports("far_away", root=ann) == ["from far"]


async def test_only_the_digits_of_a_reference_count(jac: Jac) -> None:
    ann = jac.user()
    (made,) = await jac.reports("make", root=ann)
    digits = made["id"].rpartition(":")[2]
    for reference in (f"n::{digits}", f"n:zzz:{digits}", f"N:thing:{digits.upper()}"):
        assert (await jac.reports("look", root=ann, node=reference))[0]["here"]["id"] == made["id"]
    assert await jac.reports("deref", {"id": f"n:x:{digits}"}, root=ann) == [made, made["id"]]
    assert await jac.reports("things", root=ann, node="") == await jac.reports("things", root=ann)


@pytest.mark.parametrize(
    ("node", "why"),
    [
        ("x", "ValueError: [x] is not a valid reference!"),
        ("n::12", "ValueError: [n::12] is not a valid reference!"),
        (f"n:Thing:{'f' * 24}", f"ValueError: Invalid anchor id n:Thing:{'f' * 24} !"),
        (f"e::{'f' * 24}", f"ValueError: [e::{'f' * 24}] is not a valid reference!"),
        ("n::000000000000000000000fff", "ValueError: Invalid anchor id n::000000000000000000000fff !"),
    ],
)
async def test_entries_that_are_not(jac: Jac, node: str, why: str) -> None:
    assert await jac.error("look", root=jac.user(), node=node) == {"status": 500, "data": {"exception": why}}


async def test_a_user_who_never_ran_a_walker_has_a_root(jac: Jac) -> None:
    ann, bob = jac.user(), jac.user()
    assert (await jac.reports("deref", {"id": f"n::{bob}"}, root=ann))[1] == f"n::{bob}"
    nobody = f"{2**40:024x}"
    error = await jac.error("deref", {"id": f"n::{nobody}"}, root=ann)
    assert error["data"]["exception"] == f"ValueError: NodeAnchor [n::{nobody}] is not a valid reference!"


async def test_access(jac: Jac) -> None:
    ann, bob = jac.user(), jac.user()
    (made,) = await jac.reports("make", {"name": "x"}, root=ann)
    node = made["id"]
    refusal = {"status": 403, "message": f"You don't have access on target entry {node}!"}
    assert await jac.error("look", root=bob, node=node) == refusal
    assert await jac.error("look", root=PUBLIC, node=f"n:zzz:{node[8:]}") == refusal
    assert await jac.reports("look", root=SUPER, node=node)
    await jac.reports("grant_one", {"root_id": f"n::{bob}", "level": "READ"}, root=ann, node=node)
    assert await jac.reports("look", root=bob, node=node)
    # To read is not to write: the change is dropped.
    await jac.reports("rename", {"name": "bob's"}, root=bob, node=node)
    assert (await jac.reports("look", root=ann, node=node))[0]["here"]["context"]["name"] == "X"
    await jac.reports("grant_one", {"root_id": f"n::{bob}", "level": "WRITE"}, root=ann, node=node)
    await jac.reports("rename", {"name": "bob's"}, root=bob, node=node)
    assert (await jac.reports("look", root=ann, node=node))[0]["here"]["context"]["name"] == "bob's"
    eve = jac.user()
    assert await jac.error("look", root=eve, node=node) == refusal
    await jac.reports("grant_all", root=ann, node=node)
    assert await jac.reports("look", root=eve, node=node)
    # The public root is everybody's.
    (shared,) = await jac.reports("make", root=PUBLIC)
    assert await jac.reports("look", root=eve, node=shared["id"])


async def test_what_does_not_fit(jac: Jac) -> None:
    ann = jac.user()
    error = await jac.error("typed", {"inner": {"a": 1.5}, "many": [1, "x"]}, root=ann)
    assert error["status"] == 422
    assert error["fields"]["val"] == "val is required"
    entries = error["data"]["validation"]
    assert entries[0] == {
        "type": "missing",
        "loc": ["val"],
        "msg": "Field required",
        "input": {"inner": {"a": 1.5}, "many": [1, "x"]},
    }
    assert [(entry["type"], entry["loc"]) for entry in entries[1:]] == [
        ("int_from_float", ["inner", "a"]),
        ("int_parsing", ["many", 1]),
    ]
    http = await jac.error("typed", {"val": "x"}, root=ann, method="post")
    assert [(entry["type"], entry["loc"]) for entry in http["data"]["validation"]] == [("int_parsing", ["body", "val"])]
    listed = await jac.error("typed", [1], root=ann, method="post")
    assert listed["data"]["validation"] == [
        {
            "type": "model_attributes_type",
            "loc": ["body"],
            "msg": "Input should be a valid dictionary or object to extract fields from",
            "input": [1],
        }
    ]
    asked = await jac.error(
        "asked", {"body": "perhaps"}, root=PUBLIC, method="get", query={"y": "a"}, path={"z": "zed"}
    )
    assert [(entry["type"], entry["loc"], entry["input"]) for entry in asked["data"]["validation"]] == [
        ("missing", ["query", "x"], None),
        ("bool_parsing", ["body", "body"], "perhaps"),
    ]


async def test_what_fits_is_coerced_and_the_excluded_is_not_taken(jac: Jac) -> None:
    context = {
        "val": "7",
        "text": "not taken",
        "inner": {"a": 1},
        "color": "r",
        "json": {"k": [1]},
        "free": [None],
        "unknown": 1,
    }
    ((val, text, inner, color, many, json, free),) = await jac.reports("typed", context, root=jac.user())
    assert (val, text, color, many, json, free) == (7, "", "r", [], {"k": [1]}, [None])
    assert re.fullmatch(r"o:Inner:[0-9a-f]{24}", inner["id"])
    assert inner["context"] == {"a": 1}
    for texts in ("a", ["a"]):
        assert await jac.reports(
            "asked", {"body": 1}, root=PUBLIC, method="post", query={"x": ["1", "2"], "y": texts}, path={"z": "zed"}
        ) == [[2, ["a"], "zed", True]]


async def test_answers_of_all_kinds(jac: Jac) -> None:
    ann = jac.user()
    assert await jac.error("odd", {"kind": "raise"}, root=ann) == {
        "status": 500,
        "data": {"exception": "ValueError: two\nlines"},
    }
    unserialisable = await jac.error("odd", {"kind": "unserialisable"}, root=ann)
    assert unserialisable["data"]["exception"] == "TypeError: Type is not JSON serializable: object"
    assert (await jac.error("odd", {"kind": "exit"}, root=ann))["data"]["exception"] == "SystemExit: 0"
    gone = {"status": 404, "data": {"body": {"status": 404, "reports": ["gone"]}}}
    assert await jac.error("odd", {"kind": "status"}, root=ann) == gone
    created = await jac.call("odd", {"kind": "created"}, root=ann)
    assert created == {"result": {"payload": {"status": 201, "reports": []}, "status": 201}}
    custom = await jac.call("odd", {"kind": "custom"}, root=ann)
    assert custom["result"]["payload"] == {"all": [{}]}
    assert await jac.reports("odd", {"kind": "print"}, root=ann) == []
    when, identity, enums, inner, unsaved = await jac.reports("odd", {"kind": "plain"}, root=ann)
    assert (when, identity) == ("2026-01-02T03:04:05", "00000000-0000-0000-0000-000000000007")
    assert enums == {"r": ["b", None, [1, 2]]}
    assert inner["context"] == {"a": 1}
    assert unsaved["context"] == {"name": "unsaved", "color": "BLUE", "tags": []}
    nested, (in_tuple,) = await jac.reports("odd", {"kind": "nested"}, root=ann)
    assert nested["context"] == {"inner": {"a": 2}, "many": [{"a": 3}], "colors": ["b"]}
    assert in_tuple == {"a": 4}


async def test_a_node_that_is_saved_by_itself_is_kept(jac: Jac) -> None:
    ann = jac.user()
    (lonely,) = await jac.reports("lonely", root=ann)
    assert (await jac.reports("look", root=ann, node=lonely["id"]))[0]["here"] == lonely
    # When it is changed, it is one without edges, which are not kept.
    await jac.reports("rename", {"name": "changed"}, root=ann, node=lonely["id"])
    gone = await jac.error("look", root=ann, node=lonely["id"])
    assert gone["data"]["exception"] == f"ValueError: Invalid anchor id {lonely['id']} !"


async def test_a_walker_that_fails_changes_nothing(jac: Jac) -> None:
    ann = jac.user()
    assert (await jac.error("odd", {"kind": "half"}, root=ann))["data"]["exception"] == "KeyError: 'half done'"
    assert (await jac.reports("things", root=ann))[0] == []


async def test_notifications_come_in_order_and_before_the_answer(jac: Jac) -> None:
    ann, bob = jac.user(), jac.user()
    data = [{"n": 0, "color": "r"}, {"n": 1, "color": "r"}]
    for kind, whom, told in [
        ("self", [], ("self", [])),
        ("users", [f"n::{bob}", f"n::{ann}"], ("users", [f"n::{bob}", f"n::{ann}"])),
        ("ids", [f"n:x:{bob.upper()}"], ("users", [f"n::{bob}"])),
        ("me", [], ("users", [f"n::{ann}"])),
        ("channels", ["a", "", "ß"], ("channels", ["a", "", "ß"])),
        ("clients", ["1:2"], ("clients", ["1:2"])),
    ]:
        heard: list[Any] = []
        assert await jac.reports("tell", {"kind": kind, "whom": whom}, root=ann, heard=heard) == [0, 1]
        assert heard == [(*told, each) for each in data]
    none: list[Any] = []
    await jac.reports("tell", {"kind": "channels"}, root=ann, heard=none)
    assert none == []


async def test_an_async_walker_is_inline_or_behind_its_answer(jac: Jac) -> None:
    ann = jac.user()
    heard: list[Any] = []
    assert await jac.reports("slowly", root=ann, heard=heard) == ["changed"]
    assert len(heard) == 1
    line = await jac.call("slowly", root=ann, method="post", background=True, heard=heard)
    walker = line["result"]["payload"]["walker_id"]
    assert list(line["result"]["payload"]) == ["walker_id"]
    assert re.fullmatch(r"w:slowly:[0-9a-f]{24}", walker)

    async def kept() -> Any:
        while (found := await jac.call("deref", {"id": walker}, root=ann)).get("error"):
            pass
        return found["result"]["payload"]["reports"][0]

    async with asyncio.timeout(PATIENCE):
        assert await kept() == {"id": walker, "context": {"name": "changed"}}
    assert heard == [("channels", ["slow"], {"slow": "done"})] * 2


async def test_walkers_in_two_processes_do_not_undo_each_other(jac: Jac) -> None:
    ann = jac.user()
    await jac.is_whole()
    await asyncio.gather(*(jac.reports("count", root=ann) for _ in range(20)))
    things, edges, _ = await jac.reports("things", root=ann)
    assert (len(things), len(edges)) == (20, 20)


async def test_a_process_that_dies_or_hangs_is_replaced(jac: Jac) -> None:
    ann = jac.user()
    for _ in range(3):
        with pytest.raises(Lost):
            await jac.call("odd", {"kind": "crash"}, root=ann)
    with pytest.raises(Late):
        await jac.call("odd", {"kind": "hang"}, root=ann, seconds=0.3)
    assert await asyncio.gather(*(jac.reports("far_away", root=ann) for _ in range(4))) == [["from far"]] * 4
    # One that dies while nobody calls is not asked.
    for process in list(jac.pool._all):
        os.kill(process._child.pid, signal.SIGKILL)
        await process._child.wait()
    assert await jac.reports("far_away", root=ann) == ["from far"]


async def test_who_waits_too_long_for_a_process_is_told(jac: Jac) -> None:
    ann = jac.user()
    await jac.is_whole()
    hanging = [asyncio.ensure_future(jac.call("odd", {"kind": "hang"}, root=ann, seconds=1)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Late):
        await jac.call("far_away", root=ann, seconds=0.1)
    for each in hanging:
        with pytest.raises(Late):
            await each


async def test_programs_that_cannot_be_loaded(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Broken, match="does not compile"):
        await Pool(PROGRAMS / "broken.jac", tmp_path, 1).open()
    assert "broken.jac:4" in capfd.readouterr().err
    (tmp_path / "json.jac").write_text("")
    with pytest.raises(Broken, match="no free name"):
        await Pool(tmp_path / "json.jac", tmp_path, 1).open()
    with pytest.raises(Broken, match=r"no \.jac file"):
        await Pool(tmp_path / "none.jac", tmp_path, 1).open()


async def test_a_graph_that_others_could_write_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "graph.sqlite"
    Store(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o666)
    with pytest.raises(PermissionError, match="others may write"):
        Store(tmp_path)
    with pytest.raises(Broken, match="others may write"):
        await Pool(PROGRAMS / "graph.jac", tmp_path, 1).open()
