"""Write the logs of a prefecture that does not exist, with its configuration and the truth about them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from core import time
from core.errors import InputError

err = Console(stderr=True)


def command(
    out: Annotated[
        Path, typer.Option(help="Folder for logs/, config/ and truth.jsonl; what is there is written over.")
    ],
    municipalities: Annotated[int, typer.Option(help="Bodies, 1 to 120.")] = 10,
    days: Annotated[int, typer.Option(help="JST days from --start.")] = 2,
    seed: Annotated[int, typer.Option(help="Equal arguments give equal bytes.")] = 1,
    scale: Annotated[
        float, typer.Option(help="Multiplies terminals and traffic; planted cases keep their size.")
    ] = 1.0,
    start: Annotated[str, typer.Option(help="First JST day, e.g. 2026-11-18 (the default, whatever today is).")] = "",
    until: Annotated[str, typer.Option(help="Nothing after this instant, e.g. 2026-11-19T14:30:00+09:00.")] = "",
    processes: Annotated[int, typer.Option(help="At once; 0: as many as processors, at most 4. Changes no byte.")] = 0,
) -> None:
    """Write the logs of a prefecture that does not exist, with its configuration and the truth about them.

    Five sources as their devices write them, ordinary noise in realistic shares, and planted cases: truth.jsonl says of
    each what is expected (none, aggregate, alert). Standard output: lines and bytes of each source, tab separated.
    """
    from simulator import simulate
    from simulator.run import START

    try:
        first = date.fromisoformat(start) if start else START
        last = time.parse_instant(until, time.JST) if until else None
    except ValueError as e:
        raise InputError(f"--start takes a date and --until an instant: {e}") from e
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=err, disable=not err.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task("simulate", total=None)
        made = simulate(
            out, municipalities=municipalities, days=days, seed=seed, scale=scale, start=first, until=last,
            processes=processes or None, progress=lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    for source, (lines, size) in made.sources.items():
        typer.echo(f"{source}\t{lines}\t{size}")
    planted = ", ".join(f"{count} {expected}" for expected, count in sorted(made.cases.items()))
    err.print(
        f"{out}: {made.lines:,} lines, {made.bytes / 1e6:,.0f} MB, {len(made.files)} files; planted cases: {planted}"
    )
