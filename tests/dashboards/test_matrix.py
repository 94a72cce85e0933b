"""Bodies × sources: what is receiving, and which numbers lead where."""

from urllib.parse import parse_qs, urlsplit

import pytest

from dashboards.matrix import cell, matrix
from tests.dashboards.made import HOUR, MINUTE, NOW, TOWN, body, feed


@pytest.mark.parametrize(
    ("changes", "kind", "word"),
    [
        ({}, "on", "14秒"),
        ({"state": "silent", "last_received": NOW - 5 * HOUR - 12 * MINUTE}, "silent", "途絶 5時間12分"),
        ({"state": "waiting", "last_received": None}, "waiting", "未受信"),
        ({"state": "unregistered", "last_received": None}, "none", "未登録"),
        ({"state": "planned"}, "planned", "休止予定"),
    ],
)  # fmt: skip
def test_a_feed_says_how_it_stands_and_since_when(changes: dict[str, object], kind: str, word: str) -> None:
    found = cell(feed(**changes), NOW)
    assert (found.kind, found.word) == (kind, word)


def test_a_feed_that_is_not_there_is_not_registered() -> None:
    assert cell(None, NOW).word == "未登録"


def test_a_number_leads_to_exactly_the_cases_it_counts() -> None:
    made = matrix([body()], {(TOWN, "lgwan_firewall"): feed()}, {TOWN: {"high": 2, "medium": 0}}, now=NOW)
    (line,) = made.bodies
    critical, high, medium, low = line.numbers
    assert (critical.count, critical.href) == (medium.count, medium.href) == (low.count, low.href) == (0, "")
    assert parse_qs(urlsplit(high.href).query) == {
        "tenant": [TOWN], "severity": ["high"], "status": ["new", "evaluating", "in_progress", "watching", "incident"],
    }  # fmt: skip


def test_the_prefecture_has_a_line_only_where_it_has_something_of_its_own() -> None:
    prefecture = body(code="470007", name="見本県", kind="prefecture")
    none = {("470007", "proxy"): feed(tenant="470007", kind="proxy", state="unregistered", last_received=None)}
    assert [b.name.text for b in matrix([prefecture, body()], none, {}, now=NOW).bodies] == ["川上町"]
    own = matrix([prefecture, body()], none, {"470007": {"low": 1}}, now=NOW)
    assert [b.name.text for b in own.bodies] == ["見本県", "川上町"]


def test_the_limits_stand_under_the_table() -> None:
    feeds = {(TOWN, "lgwan_firewall"): feed(deny_only=True), (TOWN, "proxy"): feed(kind="proxy", shared=True)}
    notes = "".join(matrix([body()], feeds, {}, now=NOW).notes)
    assert "LGWAN用FWのうち 1 団体は拒否ログのみの受信です(許可の有無は判断できません)。" in notes
    assert "プロキシには共同利用のログ送信元があり" in notes


def test_only_signs_that_occur_are_explained() -> None:
    made = matrix(
        [body()],
        {(TOWN, kind): feed(kind=kind) for kind in ("lgwan_firewall", "proxy", "mail", "dns", "web")},
        {},
        now=NOW,
    )
    assert [key.word for key in made.keys] == ["受信中"]
