"""Deliver files of a registered source: hashed, archived, parsed, committed, with a receipt each."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from cli._store import opened
from core import memory, time
from core.errors import InputError

if TYPE_CHECKING:
    from ingest.deliver import Receipt

err = Console(stderr=True, soft_wrap=True)


def command(
    source: Annotated[str, typer.Argument(help="Id of a registered source (`hinomi sources list`).")] = "",
    files: Annotated[list[Path] | None, typer.Argument(help="Log files: plain, gzip or zstd.")] = None,
    received: Annotated[
        str,
        typer.Option(help="When they arrived, e.g. 2026-11-20T09:00+09:00; decides a missing year. [default: now]"),
    ] = "",
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Take in archive objects that a kill left unlisted (see `hinomi verify`).")
    ] = False,
) -> None:
    """Deliver files of a registered source: hashed, archived, parsed, committed, with a receipt each.

    A file that came before is answered with its first receipt. A run that was killed goes on where it stopped when the
    same file is given again. Exit 0 also with refused lines: `hinomi deliveries` lists them.
    """
    from ingest.deliver import deliver, plan

    if adopt:
        _adopt()
        return
    if not source or not files:
        raise InputError("say the source and its files, e.g. `hinomi ingest fw-aoba 20261120.log.gz`, or --adopt")
    at = time.parse_instant(received, time.JST) if received else None
    memory.keep_freed()
    with opened() as store:
        plan(store, source)
        with Progress(
            TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
            TimeRemainingColumn(), console=err, disable=not err.is_terminal,
        ) as progress:  # fmt: skip
            for path in files:
                size = path.stat().st_size if path.exists() else None
                task = progress.add_task(path.name, total=None if path.suffix in (".gz", ".zst") else size)
                r = deliver(store, source, path, received=at, progress=partial(progress.advance, task))
                err.print(line(path, r))


def _adopt() -> None:
    from ingest.adopt import adopt

    with opened() as store:
        for path, receipt in adopt(store):
            err.print(
                line(Path(path), receipt) if receipt else f"{path}: its lines were committed later; left as it is"
            )


def line(path: Path, r: Receipt) -> str:
    """A receipt in one line."""
    word = "came before" if r.repeat else "committed"
    counts = f"{r.lines:,} lines = {r.parsed:,} parsed + {r.refused:,} refused + {r.skipped:,} skipped"
    return f"{path}: {word}: {counts}; delivery {r.delivery}" + (", torn" if r.torn else "")
