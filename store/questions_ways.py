"""The way to a page of alerts: by the narrowest condition where there is a narrow one, else along an ordered index.

Over a million alerts the wrong index costs seconds. So each condition that has an index is asked how many rows it
leaves, and told to stop counting at NARROW: some milliseconds. The narrowest finds the rows, and these are sorted.
Where none is narrow, a page is soon found along the order itself, or along it within one rule, body or severity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from store.catalogue import Transaction
from store.questions_terms import SEVERITIES, beside, rank, rows
from store.tables import alerts as table

NARROW = 5_000
"""Rows that are read and sorted in some 15 ms."""

COUNTED = 50_000
"""Rows that are sooner read one by one than counted in the index of totals."""

_IN_TOTALS = frozenset({"candidate", "state", "tenant", "rule", "severity", "verdict", "both", "days"})
"""Conditions that the index of totals holds the columns of."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as an index may serve it (None: none does), and as one that stands beside another's index."""

    indexed: sa.ColumnElement[bool] | None
    beside: sa.ColumnElement[bool]
    within: bool = False
    """Whether its index goes on by last_seen."""
    narrow: bool = True
    """Whether it is worth asking how few rows it leaves."""
    implied: bool = False
    """Whether the others say the same exactly, so that a count can do without it."""


@dataclass(frozen=True, slots=True)
class Order:
    """How a page is sorted: by a time and id, before that by severity if so asked."""

    column: str
    down: bool
    severity: bool = False

    @property
    def types(self) -> tuple[type[int] | type[str], ...]:
        """Types of the values of a key."""
        return (int, int, str) if self.severity else (int, str)

    def key(self, row: sa.RowMapping) -> list[int | str]:
        """The key of a row, for a cursor."""
        time = [row[self.column], row["id"]]
        return [SEVERITIES.index(row["severity"]), *time] if self.severity else time

    def after(self, key: Sequence[int | str], *, indexed: bool) -> list[sa.ColumnElement[bool]]:
        """What comes after a key of (time, id)."""
        column = table.c[self.column] if indexed else beside(table.c[self.column])
        here = sa.tuple_(column, table.c.id)
        there = sa.tuple_(sa.literal(key[0], sa.BigInteger), sa.literal(key[1], sa.String))
        # Said once more of the time alone: SQLite searches its index by that, not by the pair.
        return [here < there, column <= key[0]] if self.down else [here > there, column >= key[0]]

    def by(self, *, indexed: bool) -> list[sa.ColumnElement[int]]:
        """What the rows are sorted by."""
        column, name = (
            (table.c[self.column], table.c.id) if indexed else (beside(table.c[self.column]), beside(table.c.id))
        )
        return [column.desc(), name.desc()] if self.down else [column, name]


def page(
    tx: Transaction, conditions: Mapping[str, Condition], order: Order, key: Sequence[int | str] | None, limit: int
) -> list[sa.RowMapping]:
    """The first `limit` rows after a key, in their order.

    Args:
        tx: The snapshot.
        conditions: Name → condition; all hold. `time` bounds last_seen.
        order: How they are sorted.
        key: Where the page before ended.
        limit: How many.
    """
    narrowest = _narrowest(tx, conditions)
    if narrowest is not None:
        return _sorted(tx, conditions, narrowest, order, key, limit)
    if not order.severity:
        return _along(tx, conditions, order, key, limit)
    found: list[sa.RowMapping] = []
    for place, word in enumerate(SEVERITIES):
        if key is None or place >= int(key[0]):
            one = Condition(table.c.severity == word, beside(table.c.severity) == word, within=True)
            here = key[1:] if key is not None and place == key[0] else None
            found += _along(tx, {"one": one, **conditions}, order, here, limit - len(found))
            if len(found) == limit:
                break
    return found


def count(tx: Transaction, conditions: Mapping[str, Condition]) -> int:
    """The exact number of rows."""
    serving = _narrowest(tx, conditions)
    exact = {name: condition for name, condition in conditions.items() if not condition.implied}
    if serving is None and _IN_TOTALS.issuperset(exact):
        time = conditions["time"].indexed if "time" in conditions else None
        if time is not None and _left(tx, time, COUNTED) <= COUNTED:
            serving = "time"
        else:
            conditions = exact
    elif serving is None:
        serving = next((name for name in ("case", "entity", "time") if name in conditions), "case_status")
    totals = {"candidate", "state", "tenant"} if serving is None else {serving}
    terms = [c.indexed if name in totals and c.indexed is not None else c.beside for name, c in conditions.items()]
    return int(tx.execute(sa.select(sa.func.count()).select_from(table).where(*terms)).scalar_one())


def _left(tx: Transaction, condition: sa.ColumnElement[bool], enough: int) -> int:
    """How many rows a condition leaves, counted until they are more than enough."""
    some = sa.select(sa.literal(1)).select_from(table).where(condition).limit(enough + 1).subquery()
    return int(tx.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def _narrowest(tx: Transaction, conditions: Mapping[str, Condition]) -> str | None:
    best, fewest = None, NARROW + 1
    for name, condition in conditions.items():
        if (
            condition.indexed is not None
            and condition.narrow
            and (left := _left(tx, condition.indexed, NARROW)) < fewest
        ):
            best, fewest = name, left
            if fewest == 0:
                break
    return best


def _sorted(
    tx: Transaction,
    conditions: Mapping[str, Condition],
    narrowest: str,
    order: Order,
    key: Sequence[int | str] | None,
    limit: int,
) -> list[sa.RowMapping]:
    """Find all rows of the narrowest condition, and sort those that the others leave."""
    terms = [c.indexed if name == narrowest and c.indexed is not None else c.beside for name, c in conditions.items()]
    by: list[sa.ColumnElement[int]] = order.by(indexed=False)
    grave = rank(beside(table.c.severity))
    if order.severity:
        by = [grave, *by]
    if key is not None and order.severity:
        later = sa.and_(*order.after(key[1:], indexed=False))
        terms.append(sa.or_(grave > key[0], sa.and_(grave == key[0], later)))
    elif key is not None:
        terms += order.after(key, indexed=False)
    return _fetched(tx, sa.select(table.c.id).where(*terms).order_by(*by).limit(limit))


def _along(
    tx: Transaction, conditions: Mapping[str, Condition], order: Order, key: Sequence[int | str] | None, limit: int
) -> list[sa.RowMapping]:
    """Walk an ordered index until the page is full."""
    within = None
    if order.column == "last_seen":
        within = next((name for name, c in conditions.items() if c.within and c.indexed is not None), None)
    served = {within, "time"} if order.column == "last_seen" else set()
    terms = [c.indexed if name in served and c.indexed is not None else c.beside for name, c in conditions.items()]
    if key is not None:
        terms += order.after(key, indexed=True)
    return _fetched(tx, sa.select(table.c.id).where(*terms).order_by(*order.by(indexed=True)).limit(limit))


def _fetched(tx: Transaction, statement: sa.Select[tuple[str]]) -> list[sa.RowMapping]:
    ids = list(tx.execute(statement).scalars())
    found = {row["id"]: row for row in rows(tx, sa.select(table).where(table.c.id.in_(ids)))} if ids else {}
    return [found[one] for one in ids]
