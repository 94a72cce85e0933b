"""Japanese times, durations and counts."""

from datetime import date

import pytest

from dashboards import wording
from tests.dashboards.made import DAY, HOUR, MINUTE, NOW, at


@pytest.mark.parametrize(
    ("length", "word"),
    [
        (-5, "0秒"), (0, "0秒"), (59_999_999, "59秒"), (MINUTE, "1分"), (59 * MINUTE, "59分"), (HOUR, "1時間"),
        (5 * HOUR + 12 * MINUTE, "5時間12分"), (DAY, "1日"), (DAY + 3 * HOUR, "1日3時間"), (9 * DAY + HOUR, "9日"),
    ],
)  # fmt: skip
def test_a_duration_in_its_two_greatest_units(length: int, word: str) -> None:
    assert wording.duration(length) == word


def test_an_exact_duration_keeps_its_seconds() -> None:
    assert wording.exact_duration(5 * MINUTE + 19_000_000) == "5分19秒"
    assert wording.exact_duration(5 * MINUTE) == "5分"
    assert wording.exact_duration(19_000_000) == "19秒"
    assert wording.exact_duration(2 * HOUR + 3 * MINUTE + 4_000_000) == "2時間3分"


def test_years_of_the_era() -> None:
    assert wording.reiwa(date(2026, 11, 20), weekday=True) == "令和8年11月20日(金)"
    assert wording.reiwa(date(2019, 5, 1)) == "令和元年5月1日"
    assert wording.reiwa(date(2019, 4, 30)) == "2019年4月30日"


def test_a_moment_is_as_short_as_today_allows() -> None:
    assert wording.moment(at("09:05"), NOW) == "09:05"
    assert wording.moment(at("09:05"), NOW, seconds=True) == "09:05:00"
    assert wording.moment(at("2026-11-18T14:20:00+09:00"), NOW) == "11/18 14:20"
    assert wording.moment(at("2025-03-02T14:20:00+09:00"), NOW) == "令和7年3月2日 14:20"


def test_a_day_begins_at_midnight_in_japan() -> None:
    assert wording.moment(at("2026-11-20T00:00:00+09:00"), NOW) == "00:00"
    assert wording.moment(at("2026-11-19T23:59:59+09:00"), NOW) == "11/19 23:59"


def test_a_span_in_two_lines() -> None:
    assert wording.span(at("14:19"), at("14:27"), NOW) == ("14:19", "–14:27")
    assert wording.span(at("14:19"), at("14:19"), NOW) == ("14:19", "")
    assert wording.span(at("2026-11-18T09:12:00+09:00"), at("14:22"), NOW) == ("11/18", "–14:22")
    eighteenth = at("2026-11-18T09:12:00+09:00")
    assert wording.span(eighteenth, eighteenth + 28 * MINUTE, NOW) == ("11/18", "09:12–09:40")
    assert wording.span(eighteenth, eighteenth + DAY, NOW) == ("11/18", "–11/19")


def test_a_stretch_in_a_sentence() -> None:
    assert wording.stretch(at("11:31:44"), at("14:20:41"), NOW) == "本日 11:31:44 〜 14:20:41"
    yesterday = at("2026-11-19T23:00:00+09:00")
    assert wording.stretch(yesterday, at("00:10:00"), NOW) == "昨日 23:00:00 〜 本日 00:10:00"
    assert wording.stretch(yesterday, yesterday, NOW) == "昨日 23:00:00"


def test_a_zone_that_is_not_known_is_said_to_be_unknown() -> None:
    assert wording.zone("LGC") == "LGWAN接続系"
    assert wording.zone("UNKNOWN") == wording.zone("") == "領域不明"
