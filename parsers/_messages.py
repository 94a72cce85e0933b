"""The shapes of free-text messages: named patterns tried in order, and the plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

import polars as pl

from parsers._lines import Bools, Lines
from parsers._views import no_values, strings


def whole() -> Callable[[Lines], pl.DataFrame]:
    """No columns but `text` and `body`, which every format gets."""
    return lambda lines: pl.DataFrame(height=len(lines))


def messages(patterns: Mapping[str, str]) -> Callable[[Lines], pl.DataFrame]:
    """The named groups of the first pattern that matches the body, and `pattern`, its name; all null where none does.

    A pattern is a regular expression of Rust (linear time, no look-around) that must match the whole body.
    """
    ready = tuple(patterns.items())

    def shape(lines: Lines) -> pl.DataFrame:
        return match(strings(lines.text, lines.body, lines.end), dict(ready))

    return shape


def match(texts: pl.Series, patterns: Mapping[str, str]) -> pl.DataFrame:
    """The same for any text column; a row that is null matches nothing."""
    rest = pl.DataFrame({"_row": pl.int_range(len(texts), eager=True), "_text": texts.alias("_text")}).drop_nulls(
        "_text"
    )
    if len(patterns) > _MANY:
        # One expression for all of them is quickly done with what none matches.
        rest = rest.filter(rest["_text"].str.contains(_any_of(tuple(patterns.values()))))
    parts = []
    for name, pattern in patterns.items():
        if not len(rest):
            break
        groups = rest["_text"].str.extract_groups(f"^(?P<_all>(?:{pattern}))$").struct
        hit = groups["_all"].is_not_null()
        if hit.any():
            found = groups.unnest().filter(hit).drop("_all")
            parts.append(found.with_columns(pl.lit(name).alias("pattern"), rest["_row"].filter(hit)))
            rest = rest.filter(~hit)
    names = dict.fromkeys(["pattern", *(g for p in patterns.values() for g in re.findall(r"\(\?P<(\w+)>", p))])
    if not parts:
        return pl.DataFrame({name: no_values(len(texts)) for name in names})
    empty = pl.DataFrame(schema={"_row": pl.Int64, **dict.fromkeys(names, pl.String)})
    found = pl.concat([empty, *parts], how="diagonal").select("_row", *names)
    rows = pl.DataFrame({"_row": pl.int_range(len(texts), eager=True)})
    return rows.join(found, on="_row", how="left", maintain_order="left").drop("_row")


def extract(texts: pl.Series, pattern: str) -> tuple[pl.DataFrame, Bools]:
    """The named groups of an expression, null where it doesn't fit, and where it fits (one of them has a value)."""
    found = texts.str.extract_groups(pattern).struct.unnest()
    fits: Bools = pl.select(pl.any_horizontal(values.is_not_null() for values in found)).to_series().to_numpy()
    return found, fits


_MANY = 8


@cache
def _any_of(patterns: tuple[str, ...]) -> str:
    """An expression that matches what one of these does, without their groups' names."""
    return f"^(?:{'|'.join(re.sub(r'[(][?]P<[a-zA-Z0-9_]+>', '(?:', pattern) for pattern in patterns)})$"
