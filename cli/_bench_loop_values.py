"""Values that the formats of `cli._bench_loop` have in common: times, addresses, and what a row looks like."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

Row = tuple[Any, ...]
"""The class of a line, and the values of `Table.columns`."""
Reader = Callable[[str], Row | None]
"""A line with its line feed → its row. None, ValueError, LookupError or OSError: the line is none of the format."""

SECONDS = 1 << 13
TEXTS = 1 << 17
"""How many different times, and addresses or other texts, are remembered."""
YEAR = 2026
"""Of times that name none."""
MONTHS = {name: f"{n:02d}" for n, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
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


@lru_cache(SECONDS)
def iso_time(text: str) -> int:
    """An ISO time of whole seconds with its offset, in µs."""
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


@lru_cache(SECONDS)
def syslog_time(text: str) -> int:
    """`Nov 19 00:00:00`, in Japan."""
    return iso_time(f"{YEAR}-{MONTHS[text[:3]]}-{text[4:6].replace(' ', '0')}T{text[7:]}+09:00")


@lru_cache(TEXTS)
def address(text: str) -> tuple[str, bytes]:
    """Canonical text and 16 bytes, IPv4 mapped; OSError where it is no address."""
    if ":" in text:
        packed = socket.inet_pton(socket.AF_INET6, text)
        return socket.inet_ntop(socket.AF_INET6, packed), packed
    packed = socket.inet_pton(socket.AF_INET, text)
    return socket.inet_ntop(socket.AF_INET, packed), _MAPPED + packed
