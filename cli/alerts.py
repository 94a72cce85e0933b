"""List alerts: which rule saw what, in which body, on which day."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli._lists import alert_record, alerts, clock, words, words_of_rules
from cli._store import opened


def command(
    tenant: Annotated[str, typer.Option(help="Only these 団体コード, separated by commas.")] = "",
    rule: Annotated[str, typer.Option(help="Only these rules.")] = "",
    severity: Annotated[str, typer.Option(help="critical, high, medium, low, info")] = "",
    day: Annotated[str, typer.Option(help="Only this JST day, YYYY-MM-DD.")] = "",
    state: Annotated[str, typer.Option(help="live, frozen, retracted")] = "live,frozen",
    candidate: Annotated[bool, typer.Option("--candidate", help="Those of candidate rules.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON Lines on standard output, every fact.")] = False,
) -> None:
    """List alerts: which rule saw what, in which body, on which day. Oldest first."""
    from store.questions import AlertFilter

    where = AlertFilter(
        tenants=words(tenant), rules=words(rule), severities=words(severity), states=words(state), day_from=day,
        day_to=day, candidate=candidate,
    )  # fmt: skip
    table = Table("severity", "rule", "tenant", "entity", "day", "count", "first (JST)", "last (JST)", "state", "rev")
    rules = words_of_rules() if jsonl else {}
    with opened() as store:
        for a in alerts(store, where):
            if jsonl:
                typer.echo(json.dumps(alert_record(a, rules), ensure_ascii=False))
                continue
            table.add_row(
                a.severity, a.rule, a.tenant, " ".join(a.entity), a.day, f"{a.count:,}", clock(a.first_seen),
                clock(a.last_seen), a.state, str(a.revision),
            )  # fmt: skip
    if not jsonl:
        Console().print(table)
