"""From bytes to lines: encodings, and what becomes of bytes that are no text."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import Chunk, Context, Format
from parsers._lines import lines_of
from parsers._messages import whole
from tests.parsers.making import RECEIVED, TOKYO, parse_all

TEXT = Format(
    "text",
    "",
    "https://",
    whole(),
    lambda df, _: df.select(pl.lit("system").alias("class"), pl.col("text").alias("message")),
)
JAPANESE = "ログ分析: 火の見櫓「半角ｶﾅ」表示ソ能"


def told(data: bytes, encoding: str = "utf-8") -> list[tuple[Any, Any]]:
    """(text, text_quality) of each line, or (reason, None)."""
    found = parse_all(TEXT, data, context=Context(TOKYO.timezone, RECEIVED, encoding))
    return [(a.get("message", a.get("skipped", a.get("refused"))), a.get("text_quality")) for a in found]


REPAIRS = {
    b"plain": "plain", "日本語".encode(): "日本語", b"a\tb": "a\tb", "a\u2028b\u2029c".encode(): "a\u2028b\u2029c",
    b"bad \xff byte": r"bad \xff byte", b"cut \xe3\x81": r"cut \xe3\x81", b"nul \x00 here": r"nul \x00 here", b"esc \x1b[31m": r"esc \x1b[31m",
    b"cr \r in it": r"cr \x0d in it", b"vt\x0bff\x0c": r"vt\x0bff\x0c", b"del\x7f": r"del\x7f", "nel\x85".encode(): r"nel\xc2\x85",
    "c1 \x9b".encode(): r"c1 \xc2\x9b", b"surrogate \xed\xa0\x80": r"surrogate \xed\xa0\x80", b"overlong \xc0\xaf": r"overlong \xc0\xaf",
    "良い\xff".encode() + b"\xff": "良いÿ\\xff", b"\xc2": r"\xc2",
}  # fmt: skip


@pytest.mark.parametrize(("raw", "text"), REPAIRS.items(), ids=list(REPAIRS.values()))
def test_bad_bytes_are_written_out_where_they_stand(raw: bytes, text: str) -> None:
    quality = "clean" if raw.decode("utf-8", "replace") == text else "repaired"
    assert told(b"before\n" + raw + b"\nafter\n") == [("before", "clean"), (text, quality), ("after", "clean")]


@given(st.lists(st.sampled_from(list(REPAIRS)), max_size=8), st.integers(0, 80), st.integers(0, 7))
def test_bad_lines_are_found_among_many_good_ones(raw: list[bytes], many: int, every: int) -> None:
    lines = ["火の見".encode()] * many
    for n, line in enumerate(raw):
        lines.insert(n * every, line)
    bad = {line for line in REPAIRS if told(line) != [(line.decode("utf-8", "replace"), "clean")]}
    assert [quality for _, quality in told(b"\n".join(lines))] == [
        "repaired" if line in bad else "clean" for line in lines
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp", "iso2022_jp"])
def test_japanese_text_of_every_encoding(encoding: str) -> None:
    text = JAPANESE if encoding != "iso2022_jp" else "ログ分析: 火の見櫓「全角」表示ソ能"
    data = f"{text}\nascii\n{text}{text}\r\n".encode(encoding)
    assert told(data, encoding) == [(text, "clean"), ("ascii", "clean"), (text + text, "clean")]


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp"])
def test_a_bad_byte_in_a_japanese_encoding_spoils_its_own_line_only(encoding: str) -> None:
    good = JAPANESE.encode(encoding)
    assert told(good + b"\n" + good + b"\xff\n" + good + b"\n", encoding) == [
        (JAPANESE, "clean"), (JAPANESE + r"\xff", "repaired"), (JAPANESE, "clean"),
    ]  # fmt: skip


def test_a_character_set_that_was_not_switched_back_ends_with_its_line() -> None:
    kanji = "火".encode("iso2022_jp").removesuffix(b"\x1b(B")
    assert told(kanji + b"\nplain\n", "iso2022_jp") == [("火", "clean"), ("plain", "clean")]


def test_an_escape_that_switches_nothing_is_written_out() -> None:
    assert told(b"\x1b[31mred\n", "iso2022_jp") == [(r"\x1b[31mred", "repaired")]
    assert told(b"\x1b[31mred\n", "cp932") == [(r"\x1b[31mred", "repaired")]


ENDS = {
    b"a\nb\n": ["a", "b"], b"a\nb": ["a", "b"], b"a\r\nb\r\n": ["a", "b"], b"a\r\nb": ["a", "b"], b"a\r": ["a"], b"\n": ["blank line"], b"\r\n": ["blank line"],
    b" \t \n": ["blank line"], b"a\n\n": ["a", "blank line"], b"": [], b"a\n\nb": ["a", "blank line", "b"], b"\x00\n": [r"\x00"],
}  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), ENDS.items(), ids=[repr(data) for data in ENDS])
def test_where_lines_end(data: bytes, expected: list[str]) -> None:
    assert [text for text, _ in told(data)] == expected


@given(
    st.lists(st.binary(max_size=12).map(lambda raw: raw.replace(b"\n", b"")), max_size=8),
    st.sampled_from(("utf-8", "cp932", "euc_jp", "iso2022_jp")),
)
def test_every_line_has_its_place_and_readable_text(raw: list[bytes], encoding: str) -> None:
    data = b"".join(line + b"\n" for line in raw)
    lines = lines_of(Chunk(data, line=5, offset=100), encoding)
    assert lines.line.tolist() == list(range(5, 5 + len(raw)))
    for i, line in enumerate(raw):
        start = int(lines.offset[i]) - 100
        assert data[start : start + int(lines.length[i])] == line.removesuffix(b"\r")
        text = lines.text[lines.start[i] : lines.end[i]].tobytes().decode("utf-8")
        alone = lines_of(Chunk(line + b"\n"), encoding)
        assert text == alone.text[alone.start[0] : alone.end[0]].tobytes().decode("utf-8")
        assert bool(lines.repaired[i]) == bool(alone.repaired[0])
        assert not any((letter < " " and letter != "\t") or "\x7f" <= letter <= "\x9f" for letter in text)
