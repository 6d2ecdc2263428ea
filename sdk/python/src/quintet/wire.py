"""Frames: JSON objects with ``topic``, ``payload`` and perhaps ``ack``."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
import uuid
from typing import Any

Frame = dict[str, Any]


def encode(frame: Frame) -> bytes:
    """One text frame. ``TypeError`` or ``ValueError`` where it has no JSON form, as ``NaN`` and lone surrogates."""
    return _encoder.encode(frame).encode()


def decode(text: str | bytes) -> Frame | None:
    """A frame that a peer sent; ``None`` where it is no object with a topic."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return frame if isinstance(frame, dict) and isinstance(frame.get("topic"), str) else None


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


#: Made once: ``json.dumps`` with options of its own makes one for each frame.
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)
