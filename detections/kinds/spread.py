"""spread: the number of different values in a sliding window reaches a limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from pydantic import Field

from detections import kinds
from detections.kinds import Kind
from detections.schema import Duration, Model


class Second(Model):
    """A second measure, for the same window."""

    column: str
    at_least: int = Field(gt=0)


class Parameters(Model):
    """Different values of `distinct` (several columns: different combinations), and perhaps of a second column."""

    window: Duration
    distinct: list[str] = Field(min_length=1, max_length=4)
    at_least: int = Field(gt=0)
    and_distinct: Second | None = None


def _columns(parameters: Model) -> Mapping[str, str]:
    parameters = cast(Parameters, parameters)
    texts = [f"CAST({text} AS VARCHAR)" for text in parameters.distinct]
    value = texts[0] if len(texts) == 1 else f"row({', '.join(texts)})"
    second = parameters.and_distinct
    return {"v": value} | ({"v2": f"CAST({second.column} AS VARCHAR)"} if second else {})


def _window(parameters: Model) -> int:
    parameters = cast(Parameters, parameters)
    return parameters.window


def marks(parameters: Model, table: str) -> str:
    """A sweep line: a value is present from an occurrence until w after its last one.

    +1 at t where its previous occurrence is w or more earlier, or missing; −1 at t + w where its next one is w or more
    later, or missing. The running sum is the number of values in the window that ends there.
    """
    parameters = cast(Parameters, parameters)
    w, n, second = parameters.window, parameters.at_least, parameters.and_distinct
    begins, ends = _begins("v", w), _ends("v", w)
    sums, fires = "sum(d) OVER so_far AS m", f"m >= {n}"
    begins2, ends2 = "0", "0"
    if second:
        begins2, ends2 = _begins("v2", w), _ends("v2", w)
        sums += ", sum(d2) OVER so_far AS m2"
        fires += f" AND m2 >= {second.at_least}"
    return f"""{kinds.candidates(w, "1", n, table)}
seen AS MATERIALIZED (SELECT id, g, t, {begins} AS b, {begins2} AS b2, {ends} AS e, {ends2} AS e2 FROM candidate),
step AS (SELECT id, g, t, b AS d, b2 AS d2 FROM seen
  UNION ALL SELECT NULL, g, t + {w}, -e, -e2 FROM seen WHERE e + e2 > 0),
{kinds.running(sums)}{kinds.covered(w, fires)}"""


def _begins(value: str, window: int) -> str:
    """SQL over a row: 1 where its value was not there a moment before, else 0."""
    before = f"lag(t) OVER (PARTITION BY g, {value} ORDER BY t)"
    return f"CAST({value} IS NOT NULL AND coalesce(t - {before} >= {window}, true) AS INTEGER)"


def _ends(value: str, window: int) -> str:
    """SQL over a row: 1 where its value is gone a window later, else 0."""
    after = f"lead(t) OVER (PARTITION BY g, {value} ORDER BY t)"
    return f"CAST({value} IS NOT NULL AND coalesce({after} - t >= {window}, true) AS INTEGER)"


KIND = Kind("spread", 1, Parameters, _columns, _window, windowed=True, marks=marks)
