"""One chunk through one format: every line gets exactly one of the three answers."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from core.columns import EventClass
from parsers._finish import PLACE, finished, rows_of
from parsers._format import LONGEST, Chunk, Context, Format, Parsed, State
from parsers._lines import Bools, Lines, lines_of
from parsers._syslog import Header, read_header
from parsers._views import detached, no_values, strings

_NOTICE = {"line": pl.Int64, "offset": pl.Int64, "length": pl.Int32, "reason": pl.String}
_TRIES = 64
"""How many pieces of a chunk are tried after a format failed on it."""


def parse(format: Format, chunk: Chunk, context: Context, state: State) -> tuple[Parsed, State]:
    """The answers to all lines of a chunk, and what the format remembers; pure.

    Where the format itself fails, the chunk is halved until the lines it fails on are found: these are refused with the
    error as reason, the others are parsed.
    """
    parsed, _, state = parse_counted(format, chunk, context, state)
    return parsed, state


def parse_counted(format: Format, chunk: Chunk, context: Context, state: State) -> tuple[Parsed, int, State]:
    """The same, and how many lines were of this format itself (not merely kept by their syslog header)."""
    if chunk.oversize:
        row = {"line": [chunk.line], "offset": [chunk.offset], "length": [min(chunk.oversize, 2**31 - 1)]}
        refused = pl.DataFrame({**row, "reason": [_too_long(chunk.oversize)]}, schema=_NOTICE)
        return Parsed({}, refused, refused.clear(), 1), 0, state
    pieces, own, tries = [], 0, _TRIES
    waiting = [chunk]
    while waiting:
        piece = waiting.pop()
        try:
            done, count, state = _once(format, piece, context, state)
        except Exception as error:  # noqa: BLE001  a bug in a format must not cost the delivery; it becomes a reason
            half = _halves(piece) if tries > 0 else ()
            tries -= 1
            if half:
                waiting += reversed(half)
                continue
            done, count = _poisoned(piece, context, error), 0
        pieces.append(done)
        own += count
    parsed = pieces[0] if len(pieces) == 1 else _joined(pieces)
    counted = sum(df.height for df in parsed.rows.values()) + parsed.refused.height + parsed.skipped.height
    if not counted == parsed.lines == chunk.lines:
        raise AssertionError(f"{format.name}: {counted} answers to {chunk.lines} lines from line {chunk.line}")
    return parsed, own, state


def _too_long(length: int) -> str:
    return f"the line is too long: {length:,} bytes, {LONGEST:,} are read"


def _halves(chunk: Chunk) -> tuple[Chunk, ...]:
    middle = chunk.data.find(b"\n", len(chunk.data) // 2) + 1
    if not 0 < middle < len(chunk.data):
        middle = chunk.data.rfind(b"\n", 0, len(chunk.data) - 1) + 1
    if not middle:
        return ()
    first = Chunk(chunk.data[:middle], chunk.line, chunk.offset)
    return first, Chunk(chunk.data[middle:], chunk.line + first.lines, chunk.offset + middle)


def _poisoned(chunk: Chunk, context: Context, error: Exception) -> Parsed:
    lines = lines_of(chunk, context.encoding)
    why = f"the parser failed on it: {type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}"
    refused = _notices(lines, np.ones(len(lines), np.bool_), pl.Series([why]).new_from_index(0, len(lines)))
    return Parsed({}, refused, refused.clear(), len(lines))


def _joined(pieces: list[Parsed]) -> Parsed:
    rows: dict[EventClass, pl.DataFrame] = {}
    for event_class in EventClass:
        parts = [piece.rows[event_class] for piece in pieces if event_class in piece.rows]
        if parts:
            rows[event_class] = rows_of(pl.concat(parts, how="diagonal"), event_class)
    return Parsed(
        rows,
        pl.concat([p.refused for p in pieces]),
        pl.concat([p.skipped for p in pieces]),
        sum(p.lines for p in pieces),
    )


def _once(format: Format, chunk: Chunk, context: Context, state: State) -> tuple[Parsed, int, State]:
    lines = lines_of(chunk, context.encoding)
    header = read_header(lines, context, format.header, format.not_a_host)
    text = body = strings(lines.text, lines.start, lines.end)
    if lines.body is not lines.start:
        body = strings(lines.text, lines.body, lines.end)
    df = pl.DataFrame({"text": text, "body": body, **header.columns}).hstack(format.shape(lines))
    if format.learn is not None:
        df, state = format.learn(df, state)
    made = finished(format.columns(df, context), lines, header, context, format.name)
    parsed, own = _answered(made, df, lines, header, format)
    return parsed, own, state


def _answered(
    df: pl.DataFrame, given: pl.DataFrame, lines: Lines, header: Header, format: Format
) -> tuple[Parsed, int]:
    """Deals the lines out: skipped before refused before parsed; by their header alone into `system`."""
    blank = lines.blank
    skipped = blank | _filled(df, "skipped")
    if format.comment:
        skipped |= ~lines.oversize & given["text"].str.starts_with(format.comment).to_numpy()
    known = _filled(df, "class")
    wanted = ~skipped & ~lines.oversize
    refused = (_filled(df, "refused") | ~known) & wanted
    by_header = refused & header.readable
    refused = (refused & ~by_header) | lines.oversize
    own = wanted & ~refused & ~by_header
    if "own" in df.columns:
        own &= df["own"].fill_null(value=True).to_numpy()
    rows = _rows(df, wanted & ~refused & ~by_header)
    if by_header.any():
        plain = df.filter(pl.Series(by_header)).select([name for name in _HEADER_ONLY if name in df.columns])
        said = given.lazy().filter(pl.Series(by_header)).select(_of_another_program()).collect()
        # Whether a line is cut, only its own format can tell.
        repaired = pl.when(pl.Series(lines.repaired[by_header])).then(pl.lit("repaired")).otherwise(pl.lit("clean"))
        plain = plain.hstack(said).with_columns(
            pl.coalesce("again", "event_count").alias("event_count"),
            pl.when(pl.col("again").is_null())
            .then("count_quality")
            .otherwise(pl.lit("aggregated"))
            .alias("count_quality"),
            text_quality=repaired,
        )
        before = rows.get(EventClass.SYSTEM)
        both = plain if before is None else pl.concat([before, plain], how="diagonal").sort("line")
        rows[EventClass.SYSTEM] = rows_of(both, EventClass.SYSTEM)
    # Rows of a class that fills slowly are held for many chunks; few must not keep the text of all the others.
    rows = {c: part if 2 * part.height > len(lines) else detached(part) for c, part in rows.items()}
    return Parsed(
        rows,
        _notices(lines, refused, _reasons(df, lines, refused)),
        _notices(lines, skipped, _skips(df, lines).filter(pl.Series(skipped))),
        len(lines),
    ), int(own.sum())


_HEADER_ONLY = (
    *PLACE,
    "format",
    "text_quality",
    "event_time",
    "time_quality",
    "event_count",
    "count_quality",
    "device",
    "severity",
)
"""What is kept of a line of another program, besides its message."""


_COLLECTOR = r"(?:rsyslogd(?:-[0-9]+)?|(?:systemd-)?journald?|kernel)"
_LOST = (
    r"^im[a-z]+(?::| lost| begins) .*due to rate-limiting|^(?:Suppressed|Missed) [0-9]+ (?:kernel )?messages\b|"
    r"^(?:\[ *[0-9.]+\] )?[0-9A-Za-z_]+: [0-9]+ callbacks suppressed"
)
_AGAIN = "^(?:--- )?last message repeated ([0-9]{1,9}) times?(?: ---)?$"


@cache
def _of_another_program() -> list[pl.Expr]:
    """The message, and whether the collector of logs says that lines were lost or repeated, and how often."""
    named = pl.col("body").str.extract(rf"^{_COLLECTOR}(?:\[[0-9]+\])?: (.*)$")
    program = pl.col("syslog_program")
    said = pl.when(program.is_null()).then(named).when(program.str.contains(f"^{_COLLECTOR}$")).then("body")
    again = pl.when(program.is_null()).then(pl.col("body").str.extract(_AGAIN))
    lost, repeated = said.str.contains(_LOST), again.is_not_null()
    return [
        pl.col("body").alias("message"),
        pl.when(lost).then(pl.lit("log_loss")).when(repeated).then(pl.lit("repeated")).alias("operation"),
        again.cast(pl.Int64).alias("again"),
    ]


def _filled(df: pl.DataFrame, column: str) -> Bools:
    return df[column].is_not_null().to_numpy() if column in df.columns else np.zeros(df.height, np.bool_)


def _rows(df: pl.DataFrame, parsed: Bools) -> dict[EventClass, pl.DataFrame]:
    if not parsed.any():
        return {}
    which = pl.Series(parsed)
    classes = df["class"] if parsed.all() else df["class"].zip_with(which, no_values(df.height))
    found = classes.unique().drop_nulls().to_list()
    if len(found) == 1:
        return {EventClass(found[0]): rows_of(df if parsed.all() else df.filter(which), EventClass(found[0]))}
    parts = {part["class"][0]: part for part in df.with_columns(classes).partition_by("class", maintain_order=True)}
    return {c: rows_of(parts[c], c) for c in EventClass if c in found}


def _reasons(df: pl.DataFrame, lines: Lines, refused: Bools) -> pl.Series:
    """Why lines are refused."""
    count = int(refused.sum())
    if "refused" in df.columns:
        reason = df["refused"].filter(pl.Series(refused))
    else:
        reason = no_values(count)
    reason = reason.fill_null("no readable structure")
    if lines.oversize.any():
        long = pl.Series([_too_long(n) for n in lines.length[refused].tolist()], dtype=pl.String)
        reason = reason.zip_with(pl.Series(~lines.oversize[refused]), long)
    return reason


def _skips(df: pl.DataFrame, lines: Lines) -> pl.Series:
    """Why lines are skipped; the number in `part of line n` becomes one of the batch."""
    if "skipped" not in df.columns:
        return no_values(df.height)
    before = int(lines.line[0]) - 1 if len(lines) else 0
    number = pl.col("skipped").str.extract("^part of line ([0-9]+)$").cast(pl.Int64) + before
    return df.select(pl.coalesce(pl.format("part of line {}", number), "skipped")).to_series()


def _notices(lines: Lines, which: Bools, reason: pl.Series) -> pl.DataFrame:
    if reason.null_count():
        blank = pl.Series(lines.blank[which])
        reason = reason.zip_with(
            reason.is_not_null(),
            pl.select(pl.when(blank).then(pl.lit("blank line")).otherwise(pl.lit("comment"))).to_series(),
        )
    return pl.DataFrame({
        "line": lines.line[which], "offset": lines.offset[which], "length": lines.length[which], "reason": reason,
    }, schema_overrides=_NOTICE)  # fmt: skip
