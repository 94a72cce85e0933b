"""Read log files of any known format and print one JSON object for each line."""

from __future__ import annotations

from typing import Annotated

import typer

from core.errors import Exit, InputError

ENCODINGS = ("utf-8", "cp932", "euc_jp", "iso2022_jp")


def command(
    format: Annotated[
        str, typer.Argument(metavar="FORMAT", help="Name of the log format (see `hinomi formats`), or auto.")
    ],
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file, plain, gzip or zstd; - is standard input.")],
    timezone: Annotated[
        str, typer.Option(help="Zone of the source's clock, for lines without an offset.")
    ] = "Asia/Tokyo",
    received: Annotated[
        str, typer.Option(help="When it arrived, RFC 3339 [default: the file's modification time].")
    ] = "",
    encoding: Annotated[
        str, typer.Option(help=f"Encoding of the text: {', '.join(ENCODINGS)} [default: the format's].")
    ] = "",
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="An option of the format, as in a source's entry; several are fine."),
    ] = None,
) -> None:
    """Print what Hinomi reads in a file: JSON Lines on stdout; exit 1 when lines were refused."""
    from cli._parsing import print_answers

    if encoding and encoding not in ENCODINGS:
        raise InputError(f"--encoding {encoding}: not read; there are: {', '.join(ENCODINGS)}")
    refused = print_answers(format, file, timezone, received, encoding, option or [])
    if refused:
        typer.echo(f"hinomi: {refused:,} lines refused", err=True)
        raise typer.Exit(Exit.FINDINGS)
