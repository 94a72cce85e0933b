"""Messages that are told apart by an id: what is known of each kind, and the expressions for its wording."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from parsers._lines import Ints
from parsers._messages import extract

FRAMED = r"^(?:(?:[0-9]{1,5} )?<[0-9]{1,3}>)*"
"""Priorities that a relay left standing, and octet counts of a stream (RFC 6587)."""


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of message: its ids, expressions in the order of trial, and constant columns."""

    ids: str
    patterns: tuple[str, ...]
    says: dict[str, str]


def message(ids: str, *patterns: str, **says: str) -> Message:
    """A kind of message with ids like `106001 400000-400051`; `class_` is its class (network)."""
    says["class"] = says.pop("class_", "network")
    return Message(ids, tuple(rf"^(?:{pattern})\.? *$" for pattern in patterns), says)


def read(
    notes: pl.Series, rows: Ints, kind: Message, other: Callable[[Ints], pl.DataFrame]
) -> list[tuple[Ints, pl.DataFrame]]:
    """The groups of the rows of one kind, by the expression that each fits; `other` reads rows that fit none."""
    parts: list[tuple[Ints, pl.DataFrame]] = []
    for pattern in kind.patterns:
        found, fits = extract(notes.gather(rows), pattern)
        if fits.all():
            return [*parts, (rows, found)]
        if fits.any():
            parts.append((rows[fits], found.filter(fits)))
            rows = rows[~fits]
    return [*parts, (rows, other(rows))]
