"""Measure what Hinomi reaches on this machine: reading lines, taking them in, detection over a large day, answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli._bench_table import around, count, hundredths, mib, show, talk, tenths, yes
from core.errors import Exit

if TYPE_CHECKING:
    from cli._bench_child import Took

app = typer.Typer(add_completion=False, rich_markup_mode=None)

MARKS = {
    "apache": 80, "fortinet_fortigate": 55, "squid": 60, "paloalto_panos": 80, "bind": 60, "postfix": 40,
    "yamaha_rtx": 25, "cisco_asa": 25, "juniper_srx": 25, "nginx": 25, "suricata_eve": 25,
}  # fmt: skip
"""MB of text per processor second that are wanted of `bench parse`."""
TIMES_THE_LOOP = 3.0
TIMES_SYSLOG_NG = 2.0
SHARE_OF_PARSE = 0.5
WORKER_BYTES = 600 * 2**20
MEDIAN_SECONDS, WORST_SECONDS, LATE_SECONDS = 1.0, 5.0, 20.0
DETECT_BYTES = 4 * 2**30
API_MS, PAGE_MS = 100.0, 1000.0
"""Milliseconds within which 95 of 100 answers are wanted."""

Formats = Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(MARKS)}. [default: all]")]
Megabytes = Annotated[float, typer.Option("--mb", min=0.1, help="Text of each format (10^6 bytes).")]
Repeat = Annotated[int, typer.Option(min=1, help="Runs of each; the median counts.")]
Jsonl = Annotated[bool, typer.Option("--jsonl", help="One JSON object for each row instead of tables.")]


@app.callback(invoke_without_command=True)
def main(ctx: typer.Context) -> None:
    """Measure what Hinomi reaches on this machine: reading lines, taking them in, detection over a large day.

    Each measurement is a process of its own. Seconds are processor seconds of the whole process, its start and imports
    included, so that a busy machine disturbs them less than the clock; seconds by the clock are named as such. Without
    a command: parse, ingest and detect. Exit 1 where two ways of reading the same text disagree on the number of good
    lines.
    """
    if ctx.invoked_subcommand is None:
        parse()
        ingest()
        detect()


@app.command()
def parse(
    formats: Formats = None, megabytes: Megabytes = 300, repeat: Repeat = 3,
    loops: Annotated[
        int, typer.Option(min=0, help="Runs of the Python loop that writes the same rows: plain, and with a memory.")
    ] = 1,
    syslog_ng: Annotated[
        int, typer.Option(min=0, help="Runs of Debian's syslog-ng; `hinomi bench setup` installs it.")
    ] = 0,
    workers: Annotated[int, typer.Option(min=1, max=2, help="2: also by the clock, one process against two.")] = 1,
    jsonl: Jsonl = False,
) -> None:  # fmt: skip
    """Text to typed columns in segments, on one core, beside a plain Python loop (and syslog-ng).

    The loop reads the same lines into the same columns with the same values, and writes them as Parquet: its ratio is
    one of equal work. It is run as one writes it, with the standard library's times and addresses, and once more with
    a memory for those that come again, as one tunes it. What syslog-ng's own parsers give is less: texts of the line's
    fields as JSON, without types, verdicts and canonical addresses.
    """
    from cli import _bench_child as child

    with around(jsonl):
        core, found, agreed = child.cores()[-1], [], True
        for text in _texts(formats, megabytes):
            ours, theirs, tuned, others = [], [], [], []
            for n in range(max(repeat, loops, syslog_ng)):
                ours += [_step("parse", core, text) for _ in range(n < repeat)]
                theirs += [_step("loop", core, text) for _ in range(n < loops)]
                tuned += [_step("loop", core, text, remembering=True) for _ in range(n < loops)]
                others += [_syslog_ng(core, text) for _ in range(n < syslog_ng)]
            speed, plain = _speed(text, ours), _speed(text, theirs) if theirs else None
            remembering = _speed(text, tuned) if tuned else None
            other = _speed(text, others) if others else None
            good = {t.said["good"] for t in (*ours, *theirs, *tuned)}
            agreed &= len(good) == 1
            found.append({
                "bench": "parse", "format": text.format, "mb": text.megabytes, "lines": ours[0].said["lines"],
                "good": ours[0].said["good"], "same_good": len(good) == 1, "cpu_s": _middle(ours),
                "start_s": median(t.said["start"] for t in ours), "mb_s": speed, "mark": MARKS[text.format],
                "reached": speed >= MARKS[text.format], "lines_s": ours[0].said["lines"] / _middle(ours),
                "loop_mb_s": plain, "ratio": speed / plain if plain else None,
                "ratio_reached": speed / plain >= TIMES_THE_LOOP if plain else None,
                "remembering_mb_s": remembering, "remembering_ratio": speed / remembering if remembering else None,
                "syslog_ng_mb_s": other, "syslog_ng_ratio": speed / other if other else None,
                "syslog_ng_ratio_reached": speed / other >= TIMES_SYSLOG_NG if other else None,
                "peak": max(t.peak for t in ours), "peak_reached": max(t.peak for t in ours) <= WORKER_BYTES,
                "stored": ours[0].said["stored"], "runs_mb_s": _each(text, ours), "loop_runs_mb_s": _each(text, theirs),
                "remembering_runs_mb_s": _each(text, tuned), "syslog_ng_runs_mb_s": _each(text, others),
            })  # fmt: skip
        show(jsonl, found, (
            ("format", "format", str), ("MB", "mb", tenths), ("lines", "lines", count), ("good", "good", count),
            ("same", "same_good", yes), ("CPU s", "cpu_s", hundredths), ("start", "start_s", hundredths),
            ("MB/CPU s", "mb_s", tenths), ("mark", "mark", tenths), ("reached", "reached", yes),
            ("lines/s", "lines_s", count), ("loop MB/CPU s", "loop_mb_s", tenths), ("ratio", "ratio", tenths),
            (f"≥{TIMES_THE_LOOP:g}", "ratio_reached", yes), ("with memory", "remembering_mb_s", tenths),
            ("ratio", "remembering_ratio", tenths), ("syslog-ng", "syslog_ng_mb_s", tenths),
            ("ratio", "syslog_ng_ratio", tenths), (f"≥{TIMES_SYSLOG_NG:g}", "syslog_ng_ratio_reached", yes),
            ("peak MiB", "peak", mib), (f"≤{WORKER_BYTES >> 20}", "peak_reached", yes),
        ))  # fmt: skip
        if workers > 1:
            show(jsonl, [_workers(text, repeat) for text in _texts(formats, megabytes)], (
                ("format", "format", str), ("MB", "mb", tenths), ("1 worker s", "one_s", hundredths),
                ("2 workers s", "two_s", hundredths), ("times", "times", hundredths),
            ))  # fmt: skip
    if not agreed:
        raise typer.Exit(Exit.FINDINGS)


@app.command()
def setup() -> None:
    """Install what `bench parse --syslog-ng` measures against, from Debian's packages (needs root)."""
    from cli._bench_syslog_ng import install

    install()


