"""List the log formats that Hinomi reads."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def command(jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a format.")] = False) -> None:
    """Print name, title and manual of every format that `hinomi parse` takes."""
    from parsers import formats

    known = formats()
    width = max(len(name) for name in known)
    for name, one in known.items():
        if jsonl:
            typer.echo(json.dumps({"name": name, "title": one.title, "reference": one.reference}, ensure_ascii=False))
        else:
            typer.echo(f"{name:{width}}  {one.title}  {one.reference}")
