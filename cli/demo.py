"""Show everything on a prefecture that does not exist: simulate, ingest, detect, then serve API and pages."""

from __future__ import annotations

import tempfile
import time as stopwatch
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TransferSpeedColumn

from core import time
from core.errors import Exit

if TYPE_CHECKING:
    from ingest.deliver import Receipt
    from store import Store

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)


@dataclass(slots=True)
class Done:
    """What the steps of a demo did, for the summary."""

    seconds: dict[str, float] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    bytes: int = 0
    until: int = 0
    """When the last file came (µs): the pages show the prefecture as it stood then."""


def command(
    municipalities: Annotated[int, typer.Option(help="Bodies besides the prefecture.")] = 10,
    days: Annotated[int, typer.Option(help="Days of logs.")] = 2,
    seed: Annotated[int, typer.Option(help="Another seed, another prefecture.")] = 1,
    scale: Annotated[float, typer.Option(help="Multiplies terminals and traffic.")] = 1.0,
    start: Annotated[str, typer.Option(help="First day, YYYY-MM-DD. [default: a fixed one]")] = "",
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to serve on; 0 takes a free one.")] = 8080,
    home: Annotated[Path | None, typer.Option(help="Keep the data here. [default: a temporary folder]")] = None,
    serve: Annotated[bool, typer.Option(help="Serve the pages afterwards.")] = True,
) -> None:
    """Show everything on a prefecture that does not exist: simulate, ingest, detect, then serve API and pages.

    Ends with 1 when a planted case was missed or an alert told something that isn't there.
    """
    from cli._summary import show
    from simulator.run import START

    first = date.fromisoformat(start) if start else START
    with _folder(home) as folder:
        from store import Store

        done = Done()
        with Store.open(folder / "hinomi", create=True) as store:
            _simulate(folder / "prefecture", done, municipalities, days, seed, scale, first)
            _registers(store, folder / "prefecture" / "config", done)
            _ingest(store, folder / "prefecture" / "logs", done)
            _detect(store, done)
            right = show(out, store, done, folder / "prefecture" / "truth.jsonl")
            if serve:
                _serve(store, done, host, port)
        if not right:
            raise typer.Exit(Exit.FINDINGS)


@contextmanager
def _folder(home: Path | None) -> Iterator[Path]:
    if home is not None:
        home.mkdir(parents=True, exist_ok=True)
        yield home
        return
    with tempfile.TemporaryDirectory(prefix="hinomi-demo-") as name:
        yield Path(name)


@contextmanager
def _step(done: Done, name: str) -> Iterator[tuple[Progress, TaskID]]:
    """A progress bar and a stopwatch for one step."""
    began = stopwatch.perf_counter()
    columns = (
        TextColumn("{task.description:<9}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    extra = (TransferSpeedColumn(),) if name == "ingest" else ()
    with Progress(*columns, *extra, console=err, disable=not err.is_terminal) as progress:
        yield progress, progress.add_task(name, total=None)
    done.seconds[name] = stopwatch.perf_counter() - began
    err.print(f"{name:<9} {done.seconds[name]:6.1f} s")


def _simulate(folder: Path, done: Done, municipalities: int, days: int, seed: int, scale: float, first: date) -> None:
    from simulator import simulate

    with _step(done, "simulate") as (progress, task):
        simulate(
            folder, municipalities=municipalities, days=days, seed=seed, scale=scale, start=first,
            progress=lambda n, total: progress.update(task, completed=n, total=total),
        )  # fmt: skip


def _registers(store: Store, folder: Path, done: Done) -> None:
    from ingest.register_import import import_entries
    from ingest.registers import read_folder

    with _step(done, "registers"):
        for kind, entries in read_folder(folder, recorded=time.now_us()).items():
            import_entries(store, kind, entries, actor="demo")


def _ingest(store: Store, folder: Path, done: Done) -> None:
    from ingest.deliver import deliver

    files = sorted(folder.glob("*/*.log*"), key=lambda f: (f.name[:8], f.parent.name))
    done.bytes = sum(_content_bytes(f) for f in files)
    with _step(done, "ingest") as (progress, task):
        progress.update(task, total=done.bytes)
        for file in files:
            received = file.stat().st_mtime_ns // 1000
            done.until = max(done.until, received)
            done.receipts.append(
                deliver(store, file.parent.name, file, received=received, progress=partial(progress.advance, task))
            )


def _content_bytes(file: Path) -> int:
    if file.suffix != ".gz":
        return file.stat().st_size
    # The last four bytes of a gzip member are its unpacked size (RFC 1952, 2.3.1).
    return int.from_bytes(file.read_bytes()[-4:], "little")


def _detect(store: Store, done: Done) -> None:
    from detections.engine import run
    from detections.loading import load

    with _step(done, "detect"):
        run(store, load(), now=done.until)


def _serve(store: Store, done: Done, host: str, port: int) -> None:
    from api.server import serve
    from detections.loading import load
    from store import keys

    began = time.now_us()
    key = keys.create(store, name="demo", role=keys.Role.PREFECTURE, tenants=(), now=done.until)

    def ready(address: str) -> None:
        out.print(f"\n火の見  {address}\nkey    {key}\n\nCtrl-C ends it and removes the data.", highlight=False)

    # The prefecture's clock goes on from when its last log came.
    serve(
        store, host=host, port=port, rules=load().rules, clock=lambda: done.until + time.now_us() - began, ready=ready
    )