@app.command()
def ingest(
    formats: Formats = None, megabytes: Megabytes = 300, repeat: Repeat = 3, jsonl: Jsonl = False
) -> None:  # fmt: skip
    """The whole commit: archive, zones, segments, catalogue; beside `bench parse` on the same lines."""
    from cli import _bench_child as child

    with around(jsonl):
        core, found, agreed = child.cores()[-1], [], True
        for text in _texts(formats, megabytes):
            bare, whole = [], []
            for _ in range(repeat):
                bare.append(_step("parse", core, text))
                whole.append(_step("ingest", core, text))
            speed, parsed = _speed(text, whole), _speed(text, bare)
            good = {t.said["good"] for t in (*bare, *whole)}
            agreed &= len(good) == 1
            peak = max(t.peak for t in whole)
            found.append({
                "bench": "ingest", "format": text.format, "mb": text.megabytes, "lines": whole[0].said["lines"],
                "good": whole[0].said["good"], "same_good": len(good) == 1, "cpu_s": _middle(whole),
                "start_s": median(t.said["start"] for t in whole), "mb_s": speed, "parse_mb_s": parsed,
                "share": speed / parsed, "share_reached": speed / parsed >= SHARE_OF_PARSE, "peak": peak,
                "peak_reached": peak <= WORKER_BYTES, "stored": whole[0].said["stored"],
                "row_bytes": whole[0].said["stored"] / max(1, whole[0].said["rows"]), "runs_mb_s": _each(text, whole),
            })  # fmt: skip
        show(jsonl, found, (
            ("format", "format", str), ("MB", "mb", tenths), ("lines", "lines", count), ("good", "good", count),
            ("same", "same_good", yes), ("CPU s", "cpu_s", hundredths), ("start", "start_s", hundredths),
            ("MB/CPU s", "mb_s", tenths), ("parse", "parse_mb_s", tenths), ("share", "share", hundredths),
            (f"≥{SHARE_OF_PARSE:g}", "share_reached", yes), ("peak MiB", "peak", mib),
            (f"≤{WORKER_BYTES >> 20}", "peak_reached", yes), ("bytes/row", "row_bytes", tenths),
        ))  # fmt: skip
    if not agreed:
        raise typer.Exit(Exit.FINDINGS)


