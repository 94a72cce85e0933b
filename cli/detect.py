"""Run what is due: rules over new lines, alerts and cases, the accounting of denied rows (for cron and systemd)."""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

from typing import Annotated

import typer

from cli._store import opened


def command(
    rule: Annotated[list[str] | None, typer.Option(help="Only this rule; may be given several times.")] = None,
    days: Annotated[
        int | None, typer.Option(min=0, help="How many days rules that are new look back. [default: 30; all at first]")
    ] = None,
) -> None:
    """Run what is due: rules over new lines, alerts and cases, the accounting of denied rows (for cron and systemd).

    Exit 0 when it did its work, whatever it found. Two at once do no harm: the one that comes second discards its work.
    """
    from core.settings import load as settings
    from detections.engine import run
    from detections.loading import load
    from ingest.register_import import resolve_again

    pack = load(settings().rules)
    with opened() as store:
        resolve_again(store, actor="detect")
        report = run(store, pack, only=rule or None, days=days, progress=_say)
    typer.echo(
        f"{report.cells:,} cells evaluated up to seq {report.seq}: {report.new:,} alerts new, {report.revised:,} revised, "
        f"{report.retracted:,} retracted" + (f"; {report.lost} rules were left to another run" if report.lost else ""),
        err=True,
    )


def _say(what: str, done: int, steps: int) -> None:
    if what:
        typer.echo(f"[{done + 1}/{steps}] {what}", err=True)
