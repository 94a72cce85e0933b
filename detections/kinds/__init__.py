"""Kinds of rules: each holds its SQL once, with exact semantics. A module here is a kind, and is discovered.

A kind answers one question about rows that a rule has selected: which of them fire, and which are evidence. It sees
a table (id, g = number of body and entity, t in µs, its own columns) and gives rows (id, g, t, fires, measure) for
every row that is evidence, that is: covered by a window that fires. Facts are made of that in one place,
`detections.evaluate`.

A window is half-open, (t − w, t], on integer microseconds; rows with the same time share one window. A row *fires*
when the window that ends in it reaches the limit; it is *evidence* when a window that fires holds it, so evidence
looks forward by w. `measure` is the value of the window that ends in the row (0 where it does not fire).
"""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from detections.schema import Model

FRAME = "RANGE"
"""RANGE: rows of one time share one window. With ROWS the answer would depend on the order of ties."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rule."""

    name: str
    version: int
    """Raised when the same rule gives other answers: cells are then evaluated anew."""
    parameters: type[Model]
    """Its keys in a layer, apart from name, kind and where."""
    columns: Callable[[Model], Mapping[str, str]]
    """Its own columns of `hit`: name → SQL over the row."""
    window: Callable[[Model], int]
    """Width of its window in µs; what is further apart is another episode."""
    windowed: bool
    """Whether evidence looks around itself: margins of 2w before and w after."""
    marks: Callable[[Model, str], str]
    """SQL that yields (id, g, t, fires, measure), one row for each row of evidence in the table that is named."""
    unsuited: Callable[[Model], str] = lambda parameters: ""


def running(measures: str) -> str:
    """SQL of the middle of a windowed kind: of table `step` (id, g, t, and what is added at t) the sums so far, as `own`.

    What is added comes to nothing over each g, so that the sum may run over all of them: parted by g it takes DuckDB
    ten times as long.
    """
    return f"""
own AS (SELECT * FROM (SELECT g, t, id, {measures} FROM step
    WINDOW so_far AS (ORDER BY g, t {FRAME} BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))
  WHERE id IS NOT NULL),"""


def covered(window: int, fires: str) -> str:
    """The end of a windowed kind's SQL: of table `own` (id, g, t, m) the rows that a firing window holds.

    A row is evidence when the next row that fires, itself included, stands less than a window after it.
    """
    return f"""
looked AS (SELECT id, g, t, m, {fires} AS fires,
  first_value(CASE WHEN {fires} THEN t END IGNORE NULLS) OVER
    (PARTITION BY g ORDER BY t {FRAME} BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS firing
  FROM own)
SELECT id, g, t, fires, CASE WHEN fires THEN CAST(m AS BIGINT) ELSE 0 END AS measure FROM looked
WHERE firing - t < {window}"""


def candidates(window: int, weight: str, limit: int, table: str) -> str:
    """The beginning of a windowed kind's SQL: table `candidate`, the rows that can stand in a window that fires.

    Exact: a window touches two bins of its own width, so one of its pairs of bins has to reach the limit.
    """
    return f"""
WITH bins AS (SELECT g, t // {window} AS bin, sum({weight}) AS n FROM {table} GROUP BY ALL),
ends AS (SELECT g, bin FROM (SELECT g, bin, n FROM bins UNION ALL SELECT g, bin + 1, n FROM bins)
  GROUP BY ALL HAVING sum(n) >= {limit}),
near AS (SELECT g, bin FROM ends UNION SELECT g, bin - 1 FROM ends),
candidate AS MATERIALIZED (SELECT h.* FROM (SELECT *, t // {window} AS bin FROM {table}) h JOIN near USING (g, bin)),"""


@cache
def kinds() -> dict[str, Kind]:
    """The kinds by name."""
    import detections.kinds as package

    names = sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_"))
    found: dict[str, Kind] = {name: importlib.import_module(f"detections.kinds.{name}").KIND for name in names}
    assert all(name == kind.name for name, kind in found.items())  # noqa: S101 - says what can not be otherwise
    return found
