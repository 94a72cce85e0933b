"""Times that can't be true, and batches that reach over too many days."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from core.columns import EventClass
from store.segment_files import jst_day

MOST_DAYS = 64
"""JST days that one batch may write: a clock that runs wild must not make a file for every day of a century."""
TOO_MANY_DAYS = f"its day would be more than the {MOST_DAYS} days that one batch may write"


def plausible(rows: pl.DataFrame, *, retention_days: int) -> pl.DataFrame:
    """Give rows the received time where their own can't be true.

    That is before the received time by more than the retention, or after it by more than 24 hours: `device_time` keeps
    what the device said, `time_quality` says implausible. A row without a time takes the received time, too.

    Args:
        rows: With received_time, never empty.
        retention_days: Days that lines are kept.
    """
    if "event_time" not in rows.columns:
        return rows.with_columns(event_time=pl.col("received_time"), time_quality=pl.lit("received"))
    received = pl.col("received_time")
    early = pl.col("event_time") < received - pl.duration(days=retention_days)
    late = pl.col("event_time") > received + pl.duration(days=1)
    wrong = early | late
    flags = rows.select(wrong.any().alias("wrong"), pl.col("event_time").is_null().any().alias("none")).row(0)
    if not any(flags):
        return rows
    none = pl.col("event_time").is_null()
    missing = [
        pl.lit(None, dtype=t).alias(n)
        for n, t in (("device_time", pl.Datetime("us")), ("time_quality", pl.String))
        if n not in rows.columns
    ]
    return rows.with_columns(missing).with_columns(
        device_time=pl.when(wrong).then(pl.col("event_time")).otherwise(pl.col("device_time")),
        event_time=pl.when(wrong | none).then(received).otherwise(pl.col("event_time")),
        time_quality=pl.when(none)
        .then(pl.lit("received"))
        .when(wrong)
        .then(pl.lit("implausible"))
        .otherwise(pl.col("time_quality")),
    )


def within_days(
    rows: Mapping[EventClass, pl.DataFrame], days: set[int]
) -> tuple[dict[EventClass, pl.DataFrame], pl.DataFrame]:
    """Keep the lines that stay within the days that a batch may write.

    Args:
        rows: Rows of each class.
        days: JST days that the batch writes already; grows by those of the rows that stay. First come, first served,
            in the order of lines.

    Returns:
        The rows that stay, and the lines that don't (line, offset, length), each once. A line of several rows stays or
        goes as a whole.
    """
    schema = {"line": pl.Int64, "offset": pl.Int64, "length": pl.Int32, "day": pl.Int64}
    places = [frame.select("line", "offset", "length", day=jst_day()) for frame in rows.values()]
    lines = pl.concat([pl.DataFrame(schema=schema), *places])
    wanted = lines.group_by("day").agg(pl.col("line").min()).sort("line", "day")["day"].to_list()
    new = [day for day in wanted if day not in days]
    room = MOST_DAYS - len(days)
    if len(new) <= room:
        days.update(new)
        return dict(rows), lines.clear().drop("day")
    refused = set(new[room:])
    out = lines.filter(pl.col("day").is_in(refused)).unique("line", keep="first").sort("line").drop("day")
    gone = set(out["line"].to_list())
    kept = {c: frame.filter(~pl.col("line").is_in(gone)) for c, frame in rows.items()}
    for frame in kept.values():
        days.update(frame.select(jst_day().unique()).to_series().to_list())
    return kept, out
