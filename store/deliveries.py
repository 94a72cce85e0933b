"""Deliveries: what a sender hands over, what of it is committed already, and what came again."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.errors import InputError, NotFoundError
from store import tables
from store.catalogue import Catalogue, Transaction


@dataclass(frozen=True, slots=True)
class Part:
    """A batch of a delivery that is committed."""

    seq: int
    part: int
    content_to: int
    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file, an upload or a spool file, as it is known to the catalogue. Sizes in bytes of content; times in µs."""

    id: str
    source: str
    name: str
    received: int
    sha256_sent: str
    sha256_content: str
    bytes: int
    skip_bytes: int
    torn: bool
    state: str
    repeat: bool
    """The same content was committed before: nothing is left to do."""
    done: tuple[Part, ...]

    @property
    def content_to(self) -> int:
        """Up to which byte of the content it is committed: where work goes on after a kill."""
        return self.done[-1].content_to if self.done else self.skip_bytes

    @property
    def next_part(self) -> int:
        """Number of the next batch."""
        return self.done[-1].part + 1 if self.done else 0


def deliver(
    catalogue: Catalogue, *, source: str, name: str, received: int, sha256_sent: str, sha256_content: str,
    size: int, skip_bytes: int, torn: bool,
) -> Delivery:  # fmt: skip
    """Record what arrived; see Store.deliver."""
    if not source:
        raise InputError("a delivery needs a source")
    if not 0 <= skip_bytes <= size:
        raise InputError(f"{name}: {skip_bytes} bytes to skip of {size}")
    values = {
        "id": uuid.uuid4().hex, "source": source, "name": name, "received": received, "sha256_sent": sha256_sent,
        "sha256_content": sha256_content, "bytes": size, "skip_bytes": skip_bytes, "state": "open", "torn": torn,
    }  # fmt: skip
    d = tables.deliveries
    same = sa.select(d).where(d.c.source == source, d.c.sha256_content == sha256_content)
    try:
        with catalogue.write() as tx:
            found = tx.execute(same).mappings().first()
            if found is None:
                tx.execute(d.insert(), values)
                return _delivery(tx, values, repeat=False)
            return _again(tx, dict(found), values)
    except sa.exc.IntegrityError:
        # On PostgreSQL two may have looked at once; the constraint decided, and the other's is there now.
        with catalogue.write() as tx:
            return _again(tx, dict(tx.execute(same).mappings().one()), values)


def _again(tx: Transaction, found: Mapping[str, Any], values: Mapping[str, Any]) -> Delivery:
    repeat = found["state"] == "committed"
    if repeat:
        tx.execute(
            tables.repeats.insert(),
            {"id": values["id"], "delivery": found["id"], "name": values["name"], "received": values["received"],
             "sha256_sent": values["sha256_sent"]},
        )  # fmt: skip
    return _delivery(tx, found, repeat=repeat)


def _delivery(tx: Transaction, row: Mapping[str, Any], *, repeat: bool) -> Delivery:
    b = tables.batches
    done = tx.execute(
        sa.select(b.c.seq, b.c.part, b.c.content_to, b.c.state).where(b.c.delivery == row["id"]).order_by(b.c.part)
    ).all()
    parts = tuple(Part(r.seq, r.part, r.content_to, json.loads(r.state)) for r in done)
    names = (
        "id",
        "source",
        "name",
        "received",
        "sha256_sent",
        "sha256_content",
        "bytes",
        "skip_bytes",
        "torn",
        "state",
    )
    return Delivery(**{n: row[n] for n in names}, repeat=repeat, done=parts)


def get(catalogue: Catalogue, delivery_id: str) -> Delivery:
    """The delivery of an id as it stands; NotFoundError when there is none."""
    d = tables.deliveries
    with catalogue.read() as tx:
        row = tx.execute(sa.select(d).where(d.c.id == delivery_id)).mappings().first()
        if row is None:
            raise NotFoundError(f"delivery {delivery_id}")
        return _delivery(tx, dict(row), repeat=row["state"] == "committed")


