"""Instants, JST hours and days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import time

INSTANTS = st.integers(0, 4_000_000_000_000_000)


def test_nine_oclock_in_tokyo_is_midnight_utc() -> None:
    nine = time.parse_instant("2026-11-20T09:00:00+09:00")
    assert time.iso(nine) == "2026-11-20T00:00:00Z"
    assert time.day_of(nine - 9 * time.HOUR_US - 1) == date(2026, 11, 19)
    assert time.day_of(nine - 9 * time.HOUR_US) == date(2026, 11, 20)


@given(INSTANTS)
def test_an_instant_lies_in_its_hour_and_its_hour_in_its_day(instant: int) -> None:
    hour = time.hour_of(instant)
    assert time.hour_start(hour) <= instant < time.hour_start(hour + 1)
    assert time.day_of_hour(hour) == time.day_of(instant)
    assert time.day_of(instant) == time.from_us(instant).astimezone(time.JST).date()


@given(INSTANTS)
def test_an_instant_survives_a_datetime(instant: int) -> None:
    assert time.to_us(time.from_us(instant)) == instant
    assert time.parse_instant(time.iso(instant)) == instant


def test_a_time_without_a_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="no zone"):
        time.to_us(datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="say the zone"):
        time.parse_instant("2026-01-01T00:00:00")
    assert time.parse_instant("2026-01-01T00:00:00", ZoneInfo("UTC")) == time.to_us(datetime(2026, 1, 1, tzinfo=UTC))
