"""The summary at the end of a demo: what came, what was ordinary, what was found, and how that meets the truth."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from cli import _truth
from cli._lists import PAGE, alerts, every
from store import questions

if TYPE_CHECKING:
    from cli.demo import Done
    from store import Store

_ALL = questions.Everyone.ALL
_SEVERITIES = {"critical": "緊急", "high": "高", "medium": "中", "low": "低", "info": "情報"}


def show(out: Console, store: Store, done: Done, truth: Path) -> bool:
    """Print it; whether every planted case was found and nothing was told that isn't there."""
    names = {b.code: b.name for b in questions.bodies(store, _ALL, now=done.until)}
    out.print(_lines(store, done))
    out.print(_classes(store))
    out.print(_cases(store, names))
    judgement = _truth.judge(_truth.planted(truth), alerts(store, questions.AlertFilter()))
    _judged(out, judgement, names)
    return judgement.right


def _lines(store: Store, done: Done) -> Table:
    table = Table(
        "source", "files", "lines", "parsed", "refused", "skipped", "rows", title="Lines", title_justify="left"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    sources = sorted({r.source for r in done.receipts})
    for name in [*sources, "all"]:
        mine = [r for r in done.receipts if name in (r.source, "all")]
        counts = [sum(getattr(r, c) for r in mine) for c in ("lines", "parsed", "refused", "skipped", "rows")]
        if name == "all":
            table.add_section()
        table.add_row(name, f"{len(mine):,}", *(f"{c:,}" for c in counts))
    with store.snapshot() as snapshot:
        segments = len(snapshot.segments)
    seconds = done.seconds["ingest"]
    table.caption = (
        f"{done.bytes / 1e6:,.1f} MB of text in {seconds:.1f} s = {done.bytes / 1e6 / seconds:,.1f} MB/s; "
        f"{segments} segments"
    )
    table.caption_justify = "left"
    return table


def _classes(store: Store) -> Table:
    counted = Counter[str]()
    for c in questions.denied(store, _ALL, first_hour=0, last_hour=2**40, dst_zone=None):
        counted[c.bin] += c.rows
    table = Table("denied rows", "rows", "share", title="Denied rows, each in one place", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    total = sum(counted.values()) or 1
    words = {"alert": "in alerts", "none": "matched by no rule"}
    for name, rows in sorted(counted.items(), key=lambda x: (x[0] not in words, x[0])):
        table.add_row(words.get(name, f"class {name}"), f"{rows:,}", f"{rows / total:.1%}")
    table.add_section()
    table.add_row("all", f"{sum(counted.values()):,}", "")
    return table


def _cases(store: Store, names: dict[str, str]) -> Table:
    where = questions.CaseFilter(statuses=frozenset(), retroactive=None)
    counted: dict[tuple[str, str], Counter[str]] = {}
    for case in every(lambda at: questions.cases(store, _ALL, where, cursor=at, limit=PAGE)):
        counted.setdefault((case.rule, names.get(case.tenant, case.tenant)), Counter())[case.severity] += 1
    table = Table("rule", "団体", *_SEVERITIES.values(), title="Cases by rule and body", title_justify="left")
    last = ""
    for (rule, body), severities in sorted(counted.items()):
        shown = (str(severities[s]) if severities[s] else "" for s in _SEVERITIES)
        table.add_row("" if rule == last else rule, body, *shown)
        last = rule
    return table


def _judged(out: Console, judgement: _truth.Judgement, names: dict[str, str]) -> None:
    told = len(judgement.found) + len(judgement.missed)
    out.print(f"planted cases that call for an alert: {len(judgement.found)} of {told} found", highlight=False)
    for case in judgement.missed:
        body = names.get(case.tenant, case.tenant)
        out.print(f"  missed     {case.id}: {body} {' '.join(case.entity)}: {case.note}", highlight=False)
    for case, alert in judgement.too_grave:
        where = f"{names.get(alert.tenant, alert.tenant)} {' '.join(alert.entity)}"
        out.print(f"  too grave  {case.id}: {alert.rule} {alert.severity} {where}: {case.note}", highlight=False)
    for alert in judgement.unplanted:
        where = f"{names.get(alert.tenant, alert.tenant)} {' '.join(alert.entity)} {alert.day}"
        out.print(f"  unplanted  {alert.rule} {alert.severity} {where}: {alert.count:,}", highlight=False)
    if judgement.right:
        out.print("no case of 中 or above on a terminal where nothing was planted", highlight=False)
