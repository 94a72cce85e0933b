"""Promise 1 on hostile bytes: every line gets exactly one answer, which leads to its bytes, and no line touches another."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import LONGEST, Chunk, Format, chunks, format_called, formats, parse
from parsers._messages import whole
from tests.parsers.making import SAMPLES, TOKYO, alone, answers, context_of, parse_all, without_place

NAMES = sorted(formats())
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_ODD = (b'"', b"\\", b'\\"', b"=", b" ", b"\t", b"\x00", b"\xff", b"\xe3\x81", b"\x1b[31m", b"\r", b"\xe2\x80\xa8", b"\xc2\x85",
        b"[", b"]", b"<13>", b"srcip=203.0.113.9", b'" srcip="', b"\xed\xa0\x80", b"\x0b", b"\x0c", b"\x7f", "火".encode())  # fmt: skip


def sample_lines(name: str) -> list[bytes]:
    return [line for s in SAMPLES if s.parent.name == name for line in s.read_bytes().splitlines() if line.strip()]


@st.composite
def hostile(draw: st.DrawFn, name: str) -> bytes:
    """Lines of the format, some of them spoilt, with every kind of line end."""
    made = []
    for _ in range(draw(st.integers(0, 6))):
        line = draw(st.sampled_from(sample_lines(name)) | st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"")))
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(line)))
            cut = draw(st.sampled_from((0, 0, 0, 1, 20, len(line))))
            line = line[:at] + draw(st.sampled_from(_ODD)) + line[at + cut :]
        made.append(line + draw(st.sampled_from((b"\n", b"\n", b"\r\n", b"\n\n", b"\r\r\n"))))
    return b"".join(made) + draw(st.sampled_from((b"", b"", b"no end", b"\xff", b"\r", b" ")))


def lines_in(data: bytes) -> list[bytes]:
    pieces = data.split(b"\n")
    return pieces if pieces[-1] else pieces[:-1]


def check(format: Format, data: bytes, found: list[dict[str, Any]]) -> None:
    expected = lines_in(data)
    assert [answer["line"] for answer in found] == list(range(1, len(expected) + 1))
    for answer, line in zip(found, expected, strict=True):
        kept = data[answer["offset"] : answer["offset"] + answer["length"]]
        assert kept == line.removesuffix(b"\r")
        assert sum(word in answer for word in ("class", "refused", "skipped")) == 1
        assert not any(isinstance(value, str) and _CONTROL.search(value) for value in answer.values()), answer
        if not kept.strip(b" \t"):
            assert answer.get("skipped") == "blank line"
        if answer.get("text_quality") == "clean":
            assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f\xff]", kept)


def check_hostile(name: str, raw: bytes) -> None:
    log_format = format_called(name)
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    found = parse_all(log_format, raw)
    check(log_format, raw, found)
    assert parse_all(log_format, raw, size=64) == found
    if log_format.record:
        return  # its records are of several lines
    assert [without_place(a) for a in alone(log_format, lines_in(raw))] == [without_place(a) for a in found]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12)
@given(data=st.data())
def test_every_line_has_one_answer_that_leads_to_its_bytes(name: str, data: st.DataObject) -> None:
    check_hostile(name, data.draw(hostile(name)))


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=200)
@given(data=st.data())
def test_every_line_has_one_answer_on_many_more_bytes(name: str, data: st.DataObject) -> None:
    check_hostile(name, data.draw(hostile(name)))


@pytest.mark.parametrize("name", NAMES)
def test_no_format_fails_on_its_samples_and_what_others_write(name: str) -> None:
    for line in (b"}{", b"\xee\x83Nov", b"java.io.IOException: Connection reset by peer"):
        for lines in (sample_lines(name), sample_lines(name)[:3], []):
            parse_all(format_called(name), b"\n".join([*lines, line, line]))


@pytest.mark.parametrize("name", NAMES)
def test_a_line_of_another_program_is_never_cut(name: str) -> None:
    other = [b"<14>Nov 20 10:02:01 fw-honcho-01 " + said for said in (b'"', b'a="b', b"[", b'{"a": "', b'x,"y')]
    found = parse_all(format_called(name), b"\n".join([*sample_lines(name), *other]))[-len(other) :]
    assert {answer["text_quality"] for answer in found if answer.get("class") == "system"} <= {"clean"}


@pytest.mark.parametrize("name", NAMES)
def test_an_oversize_line_is_refused_with_its_place_and_its_neighbours_are_not(name: str) -> None:
    log_format = format_called(name)
    line = sample_lines(name)[0]
    for ending in (b"\n", b"\r\n"):
        for long in (LONGEST + 1, 3 * LONGEST):
            data = line + b"\n" + b"x" * long + ending + line + b"\n"
            for size in (LONGEST // 2, 8_000_000):
                found = parse_all(log_format, data, size=size)
                check(log_format, data, found)
                assert [("refused" in answer) for answer in found] == [False, True, False]
                assert found[1]["length"] == long
                assert "too long" in found[1]["refused"]
                assert f"{long:,} bytes" in found[1]["refused"]


def test_a_line_as_long_as_allowed_is_read() -> None:
    line = b'date=2026-11-20 time=10:00:00 logid="1" type="event" msg="' + b"x" * (LONGEST - 60)
    data = line + b"y" * (LONGEST - len(line)) + b"\n"
    found = parse_all(format_called("fortinet_fortigate"), data)
    assert found[0]["class"] == "system"
    assert len(found[0]["message"]) > LONGEST - 70


def test_a_line_that_grows_when_it_is_written_out_is_read() -> None:
    grows = b"\x01" * (LONGEST - 100)
    line = b'date=2026-11-20 time=10:00:00 logid="1" type="event" msg="\\"' + grows + b'" level="alert"'
    found = parse_all(format_called("fortinet_fortigate"), line)
    assert (found[0]["severity"], found[0]["text_quality"]) == ("alert", "repaired")
    assert len(found[0]["message"]) > 4 * len(grows)


def test_a_long_line_is_never_held_whole() -> None:
    held = []

    def blocks() -> Any:
        for _ in range(64):
            yield b"x" * (1 << 20)
            held.append(True)
        yield b"\nend\n"

    found = list(chunks(blocks(), 4 << 20))
    assert [(chunk.oversize, chunk.line, chunk.offset, len(chunk.data)) for chunk in found] == [
        (64 << 20, 1, 0, 0), (0, 2, (64 << 20) + 1, 4),
    ]  # fmt: skip
    assert len(held) == 64


@given(st.lists(st.binary(max_size=30), max_size=12), st.integers(1, 40))
def test_chunks_hold_every_line_once_however_the_blocks_come(blocks: list[bytes], size: int) -> None:
    data = b"".join(blocks)
    offset = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    line = 1
    for chunk in chunks(blocks, size):
        assert (chunk.line, chunk.offset) == (line, offset)
        assert data[offset : offset + len(chunk.data)] == chunk.data
        assert chunk.data
        assert chunk.lines == len(lines_in(chunk.data))
        line, offset = line + chunk.lines, offset + len(chunk.data)
    assert offset == max(len(data), offset if data.startswith(b"\xef\xbb\xbf") else 0)
    assert line - 1 == len(lines_in(data.removeprefix(b"\xef\xbb\xbf")))


def test_a_byte_order_mark_at_the_start_belongs_to_no_line() -> None:
    line = sample_lines("squid")[0]
    for blocks in ([b"\xef\xbb\xbf" + line + b"\n"], [b"\xef", b"\xbb\xbf", line, b"\n"]):
        (chunk,) = chunks(blocks)
        assert (chunk.line, chunk.offset, chunk.data) == (1, 3, line + b"\n")
    assert list(chunks([b"\xef\xbb\xbf"])) == []


def _poisonous(df: pl.DataFrame, context: object) -> pl.DataFrame:
    if df["text"].str.contains("poison").any():
        raise ZeroDivisionError("a bug\nwith a second line")
    return df.select(pl.lit("system").alias("class"), pl.col("text").alias("message"))


@pytest.mark.parametrize("where", [0, 1, 500, 999])
def test_a_line_that_breaks_the_format_is_refused_alone(where: int) -> None:
    log_format = Format("poisonous", "", "https://", whole(), _poisonous)
    lines = [b"line %d" % i for i in range(1000)]
    lines[where] = b"poison"
    parsed, _ = parse(log_format, Chunk(b"\n".join(lines), line=7, offset=99), TOKYO, {})
    found = answers(parsed)
    assert [answer["line"] for answer in found if "refused" in answer] == [where + 7]
    assert found[where]["refused"] == "the parser failed on it: ZeroDivisionError: a bug"
    assert found[where]["offset"] == 99 + sum(len(line) + 1 for line in lines[:where])
    assert sum(answer.get("class") == "system" for answer in found) == 999


def test_a_format_that_always_breaks_loses_no_line_and_ends() -> None:
    def broken(df: pl.DataFrame, context: object) -> pl.DataFrame:
        raise RuntimeError

    parsed, _ = parse(Format("broken", "", "https://", whole(), broken), Chunk(b"a\nb\n" * 5000), TOKYO, {})
    assert parsed.refused.height == parsed.lines == 10000
    assert parsed.refused["reason"].unique().to_list() == ["the parser failed on it: RuntimeError: "]


def test_a_format_that_names_an_unknown_column_is_told_so() -> None:
    log_format = Format("typing", "", "https://", whole(), lambda df, context: df.select(sorce=pl.lit("x")))
    parsed, _ = parse(log_format, Chunk(b"a\n"), TOKYO, {})
    assert "no columns of core.columns: ['sorce']" in parsed.refused["reason"][0]


def test_the_header_of_a_file_goes_on_in_the_state() -> None:
    """The hook for formats whose comment lines name the columns (W3C): learnt in one chunk, used in the next."""

    def learn(df: pl.DataFrame, state: dict[str, Any]) -> tuple[pl.DataFrame, dict[str, Any]]:
        named = df["text"].str.extract(r"^#Fields: (.*)$", 1)
        known = pl.Series("fields", [state.get("fields"), *named]).forward_fill()
        return df.with_columns(known[1:].alias("fields")), {"fields": known[-1]}

    def columns(df: pl.DataFrame, context: object) -> pl.DataFrame:
        return df.select(pl.lit("system").alias("class"), object=pl.col("fields"), message=pl.col("text"))

    log_format = Format("w3c", "", "https://", whole(), columns, comment="#", learn=learn)
    found = parse_all(log_format, b"#Fields: a b\n1 2\n3 4\n#Fields: c\n5\n", size=6)
    assert [answer.get("object", answer.get("skipped")) for answer in found] == [
        "comment",
        "a b",
        "a b",
        "comment",
        "c",
    ]


def test_nothing_at_all_is_no_line() -> None:
    assert parse_all(format_called("squid"), b"") == []
    parsed, state = parse(format_called("squid"), Chunk(b""), context_of(format_called("squid")), {"kept": 1})
    assert (parsed.lines, parsed.rows, parsed.refused.height, parsed.skipped.height, state) == (
        0,
        {},
        0,
        0,
        {"kept": 1},
    )


_RUNS = (b" ", b"\t", b"x", b" a=b", b'"', b'\\"', b"[", b'{"a":', b", ", b"<13>", b"(", b"1.2.3.4:", b"; ", b"=", b"|")


@pytest.mark.parametrize("name", NAMES)
def test_a_long_run_within_a_line_costs_no_more_than_its_length(name: str) -> None:
    # No time is asserted: an expression that goes back over such a run would take hours here.
    log_format = format_called(name)
    line = sample_lines(name)[-1]
    middle = len(line) * 2 // 3
    made = [line[:at] + run * (200_000 // len(run)) + line[at:] for run in _RUNS for at in (middle, len(line))]
    data = b"".join(one + b"\n" for one in made)
    check(log_format, data, parse_all(log_format, data))
