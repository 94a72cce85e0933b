"""Planted cases: what each is, how its rows are made, and which of a source's lines are its own.

A case says what an evaluator may expect: `alert` (somebody must see it), `aggregate` (one of many in a low collective
case at most) or `none`. Strengths were chosen here, clear of the ordinary peaks of this prefecture or well within them,
by what the guideline's text names; no threshold of any rule was read.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.time import day_start
from simulator.office import HOUR, is_office_day
from simulator.packets import DENY, LGC, LGW, Flows, ephemeral, flows, tries
from simulator.prefecture import Body, dotted

Rows = NDArray[Any]


@dataclass(frozen=True)
class Case:
    """One planted case. `match` is a regular expression that finds its lines, and no others, in its source's files.

    `build` makes its rows (unlabelled, times in µs UTC); `down` is a span in which the device wrote nothing.
    """

    id: str
    kind: str
    family: str
    expected: str
    tenant: str
    source: str
    entity: tuple[str, ...]
    note: str
    match: str
    build: Callable[[], Rows]
    down: tuple[int, int] = (0, 0)
    moved: int = 0
    """From here on the other unit of an HA pair writes (µs UTC; 0: never)."""


@dataclass(frozen=True)
class Stage:
    """Where cases are planted: the bodies, the days and the seed. `group` counts the tens of bodies."""

    bodies: Sequence[Body]
    days: Sequence[date]
    seed: int
    group: int = 0

    def body(self, kind: int) -> Body | None:
        """The body of this group at that place in the pattern of ten."""
        return next((b for b in self.bodies if b.index == self.group * 10 + kind), None)

    def rng(self, name: str) -> np.random.Generator:
        """Randomness of one case alone."""
        return np.random.default_rng([self.seed, self.group, zlib.crc32(name.encode())])

    def office_days(self) -> list[date]:
        """The days on which people work; all days where there is none."""
        return [d for d in self.days if is_office_day(d)] or list(self.days)

    def start(self, name: str, first: float, last: float) -> int:
        """An instant between two hours of an office day (µs UTC): the same for the same name."""
        rng = self.rng(f"{name} starts")
        days = self.office_days()
        day = days[int(rng.integers(len(days)))]
        return day_start(day) + int(rng.uniform(first, last) * HOUR)


def source_match(body: Body, address: str) -> str:
    """The expression for lines of a firewall whose initiator is this address."""
    return rf" {re.escape(address)}:\d+ > " if body.yamaha else rf"srcip={re.escape(address)} "


def target_match(body: Body, address: str) -> str:
    """The expression for lines of a firewall whose destination is this address."""
    return rf" > {re.escape(address)}:" if body.yamaha else rf"dstip={re.escape(address)} "


def attempts(
    rng: np.random.Generator, start: int, seconds: float, src: int | NDArray[np.int64], dst: int | NDArray[np.int64],
    port: int | NDArray[np.int64], *, count: int, again: bool = True, proto: int = 6, inn: int = LGC, out: int = LGW,
    form: int = DENY, regular: bool = False, **more: Any,
) -> Flows:  # fmt: skip
    """`count` attempts over some seconds, each with a port of its own; refused TCP is tried twice more if `again`."""
    steps = (np.arange(count) + (0 if regular else rng.random(count))) * (seconds * 1e6 / max(1, count))
    row = flows(
        count,
        t=start + steps.astype(np.int64),
        src=src,
        dst=dst,
        dport=port,
        sport=ephemeral(rng, count),
        proto=proto,
        inn=inn,
        out=out,
        form=form,
        **more,
    )
    return tries(rng, row, (1_000_000, 3_000_000)) if again and proto == 6 else row


class Plan:
    """The list of cases as it grows; a case for a body that is not there is left out."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.cases: list[Case] = []

    def firewall(
        self, name: str, kind: str, family: str, expected: str, place: int,
        build: Callable[[Body, np.random.Generator], Flows], note: str, *, src: Callable[[Body], int] | None = None,
        dst: int = 0, down: tuple[int, int] = (0, 0), moved: int = 0, match: str = "",
    ) -> None:  # fmt: skip
        """A case on the LGWAN firewall of the body at that place; its lines are those of `src` or `dst`."""
        body = self.stage.body(place)
        if body is None:
            return
        if src is not None:
            address = dotted(src(body))
            match, entity = source_match(body, address), (address,)
        elif dst:
            match, entity = target_match(body, dotted(dst)), (dotted(dst),)
        else:
            entity = (body.device,)
        self.cases.append(Case(
            f"{name}-{body.slug}", kind, family, expected, body.code, body.source, entity, note, match,
            lambda: build(body, self.stage.rng(name)), down, moved,
        ))  # fmt: skip

    def server(
        self, name: str, kind: str, family: str, expected: str, place: int, source: str, entity: Callable[[Body], str],
        match: Callable[[Body], str], build: Callable[[Body, np.random.Generator], Rows], note: str,
    ) -> None:  # fmt: skip
        """A case on a server that all bodies share."""
        body = self.stage.body(place)
        if body is None:
            return
        self.cases.append(Case(
            f"{name}-{body.slug}", kind, family, expected, body.code, source, (entity(body),), note, match(body),
            lambda: build(body, self.stage.rng(name)),
        ))  # fmt: skip
