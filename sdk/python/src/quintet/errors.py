"""What can go wrong: for the caller, for the worker, for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Error(Exception):
    """An error that the caller is told.

    The message is public: put nothing into it that the caller should not see. Without one, the server shows a neutral
    text for the status. ``fields`` says what is wrong with which field; ``data`` goes only to a room that has an
    interface for the procedure.
    """

    def __init__(
        self,
        message: str | None = None,
        *,
        status: int = 500,
        fields: Mapping[str, str] | None = None,
        data: Any = None,
    ) -> None:
        super().__init__(message or f"status {status}")
        if not 400 <= status <= 599:
            raise ValueError(f"an error has a status from 400 to 599, not {status}")
        self.message = message
        self.status = status
        self.fields = dict(fields or {})
        self.data = data

    def payload(self) -> dict[str, Any]:
        """As it stands on the wire."""
        payload: dict[str, Any] = {"status": self.status}
        if self.message:
            payload["message"] = self.message
        if self.fields:
            payload["fieldErrors"] = [{"field": field, "error": error} for field, error in self.fields.items()]
        if self.data is not None:
            payload["data"] = self.data
        return payload


class Refused(Exception):
    """The server answered a request of ours with an error.

    It is no :class:`Error`: where a procedure lets it out, its caller is told nothing but 500.
    """

    def __init__(self, message: str, status: int, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{message} ({status})")
        self.message = message
        self.status = status
        self.fields = dict(fields or {})

    @classmethod
    def read(cls, payload: Any) -> Refused:
        """Of the payload of an ``error``."""
        said = payload if isinstance(payload, dict) else {}
        entries = said.get("fieldErrors")
        fields = {
            str(entry["field"]): str(entry.get("error", ""))
            for entry in (entries if isinstance(entries, list) else [])
            if isinstance(entry, dict) and "field" in entry
        }
        status = said.get("status")
        return cls(str(said.get("message", "refused")), status if isinstance(status, int) else 500, fields)


class Disconnected(ConnectionError):
    """There is no connection to the server now. The worker connects again by itself."""


class Fatal(Exception):
    """The worker cannot work at all: its token does not hold, or another owner has one of its names."""
