"""What a function is called with, of the JSON that its caller sent."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin

from .call import Call
from .errors import Error

_BAD = 400


class Arguments:
    """The parameters of a function.

    One that is annotated as :class:`Call` (or is named ``call``) gets the call. If the only other one is ``payload``,
    it gets the payload as it is; else the payload is an object whose members are the arguments by name.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        parameters = inspect.signature(function).parameters
        try:
            hints = typing.get_type_hints(function)
        except (NameError, TypeError):
            hints = {}
        self._call: str | None = None
        self._fields: dict[str, tuple[Any, bool]] = {}
        self._open = False
        for name, parameter in parameters.items():
            hint = hints.get(name, Any)
            if hint is Call or (name == "call" and hint is Any):
                self._call = name
            elif parameter.kind is parameter.VAR_KEYWORD:
                self._open = True
            elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
                raise ValueError(f"the arguments of a procedure are named: {name} cannot be")
            else:
                self._fields[name] = (hint, parameter.default is parameter.empty)
        self._whole = list(self._fields) == ["payload"] and not self._open

    def bind(self, call: Call) -> dict[str, Any]:
        """The arguments for a call. An :class:`Error` of status 400 that names each field that does not fit."""
        arguments: dict[str, Any] = {self._call: call} if self._call else {}
        if self._whole:
            arguments["payload"] = self._payload(call.payload)
            return arguments
        said = {} if call.payload is None else call.payload
        if not isinstance(said, Mapping):
            raise Error("the payload is to be an object", status=_BAD)
        wrong: dict[str, str] = {}
        for name, (hint, required) in self._fields.items():
            if name in said:
                try:
                    arguments[name] = fit(said[name], hint)
                except ValueError as error:
                    wrong[name] = f"{name} {error}"
            elif required:
                wrong[name] = f"{name} is required"
        for name in said:
            if name not in self._fields:
                if self._open and name != self._call:
                    arguments[name] = said[name]
                else:
                    wrong[str(name)] = f"{name} is not known"
        if wrong:
            raise Error("the payload does not fit", status=_BAD, fields=wrong)
        return arguments

    def _payload(self, payload: Any) -> Any:
        hint, _ = self._fields["payload"]
        try:
            return fit(payload, hint)
        except ValueError as error:
            raise Error("the payload does not fit", status=_BAD, fields={"payload": f"payload {error}"}) from None


def fit(value: Any, hint: Any) -> Any:
    """A value as an annotation wants it.

    Numbers, texts, lists, objects, enums and dataclasses are checked, all else passes. ``ValueError`` says what
    it must be.
    """
    if (known := _SIMPLE.get(hint)) is not None:
        return known(value)
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _one_of(value, parts)
    if origin is Literal:
        return _literal(value, parts)
    if origin is typing.Annotated:
        return fit(value, parts[0])
    if hint is list or origin in (list, Sequence):
        return _list(value, parts)
    if hint is dict or origin in (dict, Mapping):
        return _dict(value, parts)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _enum(value, hint)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _dataclass(value, hint)
    return value


def _int(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("must be an integer")
    return value


def _float(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError("must be a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    return number


def _exactly(kind: type, name: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, kind):
            raise ValueError(f"must be {name}")
        return value

    return check


_SIMPLE: dict[Any, Callable[[Any], Any]] = {
    int: _int,
    float: _float,
    str: _exactly(str, "a string"),
    bool: _exactly(bool, "true or false"),
    type(None): _exactly(type(None), "null"),
    Any: lambda value: value,
}


def _one_of(value: Any, hints: Sequence[Any]) -> Any:
    # A value that is of one of the types already is not turned into another: 1.0 for `int | float` remains.
    for hint in hints:
        if isinstance(hint, type) and type(value) is hint:
            return value
    problems = []
    for hint in hints:
        try:
            return fit(value, hint)
        except ValueError as error:
            problems.append(str(error))
    raise ValueError(" or ".join(problems))


def _literal(value: Any, choices: Sequence[Any]) -> Any:
    for choice in choices:
        if type(choice) is type(value) and choice == value:
            return choice
    raise ValueError(f"must be one of {','.join(map(str, choices))}")


def _list(value: Any, parts: Sequence[Any]) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("must be a list")
    if not parts:
        return value
    return [_within(str(place), each, parts[0]) for place, each in enumerate(value)]


def _dict(value: Any, parts: Sequence[Any]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    if len(parts) != 2:
        return value
    return {key: _within(key, each, parts[1]) for key, each in value.items()}


def _within(place: str, value: Any, hint: Any) -> Any:
    try:
        return fit(value, hint)
    except ValueError as error:
        raise ValueError(f"at {place} {error}") from None


def _enum(value: Any, hint: type[enum.Enum]) -> enum.Enum:
    try:
        return hint(value)
    except ValueError:
        raise ValueError(f"must be one of {','.join(str(member.value) for member in hint)}") from None


def _dataclass(value: Any, hint: type) -> Any:
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    hints = typing.get_type_hints(hint)
    members = {}
    for field in dataclasses.fields(hint):
        if field.name in value:
            members[field.name] = _within(field.name, value[field.name], hints.get(field.name, Any))
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ValueError(f"lacks {field.name}")
    return hint(**members)
