"""Registers in the catalogue: an import is an act with a seq, and touches the hours whose answers may differ."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from core import time
from core.columns import EventClass
from core.errors import RegisterError
from core.registers import FOREVER, KINDS, Entry
from core.zones import Network, ZoneTable
from store import tables
from store.catalogue import Catalogue, Transaction

_SAME = ("tenant", "key", "valid_from")


def entries(tx: Transaction, kind: str, *, tenant: str | None = None, as_of_seq: int | None = None) -> list[Entry]:
    """The entries of a kind that no later import has replaced; see Store.entries."""
    r = tables.register
    query = sa.select(r).where(r.c.kind == kind)
    if as_of_seq is None:
        query = query.where(r.c.replaced.is_(None))
    else:
        query = query.where(r.c.seq <= as_of_seq, sa.or_(r.c.replaced.is_(None), r.c.replaced > as_of_seq))
    if tenant is not None:
        query = query.where(r.c.tenant == tenant)
    rows = tx.execute(query.order_by(r.c.tenant, r.c.key, r.c.valid_from))
    return [_entry(row._mapping) for row in rows]


def newest(tx: Transaction, kinds: Collection[str]) -> int:
    """The newest seq of an import of these kinds; 0 where there was none."""
    r = tables.register
    return int(tx.execute(sa.select(sa.func.max(r.c.seq)).where(r.c.kind.in_(sorted(kinds)))).scalar() or 0)


def _entry(row: Any) -> Entry:
    names = ("kind", "tenant", "key", "valid_from", "valid_to", "approver", "second_approver", "document")
    return Entry(values=json.loads(row["values"]), **{n: row[n] for n in names})


def register(catalogue: Catalogue, kind: str, new: Sequence[Entry], *, actor: str) -> int | None:
    """Import entries as one act; see Store.register."""
    _check(kind, new)
    with catalogue.write() as tx:
        tx.lock()
        known = {tuple(getattr(e, n) for n in _SAME): e for e in entries(tx, kind)}
        changed = [e for e in new if known.get(tuple(getattr(e, n) for n in _SAME)) != e]
        if not changed:
            return None
        seq = tx.seq("register", actor=actor, detail={"kind": kind, "entries": len(changed)})
        replaced = [known[k] for e in changed if (k := tuple(getattr(e, n) for n in _SAME)) in known]
        r = tables.register
        if replaced:
            tx.execute(
                r.update()
                .where(
                    r.c.kind == kind, r.c.replaced.is_(None), r.c.tenant == sa.bindparam("t"),
                    r.c.key == sa.bindparam("k"), r.c.valid_from == sa.bindparam("f"),
                )
                .values(replaced=seq),
                [{"t": e.tenant, "k": e.key, "f": e.valid_from} for e in replaced],
            )  # fmt: skip
        at = time.now_us()
        tx.execute(
            r.insert(),
            [
                {"seq": seq, "number": number, "kind": kind, "tenant": e.tenant, "key": e.key,
                 "values": e.canonical(), "valid_from": e.valid_from, "valid_to": e.valid_to, "recorded": at,
                 "approver": e.approver, "second_approver": e.second_approver, "document": e.document}
                for number, e in enumerate(changed)
            ],
        )  # fmt: skip
        if kind == "zones":
            # After the import, over all of it: an overlap is an error of the whole, and undoes it.
            ZoneTable(Network(e.tenant, e.key, e.values["zone"], e.valid_from, e.valid_to) for e in entries(tx, kind))
        _touch(tx, seq, kind, [*changed, *replaced])
        return seq


def _check(kind: str, new: Sequence[Entry]) -> None:
    if kind not in KINDS:
        raise RegisterError(f"register {kind!r} is none of {', '.join(KINDS)}")
    seen: dict[tuple[Any, ...], Entry] = {}
    for entry in new:
        if entry.kind != kind:
            raise RegisterError(f"{entry.kind} {entry.key}: an entry of another register than {kind}")
        other = seen.setdefault(tuple(getattr(entry, n) for n in _SAME), entry)
        if other != entry:
            raise RegisterError(
                f"{kind} of {entry.tenant or 'all'}: {entry.key} stands twice in this import, with different values "
                f"from the same time"
            )


def _touch(tx: Transaction, seq: int, kind: str, changed: Iterable[Entry]) -> None:
    """Touch, for each body, the hours that have events and lie in the span of an entry that came or went."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for e in changed:
        # A feed belongs to no one body: its bodies may be all of them.
        owner = "" if kind == "sources" else e.tenant
        # A 特定通信 that has run out still answers: "expired".
        until = FOREVER if kind == "flows" else e.valid_to
        spans.setdefault(owner, []).append((time.hour_of(e.valid_from), time.hour_of(until - 1)))
    t = tables.touches
    for tenant, given in spans.items():
        for first, last in _joined(given):
            hours = (
                sa.select(sa.literal(seq), sa.literal(kind), t.c.tenant, t.c.hour)
                .where(t.c["class"].in_([str(c) for c in EventClass]), t.c.hour >= first, t.c.hour <= last)
                .distinct()
            )
            if tenant:
                hours = hours.where(t.c.tenant == tenant)
            tx.execute(t.insert().from_select(["seq", "class", "tenant", "hour"], hours))


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of hours (both ends included) joined where they meet, so that no hour comes twice."""
    out: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(last, out[-1][1]))
        else:
            out.append((first, last))
    return out
