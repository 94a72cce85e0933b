"""The rows that rules read: one table for hours and bodies, with everything that a rule may name.

`materialise` reads the events of a span of hours once, joins the registers that were in force when each row happened,
asks the flow policy and the traffic classes, and leaves the temporary table `rows`. Only columns that were asked for
are computed. What a row gets depends on registers and on rows of its own body and JST hour alone, so that it is the
same whichever span it is read in.
"""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pyarrow as pa

from core import time
from core.columns import EventClass, columns_of
from detections.joins import Registers
from detections.judging import Judged
from detections.loading import Pack
from detections.references import Period, References
from detections.vocabulary import ADDED, steps
from store import Session

NEEDED = frozenset({"tenant", "event_time", "event_count", "verdict", "outcome", "batch", "line"})
"""Columns without which there is no table."""
PLAIN = {
    "t": "epoch_us(event_time)",
    "hour": f"epoch_us(event_time) // {time.HOUR_US}",
    "jst_hour": f"(epoch_us(event_time) // {time.HOUR_US} + 9) % 24",
    "weekday": f"((epoch_us(event_time) + {time.JST_OFFSET_US}) // {time.DAY_US} + 3) % 7",
    "events": "coalesce(event_count, 1)",
}
"""Added columns that come from the row alone. 1970-01-01 was a Thursday."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is read at once: bodies of one event class, hours [first, last] with both ends."""

    event_class: EventClass
    tenants: tuple[str, ...]
    first: int
    last: int


def materialise(
    session: Session, part: Part, columns: Collection[str], pack: Pack, refs: References,
    shared_macs: pa.Table | None = None, named: Collection[str] | None = None, lost: pa.Table | None = None,
) -> int:  # fmt: skip
    """Make the table `rows`; how many there are.

    Args:
        session: Where it is made. A table of that name is replaced.
        part: Which events.
        columns: What rules name, and what traffic classes and policy name where they are asked.
        pack: Traffic classes and flow policy.
        refs: Registers as of the snapshot.
        shared_macs: (tenant, day, mac) of hardware addresses that stand for ≥ 4 addresses that day.
        named: Those of the columns that the table keeps; all when not given.
        lost: (tenant, source, minute, devices) of minutes in which a device said that it lost log lines.
    """
    wanted = _closure(frozenset(columns) | NEEDED)
    known = {c.name for c in columns_of(part.event_class)}
    own = sorted(c for c in wanted if c in known)
    session.events(
        "events", part.event_class, tenants=part.tenants, first_hour=part.first, last_hour=part.last, columns=own
    )
    periods = refs.periods(part.tenants, time.hour_start(part.first), time.hour_start(part.last + 1))
    plain = [f"{text} AS {name}" for name, text in PLAIN.items()]
    quoted = ", ".join(f'"{c}"' for c in own)
    session.run("DROP TABLE IF EXISTS rows; DROP TABLE IF EXISTS base")
    session.run(f"CREATE TEMP TABLE base AS SELECT {quoted}, {', '.join(plain)}, {_period(periods)} AS p FROM events")
    count = int(session.sql("SELECT count(*) AS n FROM base")["n"][0].as_py())
    if not count:
        session.run("CREATE TEMP TABLE rows AS SELECT rowid AS id, * FROM base")
        return 0
    registers = Registers(session, part, periods, refs, frozenset(own), shared_macs, lost)
    judged = Judged(session, registers, pack, str(part.event_class))
    added = sorted(c for c in wanted if c in ADDED and c not in PLAIN)
    kept = [c for c in (*own, *added) if named is None or c in named or c in NEEDED]
    keep = ", ".join(["id", *PLAIN, *(f'"{c}"' for c in kept)])
    view = judged.view(frozenset(added))
    session.run(f"CREATE TEMP TABLE rows AS SELECT {keep} FROM {view}", judged.own_parameters(view))
    session.run("DROP TABLE base")
    return count


def _closure(columns: frozenset[str]) -> frozenset[str]:
    """The columns, and those that they are computed from."""
    five = {"src_ip", "src_port", "dst_ip", "dst_port", "protocol"}
    needed: dict[str, set[str]] = {
        "attempts": {*five, "device", "src_mac"}, "source": {"source", "src_ip", "user", "user_domain", "forwarded_for"}, "body": set(), "losses": {"source", "device"},
        "network": {"src_addr", "dst_addr"}, "terminal": {"src_addr", "dst_addr", "src_mac"},
        "mac": {"src_addr", "src_mac"}, "router": {"src_mac"}, "flows": set(),
        "policy": {"model", "src_addr", "dst_addr", "src_mac", "src_mac_own", "src_zone", "dst_zone", *five},
        "class": {"model", "src_addr", "dst_addr", "src_mac", "src_mac_own", "src_zone", "dst_zone", *five},
    }  # fmt: skip
    found = set(columns)
    for step in steps(columns):
        found |= needed[step]
    return frozenset(found)


def _period(periods: Collection[Period]) -> str:
    cuts = list(periods)[1:]
    if not cuts:
        return "CAST(0 AS INTEGER)"
    tests = " ".join(f"WHEN epoch_us(event_time) >= {p.start} THEN {p.number}" for p in reversed(cuts))
    return f"CAST(CASE {tests} ELSE 0 END AS INTEGER)"


def margins(windows: Mapping[str, int]) -> tuple[int, int]:
    """Whole hours that have to be read before and after an hour, for the widest of these windows (µs).

    2w before: evidence looks back w for what is one episode, and whether that is evidence takes another w. w after:
    a row is evidence when a window fires that ends up to w later.
    """
    widest = max(windows.values(), default=0)
    return -(-2 * widest // time.HOUR_US), -(-widest // time.HOUR_US)
