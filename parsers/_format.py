r'''What a log format is, what a parser may know, and what it answers; and how to write a format.

How to write a format
=====================
A format is one module of this package: a docstring (what the lines are, which manual says so, what is not read), a
shape, one function from text columns to Hinomi's columns, and `FORMAT`. Nothing is registered: the module's name is
the format's name, the word on the command line and the folder of its samples. A name with a leading `_` is machinery.

    """Example gateway, accepted and dropped connections.

    Reference: https://example.lg.jp/manual (Gateway 3.1, "Log messages", read 2026-11-20).
    Not read: the audit log. Time: without zone, so the source's.
    """
    import polars as pl
    from parsers._format import Context, Format
    from parsers._keyvalue import keyvalue

    def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
        return df.select(
            pl.lit("network").alias("class"),
            pl.when(pl.col("op").is_null()).then(pl.lit("no op= in the line")).alias("refused"),
            pl.col("at").alias("time"),
            pl.col("s").alias("src_ip"), pl.col("sp").alias("src_port"),
            pl.col("d").alias("dst_ip"), pl.col("dp").alias("dst_port"), pl.col("p").alias("protocol"),
            pl.col("op").replace_strict({"ACCEPT": "allow", "DROP": "deny"}, default=None).alias("verdict"),
            pl.col("op").alias("action"),
        )

    FORMAT = Format(
        name="example_gateway", title="Example gateway", reference="https://example.lg.jp/manual",
        shape=keyvalue("op", "at", "s", "sp", "d", "dp", "p"), columns=_columns,
    )

What `columns` gets: a frame of text columns, one row for every line of the chunk, in order; null where a line has no
such value. Besides the shape's own columns:

    text             the whole line (repaired, without line end)
    body             what follows the syslog header (the whole line where there is none)
    syslog_host, syslog_program, syslog_pid, syslog_severity (keyword), syslog_facility (number as text)
    _cut             Boolean, where the shape can tell that a line ends too early (an open quote)

What it returns: a frame of the same height and order. It works on whole columns: no loop over rows. Besides the
columns of `core.columns` (others are an error):

    class            event class; null and neither refused nor skipped: the same as refused
    refused          why the line can't be read, null if it can. A refused line with a readable syslog header becomes
                     a row of class `system` with the header's fields and `message` (another program's line)
    skipped          why the line carries no event (comment, header), null otherwise
    own              Boolean, default true: false where the line is not one of this format and was kept only by its
                     header; counts for recognition
    time             text of the time in any layout of `parsers._times`; without it: the header's time, then `received`
    time_zone        text of an offset, where it stands apart from `time`
    event_time       instead of `time`, where the format computes it (with time_quality)
    cut              Boolean: the line ends too early; parsed as far as it goes

Values may stay text: the family finishes every column once (`parsers._finish`). src_ip, dst_ip, nat_*_ip and lease_ip
become canonical addresses (what is no address goes to src_host or dst_host, or is dropped; a host that is an address
goes the other way), src_addr and dst_addr the 16 bytes, ports and counts numbers (null when out of range), *_mac
`aa:bb:cc:dd:ee:ff`, protocol the IANA keyword; user is split from its domain, names are lowered where the column says
so, event_count is 1 and exact unless you say otherwise, device is the header's host and severity the header's unless
you set them, an empty text is null. Leave out what you don't fill. A column that the row's class doesn't have is
dropped.

Shapes: `delimited(...)` (tokens with quotes and brackets; with separator="," it is CSV), `keyvalue(...)`,
`parsers._json.json_lines(...)`, `parsers._cef.cef(...)` and `leef(...)`, `parsers._fields.Fields` (W3C, Zeek, CSV
with a heading), `messages(...)` (named regular expressions, first match wins), `whole()` (only text and body). A shape
is a function from `Lines` to a frame of text columns, so a format may compose its own.

Inside `columns`: `parsers._messages.match(series, patterns)` does the same for the rows of one program (null the others
out first: `pl.when(...).then("body")`), and costs one pass over what is left for each pattern: put the frequent ones
first. `parsers._urls.split_urls(series)` gives the parts of a URL, `parsers._distinct` works things out once for each
distinct value (by a Python function or by expressions), `parsers._times.read(series, context)` reads times. Regular
expressions are Rust's: linear time, no look-around. Speed: one with captures costs 0.5 to 1 µs a line, a token of a
shape 0.02 to 0.05 µs; Squid's ordinary line needs 10 tokens and no captures, and only lines that don't fit are tried
against patterns (see squid.py).

Each row must depend on its own line alone: a look at a whole column (`.any()`) may choose a faster way to the same
values, never other values. `tests/parsers/test_family.py` and `test_accounting.py` try this on every format.

`header` says what a syslog header of this format holds: "program" (host and program[pid]:), "host" (appliances: time
and host, the message starts at once), "none" (never look for one). A header is optional in every case, and so is the
host in it: `not_a_host` matches the words with which a message begins, so that none of them becomes `device`.

State: `learn`, for formats whose header lines name their columns (`parsers._fields.Fields` does it). It gets the frame
and the state (JSON-serialisable) and returns both. All else judges its line alone.

A record of several lines is read at its first line, and the others are `skipped: part of the record above`; `record`
(a regular expression for the first line) keeps it in one chunk.

Beside the module: `sample_logs/<name>/*.log` (at most 30 lines a file, one of them with Japanese text; addresses from
192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32 or RFC 1918, names under example.lg.jp), the golden files
(`pytest tests/parsers/test_golden.py --regen`, read the diff) and `tests/parsers/test_<name>.py` with its table of
verdicts. `tests/parsers/test_family.py` picks the format up by itself.
'''

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from core.columns import EventClass

