"""Answer one SELECT over events, read-only, with a limit of rows, time and bodies."""

from __future__ import annotations

import csv
import json
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cli._store import opened
from core import time
from core.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

err = Console(stderr=True)


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"


def command(
    sql: Annotated[str, typer.Argument(help="One SELECT; tables: network, http, dns, email, finding … and views.")],
    tenant: Annotated[list[str] | None, typer.Option(help="Only rows of this body; may be repeated.")] = None,
    first: Annotated[str, typer.Option("--from", help="Earliest event time, e.g. 2026-11-20T09:00 (JST).")] = "",
    last: Annotated[str, typer.Option("--to", help="Event time before which rows are read (JST).")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 1000,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds at most.")] = 30.0,
    format: Annotated[Format, typer.Option(help="How rows are printed.")] = Format.TABLE,
) -> None:
    """Answer one SELECT over events, read-only, with a limit of rows, time and bodies.

    It runs in a process of its own that can reach nothing but the rows of the bodies and times asked for. Times in
    answers are UTC. Exit 2: the statement was refused, is wrong, or did not end in time.

    Views join lines across batches and days: mail_deliveries (one row for each message and recipient, with the next
    hop) and connections (built and teardown). fold(text) makes half-width kana and case alike for a search. For
    example:

    hinomi query "SELECT first_time, mail_from, status FROM mail_deliveries WHERE mail_to LIKE '%@city.example.lg.jp'"
    """
    from store.isolation import truncated

    with opened() as store:
        answer = store.query(
            sql, tenant or None, first=_instant("--from", first), last=_instant("--to", last), limit=limit,
            seconds=timeout,
        )  # fmt: skip
    _PRINTERS[format](answer)
    sys.stdout.flush()
    if truncated(answer):
        err.print(f"cut off after {limit:,} rows; --limit asks for more", highlight=False)


def _instant(option: str, text: str) -> int | None:
    if not text:
        return None
    try:
        return time.parse_instant(text, time.JST)
    except ValueError as e:
        raise InputError(f"{option} {text!r}: an instant is needed, e.g. 2026-11-20T09:00 or 2026-11-20") from e


def _plain(value: Any) -> Any:
    """A value of Arrow as JSON has it; times as RFC 3339 in UTC, bytes as hexadecimal."""
    if isinstance(value, datetime):
        return (value.isoformat() + "Z") if value.tzinfo is None else value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return str(value) if isinstance(value, (date, timedelta)) or not _is_json(value) else value


def _is_json(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _rows(answer: pa.Table) -> Any:
    for batch in answer.to_batches():
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield [_plain(v) for v in values]


def _jsonl(answer: pa.Table) -> None:
    for row in _rows(answer):
        record = dict(zip(answer.column_names, row, strict=True))
        typer.echo(json.dumps(record, ensure_ascii=False))


def _csv(answer: pa.Table) -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(answer.column_names)
    out.writerows(_rows(answer))


def _table(answer: pa.Table) -> None:
    table = Table(*answer.column_names)
    for row in _rows(answer):
        table.add_row(*("" if v is None else str(v) for v in row))
    Console(width=None if sys.stdout.isatty() else 200, markup=False).print(table)


_PRINTERS = {Format.TABLE: _table, Format.JSONL: _jsonl, Format.CSV: _csv}
