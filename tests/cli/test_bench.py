"""`hinomi bench`: it runs, says what it did, and its rows are right; no test of a time."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cli import _bench_api, _bench_child, _bench_syslog_ng, _bench_text, bench
from cli._bench_day import DAY_END, SLOTS, START, Shape, Traffic, write, write_late
from cli._bench_loop import READERS, read
from cli._bench_steps import STEPS
from cli.main import run
from core.columns import EventClass
from core.errors import HinomiError
from parsers import formats
from store import Store
from store import questions as q

SHAPE = Shape(rows=3_000, bodies=5, sources=400, skew=900)
FORMATS = sorted(bench.MARKS)


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What is generated for a test is gone after it; the steps' processes inherit it.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    code = run(["bench", *arguments, "--jsonl"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_format_is_measured() -> None:
    assert set(FORMATS) == set(READERS) == set(_bench_syslog_ng.PARSERS)
    assert len(FORMATS) >= 10
    assert set(FORMATS) <= set(formats())


@pytest.mark.parametrize("name", FORMATS)
def test_text_is_the_same_each_time_and_not_the_same_line_over_and_over(name: str, tmp_path: Path) -> None:
    made = [_bench_text.corpus(name, 0.4, tmp_path / folder).path.read_bytes() for folder in "ab"]
    assert made[0] == made[1]
    assert abs(len(made[0]) - 400_000) < 5_000
    lines = made[0].splitlines()
    assert len(set(lines)) > 0.9 * len(lines)
    assert 0.01 < sum(b"2001:db8:" in line for line in lines) / len(lines) < 0.2


@pytest.mark.parametrize("name", FORMATS)
def test_both_ways_read_the_same_lines(name: str, tmp_path: Path) -> None:
    text = _bench_text.corpus(name, 0.6, tmp_path)
    for folder in ("ours", "theirs"):
        (tmp_path / folder).mkdir()
    ours = STEPS["parse"](name, str(text.path), text.received, str(tmp_path / "ours"))
    lines, good = read(name, text.path, tmp_path / "theirs")
    assert (ours["lines"], ours["good"], ours["rows"]) == (lines, good, good)
    assert text.path.read_bytes().count(b"\n") == lines > good > 0.99 * lines


def test_halves_of_a_text_are_the_whole(tmp_path: Path) -> None:
    text = _bench_text.corpus("squid", 0.3, tmp_path)
    given = ("squid", str(text.path), text.received, str(tmp_path))
    whole = STEPS["parse"](*given)
    halves = [STEPS["parse"](*given, part, 2) for part in (0, 1)]
    assert whole["lines"] == sum(half["lines"] for half in halves)
    assert whole["good"] == sum(half["good"] for half in halves)


def test_parse_says_what_it_measured(capsys: pytest.CaptureFixture[str]) -> None:
    code, (found, halves, where) = said(capsys, "parse", "bind", "--mb", "0.2", "--repeat", "1", "--workers", "2")
    assert code == 0
    assert (found["format"], found["same_good"], found["mark"]) == ("bind", True, 60)
    assert found["lines"] >= found["good"] > 0
    assert found["cpu_s"] > 0
    assert found["peak"] > 1e7
    assert found["ratio"] == pytest.approx(found["mb_s"] / found["loop_mb_s"])
    assert found["remembering_ratio"] == pytest.approx(found["mb_s"] / found["remembering_mb_s"])
    assert halves["bench"] == "workers"
    assert {"machine", "before", "after"} == set(where)


def test_ingest_reads_the_same_lines_and_commits_them(capsys: pytest.CaptureFixture[str]) -> None:
    code, (found, _) = said(capsys, "ingest", "postfix", "--mb", "0.2", "--repeat", "1")
    assert code == 0
    assert found["same_good"]
    assert found["share"] == pytest.approx(found["mb_s"] / found["parse_mb_s"])


def test_a_table_where_a_person_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "parse", "squid", "--mb", "0.2", "--repeat", "1", "--loops", "0"]) == 0
    printed = capsys.readouterr().out
    assert "Python" in printed
    assert "load" in printed
    (row,) = [line.split() for line in printed.splitlines() if line.startswith("squid ")]
    assert row[-10:-2] == ["–"] * 8


def test_an_unknown_format_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "parse", "no_such"]) == 2
    assert "no_such: none of apache" in " ".join(capsys.readouterr().err.replace("│", " ").split())


def test_the_day_has_the_rows_that_were_asked_for(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store", create=True, durable=False) as store:
        written = write(store, SHAPE)
        assert (written["rows"], written["now"]) == (SHAPE.rows, DAY_END + 300_000_000)
        more = write_late(store, SHAPE)
        assert more["rows"] == SHAPE.rows // SLOTS
        with store.snapshot() as snapshot:
            assert sum(s.rows for s in snapshot.segments) == SHAPE.rows + more["rows"]
            assert {s.day for s in snapshot.segments} == {"2026-11-19"}
        assert store.lines([(written_seq(store), 1)]) == [b"deny"]
        assert not store.verify(full=True).findings


def written_seq(store: Store) -> int:
    return int(store.deliveries(limit=1)[0]["seqs"][0])


def test_its_rows_are_those_of_a_municipal_deny_feed() -> None:
    traffic = Traffic(SHAPE)
    sizes = traffic.sizes()
    assert (sum(n for n, _ in sizes), sum(n for _, n in sizes)) == (SHAPE.rows, SHAPE.skew)
    day = pl.concat(traffic.rows(slot, *size) for slot, size in enumerate(sizes) if size[0])
    assert day.equals(pl.concat(traffic.rows(slot, *size) for slot, size in enumerate(sizes) if size[0]))
    times = day["event_time"].to_physical()
    assert times.is_sorted()
    assert (times.item(0) >= START, times.item(-1) < DAY_END) == (True, True)
    great = day.filter((pl.col("src_ip") == "10.16.0.2") & (pl.col("dst_zone") == "LGWAN"))
    assert len(great) == SHAPE.skew
    assert great["dst_ip"].n_unique() > 0.9 * SHAPE.skew
    assert day["tenant"].n_unique() == SHAPE.bodies
    broadcast = day.filter(pl.col("dst_ip").str.contains(r"^10\..*\.255$"))
    assert len(broadcast) > 0.2 * (SHAPE.rows - SHAPE.skew)
    assert (broadcast["src_zone"] == broadcast["dst_zone"]).all()
    assert (day["src_addr"].bin.size() == 16).all()
    assert day["src_ip"].n_unique() > 100


def test_detect_says_seconds_for_each_rule(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    shipped = Path(_bench_text.__file__).parents[1] / "detections/rules/lgwan_mass_access.toml"
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / shipped.name).write_bytes(shipped.read_bytes())
    code, found = said(
        capsys, "detect", "--rows", "3000", "--bodies", "5", "--sources", "400", "--skew", "900", "--cpu",
        "--rules", str(tmp_path / "rules"),
    )  # fmt: skip
    assert code == 0
    steps = {row["what"]: row for row in found if "what" in row}
    assert steps["lgwan_mass_access"]["rule"]
    assert {"read", "write", "due"} <= set(steps)
    assert [row["figure"].partition(",")[0] for row in found if "figure" in row] == [
        "median rule over the day", "worst rule over the day", "one more 5-minute batch through all", "peak memory",
    ]  # fmt: skip
    day, late = (row for row in found if "run" in row)
    assert day["rows"] == 3000
    assert day["read"] >= 3000
    assert day["cells"] > late["cells"] > 0
    assert late["rows"] == 3000 // SLOTS


def test_api_asks_every_question_of_a_server_and_says_what_each_took(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    home = tmp_path / "store"
    code, found = said(capsys, "api", "--alerts", "3000", "--times", "2", "--home", str(home))
    assert code == 0
    rows = [row for row in found if row.get("bench") == "api"]
    filled, spent = _bench_api.filled(home, 3000)
    assert spent == 0
    assert {row["question"] for row in rows} == {*_bench_api.questions(filled), *_bench_api.pages(filled)}
    assert all(row["clock_p50"] <= row["clock_p95"] <= row["clock_max"] for row in rows)
    with Store.open(home) as store:
        listed = q.alerts(store, q.Everyone.ALL, q.AlertFilter(states=frozenset()), limit=500, total=True)
        opened = q.queue(store, q.Everyone.ALL, q.CaseFilter(), limit=500).cases
        case = q.case(store, q.Everyone.ALL, filled.some_cases[0])
    assert listed.total == filled.alerts == 3000
    assert opened == filled.open > 0
    assert case.row.alerts == len(case.alerts) == (case.row.days if case.row.days > 1 else 1)


@pytest.mark.parametrize(
    ("each", "share", "wanted"),
    [((3.0, 1.0, 2.0), 0.5, 2.0), (range(1, 21), 0.95, 19), ((5.0,), 0.95, 5.0), ((), 0.5, None)],
)
def test_a_share_of_answers_lies_within_some_milliseconds(each: Any, share: float, wanted: float | None) -> None:
    assert _bench_api.within(each, share) == wanted


def test_more_of_the_great_source_than_of_all_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "detect", "--rows", "2000", "--skew", "3000"]) == 2
    assert "--skew" in capsys.readouterr().err


def test_a_step_that_fails_says_so() -> None:
    with pytest.raises(HinomiError, match="the step generate ended with 1"):
        _bench_child.run("generate", format="no_such", megabytes=0.1)


def test_rows_have_only_columns_of_their_class() -> None:
    from store.segment_files import narrowed

    rows = Traffic(SHAPE).rows(100, 50, 10)
    assert narrowed(EventClass.NETWORK, rows).height == 50
