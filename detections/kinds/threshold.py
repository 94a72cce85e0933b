"""threshold: a sum of events or attempts in a sliding window reaches a limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from pydantic import Field

from detections import kinds
from detections.kinds import Kind
from detections.schema import Duration, Model


class Parameters(Model):
    """`measure` = "attempts" counts a denied TCP 5-tuple once in 30 s; "events" counts every event."""

    window: Duration
    at_least: int = Field(gt=0)
    measure: Literal["attempts", "events"] = "attempts"


def _columns(parameters: Model) -> Mapping[str, str]:
    parameters = cast(Parameters, parameters)
    return {"n": parameters.measure}


def _window(parameters: Model) -> int:
    parameters = cast(Parameters, parameters)
    return parameters.window


def marks(parameters: Model, table: str) -> str:
    """A sweep line: each row adds its weight at t and takes it away at t + w; the running sum is its window's."""
    parameters = cast(Parameters, parameters)
    w, n = parameters.window, parameters.at_least
    return f"""{kinds.candidates(w, "n", n, table)}
step AS (SELECT g, t, n AS d, id FROM candidate UNION ALL SELECT g, t + {w}, -n, NULL FROM candidate),
{kinds.running("sum(d) OVER so_far AS m")}{kinds.covered(w, f"m >= {n}")}"""


KIND = Kind("threshold", 1, Parameters, _columns, _window, windowed=True, marks=marks)
