"""The ledger of detection: what each producer has and has not yet seen, computed from touches and marks.

A cell is (producer, JST hour). It is due when a touch of what its producer reads, within its reach, has a seq above
the cell's mark. Nothing about being due is remembered; `floors` only say where the search may begin, and each run
that leaves nothing due proves its floor anew. The mark of a cell is the seq of the snapshot that was evaluated, and
moves only from what the run read (compare and set).
"""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from core.columns import EventClass
from core.errors import StoreError
from store import tables
from store.catalogue import Transaction, canonical

EVENTS = frozenset(str(c) for c in EventClass)
_CHUNK = 500


class LostRaceError(Exception):
    """Another run has moved a mark since it was read: this one discards its work."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A producer as registered: the version of its logic that is in force, and the reach of its cells (hours)."""

    producer: str
    fingerprint: str
    seq: int
    from_hour: int
    reads: frozenset[str]
    back: int
    forward: int
    level: int


@dataclass(frozen=True, slots=True)
class DueCell:
    """A gap: a cell that has not seen everything yet."""

    producer: str
    hour: int
    tenants: frozenset[str]
    """Bodies that have touches it hasn't seen."""
    since_seq: int
    since: int = 0
    """When the oldest of these touches was committed (µs); filled by `due`."""
    mark: int | None = None
    """Its mark as read; None where there is no cell yet."""
    causes: frozenset[str] = frozenset()
    """Classes of these touches; `rule` where its logic is new."""


@dataclass(slots=True)
class _Newest:
    seq: int = 0
    oldest: int = 0
    causes: set[str] = field(default_factory=set)


# ---------------------------------------------------------------------------------------------------------- producers


def standing(tx: Transaction, *, candidate: bool = False) -> dict[str, Standing]:
    """The producers in force, by name."""
    f = tables.fingerprints
    state = "candidate" if candidate else "live"
    rows = tx.execute(sa.select(f).where(f.c.state == state).order_by(f.c.registered, f.c.seq, f.c.fingerprint))
    return {
        r.producer: Standing(
            r.producer, r.fingerprint, r.seq, r.from_hour, frozenset(json.loads(r.reads)), r.back, r.forward, r.level
        )
        for r in rows
    }


def register(tx: Transaction, one: Standing, *, text: str, now: int, candidate: bool = False) -> None:
    """Put a version of a producer's logic in force; the one before it stays on record as retired."""
    f, state = tables.fingerprints, "candidate" if candidate else "live"
    tx.execute(f.update().where(f.c.producer == one.producer, f.c.state == state).values(state="retired"))
    tx.execute(f.delete().where(f.c.fingerprint == one.fingerprint))
    tx.execute(
        f.insert(),
        {"fingerprint": one.fingerprint, "producer": one.producer, "text": text, "registered": now, "seq": one.seq,
         "from_hour": one.from_hour, "reads": canonical(sorted(one.reads)), "back": one.back, "forward": one.forward,
         "level": one.level, "state": state},
    )  # fmt: skip


def retire(tx: Transaction, producers: Collection[str]) -> None:
    """Producers that are no longer there: their alerts stay, nothing of theirs is due."""
    f = tables.fingerprints
    for chunk in _chunks(sorted(producers)):
        tx.execute(f.update().where(f.c.producer.in_(chunk), f.c.state == "live").values(state="retired"))


# ---------------------------------------------------------------------------------------------------------- what is due


def reach(one: Standing) -> tuple[int, int]:
    """How many hours before and after its own a cell reads."""
    return one.back, one.forward


