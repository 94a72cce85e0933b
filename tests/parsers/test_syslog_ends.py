"""Lines that end where a syslog header is still being read."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from parsers import Context, chunks, formats, parse

CONTEXT = Context(ZoneInfo("Asia/Tokyo"), 1763600400_000000)
HEADER = b"<13>Oct  6 10:00:00 host program[1]: "


@pytest.mark.parametrize("name", sorted(formats()))
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_header_that_is_cut_anywhere_fails_no_parser(name: str, end: bytes) -> None:
    for length in range(1, len(HEADER) + 1):
        for line in (HEADER[:length], HEADER[4 : 4 + length]):
            (chunk,) = chunks([line + end])
            parsed, _ = parse(formats()[name], chunk, CONTEXT, {})
            assert not [r for r in parsed.refused["reason"] if "failed" in r], line
