"""What detection has and has not yet seen: due cells, last evaluation, denied rows by class, lost log lines."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from cli._store import opened
from core.errors import Exit


def command(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Every cell that is due and every count, as JSON Lines.")
    ] = False,
) -> None:
    """What detection has and has not yet seen: due cells, last evaluation by rule, denied rows by traffic class.

    And the minutes in which a device said that it had lost log lines, so that what was counted then is a lower bound.

    Computed anew from every touch and every mark. Exit 1 while a cell is due.
    """
    from core import time
    from store import ledger
    from store import questions as q
    from store.facts import denied_by_day

    with opened() as store, store.catalogue.read() as tx:
        due = ledger.due(tx, exact=True)
        last = ledger.last_evaluated(tx)
        counts = denied_by_day(tx)
        lost = q.lost(store, q.Everyone.ALL, first_hour=0, last_hour=time.hour_of(time.now_us()) + 24)
    waiting: dict[str, int] = {}
    for cell in due:
        waiting[cell.producer] = waiting.get(cell.producer, 0) + 1
    if jsonl:
        records: list[dict[str, Any]] = [
            {
                "due": c.producer,
                "hour": time.iso(time.hour_start(c.hour)),
                "bodies": sorted(c.tenants),
                "since_seq": c.since_seq,
            }
            for c in due
        ]
        records += [
            {"producer": p, "cells": n, "evaluated": time.iso(at), "due": waiting.get(p, 0)}
            for p, (n, at) in last.items()
        ]
        records += [
            {"body": tenant, "day": day, "bin": bin_, "class": name, "rows": rows, "events": events}
            for tenant, day, bin_, name, rows, events in counts
        ]
        records += [
            {"body": one.tenant, "source": one.source, "device": one.device, "lost": [time.iso(m) for m in one.minutes]}
            for one in lost
        ]
        for record in records:
            typer.echo(json.dumps(record, ensure_ascii=False))
    else:
        typer.echo("producer\tcells\tdue\tlast evaluated")
        for producer in sorted({*last, *waiting}):
            number, at = last.get(producer, (0, 0))
            typer.echo(f"{producer}\t{number}\t{waiting.get(producer, 0)}\t{time.iso(at) if at else 'never'}")
        typer.echo("\nbody\tday\tbin\tclass\tdenied rows\tevents")
        for row in counts:
            typer.echo("\t".join(map(str, row)))
        typer.echo("\nbody\tsource\tdevice\tminutes with lost lines\tfirst\tlast")
        for one in lost:
            span = (time.iso(one.minutes[0]), time.iso(one.minutes[-1]))
            typer.echo("\t".join((one.tenant, one.source, one.device, str(len(one.minutes)), *span)))
    if due:
        typer.echo(f"{len(due)} cells have not seen everything; run `hinomi detect`", err=True)
        raise typer.Exit(Exit.FINDINGS)
