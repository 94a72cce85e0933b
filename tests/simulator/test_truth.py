import json
import re
from typing import Any

import pytest

from core.time import from_us, parse_instant
from simulator import Summary
from simulator.prefecture import bodies
from tests.simulator.conftest import Lines

KINDS = {
    "a1", "a2", "a3", "a4", "b", "c1", "c2", "c3", "d_source", "d_destination", "d_web_client", "d_web_vhost", "d_dns",
    "flow_allowed", "flow_denied", "flow_cut", "flow_partial", "reboot", "noise",
}  # fmt: skip
KEYS = {
    "id", "kind", "rule_family", "expected", "tenant", "entity", "first", "last", "lines", "source", "note", "match",
}  # fmt: skip


@pytest.fixture(scope="module")
def truth(prefecture: Summary) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (prefecture.out / "truth.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def planted(truth: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in truth if row["kind"] != "noise"]


def test_rows_are_complete_and_their_ids_are_unique(truth: list[dict[str, Any]]) -> None:
    assert {frozenset(row) for row in truth} == {frozenset(KEYS)}
    assert {row["kind"] for row in truth} == KINDS
    assert {row["expected"] for row in truth} == {"none", "aggregate", "alert"}
    assert len({row["id"] for row in truth}) == len(truth)
    tenants = {body.code for body in bodies(10, 0.1)}
    assert {row["tenant"] for row in truth} == tenants
    for row in truth:
        assert parse_instant(row["first"]) <= parse_instant(row["last"])


def test_each_case_has_exactly_its_lines(planted: list[dict[str, Any]], lines: Lines) -> None:
    for row in planted:
        if row["match"]:
            found = [line for line in lines(row["source"]) if re.search(row["match"], line)]
            assert len(found) == row["lines"], row["id"]


def test_the_entity_stands_in_the_lines(planted: list[dict[str, Any]], lines: Lines) -> None:
    for row in planted:
        for entity in row["entity"]:
            assert sum(entity in line for line in lines(row["source"])) >= row["lines"] or row["kind"] == "reboot", row[
                "id"
            ]


def test_first_and_last_are_those_of_the_lines(planted: list[dict[str, Any]], lines: Lines) -> None:
    for row in planted:
        if row["source"] != "fw-kawakami":
            continue
        found = [line for line in lines(row["source"]) if re.search(row["match"], line)]
        times = [int(re.search(r"eventtime=(\d{19}) ", line)[1]) // 1000 for line in found]  # type: ignore[index]  # every line has one
        assert (times[0], times[-1]) == (parse_instant(row["first"]), parse_instant(row["last"]))


def test_each_finding_has_a_neighbour_that_is_none(planted: list[dict[str, Any]]) -> None:
    for family in ("a", "b", "c", "d", "flow"):
        below = [row for row in planted if row["rule_family"] == family and row["note"].startswith("below")]
        assert below, family
        assert {row["expected"] for row in below} <= {"none", "aggregate"}
        assert any(row["rule_family"] == family and row["expected"] == "alert" for row in planted)


def test_a_burst_lies_across_jst_midnight(planted: list[dict[str, Any]]) -> None:
    row = next(row for row in planted if row["id"].startswith("d-source-midnight"))
    assert parse_instant(row["first"]) < parse_instant("2026-11-19T00:00:00+09:00") < parse_instant(row["last"])


def test_a_rebooting_firewall_is_silent_first(planted: list[dict[str, Any]], lines: Lines) -> None:
    row = next(row for row in planted if row["id"].startswith("reboot"))
    start = parse_instant(row["first"]) // 1_000_000
    seconds = [int(re.search(r"eventtime=(\d{10})", line)[1]) for line in lines(row["source"])]  # type: ignore[index]  # every line has one
    assert not [s for s in seconds if start + 2 <= s < start + 149]
    assert sum('logdesc="Device rebooted"' in line for line in lines(row["source"])) == 1
    assert from_us(parse_instant(row["first"])).minute >= 0


def test_terminals_of_cases_make_no_ordinary_noise(planted: list[dict[str, Any]], lines: Lines) -> None:
    row = next(row for row in planted if row["id"].startswith("b-fanout"))
    mine = [line for line in lines(row["source"]) if f"srcip={row['entity'][0]} " in line]
    assert len(mine) == row["lines"]
