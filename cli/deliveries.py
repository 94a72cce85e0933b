"""List what was delivered: counts of lines, hashes, seqs; with --refused the lines that could not be read."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli._store import opened
from core import time

err = Console(stderr=True)


def command(
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    id: Annotated[str, typer.Option(help="Only this delivery.")] = "",
    refused: Annotated[bool, typer.Option("--refused", help="Each run of refused lines: place, reason.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON Lines on standard output, every fact.")] = False,
) -> None:
    """List what was delivered: counts of lines, hashes, seqs; with --refused the lines that could not be read.

    Of every delivery lines = parsed + refused + skipped, by exact count.
    """
    with opened() as store:
        rows = store.deliveries(delivery_id=id, source=source)
        if refused:
            for row in rows:
                for run in store.refusals(row["seqs"]):
                    typer.echo(json.dumps({"delivery": row["id"], "source": row["source"], **run}, ensure_ascii=False))
            return
    if jsonl:
        for r in rows:
            counts = {name: r[name] for name in ("bytes", "lines", "parsed", "refused", "skipped", "rows", "repeats")}
            hashes = {name: r[name] for name in ("sha256_sent", "sha256_content")}
            record = {
                "id": r["id"], "source": r["source"], "name": r["name"], "received": time.iso(r["received"]),
                "state": r["state"], "torn": r["torn"], "seqs": list(r["seqs"]), **counts, **hashes,
            }  # fmt: skip
            typer.echo(json.dumps(record, ensure_ascii=False))
        return
    table = Table("received (JST)", "source", "name", "lines", "parsed", "refused", "skipped", "repeats", "state")
    for r in rows:
        when = time.from_us(r["received"]).astimezone(time.JST).strftime("%Y-%m-%d %H:%M:%S")
        shown = (f"{r[name]:,}" for name in ("lines", "parsed", "refused", "skipped", "repeats"))
        table.add_row(when, r["source"], r["name"], *shown, r["state"] + (" torn" if r["torn"] else ""))
    Console(width=None if err.is_terminal else 200).print(table)
