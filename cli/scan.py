"""Run the detection rules over log files without a store and print the alerts as JSON Lines.

The files go through a temporary store and the same engine as everything else, and leave nothing behind.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from cli._lists import alert_record, alerts
from core import municipalities, time
from core.errors import Exit, InputError
from core.registers import KINDS, Entry

if TYPE_CHECKING:
    from detections.loading import Pack

err = Console(stderr=True, soft_wrap=True)

SOURCE = "scan"
NEEDS = {
    "zones": "領域 of both ends: rules on LGWAN and on forbidden flows",
    "assets": "端末台帳: unregistered terminals, names and sections",
    "flows": "特定通信台帳: conditional flows",
}
"""Registers → what can't be answered without them."""


def command(
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="Log format (`hinomi formats`), or auto.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files, plain, gzip or zstd.")],
    rules: Annotated[Path | None, typer.Option(help="Folder of rules [default: those shipped].")] = None,
    config: Annotated[
        Path | None, typer.Option(help="Folder of registers: tenants, sources, zones, assets, flows.")
    ] = None,
    tenant: Annotated[str, typer.Option(help="団体コード of the body whose logs these are.")] = "131016",
    source: Annotated[str, typer.Option(help="The feed in --config whose files these are (interfaces, bodies).")] = "",
    timezone: Annotated[str, typer.Option(help="Zone of the clock, for lines without an offset.")] = "Asia/Tokyo",
    received: Annotated[str, typer.Option(help="When they arrived [default: the file's modification time].")] = "",
) -> None:
    """Run the detection rules over log files without a store and print the alerts as JSON Lines.

    Exit 1 when there are alerts or refused lines.
    """
    from detections.engine import run
    from detections.loading import load
    from ingest.deliver import deliver
    from ingest.register_import import import_entries
    from store import Store
    from store.questions import AlertFilter

    pack = load(rules)
    entries = _entries(config)
    feed = _feed(entries["sources"], source, format, files, tenant, timezone)
    with Store.temporary() as store:
        for kind, given in _completed(entries, feed, tenant).items():
            import_entries(store, kind, given, actor="scan")
        refused = 0
        for file in files:
            at = time.parse_instant(received, time.JST) if received else _modified(file)
            receipt = deliver(store, feed.values["id"], file, received=at)
            refused += receipt.refused
            err.print(f"{file}: {receipt.lines:,} lines, {receipt.refused:,} refused")
        _tell_missing(entries, feed, pack)
        run(store, pack, days=None)
        count = 0
        for alert in alerts(store, AlertFilter()):
            typer.echo(json.dumps(alert_record(alert, pack.rules), ensure_ascii=False))
            count += 1
    err.print(f"{count:,} alerts")
    if count or refused:
        raise typer.Exit(Exit.FINDINGS)


def _modified(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns // 1000
    except OSError as e:
        raise InputError(f"{file}: {e.strerror}") from e


def _entries(config: Path | None) -> dict[str, list[Entry]]:
    """Registers by kind; every kind is there."""
    from ingest.registers import read_folder

    return read_folder(config, recorded=time.now_us()) if config else {kind: [] for kind in KINDS}


def _feed(sources: list[Entry], wanted: str, format: str, files: list[Path], tenant: str, timezone: str) -> Entry:
    """The feed that says how the files are read: the one that is named, the only one that fits, or a plain one."""
    name = _recognised(files[0], timezone) if format == "auto" else format
    fits = [e for e in sources if e.values["format"] == name and (not wanted or e.values["id"] == wanted)]
    if wanted and not fits:
        raise InputError(f"--source {wanted}: --config has no such feed of format {name}")
    if len(fits) == 1:
        return fits[0]
    if len(fits) > 1:
        names = ", ".join(e.values["id"] for e in fits)
        raise InputError(f"--config has several feeds of format {name}: say which by --source: {names}")
    values: dict[str, Any] = {
        "id": SOURCE, "kind": "lgwan_firewall", "format": name, "timezone": timezone, "body_by": "fixed",
    }  # fmt: skip
    return Entry("sources", municipalities.checked(tenant), SOURCE, values)


def _recognised(file: Path, timezone: str) -> str:
    from zoneinfo import ZoneInfo

    import parsers
    from ingest.unpack import open_stream

    context = parsers.Context(ZoneInfo(timezone), _modified(file))
    sample = b"".join(next(open_stream(file), b"").splitlines(keepends=True)[:1000])
    found = parsers.chosen(parsers.recognise(sample, context))
    err.print(f"{file}: {found.name}")
    return found.name


def _completed(entries: dict[str, list[Entry]], feed: Entry, tenant: str) -> dict[str, list[Entry]]:
    """The registers with the feed alone, its body, and a prefecture where none is given."""
    bodies = list(entries["tenants"])
    known = {e.tenant for e in bodies}
    if not any(e.values.get("body") == "prefecture" for e in bodies):
        home = municipalities.prefecture_code(tenant)
        name = municipalities.prefecture_of(home)
        bodies.append(Entry("tenants", home, home, {"code": home, "name": name, "body": "prefecture"}))
    if feed.tenant and feed.tenant not in known | {e.tenant for e in bodies}:
        bodies.append(Entry("tenants", feed.tenant, feed.tenant, {"code": feed.tenant, "name": feed.tenant}))
    return entries | {"tenants": bodies, "sources": [feed]}


def _tell_missing(entries: dict[str, list[Entry]], feed: Entry, pack: Pack) -> None:
    for kind, what in NEEDS.items():
        if not entries[kind] and not (kind == "zones" and feed.values.get("interfaces")):
            without = [p.rule.id for p in pack.producers.values() if kind in p.reads]
            err.print(f"no {kind} in --config, so not asked or only in part ({what}): {', '.join(without)}")