@app.command()
def detect(
    rows: Annotated[int, typer.Option(min=1000, help="Denied rows of the day.")] = 7_000_000,
    bodies: Annotated[int, typer.Option(min=2, max=200, help="Bodies.")] = 40,
    sources: Annotated[int, typer.Option(min=100, help="Addresses that write them.")] = 80_000,
    skew: Annotated[int, typer.Option(min=0, help="Rows of one great source, of --rows.")] = 2_000_000,
    rules: Annotated[Path | None, typer.Option(help="Rules of this directory. [default: those shipped]")] = None,
    cpu: Annotated[bool, typer.Option(help="Processor seconds of all threads instead of the clock.")] = False,
    jsonl: Jsonl = False,
) -> None:
    """All rules over one day of denied rows from nothing, then over one more 5-minute batch late in that day."""
    from cli import _bench_child as child

    if skew > rows:
        raise typer.BadParameter("the great source has no more rows than all have", param_hint="--skew")
    shape: dict[str, Any] = {"rows": rows, "bodies": bodies, "sources": sources, "skew": skew}
    with around(jsonl), tempfile.TemporaryDirectory(prefix="hinomi-bench-") as folder:
        home = Path(folder) / "store"
        by: dict[str, Any] = {"rules": str(rules or ""), "cpu": cpu}
        written = child.run("day", home=home, **shape)
        talk(f"{written.said['rows']:,} rows in {written.said['segments']} segments, {written.cpu:.0f} CPU s")
        runs = [child.run("detect", home=home, now=written.said["now"], **by)]
        talk(f"the day: {runs[0].said['took']:.0f} s by the clock, {runs[0].cpu:.0f} CPU s")
        late = child.run("late", home=home, **shape)
        runs.append(child.run("detect", home=home, now=late.said["now"], **by))
        _detected(jsonl, runs, written.said, late.said["rows"], cpu=cpu)


@app.command()
def api(
    alerts: Annotated[int, typer.Option(min=100, help="Alerts in the store.")] = 1_000_000,
    times: Annotated[int, typer.Option(min=1, max=150, help="How often each question is asked.")] = 40,
    home: Annotated[
        Path | None, typer.Option(help="Keep the store here, and ask the one that is here. [default: a temporary one]")
    ] = None,
    cpu: Annotated[bool, typer.Option(help="Judge by the server's processor time instead of the clock.")] = False,
    jsonl: Jsonl = False,
) -> None:
    """The questions of API and pages over HTTP, one after the other, with many alerts in the store."""
    from cli import _bench_api as asking

    with around(jsonl), tempfile.TemporaryDirectory(prefix="hinomi-bench-") as folder:
        where = home or Path(folder) / "store"
        filled, seconds = asking.filled(where, alerts)
        talk(f"{filled.alerts:,} alerts, {filled.cases:,} cases, {filled.open:,} of them open; {seconds:.0f} CPU s")
        found: list[dict[str, Any]] = [
            {"bench": "api", "question": one.name, "bytes": one.bytes, "mark": PAGE_MS if one.page else API_MS}
            | {f"{by}_{name}": asking.within(each, share) for by, each in (("clock", one.clock), ("cpu", one.cpu))
               for name, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))}
            for one in asking.ask(where, filled, times)
        ]  # fmt: skip
        for row in found:
            judged = row["cpu_p95" if cpu else "clock_p95"]
            row["reached"] = None if judged is None else judged <= row["mark"]
        show(jsonl, found, (
            ("milliseconds", "question", str), ("p50", "clock_p50", tenths), ("p95", "clock_p95", tenths),
            ("max", "clock_max", tenths), ("CPU p50", "cpu_p50", tenths), ("p95", "cpu_p95", tenths),
            ("max", "cpu_max", tenths), ("bytes", "bytes", count), ("mark", "mark", count),
            ("reached", "reached", yes),
        ))  # fmt: skip


