"""The measure of `hinomi bench parse`: a plain Python loop over the same lines, as one would write it.

It writes what Hinomi writes: on the bench's lines the rows of a format have the same class and the same columns with
the same values in the same types (`tests/cli/test_bench_loop.py` compares them). A line costs one compiled expression
(`findall` for key=value, a second one for Squid's URL and Postfix's blocklist), one split, or the JSON decoder; times
and addresses are read by the standard library. Rows are held as one list of values a class, whose slices are the
columns; every 100,000 rows they go to Arrow and Parquet (zstd 1) by way of polars, and what is the same in every row is
set there, once.

The same loop is run a second time with a memory for times, addresses and results that come again (`remembered`): that
is what it comes to once it is tuned, on lines of few thousand addresses.

What it does not do: it knows only the forms of line that the bench writes, refuses without a reason, and assumes that
the text of good lines is clean UTF-8 which ends with a line feed.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl

from cli import _bench_loop_firewalls as firewalls
from cli import _bench_loop_servers as servers
from cli._bench_loop_values import Reader, Table
from core.columns import polars_schema

ROWS = 100_000
READERS: Mapping[str, tuple[Reader, Mapping[str, Table]]] = {**servers.READERS, **firewalls.READERS}
"""Format → what reads a line of it, and the columns of each class."""
_PLACE = ("line", "offset", "length")
_REFUSED = (ValueError, LookupError)
"""What readers raise on what is no number, no field of the format, no address."""


def read(format: str, path: Path, out: Path) -> tuple[int, int]:
    """Read a file into Parquet files in `out`, `class-number.parquet`; lines and good lines."""
    reader, tables = READERS[format]
    # The values of all rows in one list: n::width is a column, and the collector has no tuples to look at.
    held: dict[str, list[Any]] = {event_class: [] for event_class in tables}
    full = {event_class: ROWS * (1 + len(table.columns) + len(_PLACE)) for event_class, table in tables.items()}
    numbers, good = count(), 0
    number = offset = 0

    def flush(event_class: str) -> int:
        values, held[event_class] = held[event_class], []
        return _write(event_class, tables[event_class], values, out / f"{event_class}-{next(numbers)}.parquet")

    with path.open("rb") as f:
        for number, line in enumerate(f, 1):
            size = len(line)
            try:
                row = reader(line.decode("utf-8", "replace"))
            except _REFUSED:
                row = None
            if row is not None:
                values = held[row[0]]
                values += row
                values += number, offset, size - 1
                if len(values) >= full[row[0]]:
                    good += flush(row[0])
            offset += size
    return number, good + sum(flush(event_class) for event_class in tables if held[event_class])


def _write(event_class: str, table: Table, values: list[Any], path: Path) -> int:
    types = polars_schema(event_class)
    names = ("class", *table.columns, *_PLACE)
    columns = [pl.Series(name, values[n :: len(names)], types[name]) for n, name in enumerate(names) if n]
    made = pl.DataFrame(columns).with_columns(
        *(pl.lit(value, types[name]).alias(name) for name, value in table.constants.items()),
        *(pl.col(other).alias(name) for name, other in table.same.items()),
    )
    made.write_parquet(path, compression="zstd", compression_level=1)
    return made.height
