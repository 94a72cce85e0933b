"""The serial audit log of ModSecurity: records of sections, each behind a line `--boundary-A--`.

A record begins with section A and ends with section Z of the same boundary. What a client sent stands between, so a
line that looks like a boundary counts only if it is the record's own; where a record never ends (the server died), the
next section A begins a new one.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from parsers._format import State
from parsers._lines import Ints

BEGINS = r"^-{2,3}[A-Za-z0-9]{4,40}-{1,3}A--$"
"""The first line of a record."""
_BOUNDARY = re.compile(r"-{2,3}([A-Za-z0-9]{4,40})-{1,3}([A-Z])--")
_HEADERS = {
    ("B", "host"): "host", ("B", "user-agent"): "agent", ("B", "referer"): "referer", ("B", "content-length"): "sent",
    ("B", "x-forwarded-for"): "forwarded_for", ("F", "content-type"): "mime", ("F", "content-length"): "received",
}  # fmt: skip
"""Section and header in lower case → value."""


def learn(df: pl.DataFrame, state: State) -> tuple[pl.DataFrame, State]:
    """Adds `_record` (the row of a record's first line, -1 outside, -2 in an earlier chunk) and `_section`.

    A boundary is in no section. The state is the boundary of a record that has not ended yet.
    """
    texts = df["text"]
    rows = texts.str.contains(r"^-{2,3}[A-Za-z0-9]{4,40}-{1,3}[A-Z]--$").arg_true().to_list()
    found = [(row, got[1], got[2]) for row in rows if (got := _BOUNDARY.fullmatch(texts[row]))]
    ends: dict[str, int] = {}
    for row, boundary, letter in found:
        if letter == "Z":
            ends[boundary] = row
    record = np.full(len(df), -1, np.int64)
    section = np.full(len(df), "", "<U1")
    open_ = state.get("open", "")
    start = -2 if open_ in ends else -1  # -2: it began in an earlier chunk
    open_ = open_ if start == -2 else ""
    at, letter_now = 0, ""
    for row, boundary, letter in [*found, (len(df), "", "")]:
        if start != -1:
            record[at:row], section[at + 1 : row] = start, letter_now
        at = row
        own = start != -1 and boundary == open_
        if letter == "A" and (own or start == -1 or ends.get(open_, -1) < row):
            start, open_, letter_now = row, boundary, "A"
        elif own and letter == "Z":
            record[row] = start
            start, open_ = -1, ""
        elif own:
            letter_now = letter
    state = {**state, "open": open_} if open_ else {key: value for key, value in state.items() if key != "open"}
    return df.with_columns(_record=pl.Series(record), _section=pl.Series(section)), state


def values_of(df: pl.DataFrame, firsts: Ints) -> pl.DataFrame:
    """One row for each record in `firsts` (rows of `df`): its values as text columns, null where it has none."""
    inside = df.select("text", "_record", "_section", pl.int_range(pl.len()).alias("_row")).filter(
        pl.col("_record") >= 0
    )
    inside = inside.filter(pl.col("_section") != "")
    lead = inside.unique(["_record", "_section"], keep="first", maintain_order=True)
    opening = lead.filter(pl.col("_section") == "A").select(
        "_record",
        pl.col("text").str.extract_groups(
            r"^\[(?P<time>[^\]]+)\] (?P<id>[^ ]+) (?P<client>[^ ]+) (?P<port>[0-9]+) "
            r"(?P<server>[^ ]+) (?P<server_port>[0-9]+)"
        ).alias("a"),
    ).unnest("a")  # fmt: skip
    request = lead.filter(pl.col("_section") == "B").select("_record", pl.col("text").alias("request"))
    status = lead.filter(pl.col("_section") == "F").select(
        "_record", pl.col("text").str.extract(r"^HTTP/[0-9.]+ ([0-9]{3})", 1).alias("status")
    )
    header = inside.filter(pl.col("_section").is_in(["B", "F"]) & ~pl.col("_row").is_in(lead["_row"].implode())).select(
        "_record", "_section",
        pl.col("text").str.extract(r"^([A-Za-z-]+): ?", 1).str.to_lowercase().alias("name"),
        pl.col("text").str.extract(r"^[A-Za-z-]+: ?(.*)$", 1).alias("value"),
    )  # fmt: skip
    told = inside.filter(pl.col("_section") == "H")
    says = told.select(
        "_record",
        pl.col("text").str.extract(r"^(?:Message|ModSecurity): (.*)$", 1).alias("said"),
        pl.col("text").str.starts_with("Action: Intercepted").alias("cut_off"),
    )
    made = pl.DataFrame({"_record": firsts})
    parts = [opening, request, status]
    parts += [
        header.filter((pl.col("_section") == letter) & (pl.col("name") == name)).select(
            "_record", pl.col("value").alias(to)
        )
        for (letter, name), to in _HEADERS.items()
    ]
    parts.append(
        says.group_by("_record", maintain_order=True).agg(
            pl.col("said").drop_nulls().first().alias("said"),
            pl.col("said").str.contains("Access denied").fill_null(value=False).any().alias("denied"),
            pl.col("cut_off").any(),
        ).with_columns(
            intercepted=pl.when(pl.col("denied") | pl.col("cut_off")).then(pl.lit("true")).otherwise(pl.lit("false"))
        ).drop("denied", "cut_off")
    )  # fmt: skip
    for part in parts:
        made = made.join(
            part.unique("_record", keep="first", maintain_order=True), on="_record", how="left", maintain_order="left"
        )
    return made.drop("_record")
