"""What a walker answers, as JSON, in the forms that Jac Cloud 0.2.11 gives things."""

from __future__ import annotations

import dataclasses
import datetime
import math
from enum import Enum
from typing import Any
from uuid import UUID

from jaclang.runtimelib.archetype import Anchor, Archetype

from .machine import reference


def body(context: Any) -> Any:
    """The response body: the custom report, or status and reports in order, as they are at the end of the walker."""
    if context.custom is not dataclasses.MISSING:
        return plain(context.custom)
    return {"status": context.status, "reports": [_reported(report) for report in context.reports]}


def plain(value: Any, within: bool = False) -> Any:
    """A value as JSON has it. ``TypeError`` where it has no form there.

    Of things of the graph, as of all dataclasses, only the fields are told. An enum is its value, but its name as a
    field of a thing that was reported (``within``).
    """
    if value is None or (isinstance(value, (bool, str)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Anchor):
        value = value.archetype
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (list, tuple)):
        return [plain(each, within) for each in value]
    if isinstance(value, dict):
        return {_key(key): plain(each, within) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _fields(value, within)
    return _text(value)


def _reported(value: Any) -> Any:
    """A report: things of the graph, in lists and objects too, are their id and fields; but not those within fields."""
    if isinstance(value, Anchor):
        value = value.archetype
    if isinstance(value, Archetype):
        return {"id": reference(value), "context": _fields(value, within=True)}
    if isinstance(value, list):
        return [_reported(each) for each in value]
    if isinstance(value, dict):
        return {_key(key): _reported(each) for key, each in value.items()}
    return plain(value, within=True)


def _fields(value: Any, within: bool) -> dict[str, Any]:
    held = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return {
        name: each.name if within and isinstance(each, Enum) else plain(each, within) for name, each in held.items()
    }


def _key(key: Any) -> str:
    key = plain(key)
    if isinstance(key, str):
        return key
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    if isinstance(key, (int, float)):
        return str(key)
    raise TypeError("Dict key must be str")


def _text(value: Any) -> str:
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"Type is not JSON serializable: {type(value).__name__}")
