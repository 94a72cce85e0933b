"""Write a prefecture: logs of every source and day, its configuration, and truth.jsonl.

A task is one source on one day; it draws from generators of its own (seed, body, day, source) and writes its own file,
so that the bytes are the same on any machine, in any order, on any number of processes. A task holds the numbers of its
day (about 60 bytes a line) and the text of at most `CHUNK` lines.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.time import DAY_US, day_start, iso
from simulator import (
    cases_flows,
    cases_lgwan,
    cases_servers,
    configuration,
    dns,
    errands,
    fortigate,
    mail,
    noise,
    prefecture,
    proxy,
    sessions,
    web,
    yamaha,
)  # fmt: skip
from simulator.cases import Case, Plan, Stage
from simulator.packets import ALLOW, CUT, EVENT, SIGN, joined, with_macs
from simulator.prefecture import Body

CHUNK = 50_000
START = date(2026, 11, 18)
"""The first day where none is given: fixed, because the same arguments give the same bytes."""
NEVER = 2**62
SHARED = ("proxy", "mail", "dns", "web")
_ZIPPED = {"mail"}
Rows = NDArray[Any]
Seen = dict[int, tuple[int, int, int]]
"""Label → lines, first and last instant."""


@dataclass(frozen=True)
class Wish:
    """The arguments of a simulation; `until` is an instant (µs UTC) after which nothing is written."""

    out: str
    municipalities: int
    days: int
    seed: int
    scale: float
    start: date
    until: int

    def bodies(self) -> list[Body]:
        return prefecture.bodies(self.municipalities, min(self.scale, 7.0))

    @property
    def rate(self) -> float:
        """What the scale asks for beyond the number of terminals."""
        return max(1.0, self.scale / 7.0)

    def dates(self) -> list[date]:
        return [self.start + timedelta(n) for n in range(self.days)]


@dataclass
class Summary:
    """What was written: lines and bytes (before gzip) of each source, firewall lines by noise class, and the truth."""

    out: Path
    lines: int = 0
    bytes: int = 0
    sources: dict[str, tuple[int, int]] = field(default_factory=dict)
    denied: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)
    """Expected answer → number of planted cases."""
    files: list[Path] = field(default_factory=list)


@dataclass(frozen=True)
class Written:
    """What one task wrote."""

    source: str
    path: str
    lines: int
    bytes: int
    denied: int
    seen: Seen


def plan(wish: Wish, bodies: Sequence[Body]) -> list[Case]:
    """All planted cases, in a fixed order: the number of a case is its label."""
    made: list[Case] = []
    for group in range((len(bodies) + 9) // 10):
        growing = Plan(Stage(bodies, wish.dates(), wish.seed, group))
        for plant in (
            cases_lgwan.sources, cases_lgwan.protocols, cases_lgwan.file_sharing, cases_lgwan.floods,
            cases_flows.flow_policy, cases_servers.floods,
        ):  # fmt: skip
            plant(growing)
        made += growing.cases
    return made


def _planted(cases: Sequence[Case], source: str) -> Iterator[tuple[Case, Rows]]:
    for number, case in enumerate(cases):
        if case.source == source:
            rows = case.build()
            rows["label"] = noise.FIRST_CASE + number
            yield case, rows


def _rng(wish: Wish, body: Body, day: date, source: str) -> np.random.Generator:
    return np.random.default_rng([wish.seed, int(body.code), day.toordinal(), zlib.crc32(source.encode())])


def _in_day(rows: Rows, midnight: int, until: int) -> Rows:
    rows = rows[(rows["t"] >= midnight) & (rows["t"] < min(midnight + DAY_US, until))]
    return rows[np.argsort(rows["t"], kind="stable")]


def _seen(rows: Rows) -> Seen:
    labels, first, counts = np.unique(rows["label"], return_index=True, return_counts=True)
    last = len(rows) - 1 - np.unique(rows["label"][::-1], return_index=True)[1]
    t = rows["t"]
    return {int(n): (int(c), int(t[a]), int(t[b])) for n, c, a, b in zip(labels, counts, first, last, strict=True) if n}


def _chunks(rows: Rows, render: Callable[[Rows], list[str]]) -> Iterator[list[str]]:
    for first in range(0, len(rows), CHUNK):
        yield render(rows[first : first + CHUNK])


def _write(path: Path, chunks: Iterator[list[str]], received: int) -> tuple[int, int]:
    """Write the lines; the file's time is when it would have arrived. Returns lines and bytes before gzip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = size = 0
    with path.open("wb") as raw:
        zipped = path.suffix == ".gz"
        file = cast(BinaryIO, gzip.GzipFile("", "wb", 6, raw, mtime=0)) if zipped else raw
        for chunk in chunks:
            text = "".join(f"{line}\n" for line in chunk).encode()
            file.write(text)
            lines, size = lines + len(chunk), size + len(text)
        if zipped:
            file.close()
    os.utime(path, (received // 1_000_000, received // 1_000_000))
    return lines, size


def _firewall(wish: Wish, bodies: Sequence[Body], body: Body, day: date) -> tuple[Rows, Callable[[Rows], list[str]]]:
    midnight, rate = day_start(day), wish.rate
    now = noise.today(body, day, _rng(wish, body, day, body.source))
    if body.quiet:
        few = errands.late(now, midnight, rate, 0.15)
        rows = [few, noise.firewall(now, midnight, rate)]
    else:
        rows = [noise.local(now, midnight, rate), noise.firewall(now, midnight, rate)]
        rows += [errand(now, midnight, rate) for errand in errands.ERRANDS]
    if body.permits:
        rows.append(sessions.allowed(now, midnight, rate))
    moved = NEVER
    for case, planted in _planted(plan(wish, bodies), body.source):
        if case.down[1]:
            ordinary = joined(rows)
            rows = [ordinary[(ordinary["t"] < case.down[0]) | (ordinary["t"] >= case.down[1])]]
        moved = case.moved or moved
        rows.append(planted)
    all_rows = joined(rows)
    if body.yamaha:
        all_rows = yamaha.speaks(all_rows)
        all_rows["t"] -= all_rows["t"] % 1_000_000
        return all_rows, lambda part: yamaha.render(part, body, day, midnight)
    return with_macs(all_rows, body), lambda part: fortigate.render(part, body, day, midnight, moved=moved)


def _server(wish: Wish, bodies: Sequence[Body], source: str, day: date) -> tuple[Rows, Callable[[Rows], list[str]]]:
    midnight = day_start(day)
    rngs = [_rng(wish, b, day, source) for b in bodies]
    scale = min(wish.scale, 7.0)
    if source == "proxy":
        return proxy.requests(bodies, day, midnight, rngs, wish.rate), lambda part: proxy.render(part, bodies)
    if source == "mail":
        times, texts = mail.lines(bodies, day, midnight, rngs, wish.rate, scale)
        rows = np.zeros(len(times), [("t", "i8"), ("at", "i8"), ("label", "i4")])
        rows["t"], rows["at"] = times, np.arange(len(times))
        return rows, lambda part: mail.stamped(
            part["t"].tolist(), [texts[i] for i in part["at"].tolist()], day, midnight
        )
    if source == "dns":
        rows = dns.queries(bodies, day, midnight, rngs, wish.rate, scale)
        step, render = 1000, dns.render
    else:
        rows = web.visits(bodies, day, midnight, rngs, wish.rate, scale)
        step, render = 1_000_000, web.render
    rows = np.concatenate([rows, *(planted for _, planted in _planted(plan(wish, bodies), source))])
    rows["t"] -= rows["t"] % step
    return rows, lambda part: render(part, bodies, day, midnight)


def write_day(wish: Wish, source: str, day: date) -> Written:
    """Write one source's file of one day."""
    bodies = wish.bodies()
    body = next((b for b in bodies if b.source == source), None)
    rows, render = _firewall(wish, bodies, body, day) if body else _server(wish, bodies, source, day)
    rows = _in_day(rows, day_start(day), wish.until)
    suffix = ".log.gz" if source in _ZIPPED or (body and body.kind == 6) else ".log"
    path = Path(wish.out) / "logs" / source / f"{day:%Y%m%d}{suffix}"
    received = min(day_start(day) + DAY_US, wish.until) + 300_000_000
    lines, size = _write(path, _chunks(rows, render), received)
    denied = int(np.sum(~np.isin(rows["form"], (ALLOW, CUT, SIGN, EVENT)))) if body else 0
    return Written(source, str(path), lines, size, denied, _seen(rows))


def _truth(wish: Wish, bodies: Sequence[Body], written: Sequence[Written]) -> list[dict[str, Any]]:
    cases, by_source = plan(wish, bodies), {b.source: b for b in bodies}
    seen: dict[tuple[str, int], tuple[int, int, int]] = {}
    for task in written:
        for label, (count, first, last) in task.seen.items():
            c, f, e = seen.get((task.source, label), (0, NEVER, 0))
            seen[task.source, label] = (c + count, min(f, first), max(e, last))
    classes = list(noise.CLASSES)
    made = []
    for (source, label), (count, first, last) in sorted(
        seen.items(), key=lambda item: (item[0][1] < noise.FIRST_CASE, item[0][1], item[0][0])
    ):
        when = {"first": iso(first), "last": iso(last), "lines": count, "source": source}
        if label >= noise.FIRST_CASE:
            case = cases[label - noise.FIRST_CASE]
            facts = {
                k: v for k, v in asdict(case).items() if k in ("id", "kind", "expected", "tenant", "note", "match")
            }
            made.append({**facts, "rule_family": case.family, "entity": list(case.entity), **when})
        else:
            name = classes[label - 1]
            made.append(
                {
                    "id": f"noise-{name}-{by_source[source].slug}",
                    "kind": "noise",
                    "expected": "aggregate" if name in noise.AGGREGATED else "none",
                    "tenant": by_source[source].code,
                    "note": noise.CLASSES[name],
                    "match": "",
                    "rule_family": name,
                    "entity": [],
                    **when,
                }
            )
    return made


def simulate(
    out: Path, *, municipalities: int = 10, days: int = 2, seed: int = 1, scale: float = 1.0, start: date = START,
    until: int | None = None, processes: int | None = None, progress: Callable[[int, int], None] | None = None,
) -> Summary:  # fmt: skip
    """Write a prefecture below `out`.

    Args:
        out: Folder; logs/, config/ and truth.jsonl in it are written over.
        municipalities: 1 to 120. Below 10 the cases of the missing bodies are missing too.
        days: JST days from `start`.
        seed: Equal arguments give equal bytes.
        scale: Multiplies terminals and what they do; planted cases keep their size.
        start: First JST day.
        until: Instant in µs UTC: nothing later is written.
        processes: How many at once; the bytes don't depend on it. Default: as many as there are processors, at most 4.
        progress: Called with (files done, files in all).

    Raises:
        InputError: When an argument is out of range.
    """
    if days < 1 or scale <= 0 or not 1 <= municipalities <= prefecture.MOST or seed < 0:
        raise InputError(f"simulate: 1 to {prefecture.MOST} municipalities, days ≥ 1, scale > 0, seed ≥ 0")
    wish = Wish(str(out), municipalities, days, seed, scale, start, NEVER if until is None else until)
    bodies = wish.bodies()
    sources = [
        *SHARED,
        *sorted((b.source for b in bodies), key=lambda s: next(-sum(b.sizes) for b in bodies if b.source == s)),
    ]
    tasks = [(s, d) for d in wish.dates() for s in sources if day_start(d) < wish.until]
    files = configuration.write(out, bodies, start)
    written: list[Written] = []

    def done(task: Written) -> None:
        written.append(task)
        if progress:
            progress(len(written), len(tasks))

    count = processes or min(4, len(os.sched_getaffinity(0)))
    if count == 1 or municipalities * days * scale < 1:
        for source, day in tasks:
            done(write_day(wish, source, day))
    else:
        # Spawned, not forked: the caller may have threads of its own (polars, a server).
        with ProcessPoolExecutor(count, get_context("spawn")) as pool:
            for future in [pool.submit(write_day, wish, s, d) for s, d in tasks]:
                done(future.result())
    truth = _truth(wish, bodies, written)
    (out / "truth.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in truth), "utf-8")
    return _summary(out, written, truth, files)


def _summary(out: Path, written: Sequence[Written], truth: Sequence[dict[str, Any]], files: Sequence[Path]) -> Summary:
    made = Summary(out, files=[*files, *(Path(w.path) for w in written), out / "truth.jsonl"])
    for w in written:
        made.lines, made.bytes, made.denied = made.lines + w.lines, made.bytes + w.bytes, made.denied + w.denied
        lines, size = made.sources.get(w.source, (0, 0))
        made.sources[w.source] = (lines + w.lines, size + w.bytes)
    for row in truth:
        if row["kind"] == "noise":
            made.classes[row["rule_family"]] = made.classes.get(row["rule_family"], 0) + row["lines"]
        else:
            made.cases[row["expected"]] = made.cases.get(row["expected"], 0) + 1
    return made
