"""The engine: finds what is due, reads a snapshot, evaluates it and nothing later, and brings alerts in line.

A run goes level by level: what rows say of other rows of their day or minute (hardware addresses of routers, lost log
lines), the rules, and last the accounting of denied rows, which reads what the rules found. Each level takes its own
snapshot. Within a level, JST days are worked on one after the other; the rows of some bodies and hours are read once,
and every rule runs on them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TypeVar

import pyarrow as pa

from core import time
from core.columns import EventClass
from detections import accounting, losses, macs, reconcile, rows
from detections.evaluate import Found, Key, evaluate, together
from detections.loading import Pack, Producer
from detections.parts import parts
from detections.references import References, versions
from store import Session, Snapshot, Store, Transaction, cases, ledger
from store.ledger import DueCell, Standing

LOOK_BACK_DAYS = 30
"""A new rule, or new logic of one, looks back so far unless told otherwise."""

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Told what is worked on, how many steps are done, and how many there are."""


@dataclass(slots=True)
class RunReport:
    """What a run did."""

    run: int = 0
    seq: int = 0
    cells: int = 0
    new: int = 0
    revised: int = 0
    retracted: int = 0
    lost: int = 0
    rows: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    """By rule; and `read`, `write`, `due` for what is shared."""

    @property
    def alerts(self) -> int:
        """Alerts that were made, revised or retracted."""
        return self.new + self.revised + self.retracted

    def took(self, what: str, since: float) -> None:
        """Add the time since an instant of `perf_counter`."""
        self.seconds[what] = self.seconds.get(what, 0.0) + perf_counter() - since


def run(
    store: Store, pack: Pack, *, only: Collection[str] | None = None, days: int | None = None, now: int | None = None,
    progress: Progress | None = None, accounts: bool = True,
) -> RunReport:  # fmt: skip
    """Do everything that is due.

    Args:
        store: The store.
        pack: Rules, classes and policy, from `detections.loading.load`. Rules that are registered but not in it rest.
        only: Only these rules (the accounting is left for the next full run).
        days: How far rules that are new look back; a store without any rule is looked at from its beginning.
        now: The instant (µs).
        progress: Told how far it is.
        accounts: Whether denied rows are counted too; False spares it where nobody will ask.

    Raises:
        StoreError: The clock is behind the last run, or the catalogue can't be used.
    """
    now = time.now_us() if now is None else now
    report = RunReport()
    with store.catalogue.write() as tx:
        ledger.tick(tx, now)
        _register(tx, pack, days=days, now=now, partly=only is not None)
        cases.watched_out(tx, now)
        report.run = ledger.begin(tx, now=now, seq=tx.newest())
    chosen = pack if only is None else pack.only(only)
    error = ""
    try:
        _level(store, report, {macs.PRODUCER, losses.PRODUCER}, lambda work: _below(work, report, now))
        counts = only is None and accounts
        classed = accounting.Classed()
        kept = classed if counts else None
        _level(store, report, set(chosen.producers), lambda work: _rules(work, chosen, report, kept, now, progress))
        if counts:
            _level(store, report, {accounting.PRODUCER}, lambda work: _accounting(work, pack, report, classed, now))
    except BaseException as e:
        error = f"{type(e).__name__}: {e}"
        raise
    finally:
        with store.catalogue.write() as tx:
            ledger.end(
                tx, report.run, now=max(now, time.now_us()), seq=report.seq, cells=report.cells, alerts=report.alerts,
                error=error,
            )  # fmt: skip
    return report


# ---------------------------------------------------------------------------------------------------------- producers


def reach_of(producer: Producer) -> tuple[int, int]:
    """How many hours before and after its own a cell of a rule reads."""
    return rows.margins({name: reading.rule.window for name, reading in producer.readings.items()})


def _register(tx: Transaction, pack: Pack, *, days: int | None, now: int, partly: bool) -> None:
    """Put new rules and new logic in force, and those that are gone to rest."""
    known = ledger.standing(tx)
    first_ever = not known
    newest = tx.newest()
    look_back = LOOK_BACK_DAYS if days is None else days
    from_hour = (
        0 if first_ever and days is None else time.hour_of(time.day_start(time.day_of(now)) - look_back * time.DAY_US)
    )
    wanted = [
        (Standing(i, p.fingerprint, newest, from_hour, p.reads, *reach_of(p), 1), p.text)
        for i, p in pack.producers.items()
    ]
    wanted += [macs.standing(newest, from_hour), losses.standing(newest, from_hour)]
    wanted.append(accounting.standing(pack, newest, from_hour))
    for one, text in wanted:
        if one.producer not in known or known[one.producer].fingerprint != one.fingerprint:
            ledger.register(tx, one, text=text, now=now)
    if not partly:
        ledger.retire(tx, set(known) - {one.producer for one, _ in wanted})


# ------------------------------------------------------------------------------------------------------------- levels


@dataclass(slots=True)
class Work:
    """One level of a run: its snapshot and what is due."""

    store: Store
    snapshot: Snapshot
    references: References
    standing: Mapping[str, Standing]
    due: Sequence[DueCell]
    session: Session
    sharing: macs.Sharing
    lost: set[str] = field(default_factory=set)


def _level(store: Store, report: RunReport, producers: Collection[str], act: Callable[[Work], None]) -> None:
    with store.snapshot() as snapshot:
        began = perf_counter()
        with store.catalogue.read() as tx:
            standing = {i: s for i, s in ledger.standing(tx).items() if i in producers}
            due = ledger.due(tx, up_to=snapshot.seq, producers=producers)
        report.took("due", began)
        report.seq = snapshot.seq
        lost: set[str] = set()
        if due:
            with snapshot.session() as session:
                act(Work(store, snapshot, References(snapshot), standing, due, session, macs.Sharing(store), lost))
        report.lost += len(lost)
        with store.catalogue.write() as tx:
            for one in standing.values():
                if one.producer not in lost:
                    ledger.raise_floor(tx, one, snapshot.seq)


