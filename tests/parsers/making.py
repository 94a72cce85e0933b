"""What the tests of parsers share: a context that stands still, and answers as plain dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from core.columns import polars_schema
from core.time import iso, parse_instant, to_us
from parsers import Chunk, Context, Format, Parsed, chunks, format_called, parse
from parsers._parse import _once

ROOT = Path(__file__).resolve().parents[2]
RECEIVED = parse_instant("2026-11-20T10:05:00+09:00")
TOKYO = Context(ZoneInfo("Asia/Tokyo"), RECEIVED)
SAMPLES = sorted((ROOT / "sample_logs").glob("*/*.log"))


def context_of(format: Format, **changes: Any) -> Context:
    """The context of a source in Japan that sends this format."""
    given: dict[str, Any] = {"timezone": TOKYO.timezone, "received": RECEIVED, "encoding": format.encoding}
    return Context(**(given | changes))


def answers(parsed: Parsed) -> list[dict[str, Any]]:
    """One dictionary for each line, in order: the filled columns of its row, or why there is none."""
    found: dict[int, dict[str, Any]] = {}
    for event_class, df in parsed.rows.items():
        schema = polars_schema(event_class)
        assert dict(df.schema) == {
            name: schema[name]() if isinstance(schema[name], type) else schema[name] for name in df.columns
        }
        for row in df.iter_rows(named=True):
            filled = {key: value for key, value in row.items() if value is not None}
            found[row["line"]] = {"class": event_class.value, **filled}
    for word, df in (("refused", parsed.refused), ("skipped", parsed.skipped)):
        for line, offset, length, reason in df.select("line", "offset", "length", "reason").iter_rows():
            assert line not in found
            found[line] = {word: reason, "line": line, "offset": offset, "length": length}
    assert len(found) == parsed.lines
    return [found[line] for line in sorted(found)]


def parse_all(
    format: Format, data: bytes, *, size: int = 8_000_000, context: Context | None = None
) -> list[dict[str, Any]]:
    """All answers to a file that comes in one block, cut into chunks of `size`; a format that fails on one fails here.

    (`parse` halves such a chunk until the failure is gone: the rows are right, and only its slowness would tell.)
    """
    made: list[dict[str, Any]] = []
    state: dict[str, Any] = {}
    context = context or context_of(format)
    for chunk in chunks([data], size, record=format.record):
        if chunk.oversize:
            parsed, state = parse(format, chunk, context, state)
        else:
            parsed, _, state = _once(format, chunk, context, state)
        made += answers(parsed)
    return made


def one(name: str, line: str, **changes: Any) -> dict[str, Any]:
    """The answer to one line."""
    log_format = format_called(name)
    return parse_all(
        log_format, line.encode(changes.get("encoding", log_format.encoding)), context=context_of(log_format, **changes)
    )[0]


def decided(name: str, line: str) -> tuple[str | None, str | None, str | None]:
    """(verdict, outcome, path) of one line: what tables of verdicts compare."""
    answer = one(name, line)
    assert "class" in answer, answer
    return answer.get("verdict"), answer.get("outcome"), answer.get("path")


def meaning(answer: dict[str, Any]) -> tuple[str | None, ...]:
    """What a line of mail comes to: class, verdict, outcome, action, status."""
    return tuple(answer.get(name) for name in ("class", "verdict", "outcome", "action", "status"))


def without_place(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without line and offset, which differ when the same line stands elsewhere."""
    return {key: value for key, value in answer.items() if key not in ("line", "offset")}


def readable(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer as golden files hold it: times as text, no byte forms."""
    return {
        key: iso(to_us(value.replace(tzinfo=UTC))) if key.endswith("_time") else value
        for key, value in answer.items()
        if not isinstance(value, bytes)
    }


def alone(format: Format, lines: Sequence[bytes], context: Context | None = None) -> list[dict[str, Any]]:
    """The answers to lines that are each parsed by themselves, with what header lines before them said."""
    made = []
    state: dict[str, Any] = {}
    for number, line in enumerate(lines, 1):
        parsed, state = parse(format, Chunk(line + b"\n", line=number), context or context_of(format), state)
        made += answers(parsed)
    return made


def frame(parsed: Parsed, name: str) -> pl.DataFrame:
    """The rows of one class."""
    return next(df for event_class, df in parsed.rows.items() if event_class.value == name)
