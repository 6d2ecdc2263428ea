"""Payloads become arguments."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Any, Literal, cast

import pytest

from quintet import Call, Error
from quintet.arguments import Arguments, fit


class Color(enum.Enum):
    RED = "r"


@dataclass
class Point:
    x: int
    y: int = 0


class Said:
    def __init__(self, payload: Any) -> None:
        self.payload = payload


def bind(function: Any, payload: Any) -> dict[str, Any]:
    return Arguments(function).bind(cast(Call, Said(payload)))


def add(a: int, b: float = 1.5) -> float:
    return a + b


def test_members_are_arguments_by_name() -> None:
    assert bind(add, {"a": 1, "b": 2}) == {"a": 1, "b": 2.0}
    assert bind(add, {"a": 1}) == {"a": 1}


def test_what_does_not_fit_is_told_field_by_field() -> None:
    with pytest.raises(Error) as caught:
        bind(add, {"b": "x", "c": 1})
    assert caught.value.payload() == {
        "status": 400,
        "message": "the payload does not fit",
        "fieldErrors": [
            {"field": "a", "error": "a is required"},
            {"field": "b", "error": "b must be a number"},
            {"field": "c", "error": "c is not known"},
        ],
    }


def test_the_whole_payload_and_the_call() -> None:
    def whole(payload: Any, call: Call) -> None: ...

    def nothing() -> None: ...

    def all_else(call: Call, a: int, **rest: Any) -> None: ...

    assert bind(whole, [1, 2])["payload"] == [1, 2]
    assert isinstance(bind(whole, None)["call"], Said)
    assert bind(nothing, None) == {}
    assert {**bind(all_else, {"a": 1, "b": 2}), "call": 0} == {"call": 0, "a": 1, "b": 2}
    with pytest.raises(Error, match="an object"):
        bind(add, [1])
    with pytest.raises(ValueError, match="are named"):
        Arguments(lambda *all: None)


@pytest.mark.parametrize(
    ("value", "hint", "becomes"),
    [
        (3, int, 3),
        (3.0, int, 3),
        (3, float, 3.0),
        ("x", str, "x"),
        (None, int | None, None),
        (1.0, int | float, 1.0),
        ([1, 2.0], list[int], [1, 2]),
        ({"a": 1}, dict[str, float], {"a": 1.0}),
        ("r", Color, Color.RED),
        ("on", Literal["on", "off"], "on"),
        ({"x": 1}, Point, Point(1)),
        ([{"x": 1, "y": 2}], list[Point], [Point(1, 2)]),
        ({"any": "thing"}, Any, {"any": "thing"}),
        (b"?", bytes, b"?"),
    ],
)
def test_values_that_fit(value: Any, hint: Any, becomes: Any) -> None:
    fitted = fit(value, hint)
    assert fitted == becomes
    assert type(fitted) is type(becomes)


@pytest.mark.parametrize(
    ("value", "hint", "why"),
    [
        (True, int, "must be an integer"),
        (1.5, int, "must be an integer"),
        ("1", int, "must be an integer"),
        (10**400, float, "must be a finite number"),
        (1, str, "must be a string"),
        (1, bool, "must be true or false"),
        ("x", int | None, "must be an integer or must be null"),
        ([1, "x"], list[int], "at 1 must be an integer"),
        ({}, list, "must be a list"),
        ([], dict, "must be an object"),
        ("g", Color, "must be one of r"),
        ("up", Literal["on", "off"], "must be one of on,off"),
        ({}, Point, "lacks x"),
        ({"x": "1"}, Point, "at x must be an integer"),
    ],
)
def test_values_that_do_not_fit(value: Any, hint: Any, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(why)}$"):
        fit(value, hint)
