"""Processes that commit until they are killed, and processes that read meanwhile, for the test of promise 2."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from store import Store, batches, chain, rewriting, sweeping, tables
from store.durable import publish
from tests.store.making import NETWORK, NO_REFUSALS, NOW, A, B, rows_of

ROWS = 40
"""Rows of each batch."""
PARTS = 2
"""Batches of each delivery."""


def say(path: Path, **facts: Any) -> None:
    """Append one line, in one write: what a killed process has said stays said."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    os.write(descriptor, json.dumps(facts).encode() + b"\n")
    os.close(descriptor)


def said(path: Path) -> list[dict[str, Any]]:
    """What was said so far."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def content(worker: int, number: int) -> bytes:
    """The bytes of a delivery."""
    return b"".join(b"%d-%d-%04d\n" % (worker, number, n) for n in range(ROWS * PARTS))


def commit(home: Path, catalogue: str, worker: int, gap: float, plain: bool) -> None:
    """Deliver one after the other, and acknowledge each in `acks` once it is committed; begin behind the last one.

    Args:
        home: Data directory.
        catalogue: URL, or "".
        worker: Number of this committer; after a kill its successor has the same.
        gap: Seconds at most that are slept between the steps of a commit, where a kill hurts.
        plain: Break the rule: orphans are whatever isn't listed, whether their writer lives or not.
    """
    chance = random.Random(os.getpid() ^ time.monotonic_ns())  # noqa: S311 - when to sleep

    def slowly(*arguments: Any, **named: Any) -> None:
        publish(*arguments, **named)
        time.sleep(chance.uniform(0, gap))

    batches.publish = rewriting.publish = slowly  # type: ignore[assignment]  # this process lives for nothing else
    extend = chain.extend

    def later(*arguments: Any, **named: Any) -> int:
        time.sleep(chance.uniform(0, gap / 2))
        return extend(*arguments, **named)

    chain.extend = later  # type: ignore[assignment]  # the same
    if plain:

        @contextmanager
        def everyone_is_dead(*_: Any) -> Any:
            yield True

        sweeping.free = everyone_is_dead  # type: ignore[assignment]  # the same
    acks = home / "acks"
    begin = sum(ack["worker"] == worker for ack in said(acks))
    with Store.open(home, catalogue=catalogue, create=True) as store:
        store.sweep()
        for number in itertools.count(begin):
            deliver(store, worker, number)
            say(acks, worker=worker, number=number)
            if chance.random() < 0.15:
                store.compact()
                store.sweep()


def deliver(store: Store, worker: int, number: int) -> None:
    """One delivery of some batches; what a predecessor has committed of it isn't done again."""
    whole = content(worker, number)
    digest = hashlib.sha256(whole).hexdigest()
    delivery = store.deliver(f"fw{worker}", f"{number}.log", NOW, digest, digest, len(whole))
    if delivery.repeat:
        return
    size = len(whole) // PARTS
    for part in range(delivery.next_part, PARTS):
        times = [NOW - 3_600_000_000 * (n % 5) for n in range(ROWS)]
        rows = rows_of(times, [A if n % 2 else B for n in range(ROWS)], session_id=f"{worker}-{number}-{part}")
        with store.batch(delivery, part) as batch:
            batch.add(whole[part * size : (part + 1) * size], {NETWORK: rows}, NO_REFUSALS)
            batch.commit(
                lines=ROWS, parsed=ROWS, refused=0, skipped=0, content_from=part * size,
                content_to=(part + 1) * size, parser="t", state={"part": part},
            )  # fmt: skip
    store.finish(delivery)


def read(home: Path, catalogue: str, number: int) -> None:
    """Read over and over until `stop` is there: every batch up to the snapshot whole, none gone, none half."""
    errors, seen, reads = home / "errors", set[int](), 0
    with Store.open(home, catalogue=catalogue) as store:
        while not (home / "stop").exists():
            try:
                seen = read_once(store, seen)
            except Exception as e:  # noqa: BLE001 - whatever it is, the test has to hear of it
                say(errors, reader=number, error=f"{type(e).__name__}: {e}")
            reads += 1
    say(home / "reads", reader=number, reads=reads)


def read_once(store: Store, seen: set[int]) -> set[int]:
    """One look; AssertionError says what is wrong with it."""
    with store.snapshot() as snap, snap.session() as session:
        session.events("e", NETWORK, tenants=[A, B], first_hour=0, last_hour=10**6)
        sql = "SELECT batch, count(*) n, count(DISTINCT line) d, count(DISTINCT session_id) s FROM e GROUP BY ALL"
        rows = session.sql(sql).to_pylist()
        b = tables.batches
        with store.catalogue.read() as tx:
            committed = set(tx.execute(sa.select(b.c.seq).where(b.c.seq <= snap.seq)).scalars())
    half = [r for r in rows if (r["n"], r["d"], r["s"]) != (ROWS, ROWS, 1)]
    visible = {r["batch"] for r in rows}
    assert not half, f"half a batch: {half[:3]}"
    assert visible == committed, f"of {len(committed)} batches {len(visible)} are visible"
    assert seen <= visible, f"batches {sorted(seen - visible)[:3]} are gone"
    return visible
