"""Lines of several kinds, each read by its own expression, put back into one frame in their order.

For formats whose kinds share few columns: a kind is read from its own rows only, and a column costs one gather.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl


def assembled(parts: Sequence[tuple[pl.Series, pl.DataFrame]], height: int) -> pl.DataFrame:
    """One frame of `height` rows from parts: the places of a part's rows, and its columns; null where nothing is said.

    No two parts have a place in common. A column that is null in all rows of a part says nothing there.
    """
    columns: dict[str, list[tuple[pl.Series, pl.Series]]] = {}
    for places, found in parts:
        for values in found:
            if values.null_count() < len(values):
                columns.setdefault(values.name, []).append((places, values))
    made = []
    for name, pieces in columns.items():
        count = sum(len(values) for _, values in pieces)
        where = np.full(height, count, np.uint32)
        where[np.concatenate([places.to_numpy() for places, _ in pieces])] = np.arange(count, dtype=np.uint32)
        nothing = pl.Series([None], dtype=pieces[0][1].dtype)
        values = pl.concat([*(values for _, values in pieces), nothing], rechunk=True)
        made.append(values.gather(pl.Series(where)).alias(name))
    return pl.DataFrame(made) if made else pl.DataFrame(height=height)


def overlaid(made: pl.DataFrame, rows: pl.Series, found: pl.DataFrame) -> pl.DataFrame:
    """`made` with the columns of `found` put over it; `found` has one row for every true one of `rows`."""
    if rows.all():
        return made.with_columns(found)
    places = pl.select(pl.when(rows).then(rows.cum_sum() - 1)).to_series()
    columns = []
    for values in found:
        spread = values.gather(places)
        columns.append(spread.zip_with(rows, made[values.name]) if values.name in made.columns else spread)
    return made.with_columns(columns)
