"""Frames of some rows put back into a frame of all rows."""

from __future__ import annotations

import polars as pl


def put(made: pl.DataFrame, which: pl.Series, part: pl.DataFrame) -> pl.DataFrame:
    """`made` with the rows where `which` is true taken from `part` (one row for each, in order), in all of its columns.

    A column that only `part` has is null elsewhere. For few rows among many: costs a copy of each column that changes.
    """
    rows = which.arg_true()
    changed = []
    for values in part:
        if values.name in made.columns:
            base = made[values.name].clone()
        elif values.null_count() == len(values):
            continue
        else:
            base = pl.Series(values.name, [None], dtype=values.dtype).new_from_index(0, made.height)
        changed.append(base.scatter(rows, values))
    return made.with_columns(changed)