def _rules(
    work: Work, pack: Pack, report: RunReport, classed: accounting.Classed | None, now: int, progress: Progress | None
) -> None:
    days: dict[str, list[DueCell]] = {}
    for cell in work.due:
        days.setdefault(time.day_of_hour(cell.hour).isoformat(), []).append(cell)
    for number, (day, cells) in enumerate(sorted(days.items())):
        if progress:
            progress(day, number, len(days))
        found: dict[str, dict[Key, Found]] = {}
        by_class: dict[str, list[DueCell]] = {}
        for cell in cells:
            for event_class in pack.producers[cell.producer].readings:
                by_class.setdefault(event_class, []).append(cell)
        for event_class, mine in sorted(by_class.items()):
            _evaluate(work, EventClass(event_class), mine, pack, report, found, classed)
        began = perf_counter()
        for rule in sorted({cell.producer for cell in cells}):
            mine = [cell for cell in cells if cell.producer == rule]
            reads = pack.producers[rule].reads
            job = reconcile.Work(
                pack.rules[rule], work.standing[rule], mine, found.get(rule, {}), work.snapshot.seq,
                versions(work.snapshot.seq, reads),
            )  # fmt: skip
            outcome = reconcile.apply(work.store, job, now=now)
            report.cells += outcome.cells
            report.new += outcome.new
            report.revised += outcome.revised
            report.retracted += outcome.retracted
            if outcome.lost:
                work.lost.add(rule)
        report.took("write", began)
    if progress:
        progress("", len(days), len(days))


def _evaluate(
    work: Work, event_class: EventClass, cells: Sequence[DueCell], pack: Pack, report: RunReport,
    found: dict[str, dict[Key, Found]], classed: accounting.Classed | None,
) -> None:  # fmt: skip
    """Read the rows around these cells, part by part, and run on each what is due of every rule."""
    readings = {cell.producer: pack.producers[cell.producer].readings[event_class] for cell in cells}
    before, after = rows.margins({i: reading.rule.window for i, reading in readings.items()})
    columns = frozenset[str]().union(*(reading.columns for reading in readings.values()))
    named = frozenset[str]().union(*(reading.named for reading in readings.values()))
    wanted: dict[str, set[int]] = {}
    for cell in cells:
        for tenant in cell.tenants:
            wanted.setdefault(tenant, set()).add(cell.hour)
    for part, due in parts(work.session, event_class, wanted, before, after):
        began = perf_counter()
        shared = work.sharing.of(part)
        lost = losses.of(work.store, part)
        count = rows.materialise(work.session, part, columns, pack, work.references, shared, named, lost)
        report.rows += count
        if classed is not None and count and event_class is EventClass.NETWORK and "noise" in named:
            classed.keep(work.session, work.snapshot.seq, due)
        report.took("read", began)
        if not count:
            continue
        for rule, reading in sorted(readings.items()):
            pairs = [(t, c.hour) for c in cells if c.producer == rule for t in c.tenants if (t, c.hour) in due]
            if not pairs:
                continue
            began = perf_counter()
            asked = pa.table({"tenant": [t for t, _ in pairs], "hour": pa.array([h for _, h in pairs], pa.int64())})
            mine = found.setdefault(rule, {})
            for key, one in evaluate(work.session, reading.rule, asked).items():
                mine[key] = together(mine[key], one) if key in mine else one
            report.took(rule, began)


# -------------------------------------------------------------------------------------------------- the other levels


def _below(work: Work, report: RunReport, now: int) -> None:
    _hours(work, report, now, macs.PRODUCER, macs.read, macs.write)
    _hours(work, report, now, losses.PRODUCER, losses.read, losses.write)


def _hours(
    work: Work, report: RunReport, now: int, producer: str, read: Callable[[Session, Sequence[DueCell]], T],
    write: Callable[[Transaction, Sequence[DueCell], T], None],
) -> None:  # fmt: skip
    """Read what is due of a producer below the rules, day by day, and write what it says."""
    began = perf_counter()
    days: dict[str, list[DueCell]] = {}
    for cell in work.due:
        if cell.producer == producer:
            days.setdefault(time.day_of_hour(cell.hour).isoformat(), []).append(cell)
    for _, cells in sorted(days.items()):
        found = read(work.session, cells)
        try:
            with work.store.catalogue.write() as tx:
                write(tx, cells, found)
                ledger.move(
                    tx, cells, mark=work.snapshot.seq, fingerprint=work.standing[producer].fingerprint, versions={},
                    now=now,
                )  # fmt: skip
        except ledger.LostRaceError:
            work.lost.add(producer)
            continue
        report.cells += len(cells)
    report.took(producer, began)


def _accounting(work: Work, pack: Pack, report: RunReport, classed: accounting.Classed, now: int) -> None:
    began = perf_counter()
    done = 0
    by_day: dict[str, list[DueCell]] = {}
    for cell in work.due:
        by_day.setdefault(time.day_of_hour(cell.hour).isoformat(), []).append(cell)
    for _, cells in sorted(by_day.items()):
        done += accounting.run(
            work.store, work.session, work.snapshot.seq, work.standing[accounting.PRODUCER], cells, pack,
            work.references, work.sharing, classed, now=now,
        )  # fmt: skip
    report.cells += done
    if done < len(work.due):
        work.lost.add(accounting.PRODUCER)
    report.took(accounting.PRODUCER, began)
