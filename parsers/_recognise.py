"""Which format the lines are of."""

from __future__ import annotations

from dataclasses import replace

from core.errors import UnknownFormatError
from parsers._format import Chunk, Context, Format
from parsers._parse import parse_counted
from parsers._registry import formats

_ENOUGH = 0.5
_CLEAR = 0.8
"""The second best must stay below this share of the best."""


def recognise(lines: bytes, context: Context, *, encoding: str = "") -> list[tuple[Format, float]]:
    """The formats that read any of the lines as their own, with the share of lines that carry an event; best first.

    Each reads them in `encoding`, or where none is said in the one it usually comes in.
    """
    found = []
    for one in formats().values():
        read_in = replace(context, encoding=encoding or one.encoding)
        parsed, own, _ = parse_counted(one, Chunk(lines), read_in, {})
        share = own / max(parsed.lines - parsed.skipped.height, 1)
        if share:
            found.append((one, share))
    return sorted(found, key=lambda pair: (-pair[1], pair[0].name))


def chosen(ranked: list[tuple[Format, float]]) -> Format:
    """The one format that reads the lines; UnknownFormatError when none or more than one does."""
    named = ", ".join(f"{one.name} {share:.0%}" for one, share in ranked[:3])
    if not ranked or ranked[0][1] < _ENOUGH:
        raise UnknownFormatError(
            f"no format reads these lines ({named or 'none at all'}); name it, see `hinomi formats`"
        )
    if len(ranked) > 1 and ranked[1][1] >= _CLEAR * ranked[0][1]:
        raise UnknownFormatError(f"more than one format reads these lines ({named}); name the right one")
    return ranked[0][0]
