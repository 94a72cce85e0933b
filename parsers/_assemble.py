"""Lines of several kinds, each read by its own expression, put back into one frame in their order.

For formats whose kinds share few columns: a kind is read from its own rows only, and a column costs one gather.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa

from parsers._lines import Ints
from parsers._views import no_values


def assembled(parts: Sequence[tuple[Ints, pl.DataFrame]], height: int) -> pl.DataFrame:
    """One frame of `height` rows from parts: the places of a part's rows, and its columns; null where nothing is said.

    No two parts have a place in common. A column that is null in all rows of a part says nothing there.
    """
    speakers: dict[str, list[int]] = {}
    for number, (_, found) in enumerate(parts):
        for values in found:
            if values.null_count() < len(values):
                speakers.setdefault(values.name, []).append(number)
    order: dict[tuple[int, ...], pl.Series] = {}
    made = []
    for name, numbers in speakers.items():
        pieces = [parts[number][1][name] for number in numbers]
        where = order.get(tuple(numbers))
        if where is None:
            where = order[tuple(numbers)] = _order([parts[number][0] for number in numbers], height)
        values = pieces[0] if len(pieces) == 1 else pl.concat(pieces, rechunk=True)
        made.append(values.gather(where).alias(name))
    return pl.DataFrame(made) if made else pl.DataFrame(height=height)


def _order(places: list[Ints], height: int) -> pl.Series:
    """For each row, which value of the parts laid end to end it takes; null where none speaks of it."""
    count = sum(map(len, places))
    where = np.full(height, count, np.uint32)
    where[np.concatenate(places)] = np.arange(count, dtype=np.uint32)
    mask = None if count == height else pa.py_buffer(np.packbits(where < count, bitorder="little"))
    return pl.Series(pa.Array.from_buffers(pa.uint32(), height, [mask, pa.py_buffer(where)]))


def overlaid(made: pl.DataFrame, rows: pl.Series, found: pl.DataFrame) -> pl.DataFrame:
    """`made` with the columns of `found` put over it; `found` has one row for every true one of `rows`, in order.

    A column that only `found` has is null elsewhere. Costs a copy of each column that changes.
    """
    if rows.all():
        return made.with_columns(found)
    places = rows.arg_true()
    changed = []
    for values in found:
        if values.name in made.columns:
            base = made[values.name].clone()  # scatter changes the column itself
        else:
            base = no_values(made.height, values.dtype).alias(values.name)
        changed.append(base.scatter(places, values))
    return made.with_columns(changed)
