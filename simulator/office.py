"""When a Japanese municipality is at work: office days (開庁日) and how activity is spread over a JST day."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_HOLIDAYS = {
    2025: "0101 0113 0211 0223 0224 0320 0429 0503 0504 0505 0506 0721 0811 0915 0923 1013 1103 1123 1124",
    2026: "0101 0112 0211 0223 0320 0429 0503 0504 0505 0506 0720 0811 0921 0922 0923 1012 1103 1123",
    2027: "0101 0111 0211 0223 0321 0322 0429 0503 0504 0505 0719 0811 0920 0923 1011 1103 1123",
    2028: "0101 0110 0211 0223 0320 0429 0503 0504 0505 0717 0811 0918 0922 1009 1103 1123",
}
"""National holidays (国民の祝日・振替休日) as MMDD; other years know only weekends and the turn of the year."""

_STEPS: dict[str, tuple[tuple[float, float], ...]] = {
    # (from this hour on, weight); a day begins with the first
    "pc": (
        (0, 0.02), (6, 0.05), (7, 0.3), (8, 1.0), (8.25, 4.0), (9, 1.6), (12, 0.9), (12.75, 2.2), (13.25, 1.5),
        (17.25, 0.8), (18.5, 0.4), (20, 0.12), (22, 0.03),
    ),
    "duty": ((0, 0.1), (8.5, 1.0), (17.25, 0.2)),
    "server": ((0, 1.0), (8, 1.3), (18, 1.0)),
    "citizen": ((0, 0.25), (6, 0.6), (8, 1.0), (12, 1.3), (13, 1.0), (18, 1.1), (20, 1.4), (22.5, 0.7)),
    "mail": ((0, 0.15), (7, 0.5), (8.5, 1.6), (12, 0.9), (13, 1.4), (17.5, 0.5), (21, 0.2)),
}  # fmt: skip


def is_office_day(day: date) -> bool:
    """Whether the town hall is open: no weekend, no holiday, not 29 December to 3 January."""
    mmdd = f"{day:%m%d}"
    closed = mmdd in _HOLIDAYS.get(day.year, "").split() or mmdd >= "1229" or mmdd <= "0103"
    return day.weekday() < 5 and not closed


@cache
def _cumulative(profile: str, monday: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    edges = np.arange(97) * 0.25
    weights = np.zeros(96)
    for start, weight in _STEPS[profile]:
        weights[edges[:-1] >= start] = weight
    if monday and profile == "pc":
        weights[33:36] *= 1.4
    total = np.concatenate([[0.0], np.cumsum(weights)])
    share: NDArray[np.float64] = total / total[-1]
    return share, np.asarray(edges * HOUR, np.float64)


def sample(rng: np.random.Generator, count: int, profile: str, *, monday: bool = False) -> Times:
    """`count` instants of a day by a profile, in µs since JST midnight, unsorted."""
    total, edges = _cumulative(profile, monday)
    return np.interp(rng.random(count), total, edges).astype(np.int64)


def boots(rng: np.random.Generator, count: int, *, office: bool) -> Times:
    """When each of `count` terminals is switched on, in µs since JST midnight: the wave of 08:15 to 09:00."""
    if not office:
        return (rng.uniform(8.5, 15.0, count) * HOUR).astype(np.int64)
    hours = np.where(rng.random(count) < 0.9, rng.normal(8.53, 0.16, count), rng.uniform(9.0, 13.2, count))
    return (np.clip(hours, 7.5, 13.5) * HOUR).astype(np.int64)
