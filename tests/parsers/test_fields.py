"""The shape of files whose header lines name the columns, and chunks of records of several lines."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from parsers import Chunk, chunks
from parsers._fields import Fields
from parsers._lines import lines_of

_W3C = Fields(("date", "c-ip", "x"), kept={"#Software:": "_software"}, default={2: ("c-ip", "date")})
_CSV = Fields(("ID", "IP Address"), mark="ID,Date", separator=",", nulls=(), heading=True)


def learnt(fields: Fields, text: str, state: dict[str, Any]) -> tuple[list[tuple[str | None, ...]], dict[str, Any]]:
    lines = lines_of(Chunk(text.encode()), "utf-8")
    df = fields.shape()(lines)
    df = pl.DataFrame({"text": text.removesuffix("\n").split("\n")}).hstack(df)
    made, state = fields.learn(df, state)
    return made.select(*fields.wanted, *(fields.kept or {}).values()).rows(), state


def test_a_header_line_holds_from_its_line_on() -> None:
    text = '192.0.2.1 2026\n#Software: proxy\n#Fields: date c-ip\n2026 192.0.2.2\n#Fields: x date\n"a b" -\n'
    rows, state = learnt(_W3C, text, {})
    assert rows[0] == ("2026", "192.0.2.1", None, None)
    assert rows[3] == ("2026", "192.0.2.2", None, "proxy")
    assert rows[5] == (None, None, "a b", "proxy")
    assert state == {"fields": ["x", "date"], "_software": "proxy"}


def test_what_was_in_force_holds_in_the_next_delivery() -> None:
    _, state = learnt(_W3C, "#Fields: date c-ip\n", {})
    assert learnt(_W3C, "2026 192.0.2.2\n", state)[0] == [("2026", "192.0.2.2", None, None)]
    assert learnt(_W3C, "192.0.2.2 2026\n", {})[0] == [("2026", "192.0.2.2", None, None)]
    assert learnt(_W3C, "1 2 3\n", {})[0] == [(None, None, None, None)]


def test_a_line_that_only_a_usual_layout_fits_is_read_by_that() -> None:
    rows, _ = learnt(_W3C, "#Fields: date c-ip x\n2026 192.0.2.1 y\n192.0.2.2 2025\n", {})
    assert rows[1:] == [("2026", "192.0.2.1", "y", None), ("2025", "192.0.2.2", None, None)]


def test_a_heading_is_its_own_first_name() -> None:
    rows, state = learnt(_CSV, "ID,Date,IP Address\n10,2026,192.0.2.1\n", {})
    assert rows[1] == ("10", "192.0.2.1")
    assert state == {"fields": ["ID", "Date", "IP Address"]}


@pytest.mark.parametrize("size", [1, 7, 30, 1000])
def test_a_chunk_is_cut_where_a_record_begins(size: int) -> None:
    text = b"preface\n--a--\n1\n2\n--b--\n3\n--c--\n4"
    found = [chunk.data for chunk in chunks([text], size, record="^--[a-z]--$")]
    assert b"".join(found) == text
    assert all(part.startswith(b"--") for part in found[1:])


def test_a_record_without_end_is_cut_all_the_same() -> None:
    text = b"--a--\n" + b"x" * 99 + b"\n" + b"line\n" * 400_000
    found = [chunk.data for chunk in chunks([text], 100_000, record="^--[a-z]--$")]
    assert len(found) > 1
    assert b"".join(found) == text
