"""API keys: create, list and revoke them."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from cli._store import opened

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="API keys: create, list and revoke them."
)


@app.command()
def create(
    name: Annotated[str, typer.Option(help="Whose key it is, as it will stand in logs.")],
    role: Annotated[str, typer.Option(help="prefecture | analyst | auditor | municipality | metrics")],
    tenant: Annotated[
        list[str] | None,
        typer.Option(help="団体コード that it sees; a municipality needs one, others may leave it out."),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days that it holds; for ever when not given.")] = None,
) -> None:
    """Create a key. It is printed once and kept nowhere: only its hash is."""
    from core import time
    from store import keys, trail

    now = time.now_us()
    with opened(create=True) as store:
        text = keys.create(
            store, name=name, role=role, tenants=tenant or (), now=now,
            expires=None if days is None else now + days * time.DAY_US,
        )  # fmt: skip
        trail.record(store, actor="cli", act="key_created", subject=text.split("_")[1], detail={
            "name": name, "role": role, "tenants": sorted(tenant or ()), "days": days,
        })  # fmt: skip
    typer.echo(text)
    typer.echo("This is the only time it is shown.", err=True)


@app.command("list")
def show(
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON Lines on standard output.")] = False,
) -> None:
    """List keys, oldest first; never their secrets."""
    from rich.console import Console
    from rich.table import Table

    from core import time
    from store import keys
    from store.questions import Everyone

    def when(instant: int | None) -> str:
        return "" if instant is None else time.iso(instant)

    table = Table("key", "name", "role", "bodies", "created", "expires", "revoked")
    with opened() as store:
        for key in keys.listed(store):
            scope = ["*"] if key.tenants is Everyone.ALL else sorted(key.tenants)
            if jsonl:
                typer.echo(json.dumps({
                    "key": key.prefix, "name": key.name, "role": key.role, "tenants": scope,
                    "created": when(key.created), "expires": when(key.expires), "revoked": when(key.revoked),
                }, ensure_ascii=False))  # fmt: skip
            else:
                table.add_row(
                    key.prefix, key.name, key.role, " ".join(scope), when(key.created), when(key.expires),
                    when(key.revoked),
                )  # fmt: skip
    if not jsonl:
        Console().print(table)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The eight characters after hnm_, as `hinomi keys list` shows them.")],
) -> None:
    """Revoke a key, and end every browser session that began with it."""
    from core import time
    from store import keys, trail

    with opened() as store:
        keys.revoke(store, key.removeprefix("hnm_").split("_")[0], now=time.now_us())
        trail.record(store, actor="cli", act="key_revoked", subject=key.removeprefix("hnm_").split("_")[0])
    typer.echo(f"revoked {key}", err=True)
