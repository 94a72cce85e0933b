"""match: every row that the rule selects fires, and is its own evidence."""

from __future__ import annotations

from collections.abc import Mapping

from detections.kinds import Kind
from detections.schema import Model


class Parameters(Model):
    """Nothing besides `where`."""


def _columns(parameters: Model) -> Mapping[str, str]:
    return {}


def _window(parameters: Model) -> int:
    return 0


def marks(parameters: Model, table: str) -> str:
    """Rows in, the same rows out."""
    return f"SELECT id, g, t, true AS fires, 1 AS measure FROM {table}"


KIND = Kind("match", 1, Parameters, _columns, _window, windowed=False, marks=marks)
