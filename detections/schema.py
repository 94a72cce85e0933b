"""The shapes that rules and traffic classes share in TOML: durations, parameters, tests; and how an error finds its key."""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from core import time
from core.errors import RuleError

IDENTIFIER = r"^[a-z][a-z0-9_]{0,47}$"
_DURATION = re.compile(r"^([1-9][0-9]*)(us|ms|s|m|h|d)$")
_UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": time.HOUR_US, "d": time.DAY_US}
_PLACE = re.compile(r"\{i(?:%(\d+))?([+*]\d+)?\}")


class Model(BaseModel):
    """A table of TOML: unknown keys are errors, and what was read stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _duration(value: object) -> object:
    if isinstance(value, str) and (found := _DURATION.match(value)):
        return int(found[1]) * _UNITS[found[2]]
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError('a duration is needed, e.g. "30s", "10m", "1h"')


Duration = Annotated[int, BeforeValidator(_duration), Field(gt=0)]
"""Microseconds; in TOML "30s", "10m", "1h"."""

Parameter = bool | int | float | str | list[int] | list[str]
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]


class Test(Model):
    """What every test has: rows in, by arrival, with the registers that are in force."""

    name: str
    defaults: dict[str, Any] = {}
    """Columns that every event has unless it says otherwise."""
    registers: dict[Literal["tenants", "sources", "zones", "assets", "flows"], list[dict[str, Any]]] = {}
    events: list[dict[str, Any]]
    """Column → value. Also `n` and `every`: n rows, this far apart; `{i}` in a text is the row's number from 0
    (`{i%50}`, `{i+10}`, `{i%50+10}`, `{i*2}`); a text that is one such place alone becomes a number where its column is
    one. `delivery`: 1, 2, … in which delivery it arrives (detection runs after each). `class`: the event class, where it is
    not the rule's input."""

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The events, written out: (delivery, row). `event_time` is µs; a time without offset is Japanese time."""
        for event in self.events:
            row = {**self.defaults, **event}
            count, every = int(row.pop("n", 1)), row.pop("every", "1s")
            delivery = int(row.pop("delivery", 1))
            start = instant(row.pop("event_time"))
            step = every if isinstance(every, int) else _duration(every)
            assert isinstance(step, int)  # noqa: S101 - says what can not be otherwise
            for i in range(count):
                yield delivery, {k: _filled(v, i) for k, v in row.items()} | {"event_time": start + i * step}


def instant(value: object) -> int:
    """A time of a test in µs; without offset it is Japanese time."""
    if isinstance(value, datetime):
        return time.to_us(value if value.tzinfo else value.replace(tzinfo=time.JST))
    return time.parse_instant(str(value), time.JST)


def _filled(value: object, i: int) -> object:
    def number(found: re.Match[str]) -> str:
        answer = i % int(found[1]) if found[1] else i
        if found[2]:
            answer = answer + int(found[2][1:]) if found[2][0] == "+" else answer * int(found[2][1:])
        return str(answer)

    if not isinstance(value, str) or "{i" not in value:
        return value
    return _PLACE.sub(number, value)


def problems(path: Path, error: ValidationError) -> RuleError:
    """What is wrong with a file, in one line for each key."""
    lines = []
    for e in error.errors():
        key = ".".join(str(part + 1) if isinstance(part, int) else part for part in e["loc"])
        what = "unknown key" if e["type"] == "extra_forbidden" else e["msg"].removeprefix("Value error, ")
        lines.append(f"{path}: {key}: {what}" if key else f"{path}: {what}")
    return RuleError("\n".join(lines))


def merged(parameters: Mapping[str, Any], value: object) -> object:
    """A number, or the parameter that a text `$name` stands for."""
    if isinstance(value, str) and value.startswith("$"):
        if value[1:] not in parameters:
            raise ValueError(f"no parameter {value}")
        return parameters[value[1:]]
    return value
