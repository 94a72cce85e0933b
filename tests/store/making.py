"""Rows, lines and commits with defaults: a test names only what matters to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from core.columns import EventClass
from store import Delivery, Receipt, Store

NOW = 1_795_150_800_000_000
"""2026-11-20 14:00 JST."""
HOUR = 3_600_000_000
DAY = 24 * HOUR
A, B = "131016", "131024"
STEP = 26
"""Bytes of a line of `text_of`, with its line end."""
NETWORK = EventClass.NETWORK
NO_REFUSALS = pl.DataFrame(schema={"line": pl.Int64, "offset": pl.Int64, "length": pl.Int64, "reason": pl.String})


def text_of(count: int, *, first: int = 1) -> bytes:
    """`count` lines, each different from the others."""
    return b"".join(b"line %06d of a firewall\n" % n for n in range(first, first + count))


def rows_of(
    times: Sequence[int | None], tenants: str | Sequence[str] = A, *, received: int | None = NOW, **columns: Any
) -> pl.DataFrame:
    """One row for each time (µs), at lines 1, 2, … of `text_of`."""
    n = len(times)
    given: dict[str, Any] = {
        "event_time": pl.Series(times, dtype=pl.Int64).cast(pl.Datetime("us")),
        "tenant": [tenants] * n if isinstance(tenants, str) else list(tenants),
        "line": range(1, n + 1), "offset": [STEP * k for k in range(n)], "length": [STEP - 1] * n,
    }  # fmt: skip
    if received is not None:
        given["received_time"] = pl.Series([received] * n, dtype=pl.Int64).cast(pl.Datetime("us"))
    return pl.DataFrame({**given, **{k: v if isinstance(v, (list, range)) else [v] * n for k, v in columns.items()}})


def a_delivery(
    store: Store, content: bytes, *, source: str = "fw", name: str = "a.log", received: int = NOW
) -> Delivery:
    """A delivery of some bytes."""
    digest = hashlib.sha256(content).hexdigest()
    return store.deliver(source, name, received, digest, digest, len(content))


def commit(
    store: Store, rows: pl.DataFrame | Mapping[EventClass, pl.DataFrame], *, raw: bytes | None = None,
    source: str = "fw", received: int = NOW, refused: pl.DataFrame = NO_REFUSALS, skipped: int = 0,
    state: Mapping[str, Any] | None = None, network_seq: int = 0, salt: str = "",
) -> Receipt:  # fmt: skip
    """Deliver and commit rows as one batch of one delivery."""
    by_class = {NETWORK: rows} if isinstance(rows, pl.DataFrame) else dict(rows)
    parsed = pl.concat([f.select("line") for f in by_class.values()])["line"].n_unique() if by_class else 0
    lines = parsed + refused.height + skipped
    raw = text_of(lines) if raw is None else raw
    digest = hashlib.sha256(f"{salt}{source}{received}".encode() + raw).hexdigest()
    delivery = store.deliver(source, "a.log", received, digest, digest, len(raw))
    with store.batch(delivery) as batch:
        batch.add(raw, by_class, refused)
        receipt = batch.commit(
            lines=lines, parsed=parsed, refused=refused.height, skipped=skipped, content_from=0,
            content_to=len(raw), parser="test 1", state=state or {}, network_seq=network_seq,
        )  # fmt: skip
    store.finish(delivery)
    return receipt


def everything(
    store: Store, event_class: EventClass = NETWORK, tenants: Sequence[str] = (A, B)
) -> list[dict[str, Any]]:
    """All rows of some bodies, in the order of place."""
    with store.snapshot() as snap, snap.session() as session:
        session.events("e", event_class, tenants=tenants, first_hour=0, last_hour=10**6)
        found: list[dict[str, Any]] = session.sql("SELECT * FROM e ORDER BY batch, line, event_time").to_pylist()
        return found
