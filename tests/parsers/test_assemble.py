"""Kinds of lines that are read apart come back in the order of the lines."""

from __future__ import annotations

import numpy as np
import polars as pl

from parsers._assemble import assembled, overlaid


def test_rows_come_back_in_their_places() -> None:
    odd = (np.array([1, 3]), pl.DataFrame({"name": ["b", "d"], "size": [2, 4]}))
    even = (np.array([0, 2]), pl.DataFrame({"name": ["a", "c"], "note": ["x", None]}))
    assert assembled([odd, even], 5).to_dict(as_series=False) == {
        "name": ["a", "b", "c", "d", None],
        "size": [None, 2, None, 4, None],
        "note": ["x", None, None, None, None],
    }


def test_a_column_that_nobody_fills_is_left_out() -> None:
    part = (np.array([0]), pl.DataFrame({"name": ["a"], "note": pl.Series([None], dtype=pl.String)}))
    assert assembled([part], 1).columns == ["name"]


def test_nothing_gives_rows_without_columns() -> None:
    assert assembled([], 3).height == 3


def test_what_is_laid_over_replaces_and_adds() -> None:
    below = pl.DataFrame({"name": ["a", "b", "c"], "size": [1, 2, 3]})
    above = pl.DataFrame({"name": ["B", None], "note": ["x", "y"]})
    rows = pl.Series([False, True, True])
    assert overlaid(below, rows, above).to_dict(as_series=False) == {
        "name": ["a", "B", None],
        "size": [1, 2, 3],
        "note": [None, "x", "y"],
    }
    assert overlaid(above, pl.Series([True, True]), pl.DataFrame({"note": ["p", "q"]}))["note"].to_list() == ["p", "q"]
