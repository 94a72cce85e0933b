"""Limits on what one client may ask for: requests in a time, and the size of what it sends."""

from __future__ import annotations

import threading
import time

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES = 65_536
"""The largest body: judgements and logins are small. Logs have a door of their own."""


class Buckets:
    """Token buckets by name: each fills at `rate` a second up to `burst`, and a request takes one token."""

    def __init__(self, *, rate: float, burst: float, names: int = 10_000) -> None:
        """Begin with full buckets; at most `names` are remembered, the fullest are forgotten first."""
        self.rate, self.burst, self.names = rate, burst, names
        self._levels: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, name: str) -> float:
        """Take a token; 0 when there was one, else the seconds until there is."""
        now = time.monotonic()
        with self._lock:
            level, at = self._levels.get(name, (self.burst, now))
            level = min(self.burst, level + (now - at) * self.rate)
            if level < 1:
                return (1 - level) / self.rate
            self._levels[name] = (level - 1, now)
            if len(self._levels) > self.names:
                full = [n for n, (lv, t) in self._levels.items() if lv + (now - t) * self.rate >= self.burst]
                for one in full or list(self._levels)[: self.names // 10]:
                    del self._levels[one]
        return 0.0


class BodyLimit:
    """Refuses a body over BODY_BYTES, whether or not its length was announced."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and stop reading where it becomes too long."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > BODY_BYTES:
                raise HTTPException(413, f"the body is longer than {BODY_BYTES:,} bytes")
            return message

        await self.app(scope, counted, send)
