"""Bytes to columns, one module per log format. Pure: no I/O, no clock, no store.

The whole seam is here; everything with a leading `_` is machinery. How to write a format: `parsers._format`.

    for chunk in chunks(blocks):
        parsed, state = parse(format, chunk, context, state)
"""

from parsers._chunks import BOM, chunks
from parsers._format import LONGEST, Chunk, Context, Format, Parsed, State
from parsers._parse import parse
from parsers._recognise import chosen, recognise
from parsers._registry import format_called, formats

__all__ = [
    "BOM", "LONGEST", "Chunk", "Context", "Format", "Parsed", "State", "chosen", "chunks", "format_called", "formats",
    "parse", "recognise",
]  # fmt: skip
