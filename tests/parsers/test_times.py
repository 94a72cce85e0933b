"""Times: every layout, every zone, the year that is not in the line, and the slow reading as judge of the fast one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.time import from_us, to_us
from parsers import Context
from parsers._times import read, read_one
from parsers._zones import QUALITIES
from tests.parsers.making import RECEIVED

TOKYO, BERLIN, NEW_YORK, LORD_HOWE = (
    ZoneInfo(name) for name in ("Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
)
_TEN = datetime(2026, 11, 20, 1, tzinfo=UTC)
"""10:00 in Tokyo."""
_UTC_TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)
_MS, _US = _TEN.replace(microsecond=123000), _TEN.replace(microsecond=123456)
E, Z, Y = "exact", "zone_assumed", "year_inferred"

CASES = [
    # ISO 8601 and its relatives
    ("2026-11-20T10:00:00", _TEN, Z), ("2026-11-20 10:00:00", _TEN, Z), ("2026/11/20 10:00:00", _TEN, Z),
    ("2026-11-20_10:00:00", _TEN, Z), ("2026/11/20-10:00:00", _TEN, Z), ("20261120T100000", _TEN, Z), ("20261120100000", _TEN, Z),
    ("20261120 10:00:00", _TEN, Z), ("2026-11-20T10:00:00.123", _MS, Z), ("2026-11-20T10:00:00,123", _MS, Z),
    ("2026-11-20T10:00:00.123456", _US, Z), ("2026-11-20T10:00:00.123456789", _US, Z),
    ("2026-11-20T10:00:00Z", _UTC_TEN, E), ("2026-11-20T10:00:00z", _UTC_TEN, E), ("2026-11-20T10:00:00+09:00", _TEN, E),
    ("2026-11-20T10:00:00+0900", _TEN, E), ("2026-11-20T10:00:00+09", _TEN, E), ("2026-11-20T10:00:00 +09:00", _TEN, E),
    ("2026-11-20T10:00:00.123+09:00", _MS, E), ("2026-11-20T10:00:00-05:00", _TEN.replace(hour=15), E),
    ("2026-11-20 10:00:00 UTC", _UTC_TEN, E), ("2026-11-20 10:00:00 GMT", _UTC_TEN, E), ("2026-11-20 10:00:00 JST", _TEN, E),
    ("2026-11-20 10:00:00 UTC+09:00", _TEN, E), ("2026-11-20 10:00:00 GMT+9", _TEN, E), ("2026-11-20T10:00:00+05:45", datetime(2026, 11, 20, 4, 15, tzinfo=UTC), E),
    ("2026-11-20 10:00:00 CET", _TEN, Z), ("2026-11-20 10:00:00 XYZ", _TEN, Z),
    ("2019/12/5 13:03:50", datetime(2019, 12, 5, 4, 3, 50, tzinfo=UTC), Z), ("2026-11-20T9:00:00", _TEN.replace(hour=0), Z),
    # the day first
    ("20/Nov/2026:10:00:00 +0900", _TEN, E), ("20/Nov/2026:10:00:00", _TEN, Z), ("20/nov/2026:10:00:00 -0700", _TEN.replace(hour=17), E),
    ("20-Nov-2026 10:00:00.123", _MS, Z), ("20-Nov-2026 10:00:00", _TEN, Z), ("20 Nov 2026 10:00:00", _TEN, Z), ("5 Nov 2026 10:00:00 +0000", datetime(2026, 11, 5, 10, tzinfo=UTC), E),
    ("Fri, 20 Nov 2026 10:00:00 +0900", _TEN, E), ("Fri, 20 Nov 2026 10:00:00 GMT", _UTC_TEN, E),
    # the month first
    ("Nov 20 10:00:00", _TEN, Y), ("Nov  2 10:00:00", _TEN.replace(day=2), Y), ("Nov 2 10:00:00", _TEN.replace(day=2), Y), ("Nov 02 10:00:00", _TEN.replace(day=2), Y),
    ("NOV 20 10:00:00", _TEN, Y), ("Nov 20 10:00:00.123456", _US, Y), ("Nov 20 10:00:00 UTC", _UTC_TEN, Y), ("Nov 20 10:00:00 JST", _TEN, Y),
    ("Nov 20 2026 10:00:00", _TEN, Z), ("Nov  2 2026 10:00:00", _TEN.replace(day=2), Z), ("Nov 20 10:00:00 2026", _TEN, Z),
    ("Fri Nov 20 10:00:00 2026", _TEN, Z), ("Fri Nov 20 10:00:00.123456 2026", _US, Z), ("Fri Nov 20 10:00:00 JST 2026", _TEN, E),
    ("Fri Nov 20 10:00:00 UTC 2026", _UTC_TEN, E), ("Fri Nov  2 10:00:00 2026", _TEN.replace(day=2), Z),
    # since 1970
    ("1795136400", _TEN, E), ("1795136400.123", _MS, E), ("1795136400.123456", _US, E), ("1795136400123", _MS, E),
    ("1795136400123456", _US, E), ("1795136400123456789", _US, E), ("999999999", datetime(2001, 9, 9, 1, 46, 39, tzinfo=UTC), E),
    # a leap second and the last of February
    ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC), E), ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC), E),
]  # fmt: skip

NO_TIMES = [
    "", "-", "now", "2026-13-01T10:00:00", "2026-11-31T10:00:00", "2025-02-29T10:00:00", "2026-11-20T24:00:00", "2026-11-20T10:60:00",
    "2026-11-20T10:00:61", "2026-11-20", "10:00:00", "11/20/2026 10:00:00", "20/11/2026 10:00:00", "Foo 20 10:00:00", "Nov 31 10:00:00",
    "Nov 20 25:00:00", "12345678", "1795136400.", "17951364x0", "2026-11-20T10:00:00 and more words", "2026-11-20T10:00:00+99:00:00:00",
    "２０２６-11-20T10:00:00", "9" * 20, "1795136400.1234567890", "x" * 200,
]  # fmt: skip


def found(text: str, zone: ZoneInfo = TOKYO, received: int = RECEIVED) -> tuple[datetime, str] | None:
    times = read(pl.Series([text, None, text]), Context(zone, received))
    assert list(times.valid) == [times.valid[0], False, times.valid[0]]
    assert times.us[0] == times.us[2]
    return (from_us(int(times.us[0])), QUALITIES[times.quality[0]]) if times.valid[0] else None


@pytest.mark.parametrize(("text", "instant", "quality"), CASES, ids=[text for text, _, _ in CASES])
def test_a_layout_is_read(text: str, instant: datetime, quality: str) -> None:
    assert found(text) == (instant, quality)


@pytest.mark.parametrize(("text", "instant", "quality"), CASES, ids=[text for text, _, _ in CASES])
def test_the_slow_reading_agrees(text: str, instant: datetime, quality: str) -> None:
    got = read_one(text, TOKYO, RECEIVED)
    assert got is not None
    assert (from_us(got[0]), QUALITIES[got[1]]) == (instant, quality)


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time_is_not_made_one(text: str) -> None:
    assert found(text) is None
    assert read_one(text.strip(), TOKYO, RECEIVED) is None


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 60


ZONES = [
    # Summer time, winter time, the hour that comes twice (the first), the hour that never was (read on).
    ("2026-07-01 12:00:00", BERLIN, datetime(2026, 7, 1, 10, tzinfo=UTC)),
    ("2026-12-01 12:00:00", BERLIN, datetime(2026, 12, 1, 11, tzinfo=UTC)),
    ("2026-10-25 02:30:00", BERLIN, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ("2026-03-29 02:30:00", BERLIN, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ("2026-11-01 01:30:00", NEW_YORK, datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ("2026-04-05 01:45:00", LORD_HOWE, datetime(2026, 4, 4, 14, 45, tzinfo=UTC)),
    ("2026-07-01 12:00:00 CEST", BERLIN, datetime(2026, 7, 1, 10, tzinfo=UTC)),
    ("2026-07-01 12:00:00 CET", BERLIN, datetime(2026, 7, 1, 11, tzinfo=UTC)),
    ("2026-07-01 12:00:00 EST", NEW_YORK, datetime(2026, 7, 1, 17, tzinfo=UTC)),
    ("1948-07-01 12:00:00", TOKYO, datetime(1948, 7, 1, 2, tzinfo=UTC)),
]


@pytest.mark.parametrize(("text", "zone", "instant"), ZONES, ids=[text for text, _, _ in ZONES])
def test_the_sources_zone_is_that_of_the_day(text: str, zone: ZoneInfo, instant: datetime) -> None:
    got = found(text, zone)
    assert got is not None
    assert got[0] == instant


def test_a_name_counts_only_where_the_source_uses_it() -> None:
    assert found("2026-07-01 12:00:00 CEST", TOKYO) == (datetime(2026, 7, 1, 3, tzinfo=UTC), "zone_assumed")


YEARS = [
    # Received on New Year's morning: yesterday was last year. Sent on New Year's Eve by a clock that is ahead: next year.
    ("Dec 31 23:59:58", "2027-01-01T00:05:00+09:00", 2026), ("Jan  1 00:00:01", "2026-12-31T23:59:00+09:00", 2027),
    ("Jan  1 00:00:01", "2027-01-01T00:00:02+09:00", 2027), ("Nov 20 10:00:00", "2026-11-20T10:05:00+09:00", 2026),
    ("Jun  1 10:00:00", "2026-11-20T10:05:00+09:00", 2026), ("Apr  1 10:00:00", "2026-11-20T10:05:00+09:00", 2027),
    ("Feb 29 12:00:00", "2026-11-20T10:05:00+09:00", 2028), ("Feb 29 12:00:00", "2026-01-20T10:05:00+09:00", 2024),
    ("Feb 29 12:00:00", "2024-03-01T10:05:00+09:00", 2024), ("Dec 31 20:00:00 UTC", "2027-01-01T05:05:00+09:00", 2027),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "received", "year"), YEARS, ids=[f"{text}, {received[:10]}" for text, received, _ in YEARS]
)
def test_a_missing_year_is_the_one_nearest_to_receipt(text: str, received: str, year: int) -> None:
    got = found(text, TOKYO, to_us(datetime.fromisoformat(received)))
    assert got is not None
    assert got[1] == "year_inferred"
    assert (got[0] + timedelta(hours=9)).year == year


@given(st.integers(-181, 181), st.integers(0, 86399))
def test_a_missing_year_is_right_for_half_a_year(days: int, second: int) -> None:
    received = from_us(RECEIVED)
    sent = (received + timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
        seconds=second
    )
    got = found(f"{sent:%b %e %H:%M:%S}", ZoneInfo("UTC"))
    assert got is not None
    assert got[0] == sent


_MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31))
_FORMS = ("%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d/%b/%Y:%H:%M:%S", "%d-%b-%Y %H:%M:%S", "%b %e %H:%M:%S", "%b %d %Y %H:%M:%S",
          "%a %b %e %H:%M:%S.%f %Y", "%a, %d %b %Y %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%b %d %H:%M:%S.%f")  # fmt: skip
_TAILS = ("", "Z", " +0900", "-03:30", " JST", " UTC", " EST", "+14", " (JST)", " [UTC]", " ", "!", "+9", " nonsense")


@settings(max_examples=200)
@given(
    st.lists(st.tuples(_MOMENTS, st.sampled_from(_FORMS), st.sampled_from(_TAILS)), min_size=1, max_size=6),
    st.sampled_from((TOKYO, BERLIN, NEW_YORK)),
)
def test_fast_and_slow_reading_agree(texts: list[tuple[datetime, str, str]], zone: ZoneInfo) -> None:
    given = [moment.strftime(form) + tail for moment, form, tail in texts]
    times = read(pl.Series(given), Context(zone, RECEIVED))
    for i, text in enumerate(given):
        slow = read_one(text.strip(), zone, RECEIVED)
        assert ((int(times.us[i]), int(times.quality[i])) if times.valid[i] else None) == slow, text


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60), min_size=1, max_size=5))
def test_no_text_breaks_the_reading(texts: list[str]) -> None:
    times = read(pl.Series(texts), Context(TOKYO, RECEIVED))
    for i, text in enumerate(texts):
        alone = read(pl.Series([text]), Context(TOKYO, RECEIVED))
        assert (times.valid[i], times.us[i]) == (alone.valid[0], alone.us[0])


@pytest.mark.parametrize("text", [text for text, *_ in CASES])
def test_a_time_may_be_cut_anywhere(text: str) -> None:
    texts = [text[:size] for size in range(len(text) + 1)]
    times = read(pl.Series(texts), Context(TOKYO, RECEIVED))
    for i, cut in enumerate(texts):
        slow = read_one(cut.strip(), TOKYO, RECEIVED)
        assert ((int(times.us[i]), int(times.quality[i])) if times.valid[i] else None) == slow, cut
