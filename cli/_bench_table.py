"""How `hinomi bench` says what it found: tables for people, lines of JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

Cell = Callable[[Any], str]


def tenths(value: float) -> str:
    """A number to one decimal."""
    return f"{value:,.1f}"


def hundredths(value: float) -> str:
    """A number to two decimals."""
    return f"{value:,.2f}"


def count(value: float) -> str:
    """A whole number."""
    return f"{value:,.0f}"


def mib(value: float) -> str:
    """Bytes as MiB."""
    return f"{value / 2**20:,.0f}"


def yes(value: bool) -> str:
    """Whether a mark is reached."""
    return "yes" if value else "NO"


@contextmanager
def around(jsonl: bool) -> Iterator[None]:
    """The machine and its load before and after."""
    from cli import _bench_child as child

    before = child.load()
    if not jsonl:
        typer.echo(f"{child.machine()}\n")
    yield
    if jsonl:
        typer.echo(json.dumps({"machine": child.machine(), "before": before, "after": child.load()}))
    else:
        typer.echo(f"before: {before}; after: {child.load()}")


def show(jsonl: bool, rows: Sequence[dict[str, Any]], columns: Sequence[tuple[str, str, Cell]]) -> None:
    """Rows as a table, the first column to the left; or as they are."""
    if jsonl:
        for row in rows:
            typer.echo(json.dumps(row, ensure_ascii=False))
        return
    texts = [[heading for heading, _, _ in columns]]
    texts += [["–" if row[key] is None else cell(row[key]) for _, key, cell in columns] for row in rows]
    widths = [max(len(line[i]) for line in texts) for i in range(len(columns))]
    for line in texts:
        first, *others = (text.rjust(width) for text, width in zip(line, widths, strict=True))
        typer.echo("  ".join([line[0].ljust(len(first)), *others]).rstrip())
    typer.echo()


def talk(text: str) -> None:
    """Progress, on standard error."""
    typer.echo(text, err=True)
