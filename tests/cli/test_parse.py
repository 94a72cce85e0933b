"""`hinomi parse`: one JSON object a line, in order, from plain and packed files, with plain words for what is wrong."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import zstandard

from cli.main import run
from parsers import format_called
from tests.parsers.making import SAMPLES, context_of, parse_all, readable

LINE = b"1795136400.017    182 10.20.30.41 TCP_MISS/200 18342 GET http://www.example.lg.jp/ - HIER_NONE/- text/html\n"
HEADED = b"Nov 20 10:00:00 proxy1 cron[1]: job\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "access.log"
    path.write_bytes(LINE + b"\nnonsense\n" + LINE)
    os.utime(path, (1795136700, 1795136700))
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    """(exit code, answers, talk)."""
    code = run(["parse", *arguments])
    printed = capsys.readouterr()
    return code, [json.loads(line) for line in printed.out.split("\n") if line], printed.err


def test_one_answer_a_line_in_order(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found, talk = said(capsys, "squid", str(log))
    assert code == 1
    assert found[1] == {"line": 2, "skipped": "blank line"}
    assert found[2] == {"line": 3, "refused": "not the fields of a Squid access log"}
    assert list(found[0])[:2] == ["line", "class"]
    assert (found[0]["class"], found[0]["event_time"], found[0]["src_ip"]) == (
        "http",
        "2026-11-20T01:00:00.017000Z",
        "10.20.30.41",
    )
    assert talk == "hinomi: 1 lines refused\n"


def test_nothing_refused_is_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "good.log"
    path.write_bytes(LINE)
    assert said(capsys, "squid", str(path))[0::2] == (0, "")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_it_prints_what_the_parser_says(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log_format = format_called(sample.parent.name)
    _, found, _ = said(capsys, log_format.name, str(sample), "--received", "2026-11-20T10:05:00+09:00")
    expected = [
        readable(answer) for answer in parse_all(log_format, sample.read_bytes(), context=context_of(log_format))
    ]
    for answer in expected:
        if "class" not in answer:
            del answer["offset"], answer["length"]
    assert found == expected


@pytest.mark.parametrize(
    "pack", [gzip.compress, zstandard.ZstdCompressor().compress, lambda data: data], ids=["gzip", "zstd", "plain"]
)
def test_a_packed_file_is_known_by_its_first_bytes(
    pack: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "named.txt"
    path.write_bytes(pack(LINE * 3))
    assert [answer["line"] for answer in said(capsys, "squid", str(path))[1]] == [1, 2, 3]


def test_a_torn_file_is_told_after_what_came_before_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "torn.gz"
    path.write_bytes(gzip.compress(os.urandom(100_000).hex().encode() + b"\n" + LINE * 1000)[:-20])
    code, found, talk = said(capsys, "squid", str(path))
    assert code == 1
    assert len(found) > 1
    assert re.fullmatch(
        r"hinomi: .*torn\.gz: torn gzip stream: it ends after [\d,]+ unpacked bytes; deliver the file again\n", talk
    )


def test_standard_input_needs_the_time_of_receipt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found, talk = said(capsys, "squid", "-")
    assert (code, found) == (2, [])
    assert "say when it arrived with --received" in talk
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(LINE)))
    code, found, _ = said(capsys, "squid", "-", "--received", "2026-11-20T10:05:00+09:00")
    assert (code, len(found)) == (0, 1)


def test_the_modification_time_stands_for_the_time_of_receipt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "old.log"
    path.write_bytes(HEADED + b"Jan  1 00:00:00 proxy1 cron[1]: job\n")
    os.utime(path, (1546300800, 1546300800))  # 2019-01-01T00:00:00Z
    times = [answer["event_time"] for answer in said(capsys, "squid", str(path), "--timezone", "UTC")[1]]
    assert times == ["2018-11-20T10:00:00Z", "2019-01-01T00:00:00Z"]
    times = [
        answer["event_time"]
        for answer in said(capsys, "squid", str(path), "--timezone", "UTC", "--received", "2024-06-01")[1]
    ]
    assert times == ["2024-11-20T10:00:00Z", "2024-01-01T00:00:00Z"] or times == [
        "2023-11-20T10:00:00Z",
        "2024-01-01T00:00:00Z",
    ]


def test_the_zone_is_the_sources(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cache.log"
    path.write_bytes(b"2026/07/01 12:00:00| hello\n")
    for zone, hour in (("Asia/Tokyo", 3), ("Europe/Berlin", 10), ("UTC", 12)):
        assert (
            said(capsys, "squid", str(path), "--timezone", zone)[1][0]["event_time"] == f"2026-07-01T{hour:02}:00:00Z"
        )


def test_the_encoding_can_be_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cache.log"
    path.write_bytes("2026/07/01 12:00:00| 起動\n".encode("cp932"))
    assert said(capsys, "squid", str(path), "--encoding", "cp932")[1][0]["message"] == "起動"
    assert said(capsys, "squid", str(path))[1][0]["text_quality"] == "repaired"


def test_auto_names_the_format_and_how_sure_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "some.log"
    path.write_bytes(LINE * 3 + b"nonsense\n")
    code, found, talk = said(capsys, "auto", str(path))
    assert (code, len(found), found[0]["format"]) == (1, 4, "squid")
    assert talk.startswith("hinomi: squid, 75% of the lines looked at\n")
    path.write_bytes(b"once upon a time\n")
    code, found, talk = said(capsys, "auto", str(path))
    assert (code, found) == (2, [])
    assert "no format reads these lines" in talk


def test_auto_reads_in_the_encoding_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = next(path for path in SAMPLES if path.parent.name == "alsi_intersafe")
    path = tmp_path / "some.log"
    path.write_bytes(sample.read_bytes().decode("cp932").encode())
    found = said(capsys, "auto", str(path), "--encoding", "utf-8")[1]
    assert {answer["text_quality"] for answer in found if "class" in answer} == {"clean"}
    assert all(answer["format"] == "alsi_intersafe" for answer in found if "class" in answer)


WRONG = [
    (["nonsense", "FILE"], "there is no format 'nonsense'; there are:"), (["squid", "FILE.gone"], "No such file"),
    (["squid", "FILE", "--timezone", "Tokio"], "--timezone Tokio: no such time zone; for example Asia/Tokyo"),
    (["squid", "FILE", "--received", "yesterday"], "--received yesterday: no time; for example 2026-11-20T10:00:00+09:00"),
    (["squid", "FILE", "--encoding", "latin1"], "--encoding latin1: not read; there are: utf-8, cp932"), (["squid", "/"], "Is a directory"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=[words for _, words in WRONG])
def test_what_is_wrong_is_told_in_one_line(
    arguments: list[str], words: str, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found, talk = said(capsys, *[argument.replace("FILE", str(log)) for argument in arguments])
    assert (code, found) == (2, [])
    assert words in talk
    assert talk.count("\n") == 1


@pytest.mark.parametrize("raw", [b"\x1b[31m red \x07\n", b"\xc2\x9b31m\n", b"\x7f\x00\n"])
def test_no_control_character_reaches_the_terminal(
    raw: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "evil.log"
    path.write_bytes(raw + HEADED.replace(b"job", raw.strip(b"\n")))
    run(["parse", "squid", str(path)])
    printed = capsys.readouterr()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", printed.out + printed.err)


def test_formats_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["formats"]) == 0
    assert re.search(r"^squid +Squid +https://", capsys.readouterr().out, re.MULTILINE)
    assert run(["formats", "--jsonl"]) == 0
    assert {"squid", "fortinet_fortigate"} <= {
        json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()
    }


def test_an_option_that_the_format_does_not_have_says_which_there_are(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, talk = said(capsys, "squid", str(log), "--option", "no_such=x")
    assert code == 2
    assert "--option no_such=x: write name=value; the options of squid:" in talk
