"""Detection rules and traffic classes: list, check, test."""

# ruff: noqa: E501 - SQL and tables read better unbroken
# ruff: noqa: PT028 - a command called test, not a test

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from core.errors import Exit

app = typer.Typer(
    help="Detection rules and traffic classes: list, check, test.", no_args_is_help=True, rich_markup_mode=None
)
Rules = Annotated[
    Path | None, typer.Option("--rules", help="Directory of rules. [default: those shipped, or HINOMI_RULES]")
]


def _directory(given: Path | None) -> Path | None:
    if given is not None:
        return given
    from core.settings import load

    return load().rules


@app.command("list")
def list_(
    rules: Rules = None, jsonl: Annotated[bool, typer.Option("--jsonl", help="Every fact, as JSON Lines.")] = False
) -> None:
    """The rules: id, code, severities, input, how they fare where only denied packets are logged, title."""
    from detections.loading import load

    pack = load(_directory(rules))
    for rule in pack.rules.values():
        if jsonl:
            record = rule.model_dump(mode="json", exclude={"tests"}) | {
                "fingerprint": pack.producers[rule.id].fingerprint
            }
            typer.echo(json.dumps(record, ensure_ascii=False))
        else:
            inputs = "+".join(rule.inputs)
            levels = "/".join(dict.fromkeys(line.level for line in rule.severity))
            typer.echo(f"{rule.id}\t{rule.code}\t{levels}\t{inputs}\t{rule.deny_only}\t{rule.title_ja}")


@app.command("check")
def check(rules: Rules = None) -> None:
    """Read every rule, traffic class and the flow policy; list all that is wrong, with file and key. Exit 1 if anything."""
    from detections.loading import load

    pack = load(_directory(rules))
    typer.echo(
        f"{len(pack.rules)} rules, {len(pack.classes)} traffic classes, {len(pack.policy.rows)} rows of policy: all right",
        err=True,
    )


@app.command("test")
def test(
    ids: Annotated[list[str] | None, typer.Argument(help="Rules or traffic classes; all when none is named.")] = None,
    rules: Rules = None,
) -> None:
    """Run the tests that rules and traffic classes carry, through the real engine. Exit 1 if one fails."""
    from core.errors import InputError
    from detections.loading import load
    from detections.proving import prove

    pack = load(_directory(rules))
    wanted = list(ids or ())
    if unknown := sorted(set(wanted) - set(pack.rules) - {c.name for c in pack.classes}):
        raise InputError(f"no rule or traffic class {unknown[0]!r}")
    failed = total = 0
    for verdict in prove(pack, ids=wanted):
        total += 1
        if verdict.problem:
            failed += 1
            typer.echo(f"{verdict.owner}: {verdict.test}: {verdict.problem}")
    typer.echo(f"{total} tests, {failed} failed", err=True)
    if failed:
        raise typer.Exit(Exit.FINDINGS)
