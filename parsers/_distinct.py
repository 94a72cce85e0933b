"""What is worked out once for each distinct value of a column instead of once for each row."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl


def distinct_of(series: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The distinct values of a text column, and for each row which one it is (null where the row is null)."""
    # As views: these are neither copied nor moved, which is a third of the time.
    encoded = series.rechunk().to_arrow(compat_level=pl.CompatLevel.newest()).dictionary_encode()
    return pl.Series(encoded.dictionary, dtype=pl.String), pl.Series(encoded.indices, dtype=pl.UInt32)


def by_distinct(series: pl.Series, convert: Callable[[str], str | None]) -> pl.Series:
    """Applies a function to each distinct value: for conversions that have no column form."""
    distinct, index = distinct_of(series)
    return pl.Series(series.name, [convert(value) for value in distinct.to_list()], dtype=pl.String).gather(index)


def per_distinct(series: pl.Series, **fields: pl.Expr) -> pl.DataFrame:
    """Expressions over `pl.col("value")`, worked out once for each distinct value; null where the row is null.

    Each has to look at the value: a literal alone has no row to stand in where all values are null.
    """
    distinct, index = distinct_of(series)
    found = pl.DataFrame({"value": distinct}).select(pl.col("value"), **fields).drop("value")
    return found.select(pl.all().gather(index))
