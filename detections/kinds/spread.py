"""spread: the number of different values in a sliding window reaches a limit."""

# ruff: noqa: E501 - SQL and tables read better unbroken

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
    seen, steps = [_seen("v", 1)], [_steps(w, 1)]
    sums, fires = "sum(d) OVER so_far AS m", f"m >= {n}"
    if second:
        seen.append(_seen("v2", 2))
        steps.append(_steps(w, 2))
        sums += ", sum(d2) OVER so_far AS m2"
        fires += f" AND m2 >= {second.at_least}"
    return f"""{kinds.candidates(w, "1", n, table)}{"".join(seen)}
step AS (SELECT g, t, 0 AS d, 0 AS d2, id FROM candidate UNION ALL {" UNION ALL ".join(steps)}),
{kinds.running(sums)}{kinds.covered(w, fires)}"""


def _seen(value: str, measure: int) -> str:
    return f"""
seen{measure} AS MATERIALIZED (SELECT g, t, lag(t) OVER same AS before, lead(t) OVER same AS after FROM candidate
  WHERE {value} IS NOT NULL WINDOW same AS (PARTITION BY g, {value} ORDER BY t)),"""


def _steps(window: int, measure: int) -> str:
    plus, minus = ("1, 0", "-1, 0") if measure == 1 else ("0, 1", "0, -1")
    return (
        f"SELECT g, t, {plus}, NULL FROM seen{measure} WHERE before IS NULL OR t - before >= {window}"
        f" UNION ALL SELECT g, t + {window}, {minus}, NULL FROM seen{measure} WHERE after IS NULL OR after - t >= {window}"
    )


KIND = Kind("spread", 1, Parameters, _columns, _window, windowed=True, marks=marks)
