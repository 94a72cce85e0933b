"""The commands that all registers share: import, list and check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli._store import opened
from core import time
from core.registers import ALWAYS, FOREVER, KINDS, Entry

err = Console(stderr=True, soft_wrap=True)


def register_app(kind: str, help: str) -> typer.Typer:
    """`import`, `list` and `check` of one register."""
    app = typer.Typer(help=help, no_args_is_help=True, rich_markup_mode=None)
    title = KINDS[kind].title
    columns = ", ".join(f"{f.name} ({f.ja})" if f.ja else f.name for f in KINDS[kind].fields)

    @app.command(
        "import", help=f"Take in a file of {title}: TOML with [[{kind}]] or CSV, UTF-8 or CP932.\n\nFields: {columns}"
    )
    def import_(
        files: Annotated[list[Path], typer.Argument(help="Files; each is checked whole before anything is taken.")],
        tenant: Annotated[str, typer.Option(help="団体コード of records that name none.")] = "",
        actor: Annotated[str, typer.Option(help="Who imports, for the record.")] = "command line",
    ) -> None:
        from ingest.register_import import import_entries
        from ingest.registers import read

        with opened(create=True) as store:
            entries: list[Entry] = []
            for path in files:
                entries += read(kind, path, recorded=time.now_us(), tenant=tenant)
            done = import_entries(store, kind, entries, actor=actor)
        if done.seq is None:
            err.print(f"{title}: {len(entries)} entries, all known already; nothing changed")
        else:
            err.print(f"{title}: {done.changed} of {len(entries)} entries are new or changed (seq {done.seq})")
        if done.resolved is not None:
            err.print(f"rows that had come before were resolved again (seq {done.resolved})")

    @app.command("list", help=f"List {title} as they stand.")
    def list_(
        tenant: Annotated[str, typer.Option(help="Only this 団体コード.")] = "",
        jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON Lines on standard output.")] = False,
    ) -> None:
        with opened() as store:
            entries = [e for e in store.entries(kind) if not tenant or e.tenant == tenant]
        entries.sort(key=lambda e: (e.tenant, e.key, e.valid_from))
        if jsonl:
            for e in entries:
                typer.echo(json.dumps(_record(e), ensure_ascii=False))
            return
        table = Table("tenant", *(f.name for f in KINDS[kind].fields), "valid from", "valid to", "approver")
        for e in entries:
            shown = (_cell(e.values.get(f.name, "")) for f in KINDS[kind].fields)
            table.add_row(e.tenant, *shown, _day(e.valid_from), _day(e.valid_to), e.approver)
        Console(width=None if err.is_terminal else 200).print(table)

    @app.command("check", help=f"Check files of {title} (or, without files, what is registered) and take nothing in.")
    def check_(
        files: Annotated[list[Path] | None, typer.Argument(help="Files to check.")] = None,
        tenant: Annotated[str, typer.Option(help="団体コード of records that name none.")] = "",
    ) -> None:
        from ingest.registers import check, read

        if files:
            entries = [e for path in files for e in read(kind, path, recorded=time.now_us(), tenant=tenant)]
        else:
            with opened() as store:
                entries = store.entries(kind)
        check(kind, entries)
        err.print(f"{title}: {len(entries)} entries, nothing wrong")

    return app


def _record(e: Entry) -> dict[str, object]:
    record: dict[str, object] = {"tenant": e.tenant, **e.values}
    if e.valid_from != ALWAYS:
        record["valid_from"] = time.iso(e.valid_from)
    if e.valid_to != FOREVER:
        record["valid_to"] = time.iso(e.valid_to)
    for name in ("approver", "second_approver", "document"):
        if value := getattr(e, name):
            record[name] = value
    return record


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{k}={v}" for k, v in value.items())
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _day(instant: int) -> str:
    return "" if instant in (ALWAYS, FOREVER) else time.day_of(instant).isoformat()
