"""Expressions that are read by steps give what they give as expressions."""

from __future__ import annotations

import random
import re

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from parsers import (
    _cisco_asa_logins,
    _cisco_asa_system,
    _cisco_asa_traffic,
    _cisco_ios_messages,
    _onepass,
    _postfix_lines,
    _yamaha_lines,
)
from parsers._onepass import _LONGEST, _program, extract
from tests.parsers.making import ROOT

_ASA = (*_cisco_asa_traffic.MESSAGES, *_cisco_asa_logins.MESSAGES, *_cisco_asa_system.MESSAGES)
_EXPRESSIONS = {
    "cisco_asa": [pattern for kind in _ASA for pattern in kind.patterns],
    "cisco_ios": [pattern for kind in _cisco_ios_messages.MESSAGES for pattern in kind.patterns],
    "yamaha_rtx": [pattern for _, pattern in _yamaha_lines.COMMON],
    "postfix": [pattern for _, patterns in _postfix_lines.COMMON for pattern in patterns],
}
_FRONTS = {
    "cisco_asa": "^.*?%[^ ]+: ", "cisco_ios": "^.*?%[^ ]+: ", "yamaha_rtx": r"^.*?(?=\[INSPECT|LAN|PP|TUNNEL)",
    "postfix": r"^.*?\]: ",
}  # fmt: skip
_CLEAR = {
    "a word and a run": r"^id (?P<a>[0-9]+): (?P<b>[^ ]*)$",
    "all the rest": r"^(?P<a>[a-z]+)(?P<b>.*)$",
    "a part that may be missing": r"^(?P<a>[0-9.]+)(?:/(?P<b>[0-9]+))?(?: x(?P<c>[a-z]*))?$",
    "parts by their first byte": r"^(?P<a>in|out) (?:(?P<b>[0-9]+)|x(?P<c>.*))$",
    "counts": r"^(?P<a>[0-9a-f]{2}(?::[0-9a-f]{2}){2})-(?P<b>[0-9]{1,3})\.?$",
    "a dot that the run takes": r"^(?P<a>[^ ]+)\.?$",
    "runs that overlap": r"^(?P<a>[0-9]+[^:]*):(?P<b>[ab]*b?)$",
    "more than eight bytes of words": r"^a rather long beginning of (?P<a>[a-z]*) and its end$",
    "letters beyond ASCII": r"^接続 (?P<a>[^ ]+) から(?P<b>.*)$",
}
_UNCLEAR = {
    "a run that what follows could end": r"^(?P<a>[a-z ]+) on (?P<b>[a-z]+)$",
    "a part that begins like what follows": r"^(?P<a>[0-9]+)(?: \((?P<b>[^)]*)\))? (?P<c>[a-z]+)$",
    "parts that begin alike": r"^(?P<a>permit|permitted) (?P<b>[a-z]+)$",
    "as little as possible": r"^(?P<a>.*?) x$",
    "groups without names": r"^([a-z]+) (?P<a>[0-9]+)$",
    "any case": r"^(?i)x(?P<a>[a-z]+)$",
    "no end": r"^(?P<a>[a-z]+)",
    "no group that is always there": r"^x(?: (?P<a>[a-z]+))?$",
    "one character that may be several bytes": r"^(?P<a>[^:])$",
}
_TEXTS = (
    "id 12: x", "id : x", "id 12:", "id 12: ", "abc", "abc def", "", "192.0.2.1", "192.0.2.1/80", "192.0.2.1/80 xab",
    "192.0.2.1 x", "192.0.2.1/", "in 12", "out x", "in xyz:", "out", "in y", "0a:1b:2c-1", "0a:1b:2c-123.", "0a:1b-7",
    "0a:1b:2c-1234", "word.", "word", "two words.", "12ab:aab", "12:b", "1 2:", "接続 router から 192.0.2.1",
    "接続 ルーター から", "a rather long beginning of x and its end", "a rather long beginning of  and its en",
    "a rather long beginning of" + "x" * 40, "id " + "7" * 3 * _LONGEST + ": x", "é", "12é:aé",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_onepass, "_FEW", 0)


def _assert_same(texts: list[str | None], pattern: str) -> None:
    series = pl.Series(texts, dtype=pl.String)
    found, fits = extract(series, pattern)
    expected = series.str.extract_groups(pattern).struct.unnest()
    assert_frame_equal(found, expected)
    assert fits.tolist() == expected.select(pl.any_horizontal(pl.all().is_not_null())).to_series().to_list()


@pytest.mark.parametrize("pattern", _CLEAR.values(), ids=_CLEAR)
def test_an_expression_without_choice_is_read_by_steps(pattern: str) -> None:
    assert _program(pattern) is not None
    _assert_same([*_TEXTS, None], pattern)


@pytest.mark.parametrize("pattern", _UNCLEAR.values(), ids=_UNCLEAR)
def test_an_expression_with_a_choice_stays_one(pattern: str) -> None:
    assert _program(pattern) is None


@pytest.mark.parametrize("name", _EXPRESSIONS)
def test_the_expressions_of_formats_read_the_same_by_steps(name: str) -> None:
    """On their samples, and on these with something taken out, doubled or put in at random."""
    draw = random.Random(name)  # noqa: S311 - the same texts each time
    lines = [
        line.decode("utf-8", "replace")
        for path in sorted((ROOT / "sample_logs" / name).glob("*.log"))
        for line in path.read_bytes().splitlines()
    ]
    bodies = [re.sub(_FRONTS[name], "", line) for line in lines]
    texts: list[str | None] = [*bodies, *(_changed(draw, draw.choice(bodies)) for _ in range(400))]
    clear = [pattern for pattern in _EXPRESSIONS[name] if _program(pattern) is not None]
    assert clear
    for pattern in clear:
        _assert_same(texts, pattern)


def _changed(draw: random.Random, text: str) -> str:
    for _ in range(draw.randint(1, 3)):
        at, to = sorted((draw.randint(0, len(text)), draw.randint(0, len(text))))
        to = min(to, at + draw.choice((0, 1, 4)))
        text = text[:at] + draw.choice(("", text[at:to] * 2, " ", ".", ":", "/", "(", "]", "é", "0" * 300)) + text[to:]
    return text