def due(
    tx: Transaction, *, up_to: int | None = None, producers: Collection[str] | None = None,
    tenants: Collection[str] | None = None, exact: bool = False, candidate: bool = False,
) -> list[DueCell]:  # fmt: skip
    """The cells that are due, by hour and producer.

    Args:
        tx: A transaction.
        up_to: Touches of later seqs are not looked at.
        producers: Only these; all in force when not given.
        tenants: Only what touches of these bodies make due.
        exact: Read every touch, instead of beginning at the floors.
        candidate: The cells of candidates.
    """
    wanted = [s for s in standing(tx, candidate=candidate).values() if producers is None or s.producer in producers]
    if not wanted:
        return []
    floor = {} if exact else _floors(tx, wanted, candidate=candidate)
    touched = _touches(tx, wanted, floor, up_to=up_to, tenants=tenants)
    if not touched:
        return []
    hours = [hour for _, _, hour, _, _ in touched]
    widest = max(max(s.back, s.forward) for s in wanted)
    marks = _marks(tx, [s.producer for s in wanted], min(hours) - widest, max(hours) + widest, candidate=candidate)
    found = [cell for one in wanted for cell in _of(one, touched, marks)]
    acts = tables.acts
    seqs = sorted({cell.since_seq for cell in found})
    at: dict[int, int] = {}
    for chunk in _chunks(seqs):
        at |= {r.seq: r.at for r in tx.execute(sa.select(acts.c.seq, acts.c.at).where(acts.c.seq.in_(chunk)))}
    found = [
        DueCell(c.producer, c.hour, c.tenants, c.since_seq, at.get(c.since_seq, 0), c.mark, c.causes) for c in found
    ]
    return sorted(found, key=lambda c: (c.hour, c.producer))


def _of(
    one: Standing, touched: Sequence[tuple[str, str, int, int, int]],
    marks: Mapping[tuple[str, int], tuple[int, str]],
) -> list[DueCell]:  # fmt: skip
    back, forward = reach(one)
    newest: dict[int, dict[str, list[tuple[int, int, str]]]] = {}
    for kind, tenant, hour, oldest, last in touched:
        if kind in one.reads:
            for h in range(hour - forward, hour + back + 1):
                newest.setdefault(h, {}).setdefault(tenant, []).append((last, oldest, kind))
    found = []
    for hour, bodies in newest.items():
        held = marks.get((one.producer, hour))
        if held is None:
            mark, fresh = (0, True) if hour >= one.from_hour else (one.seq, False)
        elif held[1] != one.fingerprint and hour >= one.from_hour:
            mark, fresh = 0, True
        else:
            mark, fresh = held[0], False
        unseen = {t: [x for x in seen if x[0] > mark] for t, seen in bodies.items()}
        unseen = {t: seen for t, seen in unseen.items() if seen}
        if not unseen:
            continue
        causes = {kind for seen in unseen.values() for _, _, kind in seen}
        since = min(max(oldest, mark + 1) for seen in unseen.values() for _, oldest, _ in seen)
        found.append(
            DueCell(
                one.producer, hour, frozenset(unseen), since, 0, held[0] if held else None,
                frozenset(causes | {"rule"} if fresh and held else causes),
            )
        )  # fmt: skip
    return found


def _touches(
    tx: Transaction, wanted: Sequence[Standing], floor: Mapping[str, int], *, up_to: int | None,
    tenants: Collection[str] | None,
) -> list[tuple[str, str, int, int, int]]:  # fmt: skip
    """(class, tenant, hour, oldest seq, newest seq) of every touch that can make one of these cells due."""
    t = tables.touches
    limits = [] if up_to is None else [t.c.seq <= up_to]
    if tenants is not None:
        limits.append(t.c.tenant.in_(sorted(tenants)))
    shape = sa.select(t.c["class"], t.c.tenant, t.c.hour, sa.func.min(t.c.seq), sa.func.max(t.c.seq))
    groups = (t.c["class"], t.c.tenant, t.c.hour)
    # What is newer than the floor, or than the registration of what has none.
    low = min(floor.get(s.producer, s.seq) for s in wanted)
    reads = sorted(frozenset().union(*(s.reads for s in wanted)))
    found: dict[tuple[str, str, int], tuple[int, int]] = {}
    queries = [shape.where(t.c.seq > low, t.c["class"].in_(reads), *limits).group_by(*groups)]
    # What is older, for those that have to look back to their first day.
    if fresh := [s for s in wanted if s.producer not in floor]:
        first = min(s.from_hour - max(reach(s)) for s in fresh)
        kinds = sorted(frozenset().union(*(s.reads for s in fresh)))
        queries.append(
            shape.where(t.c["class"].in_(kinds), t.c.hour >= first, t.c.seq <= low, *limits).group_by(*groups)
        )
    for query in queries:
        for row in tx.execute(query):
            kind, tenant, hour, oldest, newest = tuple(row)
            before, after = found.get((kind, tenant, hour), (oldest, newest))
            found[kind, tenant, hour] = min(before, oldest), max(after, newest)
    return [(kind, tenant, hour, a, b) for (kind, tenant, hour), (a, b) in found.items()]


