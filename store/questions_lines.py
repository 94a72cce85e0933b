"""Questions about raw lines: from an alert to the bytes in the archive that it rests on. Each reading is recorded.

The way leads from an alert that is seen to its places, and from these to lines; nobody names a line by himself.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import sqlalchemy as sa

from store import trail
from store.catalogue import Transaction
from store.places import Places, unpack
from store.questions_alerts import Alert, find
from store.questions_terms import Listing, Readable, Tenants, cursor_of, limited, plain, read_cursor, rows
from store.tables import batches, facts, register

EVERY_ENTITY = ("*",)
"""Entity of an alert that stands for more than 1,000 others."""

_BIDIRECTIONAL = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
"""Characters that turn the order of what follows, or end a line: a log line can't be allowed to rearrange itself."""


class Archive(Readable, Protocol):
    """What these questions need of a store besides its catalogue."""

    def lines(self, places: Sequence[tuple[int, int]]) -> list[bytes]:
        """The raw lines at (batch, line), in the order of `places`."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """One raw line with its place in the archive. Times in µs UTC; `time` is known of samples only."""

    batch: int
    line: int
    source: str
    encoding: str
    received: int
    time: int | None
    kind: str
    raw: bytes
    text: str
    repaired: bool


def legible(raw: bytes, encoding: str = "utf-8") -> tuple[str, bool]:
    r"""A line as text, and whether anything had to be written as \xNN: bytes that are none, control characters.

    A tab stays. The text is the same that the parsers see, save for characters that would rearrange the line.
    """
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = raw.decode(encoding, errors="backslashreplace")
        broken = True
    else:
        broken = False
    if text.isprintable():
        return text, broken
    out = []
    for c in text:
        if c != "\t" and (ord(c) < 32 or 127 <= ord(c) < 160 or c in _BIDIRECTIONAL):
            out.append("".join(f"\\x{byte:02x}" for byte in c.encode()))
            broken = True
        else:
            out.append(c)
    return "".join(out), broken


def evidence(
    store: Archive, tenants: Tenants, alert_id: str, *, actor: str, cursor: str | None = None, limit: int = 100
) -> Listing[Line]:
    """All lines that an alert rests on, hour by hour; `total` is exact. The reading is recorded.

    Raises:
        NotFoundError: None of these bodies has the alert.
        InputError: A wrong cursor or limit.
    """
    limit = limited(limit)
    after = read_cursor(cursor, "places", (int, int, int)) if cursor else None
    with store.catalogue.read() as tx:
        alert = find(tx, tenants, plain(alert_id))
        hours = _places(tx, alert)
    wanted: list[tuple[int, int, int]] = []
    for hour, places in hours:
        if len(wanted) > limit:
            break
        if after is None or hour >= after[0]:
            start = _behind(places, after[1], after[2]) if after is not None and hour == after[0] else 0
            wanted += [(hour, int(b), int(n)) for b, n in places[start : start + limit + 1 - len(wanted)]]
    page = wanted[:limit]
    found = _read(store, [(batch, line) for _, batch, line in page], alert, actor=actor)
    following = cursor_of("places", page[-1]) if len(wanted) > limit else None
    return Listing(found, following, sum(len(places) for _, places in hours))


def samples(store: Archive, tenants: Tenants, alert_id: str, *, actor: str) -> tuple[Line, ...]:
    """The lines that an alert names itself: first, firing, last; a line that is several of them once.

    The reading is recorded.
    """
    with store.catalogue.read() as tx:
        alert = find(tx, tenants, plain(alert_id))
    places = dict.fromkeys((int(s["batch"]), int(s["line"])) for s in alert.facts.get("samples") or ())
    return _read(store, list(places), alert, actor=actor)


def _behind(places: Places, batch: int, line: int) -> int:
    """Index of the first place after this one."""
    return bisect_right(range(len(places)), (batch, line), key=lambda i: (int(places[i, 0]), int(places[i, 1])))


def _places(tx: Transaction, alert: Alert) -> list[tuple[int, Places]]:
    """Hour → places of the alert's evidence, by hour."""
    c = facts.c
    asked = sa.select(c.hour, c.places).where(
        c.producer == alert.rule, c.day == alert.day, c.tenant == alert.tenant, c.candidate.is_(alert.candidate)
    )
    if alert.entity != EVERY_ENTITY:
        text = json.dumps(alert.entity, ensure_ascii=False, separators=(",", ":"))
        asked = asked.where(c.entity == text, c.entity_type == alert.entity_type)
    by_hour: dict[int, list[Places]] = {}
    for row in rows(tx, asked.order_by(c.hour)):
        if len(places := unpack(row["places"])):
            by_hour.setdefault(row["hour"], []).append(places)
    return [
        (hour, parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts), axis=0))
        for hour, parts in by_hour.items()
    ]


def _read(store: Archive, places: Sequence[tuple[int, int]], alert: Alert, *, actor: str) -> tuple[Line, ...]:
    if not places:
        return ()
    with store.catalogue.read() as tx:
        came = _origin(tx, {batch for batch, _ in places})
    trail.record(store, actor=actor, act="read_lines", subject=alert.id, detail={
        "tenant": alert.tenant, "case": alert.case_id, "lines": len(places),
        "first": list(places[0]), "last": list(places[-1]),
    })  # fmt: skip
    sampled = {(s["batch"], s["line"]): s for s in reversed(alert.facts.get("samples") or ())}
    out = []
    for place, raw in zip(places, store.lines(places), strict=True):
        source, encoding, received = came[place[0]]
        text, repaired = legible(raw, encoding)
        sample = sampled.get(place, {})
        out.append(
            Line(*place, source, encoding, received, sample.get("time"), sample.get("kind", ""), raw, text, repaired)
        )
    return tuple(out)


def _origin(tx: Transaction, wanted: set[int]) -> dict[int, tuple[str, str, int]]:
    """Batch → its source, the encoding of its text, and when it was received."""
    found = rows(tx, sa.select(batches.c.seq, batches.c.source, batches.c.received).where(batches.c.seq.in_(wanted)))
    c = register.c
    entries: dict[str, list[tuple[int, str]]] = {}
    for row in rows(tx, sa.select(c.key, c.valid_from, c["values"]).where(
        c.kind == "sources", c.key.in_({row["source"] for row in found}), c.replaced.is_(None)
    ).order_by(c.valid_from)):  # fmt: skip
        encoding = json.loads(row["values"]).get("encoding") or "utf-8"
        entries.setdefault(row["key"], []).append((row["valid_from"], encoding))
    out = {}
    for row in found:
        known = entries.get(row["source"], [])
        encoding = next(
            (e for start, e in reversed(known) if start <= row["received"]), known[0][1] if known else "utf-8"
        )
        out[row["seq"]] = (row["source"], encoding, row["received"])
    return out
