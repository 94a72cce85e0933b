"""Values that the formats of `cli._bench_loop` have in common: times, addresses, and what a row looks like."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, TypeVar

T = TypeVar("T")

Row = tuple[Any, ...]
"""The class of a line, and the values of `Table.columns`."""
Reader = Callable[[str], Row | None]
"""A line with its line feed → its row. None, ValueError or LookupError: the line is none of the format."""

SECONDS = 1 << 13
TEXTS = 1 << 17
"""How many different times, and addresses or other texts, are remembered."""
YEAR = 2026
"""Of times that name none."""
JAPAN = timezone(timedelta(hours=9))
REMEMBERING = "HINOMI_BENCH_REMEMBERING"
PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp"}
PROTOCOLS |= {word: name for name in ("icmp", "tcp", "udp") for word in (name, name.upper())}
_MAPPED = bytes(10) + b"\xff\xff"
ADDRESS = r"(\d+\.\d+\.\d+\.\d+|[0-9A-Fa-f:]+)"


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of one class: those of a row, those that are the same in every row, and those that repeat another."""

    columns: tuple[str, ...]
    constants: Mapping[str, Any]
    same: Mapping[str, str] = field(default_factory=dict)


def constants(format: str, time_quality: str, **more: Any) -> dict[str, Any]:
    """What every row of a format says, and `more`."""
    return {
        "format": format, "time_quality": time_quality, "event_count": 1, "count_quality": "exact",
        "text_quality": "clean", **more,
    }  # fmt: skip


def remembered(size: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """A function of a text that remembers its last `size` answers where `remembering` says so, and else none."""

    def made(function: Callable[[str], T]) -> Callable[[str], T]:
        if remembering():
            return lru_cache(size)(function)
        return function

    return made


def remembering() -> bool:
    """Whether this process runs the loop that remembers: functions are made when their module is read."""
    return os.environ.get(REMEMBERING) == "yes"


def instant(text: str, layout: str) -> int:
    """A time of whole seconds, in µs; in Japan where the layout has no zone."""
    found = datetime.strptime(text, layout)
    return int((found if found.tzinfo else found.replace(tzinfo=JAPAN)).timestamp()) * 1_000_000


@remembered(SECONDS)
def iso_time(text: str) -> int:
    """An ISO time of whole seconds with its offset, in µs."""
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


@remembered(SECONDS)
def syslog_time(text: str) -> int:
    """`Nov 19 00:00:00`."""
    return instant(f"{YEAR} {text}", "%Y %b %d %H:%M:%S")


@remembered(TEXTS)
def address(text: str) -> tuple[str, bytes]:
    """Canonical text and 16 bytes, IPv4 mapped; ValueError where it is no address."""
    found = ip_address(text)
    return str(found), found.packed if found.version == 6 else _MAPPED + found.packed
