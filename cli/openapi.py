"""Print the OpenAPI document as JSON."""

from __future__ import annotations

import json

import typer


def command() -> None:
    """Print the OpenAPI document of the API as JSON. It needs no store."""
    from api.app import create_app
    from core.settings import Settings
    from store import Store

    with Store.temporary() as store:
        document = create_app(store, Settings(), rules={}).openapi()
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