def touched(tx: Transaction, kinds: Collection[str], *, after: int, up_to: int) -> set[tuple[str, int]]:
    """(tenant, hour) of the touches of these classes with a seq in (after, up_to]."""
    t = tables.touches
    query = sa.select(t.c.tenant, t.c.hour).where(t.c["class"].in_(sorted(kinds)), t.c.seq > after, t.c.seq <= up_to)
    return {(row.tenant, row.hour) for row in tx.execute(query.distinct())}


def bodies(tx: Transaction, hour: int) -> set[str]:
    """The bodies of which events came for an hour."""
    t = tables.touches
    query = sa.select(t.c.tenant).where(t.c["class"].in_(sorted(EVENTS)), t.c.hour == hour)
    return set(tx.execute(query.distinct()).scalars())


def _floors(tx: Transaction, wanted: Iterable[Standing], *, candidate: bool) -> dict[str, int]:
    f = tables.floors
    known = {r.producer: r for r in tx.execute(sa.select(f).where(f.c.candidate.is_(candidate)))}
    return {
        s.producer: known[s.producer].seq
        for s in wanted
        if s.producer in known and known[s.producer].fingerprint == s.fingerprint
    }


def _marks(
    tx: Transaction, producers: Sequence[str], first: int, last: int, *, candidate: bool
) -> dict[tuple[str, int], tuple[int, str]]:
    c = tables.cells
    wanted = set(producers)
    rows = tx.execute(
        sa.select(c.c.producer, c.c.hour, c.c.mark, c.c.fingerprint)
        .where(c.c.hour.between(first, last), c.c.candidate.is_(candidate))
    )  # fmt: skip
    return {(r.producer, r.hour): (r.mark, r.fingerprint) for r in rows if r.producer in wanted}


# ---------------------------------------------------------------------------------------------------------------- marks


def unmoved(tx: Transaction, cells: Iterable[DueCell], *, candidate: bool = False) -> None:
    """Raise LostRaceError unless every mark is still what was read."""
    given = list(cells)
    c = tables.cells
    for producer in sorted({cell.producer for cell in given}):
        mine = {cell.hour: cell.mark for cell in given if cell.producer == producer}
        held = {
            r.hour: r.mark
            for r in tx.execute(
                sa.select(c.c.hour, c.c.mark)
                .where(c.c.producer == producer, c.c.candidate.is_(candidate), c.c.hour.between(min(mine), max(mine)))
            )
        }  # fmt: skip
        if any(held.get(hour) != mark for hour, mark in mine.items()):
            raise LostRaceError(producer)


