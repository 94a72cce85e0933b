"""What `hinomi parse` does: the answers to the lines of a file, as JSON Lines in the order of the lines.

An answer is the columns of the event, or why the line was refused or skipped.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
import typer

from core.errors import InputError
from core.time import parse_instant
from ingest.unpack import TornError, open_stream
from parsers import BOM, Context, Format, Parsed, chosen, chunks, format_called, parse, recognise

_CHUNK = 1_000_000
_SAMPLE = 1000
"""Lines that `auto` looks at."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def print_answers(
    format: str, file: str, timezone: str, received: str, encoding: str, options: Sequence[str]
) -> int:  # fmt: skip
    """Print the answer to each line of a file, in order; how many lines were refused.

    Raises:
        InputError: The file, the zone or an option can't be taken.
        TornError: After what came before the torn end of a packed file.
        UnknownFormatError: There is no such format, or `auto` finds none or more than one.
    """
    zone = _zone(timezone)
    context = Context(zone, _received(received, file, zone))
    torn: list[TornError] = []
    blocks = _until_torn(file, torn)
    if format == "auto":
        chosen_format, blocks = _recognised(blocks, context, encoding)
    else:
        chosen_format = format_called(format)
    context = replace(context, encoding=encoding or chosen_format.encoding, options=options_of(chosen_format, options))
    refused = 0
    state: dict[str, Any] = {}
    for chunk in chunks(blocks, _CHUNK, record=chosen_format.record):
        parsed, state = parse(chosen_format, chunk, context, state)
        sys.stdout.writelines(answers(parsed))
        refused += parsed.refused.height
    if torn:
        raise torn[0]
    return refused


def answers(parsed: Parsed) -> Iterator[str]:
    """One line of JSON for each line of the chunk, in order."""
    found: dict[int, dict[str, Any]] = {}
    for event_class, df in parsed.rows.items():
        for row in _printable(df).iter_rows(named=True):
            answer = {"line": row.pop("line"), "class": event_class.value}
            answer.update((key, value) for key, value in row.items() if value is not None)
            found[answer["line"]] = answer
    for word, df in (("refused", parsed.refused), ("skipped", parsed.skipped)):
        for line, reason in df.select("line", "reason").iter_rows():
            found[line] = {"line": line, word: _CONTROL.sub(lambda c: f"\\x{ord(c[0]):02x}", reason)}
    return (json.dumps(found[line], ensure_ascii=False) + "\n" for line in sorted(found))


def _printable(df: pl.DataFrame) -> pl.DataFrame:
    """Times as RFC 3339 in UTC; the byte form of an address says nothing that its text doesn't."""
    df = df.drop("src_addr", "dst_addr", strict=False)
    times = [name for name, kind in df.schema.items() if kind == pl.Datetime]
    whole, parts = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S%.6fZ"
    return df.with_columns(
        pl.when(pl.col(c).dt.microsecond() == 0)
        .then(pl.col(c).dt.to_string(whole))
        .otherwise(pl.col(c).dt.to_string(parts))
        .alias(c)
        for c in times
    )


def _recognised(blocks: Iterator[bytes], context: Context, encoding: str) -> tuple[Format, Iterator[bytes]]:
    first = next(blocks, b"")
    lines = first.removeprefix(BOM).splitlines(keepends=True)[:_SAMPLE]
    if len(lines) > 1 and not lines[-1].endswith(b"\n"):
        del lines[-1]  # the block ends within it
    ranked = recognise(b"".join(lines), context, encoding=encoding)
    best = chosen(ranked)
    typer.echo(f"hinomi: {best.name}, {ranked[0][1]:.0%} of the lines looked at", err=True)
    return best, chain([first], blocks)


def options_of(format: Format, given: Sequence[str]) -> dict[str, str]:
    """`name=value` texts as options of a format; InputError where it has no such option."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name not in format.options:
            there = "".join(f"\n  {known}: {what}" for known, what in format.options.items()) or " none"
            raise InputError(f"--option {text}: write name=value; the options of {format.name}:{there}")
        found[name] = value
    try:
        format.check(found)
    except ValueError as error:
        raise InputError(f"--option: {error}") from error
    return found


def _until_torn(file: str, torn: list[TornError]) -> Iterator[bytes]:
    """The blocks; a torn end is noted, and told after what came before it."""
    try:
        yield from open_stream(file)
    except TornError as error:
        torn.append(error)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(f"--timezone {name}: no such time zone; for example Asia/Tokyo or UTC") from error


def _received(text: str, file: str, zone: ZoneInfo) -> int:
    if text:
        try:
            return parse_instant(text, zone)
        except ValueError as error:
            raise InputError(f"--received {text}: no time; for example 2026-11-20T10:00:00+09:00") from error
    if file == "-":
        raise InputError("standard input has no modification time; say when it arrived with --received")
    try:
        return Path(file).stat().st_mtime_ns // 1000
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from error
