"""What one application holds: its store, settings, rules, clock, and the little that it remembers between requests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request

from api.limits import Buckets
from api.metering import Meters
from core import time
from core.settings import Settings
from detections.rule import Rule
from store import Store
from store import questions as q

DUE_KEPT_US = 15_000_000
"""How long (µs) the gaps of a scope are remembered: they are computed from every touch."""


@dataclass
class Hinomi:
    """One application. Tests make as many as they like; nothing is global."""

    store: Store
    settings: Settings
    rules: Mapping[str, Rule]
    clock: Callable[[], int] = time.now_us
    """The instant in µs UTC; a demonstration lives in its own time."""
    readers: Buckets = field(default_factory=lambda: Buckets(rate=50, burst=200))
    """Requests a second by key."""
    strangers: Buckets = field(default_factory=lambda: Buckets(rate=1, burst=60))
    """Refused keys a second by address."""
    meters: Meters = field(default_factory=Meters)
    document: Callable[[], dict[str, Any]] = dict
    """The OpenAPI document."""
    _due: dict[q.Tenants, tuple[int, tuple[q.Due, ...]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def due(self, tenants: q.Tenants) -> tuple[q.Due, ...]:
        """The gaps of these bodies, at most DUE_KEPT_US old."""
        now = time.now_us()
        with self._lock:
            held = self._due.get(tenants)
        if held is not None and now - held[0] < DUE_KEPT_US:
            return held[1]
        found = q.due(self.store, tenants)
        with self._lock:
            self._due = {k: v for k, v in self._due.items() if now - v[0] < DUE_KEPT_US} | {tenants: (now, found)}
        return found


def _hinomi(request: Request) -> Hinomi:
    found: Hinomi = request.app.state.hinomi
    return found


App = Annotated[Hinomi, Depends(_hinomi)]
"""The application that a request came to."""
