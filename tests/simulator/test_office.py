from datetime import date

import numpy as np
import pytest

from simulator.office import DAY, HOUR, is_office_day, sample


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 11, 20), True), (date(2026, 11, 21), False), (date(2026, 11, 23), False), (date(2026, 12, 28), True),
        (date(2026, 12, 29), False), (date(2027, 1, 3), False), (date(2027, 1, 4), True), (date(2026, 5, 6), False),
    ],
)  # fmt: skip
def test_the_town_hall_keeps_its_days(day: date, open_: bool) -> None:
    assert is_office_day(day) is open_


def test_terminals_wake_in_a_wave_and_sleep_at_night() -> None:
    t = sample(np.random.default_rng(1), 100_000, "pc")
    assert t.min() >= 0
    assert t.max() < DAY
    hours = np.bincount(t // HOUR, minlength=24)
    assert hours[8] == hours.max()
    assert hours[12] < hours[9]
    assert hours[2] * 20 < hours[10]
