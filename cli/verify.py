"""Check custody: hash chain, archive objects, segments, seqs and counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli._store import opened
from core.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.verification import Report

err = Console(stderr=True)


def command(
    full: Annotated[bool, typer.Option("--full", help="Also unpack every frame and read every segment.")] = False,
    archive: Annotated[
        Path | None, typer.Option(help="An exported folder `archive`: verify it by its chain.jsonl alone.")
    ] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="JSON Lines on standard output: findings, then counts.")
    ] = False,
) -> None:
    """Check custody: hash chain, archive objects, segments, seqs and counts.

    Works offline and changes nothing. Every object's SHA-256 is compared with the chain. Exit 0: all is as it was
    committed; 1: findings.
    """
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=err,
        disable=not err.is_terminal, transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task("verify", total=None)

        def looking_at(path: str) -> None:
            bar.update(task, description=path)

        report = _report(full=full, archive=archive, progress=looking_at)
    if jsonl:
        for level, found in (("finding", report.findings), ("note", report.notes)):
            for f in found:
                record = {"level": level, "kind": f.kind, "place": f.place, "message": f.message}
                typer.echo(json.dumps(record, ensure_ascii=False))
        typer.echo(json.dumps({"level": "summary", "clean": report.clean, "checked": report.checked}))
    for f in report.findings:
        err.print(f"{f.kind}: {f.place}: {f.message}", soft_wrap=True, markup=False, highlight=False)
    for f in report.notes:
        err.print(f"note: {f.place}: {f.message}", soft_wrap=True, markup=False, highlight=False)
    counts = ", ".join(f"{n:,} {what}" for what, n in sorted(report.checked.items()) if n)
    result = f"{len(report.findings)} findings" if report.findings else "all is as it was committed"
    err.print(f"{result}: {counts or 'nothing is committed yet'}", soft_wrap=True, highlight=False)
    if not report.clean:
        raise typer.Exit(Exit.FINDINGS)


def _report(*, full: bool, archive: Path | None, progress: Callable[[str], None]) -> Report:
    if archive is not None:
        from store.verification import verify_archive

        return verify_archive(archive, full=full, progress=progress)
    with opened() as store:
        return store.verify(full=full, progress=progress)
