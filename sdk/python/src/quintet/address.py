"""Where the server is, and as whom a worker comes."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from .errors import Fatal

_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


@dataclass(frozen=True)
class Address:
    """The URL of the workers' entrance, and a worker's token, which is never shown."""

    url: str
    token: str = field(repr=False)

    @classmethod
    def read(cls, url: str | None = None, token: str | None = None) -> Address:
        """Of what is given, else of ``QUINTET_URL`` and ``QUINTET_TOKEN``. ``Fatal`` where that will not do."""
        url = url or os.environ.get("QUINTET_URL") or "http://localhost:8080"
        token = token or os.environ.get("QUINTET_TOKEN") or ""
        parts = urlsplit(url)
        scheme = _SCHEMES.get(parts.scheme)
        if scheme is None or not parts.netloc:
            raise Fatal("QUINTET_URL is no URL of a server: use one such as http://localhost:8080")
        if not token:
            raise Fatal("there is no token: set QUINTET_TOKEN to what `quintet token --worker NAME` prints")
        path = parts.path.rstrip("/")
        if not path.endswith("/worker"):
            path += "/worker"
        return cls(urlunsplit((scheme, parts.netloc, path, "", "")), token)
