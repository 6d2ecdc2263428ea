"""What a walker answers, as JSON."""

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
    return {"status": context.status, "reports": [plain(report) for report in context.reports]}


def plain(value: Any, within: bool = False) -> Any:
    """A value as JSON has it. ``TypeError`` where it has no form there.

    Things of the graph become their id and fields; an enum within them (``within``) its name, elsewhere its value.
    """
    if value is None or (isinstance(value, (bool, str)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Anchor):
        value = value.archetype
    if isinstance(value, Archetype):
        return {"id": reference(value), "context": _fields(value, within=True)}
    if isinstance(value, Enum):
        return value.name if within else plain(value.value)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each, within) for each in value]
    if isinstance(value, dict):
        return {_key(key, within): plain(each, within) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _fields(value, within)
    return _text(value)


def _fields(value: Any, within: bool) -> dict[str, Any]:
    return {field.name: plain(getattr(value, field.name), within) for field in dataclasses.fields(value)}


def _key(key: Any, within: bool) -> str:
    key = plain(key, within)
    if isinstance(key, str):
        return key
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    if isinstance(key, (int, float)):
        return str(key)
    raise TypeError("the keys of an object are texts")


def _text(value: Any) -> str:
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