def move(
    tx: Transaction, cells: Iterable[DueCell], *, mark: int, fingerprint: str, versions: Mapping[str, int], now: int,
    candidate: bool = False,
) -> None:  # fmt: skip
    """Set the marks of cells of one producer from what was read. LostRaceError where one has moved; nothing stays then."""
    c = tables.cells
    values = {
        "mark": mark, "fingerprint": fingerprint, "state": "done", "versions": canonical(dict(versions)),
        "evaluated": now,
    }  # fmt: skip
    for cell in cells:
        key = {"producer": cell.producer, "hour": cell.hour, "candidate": candidate}
        if cell.mark is None:
            try:
                tx.execute(c.insert(), {**key, **values})
            except sa.exc.IntegrityError as e:
                raise LostRaceError(cell.producer) from e
            continue
        moved = tx.execute(
            c.update()
            .where(
                c.c.producer == cell.producer,
                c.c.hour == cell.hour,
                c.c.candidate.is_(candidate),
                c.c.mark == cell.mark,
            )
            .values(**values)
        ).rowcount
        if moved != 1:
            raise LostRaceError(cell.producer)


def raise_floor(tx: Transaction, one: Standing, seq: int, *, candidate: bool = False) -> None:
    """Say that nothing up to `seq` makes a cell of the producer due any more. Never lowered for the same logic."""
    f = tables.floors
    here = (f.c.producer == one.producer, f.c.candidate.is_(candidate))
    held = tx.execute(sa.select(f.c.fingerprint, f.c.seq).where(*here)).first()
    values = {"fingerprint": one.fingerprint, "seq": seq}
    if held is None:
        tx.execute(f.insert(), {"producer": one.producer, "candidate": candidate, **values})
    elif held.fingerprint != one.fingerprint or held.seq < seq:
        tx.execute(f.update().where(*here).values(**values))


def last_evaluated(tx: Transaction) -> dict[str, tuple[int, int]]:
    """Producer → (cells, when one of them was last evaluated, µs)."""
    c = tables.cells
    query = sa.select(c.c.producer, sa.func.count(), sa.func.max(c.c.evaluated)).where(c.c.candidate.is_(False))
    rows = tx.execute(query.group_by(c.c.producer).order_by(c.c.producer))
    return {row[0]: (row[1], row[2]) for row in map(tuple, rows)}


# ------------------------------------------------------------------------------------------------------ runs and ticks


def tick(tx: Transaction, now: int) -> int:
    """Record that detection ran; StoreError when the clock is behind the last time."""
    t = tables.ticks
    last = tx.execute(sa.select(t.c.number, t.c.at).order_by(t.c.number.desc()).limit(1)).first()
    if last is not None and now < last.at:
        raise StoreError(
            f"the clock is {(last.at - now) // 1_000_000} s behind the last run of detection; "
            "set it right, then start detection again (receiving goes on)"
        )
    number = 1 if last is None else last.number + 1
    tx.execute(t.insert(), {"number": number, "at": now})
    return number


def begin(tx: Transaction, *, now: int, seq: int) -> int:
    """Record a run that begins; its id."""
    answer = tx.execute(
        tables.runs.insert(), {"started": now, "ended": None, "seq": seq, "cells": 0, "alerts": 0, "error": ""}
    )
    key = answer.inserted_primary_key
    assert key is not None  # noqa: S101 - says what can not be otherwise
    return int(key[0])


def end(tx: Transaction, run: int, *, now: int, seq: int, cells: int, alerts: int, error: str = "") -> None:
    """Record how a run ended."""
    r = tables.runs
    tx.execute(r.update().where(r.c.id == run).values(ended=now, seq=seq, cells=cells, alerts=alerts, error=error))


def touch(tx: Transaction, kind: str, changed: Collection[tuple[str, int]], *, detail: Mapping[str, object]) -> int:
    """Take a seq for what detection changed, and touch these (tenant, hour) with the class `kind`."""
    seq = tx.seq("detect", detail=detail)
    tx.execute(
        tables.touches.insert(),
        [{"seq": seq, "class": kind, "tenant": tenant, "hour": hour} for tenant, hour in sorted(changed)],
    )
    return seq


def _chunks(values: Sequence[str] | Sequence[int]) -> Iterable[Sequence[str] | Sequence[int]]:
    return (values[i : i + _CHUNK] for i in range(0, len(values), _CHUNK))