def _detected(jsonl: bool, runs: list[Took], day: dict[str, Any], late_rows: int, *, cpu: bool) -> None:
    first, late = (t.said for t in runs)
    clock = "CPU s" if cpu else "s"
    names = sorted({*first["seconds"], *late["seconds"]} - set(first["rules"]))
    found: list[dict[str, Any]] = [
        {"bench": "detect", "what": what, "rule": what in first["rules"], "clock": clock,
         "day_s": first["seconds"].get(what), "late_s": late["seconds"].get(what)}
        for what in (*first["rules"], *names)
    ]  # fmt: skip
    show(jsonl, found, (
        ("rule or shared step", "what", str), (f"day {clock}", "day_s", hundredths),
        (f"late batch {clock}", "late_s", hundredths),
    ))  # fmt: skip
    asked = [r["day_s"] for r in found if r["rule"] and r["day_s"] is not None] or [0.0]
    last = sum(late["seconds"].values()) if cpu else late["took"]
    peak = max(t.peak for t in runs)
    figures = (
        (f"median rule over the day, {clock}", median(asked), MEDIAN_SECONDS),
        (f"worst rule over the day, {clock}", max(asked), WORST_SECONDS),
        (f"one more 5-minute batch through all, {clock}", last, LATE_SECONDS),
        ("peak memory, GiB", peak / 2**30, DETECT_BYTES / 2**30),
    )
    judged = [
        {"bench": "detect", "figure": name, "is": value, "at_most": mark, "reached": value <= mark}
        for name, value, mark in figures
    ]
    show(jsonl, judged, (
        ("figure", "figure", str), ("is", "is", hundredths), ("mark ≤", "at_most", tenths), ("reached", "reached", yes),
    ))  # fmt: skip
    whole = [
        {"bench": "detect", "run": name, "rows": rows, "read": t.said["rows"], "cells": t.said["cells"],
         "alerts": t.said["new"] + t.said["revised"] + t.said["retracted"], "wall_s": t.said["took"], "cpu_s": t.cpu,
         "peak": t.peak}
        for name, rows, t in (("day", day["rows"], runs[0]), ("late batch", late_rows, runs[1]))
    ]  # fmt: skip
    show(jsonl, whole, (
        ("run", "run", str), ("rows", "rows", count), ("rows read", "read", count), ("cells", "cells", count),
        ("alerts", "alerts", count), ("wall s", "wall_s", tenths), ("CPU s", "cpu_s", tenths),
        ("peak MiB", "peak", mib),
    ))  # fmt: skip
    talk(f"{day['stored'] / day['rows']:.1f} bytes a row in the segments, before compaction")


# --------------------------------------------------------------------------------------------------------------- steps


@dataclass(frozen=True, slots=True)
class _Text:
    format: str
    path: Path
    received: int
    megabytes: float


def _texts(formats: list[str] | None, megabytes: float) -> Iterator[_Text]:
    from cli import _bench_child as child

    for name in formats or MARKS:
        if name not in MARKS:
            raise typer.BadParameter(f"{name}: none of {', '.join(MARKS)}", param_hint="FORMATS")
    for name in formats or MARKS:
        talk(name)
        said = child.run("generate", format=name, megabytes=megabytes).said
        yield _Text(name, Path(said["path"]), said["received"], said["bytes"] / 1e6)


def _step(task: str, core: int | None, text: _Text, **more: Any) -> Took:
    from cli import _bench_child as child

    given: dict[str, Any] = {"format": text.format, "path": text.path, "received": text.received, **more}
    with tempfile.TemporaryDirectory(prefix="hinomi-bench-") as folder:
        if task == "loop":
            del given["received"]
        if task == "ingest":
            child.run("prepare", home=folder)
        return child.run(task, core=core, **given, **{"home" if task == "ingest" else "out": folder})


def _syslog_ng(core: int | None, text: _Text) -> Took:
    from cli._bench_syslog_ng import read

    with tempfile.TemporaryDirectory(prefix="hinomi-bench-") as folder:
        return read(text.format, text.path, Path(folder), core)


def _workers(text: _Text, repeat: int) -> dict[str, Any]:
    """One process over the whole text against two over its halves, by the clock: medians of alternating runs."""
    from cli import _bench_child as child

    cores, took = (child.cores() * 2)[:2], {1: list[float](), 2: list[float]()}
    for n in (1, 2) * repeat:
        with tempfile.TemporaryDirectory(prefix="hinomi-bench-") as folder:
            given = {"format": text.format, "path": text.path, "received": text.received, "out": folder, "parts": n}
            halves = [("parse", cores[p], {**given, "part": p}) for p in range(n)]
            took[n].append(max(t.wall for t in child.together(halves)))
    one, two = (median(runs) for runs in took.values())
    known = {"bench": "workers", "format": text.format, "mb": text.megabytes}
    return {**known, "one_s": one, "two_s": two, "times": one / two}


def _middle(runs: Sequence[Took]) -> float:
    return median(t.cpu for t in runs)


def _speed(text: _Text, runs: Sequence[Took]) -> float:
    """MB per processor second."""
    return text.megabytes / _middle(runs)


def _each(text: _Text, runs: Sequence[Took]) -> list[float]:
    return [round(text.megabytes / t.cpu, 2) for t in runs]
