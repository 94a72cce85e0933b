"""How the hours and bodies that are due are cut into parts that are read at once.

A part is a rectangle: some bodies, some hours that follow each other. Bodies are parted at no cost; hours only where
one body alone has too many rows, since what lies around a cut is read twice. Neighbours are put together as long as
that reads little in vain: each part costs some dozen statements, however small it is. Such rectangles may overlap; an
hour of a body is due in the first of them alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core import time
from core.columns import EventClass
from detections.rows import Part
from store import Session

ROWS_AT_ONCE = 1_500_000
"""Rows that are read at once, margins included; more of one body and hour are read nevertheless."""
IN_VAIN = 100_000
"""Rows that may be read in vain to spare a part."""

Sizes = Mapping[str, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class _Block:
    tenants: frozenset[str]
    hours: tuple[int, ...]

    def rows(self, sizes: Sizes, before: int, after: int) -> int:
        span = range(self.hours[0] - before, self.hours[-1] + after + 1)
        return sum(sizes.get(t, {}).get(h, 0) for t in self.tenants for h in span)


def parts(
    session: Session, event_class: EventClass, wanted: Mapping[str, Collection[int]], before: int, after: int
) -> Iterator[tuple[Part, frozenset[tuple[str, int]]]]:
    """The parts to read for these hours of these bodies (body → hours), with `before` and `after` hours around each.

    Yields:
        What to read, and the (body, hour) that are due in it: each in one part only.
    """
    hours = sorted({hour for mine in wanted.values() for hour in mine})
    if not hours:
        return
    sizes = _sizes(session, event_class, sorted(wanted), hours[0] - before, hours[-1] + after)
    alike: dict[tuple[int, ...], set[str]] = {}
    for tenant, mine in wanted.items():
        for stretch in _stretches(sorted(mine), before + after):
            alike.setdefault(tuple(stretch), set()).add(tenant)
    blocks = [_Block(frozenset(tenants), due) for due, tenants in sorted(alike.items())]
    left = {(tenant, hour) for tenant, mine in wanted.items() for hour in mine}
    for block in _joined(blocks, sizes, before, after):
        for few in _split(block, sizes, before, after):
            due = left.intersection((tenant, hour) for tenant in few.tenants for hour in few.hours)
            left -= due
            if due:
                part = Part(event_class, tuple(sorted(few.tenants)), few.hours[0] - before, few.hours[-1] + after)
                yield part, frozenset(due)


def _stretches(hours: Sequence[int], gap: int) -> list[list[int]]:
    """Hours that are so near each other that reading them together reads nothing in vain."""
    out: list[list[int]] = []
    for hour in hours:
        if out and hour - out[-1][-1] <= gap + 1:
            out[-1].append(hour)
        else:
            out.append([hour])
    return out


def _joined(blocks: Sequence[_Block], sizes: Sizes, before: int, after: int) -> list[_Block]:
    out: list[_Block] = []
    for block in blocks:
        if out:
            both = _Block(out[-1].tenants | block.tenants, tuple(sorted({*out[-1].hours, *block.hours})))
            apart = out[-1].rows(sizes, before, after) + block.rows(sizes, before, after)
            if both.rows(sizes, before, after) <= min(apart + IN_VAIN, ROWS_AT_ONCE):
                out[-1] = both
                continue
        out.append(block)
    return out


def _split(block: _Block, sizes: Sizes, before: int, after: int) -> Iterator[_Block]:
    """A block as blocks of at most ROWS_AT_ONCE, as far as that can be."""
    group: list[str] = []
    room = ROWS_AT_ONCE
    for tenant in sorted(block.tenants):
        size = _Block(frozenset({tenant}), block.hours).rows(sizes, before, after)
        if group and size > room:
            yield _Block(frozenset(group), block.hours)
            group, room = [], ROWS_AT_ONCE
        if size > ROWS_AT_ONCE:
            yield from _spans(tenant, block.hours, sizes.get(tenant, {}), before, after)
            continue
        group.append(tenant)
        room -= size
    if group:
        yield _Block(frozenset(group), block.hours)


def _spans(tenant: str, due: Sequence[int], sizes: Mapping[int, int], before: int, after: int) -> Iterator[_Block]:
    held: list[int] = []
    for hour in due:
        if held and sum(sizes.get(h, 0) for h in range(held[0] - before, hour + after + 1)) > ROWS_AT_ONCE:
            yield _Block(frozenset({tenant}), tuple(held))
            held = []
        held.append(hour)
    yield _Block(frozenset({tenant}), tuple(held))


def _sizes(
    session: Session, event_class: EventClass, tenants: Collection[str], first: int, last: int
) -> dict[str, dict[int, int]]:
    session.events(
        "sizes", event_class, tenants=tenants, first_hour=first, last_hour=last, columns=["tenant", "event_time"]
    )
    table = session.sql(
        f"SELECT tenant, epoch_us(event_time) // {time.HOUR_US} AS hour, count(*) AS n FROM sizes GROUP BY ALL"
    )
    out: dict[str, dict[int, int]] = {}
    for tenant, hour, n in zip(*(column.to_pylist() for column in table.columns), strict=True):
        out.setdefault(tenant, {})[hour] = n
    return out