def finish(catalogue: Catalogue, delivery_id: str) -> None:
    """Every batch is committed: the receipt may be given. Idempotent."""
    d = tables.deliveries
    with catalogue.write() as tx:
        if not tx.execute(d.update().where(d.c.id == delivery_id).values(state="committed")).rowcount:
            raise NotFoundError(f"delivery {delivery_id}")


def grown(catalogue: Catalogue, source: str) -> list[tuple[int, str]]:
    """List (bytes, SHA-256) of the contents that a source has delivered in full, longest first.

    A file whose first `bytes` have that hash begins with what is known: it is delivered with skip_bytes = bytes.
    """
    d = tables.deliveries
    with catalogue.read() as tx:
        rows = tx.execute(
            sa.select(d.c.bytes, d.c.sha256_content)
            .where(d.c.source == source, d.c.state == "committed", d.c.bytes > 0)
            .order_by(d.c.bytes.desc(), d.c.sha256_content)
        )
        return [(r.bytes, r.sha256_content) for r in rows]


def last_state(catalogue: Catalogue, source: str) -> dict[str, Any]:
    """The parser state that the source's newest batch left behind; empty when there is none."""
    b = tables.batches
    with catalogue.read() as tx:
        state = tx.execute(sa.select(b.c.state).where(b.c.source == source).order_by(b.c.seq.desc()).limit(1)).scalar()
    return dict(json.loads(state)) if state else {}


def refusals(catalogue: Catalogue, seqs: Iterable[int]) -> list[dict[str, Any]]:
    """The refused lines of some batches; see Store.refusals."""
    r = tables.refusals
    wanted = sorted(set(seqs))
    found: list[dict[str, Any]] = []
    with catalogue.read() as tx:
        for at in range(0, len(wanted), 500):
            query = sa.select(r).where(r.c.seq.in_(wanted[at : at + 500])).order_by(r.c.seq, r.c.line)
            found += [dict(row) for row in tx.execute(query).mappings()]
    return found


def listed(
    catalogue: Catalogue, *, source: str = "", state: str = "", delivery_id: str = "", first: int | None = None,
    last: int | None = None, limit: int = 0,
) -> list[dict[str, Any]]:  # fmt: skip
    """Deliveries with their counts, newest first; see Store.deliveries."""
    d, b, r = tables.deliveries, tables.batches, tables.repeats
    query = sa.select(d).order_by(d.c.received.desc(), d.c.id)
    for given, condition in (
        (source, d.c.source == source), (state, d.c.state == state), (delivery_id, d.c.id == delivery_id),
        (first is not None, d.c.received >= (first or 0)), (last is not None, d.c.received < (last or 0)),
    ):  # fmt: skip
        if given:
            query = query.where(condition)
    if limit:
        query = query.limit(limit)
    with catalogue.read() as tx:
        rows = [dict(row) for row in tx.execute(query).mappings()]
        ids = [row["id"] for row in rows]
        parts: dict[str, list[Any]] = {i: [] for i in ids}
        again: dict[str, list[Any]] = {i: [] for i in ids}
        for at in range(0, len(ids), 500):
            some = ids[at : at + 500]
            for part in tx.execute(sa.select(b).where(b.c.delivery.in_(some)).order_by(b.c.part)):
                parts[part.delivery].append(part)
            for repeat in tx.execute(sa.select(r).where(r.c.delivery.in_(some)).order_by(r.c.received, r.c.id)):
                again[repeat.delivery].append(repeat)
    for row in rows:
        mine = parts[row["id"]]
        row |= {n: sum(getattr(p, n) for p in mine) for n in ("lines", "parsed", "refused", "skipped", "rows")}
        row["seqs"] = [p.seq for p in mine]
        row["batch_bytes"] = [p.content_to - p.content_from for p in mine]
        row["repeats"] = len(again[row["id"]])
        row["last_received"] = max([row["received"], *(x.received for x in again[row["id"]])])
    return rows
