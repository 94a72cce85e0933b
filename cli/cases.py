"""List cases: the chains of alerts that people work on."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli._lists import PAGE, case_record, clock, every, words, words_of_rules
from cli._store import opened


def command(
    tenant: Annotated[str, typer.Option(help="Only these 団体コード, separated by commas.")] = "",
    rule: Annotated[str, typer.Option(help="Only these rules.")] = "",
    severity: Annotated[str, typer.Option(help="critical, high, medium, low, info")] = "",
    status: Annotated[
        str, typer.Option(help="new, evaluating, watching, in_progress, incident, dismissed, closed; all")
    ] = "new,evaluating,in_progress",
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON Lines on standard output, every fact.")] = False,
) -> None:
    """List cases: the chains of alerts that people work on. Newest first."""
    from store import questions

    where = questions.CaseFilter(
        tenants=words(tenant), rules=words(rule), severities=words(severity), retroactive=None,
        statuses=frozenset() if status == "all" else words(status),
    )  # fmt: skip
    everyone = questions.Everyone.ALL
    table = Table("case", "severity", "rule", "tenant", "entity", "days", "count", "last (JST)", "status", "assignee")
    rules = words_of_rules() if jsonl else {}
    with opened() as store:
        for c in every(lambda at: questions.cases(store, everyone, where, cursor=at, limit=PAGE)):
            if jsonl:
                typer.echo(json.dumps(case_record(c, rules), ensure_ascii=False))
                continue
            days = c.first_day if c.first_day == c.last_day else f"{c.first_day} – {c.last_day}"
            table.add_row(
                c.id, c.severity, c.rule, c.tenant, " ".join(c.entity), days, f"{c.count:,}", clock(c.last_seen),
                c.status, c.assignee,
            )  # fmt: skip
    if not jsonl:
        Console().print(table)
