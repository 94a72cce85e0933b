"""The tokenising shapes: the fast way over whole chunks says what the exact tokeniser says of each line."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import Chunk
from parsers._delimited import Delimited, delimited
from parsers._keyvalue import _KeyValue, keyvalue
from parsers._lines import Lines, lines_of
from parsers._messages import match, messages, whole
from parsers._views import Texts, column, views

_KV = keyvalue("k", "key2", "a_key_16_bytes__", "a_key_of_18_bytes_", "あ", nulls=("N/A", "-"))
_COMMAS = keyvalue("k", "key2", "a_key_16_bytes__", "a_key_of_18_bytes_", "あ", separator=",")
_TOKENS = delimited("x", "y", "z")
_NO_BRACKETS = delimited("x", "y", "z", brackets=False)
_PLAIN = delimited("x", "y", "z", quotes=False, brackets=False)
_CSV = delimited("x", "y", "z", separator=",", brackets=False, collapse=False, nulls=())
SHAPES = {
    "keyvalue": _KV,
    "keyvalue with commas": _COMMAS,
    "tokens": _TOKENS,
    "no brackets": _NO_BRACKETS,
    "plain": _PLAIN,
    "csv": _CSV,
}

_PIECES = ("a", "b", " ", '"', "=", "\\", ",", "[", "]", "k=", 'k="', '" ', '",', ' key2="', "あ=", "[a b]", "a_key_16_bytes__=", "a_key_of_17_bytes=", "a_key_of_18_bytes_=",
           '""', '\\"', "N/A", "-", " - ", "long enough to be no inline text", "<13>", "Nov 20 10:00:00 host p: ")  # fmt: skip
_LINES = st.lists(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join), min_size=1, max_size=6)


def rows(shape: Any, texts: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shape(
        lines_of(Chunk("".join(text + "\n" for text in texts).encode()), "utf-8")
    ).to_dicts()
    return found


def exact_rows(shape: Any, texts: list[str]) -> list[dict[str, Any]]:
    """What the exact tokeniser alone says, by the same assembling."""
    lines = lines_of(Chunk("".join(text + "\n" for text in texts).encode()), "utf-8")
    every, nothing = np.ones(len(lines), np.bool_), np.zeros(0, np.int64)
    with pytest.MonkeyPatch.context() as patch:

        def simple(self: _KeyValue, lines: Lines) -> Any:
            return original(self, lines)[0].taken(nothing), every

        def regular(self: _KeyValue, lines: Lines, wanted: Any) -> Any:
            return original(self, lines)[0].taken(nothing), np.flatnonzero(every)

        original = _KeyValue.simple
        patch.setattr(_KeyValue, "simple", simple)
        patch.setattr(_KeyValue, "regular", regular)
        patch.setattr(Delimited, "regular", lambda self, lines: (nothing, nothing, nothing, every))
        if isinstance(shape, Delimited):
            patch.setattr(shape, "quotes", True)  # else it has no exact way; its expression for a token stays
        made: list[dict[str, Any]] = shape(lines).to_dicts()
        return made


@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=150)
@given(texts=_LINES)
def test_the_fast_way_says_what_the_exact_one_says(name: str, texts: list[str]) -> None:
    assert rows(SHAPES[name], texts) == exact_rows(SHAPES[name], texts)


@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=80)
@given(texts=_LINES)
def test_a_line_is_read_alike_alone_and_among_others(name: str, texts: list[str]) -> None:
    assert rows(SHAPES[name], texts) == [rows(SHAPES[name], [text])[0] for text in texts]


PAIRS = {
    "k=1 key2=2": {"k": "1", "key2": "2"},
    'k="a b" key2="c=d k=9"': {"k": "a b", "key2": "c=d k=9"},
    'key2="x k=9" k=1': {"key2": "x k=9", "k": "1"},
    r'k="say \"k=9\" now" key2=2': {"k": 'say "k=9" now', "key2": "2"},
    r'k="C:\\dir\\" key2=2': {"k": "C:\\dir\\", "key2": "2"},
    'k="" key2=': {},
    'k=- key2="N/A"': {},
    "k=1 k=2": {"k": "1"},
    "word k=1 another": {"k": "1"},
    "k=http://h/?a=b key2=2": {"k": "http://h/?a=b", "key2": "2"},
    'k=a"b"c key2=2': {"k": 'a"b"c', "key2": "2"},
    "  k=1   key2=2  ": {"k": "1", "key2": "2"},
    'k="open to the end key2=2': {"k": "open to the end key2=2"},
    "=1 k=2": {"k": "2"},
    "K=1": {},
    "a_key_16_bytes__=1 a_key_16_bytes_x=2 a_key_of_17_bytes=3": {"a_key_16_bytes__": "1"},
    "あ=い": {"あ": "い"},
    "<13>k=1": {},
    "": {},
}


@pytest.mark.parametrize(("text", "expected"), PAIRS.items(), ids=PAIRS)
def test_pairs(text: str, expected: dict[str, str]) -> None:
    row = rows(_KV, [text])[0]
    assert {key: value for key, value in row.items() if value is not None and not key.startswith("_")} == expected
    assert row["_cut"] == text.startswith('k="open')


def test_the_count_of_keys_counts_those_that_nobody_asked_for() -> None:
    assert [row["_keys"] for row in rows(_KV, ['k=1 other=2 third="3"', "none", '"x=y"'])] == [3, 0, 1]


@pytest.mark.parametrize("keys", [("",), ("k" * 49,), ("k", "k"), tuple(f"k{i}" for i in range(255))])
def test_keys_that_the_shape_cannot_hold_are_refused_at_once(keys: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="keys need"):
        keyvalue(*keys)


TOKENS = {
    "a b c": (["a", "b", "c"], 3), "a  b": (["a", "b", None], 2), " a b ": (["a", "b", None], 2), "a": (["a", None, None], 1), "": ([None] * 3, 0),
    'a "b c" d': (["a", "b c", "d"], 3), 'a "b [c" d]': (["a", "b [c", "d]"], 3), "a [b c] d": (["a", "b c", "d"], 3), 'a [b "c] d" e': (["a", 'b "c', 'd"'], 4),
    'a "b \\" c" d': (["a", 'b \\" c', "d"], 3), 'a "b "c" d': (["a", 'b "c', "d"], 3), 'a"b c"d e': (['a"b', 'c"d', "e"], 3), 'a "" b': (["a", None, "b"], 3),
    'a - "-"': (["a", None, None], 3), "a b c d e": (["a", "b", "c"], 5), "a[b c] d": (["a[b", "c]", "d"], 3), "a [b c": (["a", "[b", "c"], 3),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TOKENS.items(), ids=TOKENS)
def test_tokens(text: str, expected: tuple[list[str | None], int]) -> None:
    row = rows(_TOKENS, [text])[0]
    assert ([row["x"], row["y"], row["z"]], row["_count"]) == expected


def test_a_quote_that_never_closes_is_a_cut_line() -> None:
    row = rows(_TOKENS, ['a "b c'])[0]
    assert (row["x"], row["y"], row["z"], row["_cut"]) == ("a", "b c", None, True)


CSV = {
    "a,b,c": ["a", "b", "c"], "a,,c": ["a", None, "c"], ",,": [None] * 3, 'a,"b,c",d': ["a", "b,c", "d"], 'a,"say ""b""",c': ["a", 'say "b"', "c"],
    'a,"",c': ["a", None, "c"], "a b,c d,e": ["a b", "c d", "e"], 'a,b"c"d,e': ["a", 'b"c"d', "e"], "a,b,": ["a", "b", None],
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CSV.items(), ids=CSV)
def test_csv(text: str, expected: list[str | None]) -> None:
    row = rows(_CSV, [text])[0]
    assert [row["x"], row["y"], row["z"]] == expected


