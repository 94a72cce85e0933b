"""The shape of files whose header lines name the columns: W3C extended logs, Zeek, and CSV with a heading.

`#Fields: date time c-ip cs-uri-stem` holds from its line on, until another one comes; it may come in any line, and
what was in force at the end of a delivery is in force at the beginning of the next (the format's state).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from parsers._delimited import delimited
from parsers._format import State
from parsers._lines import Lines

_MOST = 160
"""Columns of a line that can be named."""


@dataclass(frozen=True, slots=True)
class Fields:
    """What the header lines of a format look like. Give `shape()` and `learn` to the format.

    `wanted`: the columns that the format reads; each is a text column of its frame, null where the fields in force
    don't have it. `mark`: how the line begins that names the columns; with `heading` the mark is the first name
    itself. `kept`: other header lines whose value the format reads: how they begin → name of the text column.
    `default`: the names by the number of tokens, where no header line has come or the line fits none. Besides them
    `_count`, how many tokens a line has, `_named`, whether fields are in force, `_beyond`, how many tokens there are
    more than these (negative: fewer; null where none are in force), and `_cut`.
    """

    wanted: Sequence[str]
    mark: str = "#Fields:"
    separator: str = " "
    nulls: tuple[str, ...] = ("-",)
    quotes: bool = True
    heading: bool = False
    kept: Mapping[str, str] | None = None
    default: Mapping[int, Sequence[str]] | None = None

    def shape(self) -> Callable[[Lines], pl.DataFrame]:
        """The tokens of each line by their place."""
        collapse = self.separator == " "
        return delimited(
            *(f"_{i}" for i in range(_MOST)), separator=self.separator, quotes=self.quotes, brackets=False,
            collapse=collapse, nulls=self.nulls,
        )  # fmt: skip

    def learn(self, df: pl.DataFrame, state: State) -> tuple[pl.DataFrame, State]:
        """The tokens under their names; the state is the names and the kept values that are in force at the end."""
        state = dict(state)
        kept = dict(self.kept or {})
        texts = df["text"]
        begins = [self.mark, *kept]
        rows = pl.any_horizontal(pl.col("text").str.starts_with(mark) for mark in begins)
        heads = df.select(rows.arg_true()).to_series().to_list()
        places = df.columns.index("_0")
        # Cut only where something changes: rotated files often say the same again.
        parts = []
        first = 0
        for head in heads:
            heard = dict(state)
            self._heard(texts[head], heard, kept)
            if heard != state:
                if head > first:
                    parts.append(self._named(df.slice(first, head - first), places, state, kept))
                first, state = head, heard
        if first < len(df) or not len(df):
            parts.append(self._named(df.slice(first), places, state, kept))
        return (pl.concat(parts, how="vertical") if len(parts) > 1 else parts[0]), state

    def _heard(self, text: str, state: State, kept: Mapping[str, str]) -> None:
        for mark, name in kept.items():
            if text.startswith(mark):
                state[name] = text[len(mark) :].strip()
        if text.startswith(self.mark):
            names = text if self.heading else text[len(self.mark) :]
            separator = None if self.separator == " " else self.separator
            state["fields"] = [name.strip().strip('"') for name in names.strip("\r\n").lstrip().split(separator)]

    def _named(self, df: pl.DataFrame, places: int, state: State, kept: Mapping[str, str]) -> pl.DataFrame:
        tokens = df.columns[places : places + _MOST]
        fields: Sequence[str] | None = state.get("fields")
        named = pl.lit(fields is not None)
        beyond = pl.lit(None, pl.Int64) if fields is None else pl.col("_count").cast(pl.Int64) - len(fields)
        default = self.default or {}
        if fields is not None:
            place: dict[str, int] = {}
            for i, name in enumerate(fields[:_MOST]):
                place.setdefault(name, i)
            columns = [
                (pl.col(tokens[place[name]]) if name in place else pl.lit(None, pl.String)).alias(name)
                for name in self.wanted
            ]
            if usually := [count for count in default if count != len(fields)]:
                # A line that the fields don't fit, and a usual layout does, was written under that.
                usual = pl.col("_count").is_in(usually)
                columns = [
                    pl.when(usual).then(self._by_count(name, tokens, default)).otherwise(column).alias(name)
                    for name, column in zip(self.wanted, columns, strict=True)
                ]
        else:
            columns = [self._by_count(name, tokens, default).alias(name) for name in self.wanted]
            if default:
                named = pl.col("_count").is_in(list(default))
        values = [pl.lit(state.get(name), pl.String).alias(name) for name in kept.values()]
        others = [name for name in df.columns if name not in set(tokens)]
        return df.select(*others, *columns, *values, named.alias("_named"), beyond.alias("_beyond"))

    @staticmethod
    def _by_count(name: str, tokens: Sequence[str], default: Mapping[int, Sequence[str]]) -> pl.Expr:
        found = pl.lit(None, pl.String)
        for count, names in default.items():
            if name in names:
                found = pl.when(pl.col("_count") == count).then(tokens[list(names).index(name)]).otherwise(found)
        return found
