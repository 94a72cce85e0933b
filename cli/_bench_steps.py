"""The steps of `hinomi bench`, each run as `python -m cli._bench_steps TASK CORE ARGUMENTS` by `cli._bench_child`.

A step imports only what its work needs, and prints what it did as one JSON object.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Answer = dict[str, Any]


def generate(format: str, megabytes: float, folder: str = "") -> Answer:
    """The text of a format."""
    from cli._bench_text import corpus

    made = corpus(format, megabytes, Path(folder) if folder else None)
    return {"path": str(made.path), "bytes": made.bytes, "received": made.received}


def parse(format: str, path: str, received: int, out: str, part: int = 0, parts: int = 1) -> Answer:
    """Text → typed columns → segments, as a batch writes them, without zones, archive and catalogue."""
    import polars as pl

    import parsers
    from core import memory
    from core.columns import EventClass
    from store.segment_files import GROUP_ROWS, RUN, Segments, in_order

    memory.keep_freed()
    reader = parsers.format_called(format)
    context = parsers.Context(ZoneInfo("Asia/Tokyo"), received)
    numbers = iter(range(1 << 40))
    segments = Segments(Path(out), lambda: f"{part}-{next(numbers)}", sync=False)
    held: dict[EventClass, list[pl.DataFrame]] = {}
    state: parsers.State = {}
    lines = refused = skipped = 0
    start = time.process_time()

    def flush(event_class: EventClass) -> None:
        segments.write(event_class, in_order(pl.concat(held.pop(event_class), how="diagonal"), RUN))

    for chunk in parsers.chunks(_blocks(Path(path), part, parts), record=reader.record):
        parsed, state = parsers.parse(reader, chunk, context, state)
        lines += parsed.lines
        refused += parsed.refused.height
        skipped += parsed.skipped.height
        for event_class, rows in parsed.rows.items():
            known = rows.with_columns(tenant=pl.lit("130001"), source=pl.lit("bench"))
            held.setdefault(event_class, []).append(known)
            if sum(f.height for f in held[event_class]) >= GROUP_ROWS:
                flush(event_class)
    for event_class in list(held):
        flush(event_class)
    segments.finish()
    count, stored = sum(w.rows for w in segments.written), sum(w.bytes for w in segments.written)
    return {"lines": lines, "good": lines - refused - skipped, "rows": count, "stored": stored, "start": start}


def _blocks(path: Path, part: int, parts: int) -> Iterator[bytes]:
    """The bytes of the nth of some parts of a file, cut between lines."""
    size = path.stat().st_size
    with path.open("rb") as f:

        def border(n: int) -> int:
            if n in (0, parts):
                return size * n // parts
            f.seek(size * n // parts)
            f.readline()
            return f.tell()

        at, end = border(part), border(part + 1)
        f.seek(at)
        while block := f.read(min(1 << 20, end - at)):
            at += len(block)
            yield block


def loop(format: str, path: str, out: str, remembering: bool = False) -> Answer:
    """The plain Python loop over the same text, or the one that remembers."""
    os.environ["HINOMI_BENCH_REMEMBERING"] = "yes" if remembering else "no"  # looked at when the loop is imported
    from cli._bench_loop import read

    lines, good = read(format, Path(path), Path(out))
    return {"lines": lines, "good": good}


def prepare(home: str) -> Answer:
    """A store with the registers of the bench's prefecture."""
    from cli._bench_world import register
    from store import Store

    with Store.open(home, create=True) as store:
        register(store)
    return {}


def ingest(home: str, format: str, path: str, received: int) -> Answer:
    """One delivery into such a store, as `hinomi ingest` takes it."""
    from core import memory
    from ingest.deliver import deliver
    from store import Store

    memory.keep_freed()
    with Store.open(home) as store:
        start = time.process_time()
        receipt = deliver(store, f"bench-{format}", Path(path), received=received)
        with store.snapshot() as snapshot:
            stored = sum(s.bytes for s in snapshot.segments)
    return {"lines": receipt.lines, "good": receipt.parsed, "rows": receipt.rows, "stored": stored, "start": start}


def day(home: str, rows: int, bodies: int, sources: int, skew: int) -> Answer:
    """A store with a day of denied rows."""
    from cli._bench_day import Shape, write
    from store import Store

    with Store.open(home, create=True, durable=False) as store:
        return write(store, Shape(rows, bodies, sources, skew))


def late(home: str, rows: int, bodies: int, sources: int, skew: int) -> Answer:
    """One more batch of five minutes late in that day."""
    from cli._bench_day import Shape, write_late
    from store import Store

    with Store.open(home) as store:
        return write_late(store, Shape(rows, bodies, sources, skew))


def detect(home: str, now: int, rules: str, cpu: bool) -> Answer:
    """A run over all that is due."""
    from detections import engine
    from detections.loading import load
    from store import Store

    pack = load(Path(rules) if rules else None)
    if cpu:
        # For a busy machine: processor seconds of all threads instead of the clock.
        vars(engine)["perf_counter"] = time.process_time
    with Store.open(home) as store:
        began = time.perf_counter()
        report = engine.run(store, pack, now=now)
        took = time.perf_counter() - began
    return {
        "took": took, "seconds": report.seconds, "rules": sorted(pack.rules), "cells": report.cells, "new": report.new,
        "revised": report.revised, "retracted": report.retracted, "rows": report.rows,
    }  # fmt: skip


STEPS: Mapping[str, Callable[..., Answer]] = {
    f.__name__: f for f in (generate, parse, loop, prepare, ingest, day, late, detect)
}


def _peak() -> int:
    """The most memory that this process held, in bytes; 0 where the system does not say."""
    try:
        status = Path("/proc/self/status").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:")), 0)


def main(arguments: list[str]) -> None:
    """Run the step that is named."""
    task, core, words = arguments[0], json.loads(arguments[1]), json.loads(arguments[2])
    if core is not None:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {core})
        import pyarrow as pa

        pa.set_cpu_count(1)
        pa.set_io_thread_count(1)
    answer = STEPS[task](**words)
    sys.stdout.write(json.dumps({**answer, "peak": _peak()}))


if __name__ == "__main__":
    main(sys.argv[1:])