def test_messages_take_the_first_pattern_that_matches_the_whole_body() -> None:
    shape = messages({"two": r"(?P<a>\d+) (?P<b>\d+)", "one": r"(?P<a>\d+)", "never": r"(?P<c>x)y"})
    assert rows(shape, ["1 2", "3", "4 ", "", "5 6"]) == [
        {"pattern": "two", "a": "1", "b": "2", "c": None}, {"pattern": "one", "a": "3", "b": None, "c": None},
        *[{"pattern": None, "a": None, "b": None, "c": None}] * 2, {"pattern": "two", "a": "5", "b": "6", "c": None},
    ]  # fmt: skip


def test_match_leaves_null_rows_alone() -> None:
    assert match(pl.Series(["x", None], dtype=pl.String), {"any": "(?P<t>.*)"})["pattern"].to_list() == ["any", None]
    assert match(pl.Series([], dtype=pl.String), {"any": "(?P<t>.*)"}).height == 0


def test_whole_has_a_row_for_each_line_and_nothing_in_it() -> None:
    lines = lines_of(Chunk(b"a\nb\n"), "utf-8")
    assert whole()(lines).shape == (2, 0)


@given(st.lists(st.text(max_size=20) | st.none(), max_size=20))
def test_a_column_of_views_holds_what_it_points_to(texts: list[str | None]) -> None:
    texts = [text.encode("utf-8", "replace").decode() if text is not None else None for text in texts]
    held = Texts.of(pl.Series(texts, dtype=pl.String))
    again = column(held.text, views(held.text, held.start, held.end - held.start), held.valid)
    assert again.to_list() == texts


def test_a_null_has_no_text_even_where_one_is_left_behind() -> None:
    texts = pl.Series(["a text that is too long to be inline", "b"]).scatter([0], pl.Series([None], dtype=pl.String))
    held = Texts.of(texts)
    assert (held.end - held.start).tolist() == [0, 1]
    assert held.valid.tolist() == [False, True]