if TYPE_CHECKING:
    from parsers._lines import Lines

State = dict[str, Any]
"""What a format must remember from earlier lines of the same file; JSON-serialisable, {} at the start."""

LONGEST = 1 << 20
"""A line of more bytes is refused with its place."""

NO_OPTIONS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Context:
    """All that a parser may know besides the bytes.

    `timezone` is the zone of the source's clock, for lines without an offset. `received` (µs UTC) stands in for a line
    without a time and decides a missing year. `encoding`: utf-8, cp932, euc_jp or iso2022_jp. `trusted_proxies`:
    addresses and networks whose X-Forwarded-For is believed.
    """

    timezone: ZoneInfo
    received: int
    encoding: str = "utf-8"
    trusted_proxies: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=lambda: NO_OPTIONS)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole lines of a batch, and where they stand in it.

    `line` is the number of the first line (from 1), `offset` the place of its first byte. `oversize` > 0: the chunk
    stands for one line of that many bytes (without its line end) that was too long to be kept; `data` is empty.
    """

    data: bytes
    line: int = 1
    offset: int = 0
    oversize: int = 0

    @property
    def lines(self) -> int:
        """How many lines it holds; what follows the last LF is one if not empty."""
        if self.oversize:
            return 1
        ends = np.count_nonzero(np.frombuffer(self.data, np.uint8) == 10)  # six times as fast as bytes.count
        return int(ends) + (bool(self.data) and not self.data.endswith(b"\n"))


@dataclass(frozen=True, slots=True)
class Parsed:
    """The three answers: each line of the chunk is in exactly one of them.

    `rows`: class → frame of the filled columns of that class; always with line, offset, length, format, text_quality,
    event_time, time_quality, event_count, count_quality. `refused` and `skipped`: line, offset, length, reason.
    """

    rows: dict[EventClass, pl.DataFrame]
    refused: pl.DataFrame
    skipped: pl.DataFrame
    lines: int


@dataclass(frozen=True, slots=True)
class Format:
    """One log format: what it is called, which shape tokenises it, what its columns mean."""

    name: str
    title: str
    reference: str
    shape: Callable[[Lines], pl.DataFrame]
    columns: Callable[[pl.DataFrame, Context], pl.DataFrame]
    encoding: str = "utf-8"
    header: Literal["program", "host", "none"] = "program"
    not_a_host: str = ""
    """Words with which a message begins where the header names no host, as a regular expression."""
    comment: str = ""
    """A line that begins with this text is skipped as a comment, where `columns` does not say otherwise."""
    learn: Callable[[pl.DataFrame, State], tuple[pl.DataFrame, State]] | None = None
    options: Mapping[str, str] = field(default_factory=lambda: NO_OPTIONS)
    """What a source's entry may say of its lines (`Context.options`): name → what it means."""
    check: Callable[[Mapping[str, str]], object] = lambda options: None
    """Raises ValueError, and says where, when one of the options given can't be read."""
    record: str = ""
    """What begins a record of several lines, as a regular expression: chunks are cut before such a line only."""
