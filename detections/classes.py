"""Traffic classes: the ordinary noise of a deny feed gets a name before rules see it, is counted, and never hidden.

One TOML file a class. A row has at most one: the first that holds, in the order of GROUPS (`never` first, which keeps
a row out of every class), then `order`, then name. A class speaks of denied rows only, unless it says `allowed =
true` (health checks); never of a row that was allowed, or let in and cut later, against a DENY row of the flow
policy.

What depends on other rows (`aggregates`) is counted within the row's own body and JST hour, if asked in bins of fixed
length within it, so that a row's class is the same whichever cell reads it.

The price: what lies across the mark of an hour (or bin) is counted on each side alone. With a limit of n, a spread of
up to 2(n − 1) values, n − 1 on each side, stays noise; from 2n − 1 on at least one side is told, and up to n − 1 values
of the other are left out of the rules. A count that slid over the mark would make the classes of an hour depend on rows
of its neighbours, which a cell does not read. What is classed stays counted and searchable.

Fleet or single (`n13` to `n18`): an address is a fleet's where at least 5 terminals, one in five of those of the zone
that were denied anything, tried it in the hour, and none more than 5 times as often as the others on average. What it
takes a day or a history to see (first tries in the morning's wave, growth, the third day, nights) is not asked.
"""

# ruff: noqa: RUF012 - pydantic copies the defaults of a model

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from detections.schema import Duration, Identifier, Model, Parameter, Test
from detections.vocabulary import GROUPS

VERSION = 1
"""Raised when the same files classify otherwise."""


class Aggregate(Model):
    """A number about the rows around a row, which `where` and `unless` may name.

    Rows of the same body and hour that satisfy `where` are grouped by `per`; a row looks up the group of its own `per`
    (or of `look`, expressions in the same order: per = ["src_ip"], look = ["dst_ip"] asks about the other end). 0 where
    there is no such group.
    """

    where: str = "true"
    per: list[str] = Field(max_length=5)
    look: list[str] | None = None
    distinct: str | None = None
    """Counts the different values of this; without it, events."""
    bins: Duration | None = None
    """Fixed bins of this length within the hour; without it the hour."""


class ClassTest(Test):
    """Rows in, classes out."""

    expect: str | list[str]
    """Class of every row by name, "" for none; or a list, one for each entry of `events`."""


class TrafficClass(Model):
    """A class as its file says it."""

    name: Identifier
    number: str = Field(pattern=r"^(N[0-9]{2}[a-z]?(/N[0-9]{2}[a-z]?)*|-)$")
    """Its number in the catalogue of noise (N01 …)."""
    group: Literal["never", "local", "self", "reply", "health", "config"]
    order: int = 100
    input: list[Literal["network", "http", "dns", "email"]] = ["network"]
    title_ja: str
    reason_ja: str
    """Why it is there."""
    until_ja: str
    """When it stops being noise."""
    where: str
    unless: str = "false"
    allowed: bool = False
    parameters: dict[Identifier, Parameter] = {}
    aggregates: dict[Identifier, Aggregate] = {}
    tests: list[ClassTest] = Field(min_length=2)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, aggregate in self.aggregates.items():
            if aggregate.look is not None and len(aggregate.look) != len(aggregate.per):
                raise ValueError(f"aggregates.{name}.look: as many expressions as in per")
            if aggregate.bins is not None and 3_600_000_000 % aggregate.bins:
                raise ValueError(f"aggregates.{name}.bins: an hour has to be a multiple of it")
        answers = [set([t.expect] if isinstance(t.expect, str) else t.expect) for t in self.tests]
        if not any(self.name in a for a in answers) and self.group != "never":
            raise ValueError("tests: none shows a row of this class")
        if not any(a - {self.name} for a in answers):
            raise ValueError("tests: none shows a row that is not of this class")
        return self

    def expressions(self) -> dict[str, tuple[str, bool]]:
        """Every expression over a row, aggregates' own included: key → (SQL, whether it is a condition)."""
        found = {}
        for name, a in self.aggregates.items():
            found[f"aggregates.{name}.where"] = (a.where, True)
            found |= {f"aggregates.{name}.per.{i + 1}": (text, False) for i, text in enumerate(a.per)}
            found |= {f"aggregates.{name}.look.{i + 1}": (text, False) for i, text in enumerate(a.look or [])}
            if a.distinct:
                found[f"aggregates.{name}.distinct"] = (a.distinct, False)
        return found

    def conditions(self) -> dict[str, str]:
        """The expressions that may name aggregates too."""
        return {"where": self.where, "unless": self.unless}

    def logic(self) -> dict[str, Any]:
        """What the version of the classes is made of."""
        kept = ("name", "group", "order", "input", "where", "unless", "allowed", "parameters", "aggregates")
        return {key: self.model_dump(mode="json")[key] for key in kept}

    @property
    def rank(self) -> tuple[int, int, str]:
        """Place in the order of evaluation."""
        return GROUPS.index(self.group), self.order, self.name


def guard(one: TrafficClass) -> str:
    """What every class asks before its own condition."""
    if one.allowed:
        return "NOT (policy_decision = 'deny' AND (verdict = 'allow' OR outcome = 'blocked_later')) IS TRUE"
    return "verdict = 'deny' AND outcome IS DISTINCT FROM 'blocked_later'"


def ordered(classes: Sequence[TrafficClass]) -> list[TrafficClass]:
    """In the order of evaluation."""
    return sorted(classes, key=lambda c: c.rank)
