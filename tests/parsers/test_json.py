"""The shape of JSON lines."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from parsers import Chunk
from parsers._json import _Tree, json_columns, json_lines
from parsers._lines import lines_of, written_out

PATHS = ("a", "b", "c.d", "c.e", "c.f.g", "long key 長い")
_SHAPE = json_lines(*PATHS)


def rows(*texts: str | bytes) -> list[dict[str, Any]]:
    raw = b"".join((t.encode() if isinstance(t, str) else t) + b"\n" for t in texts)
    return [{k: v for k, v in row.items() if v is not None} for row in _SHAPE(lines_of(Chunk(raw), "utf-8")).to_dicts()]


READ = {
    '{"a":1,"b":"x","c":{"d":1.50,"e":[1,"y"]}}': {"a": "1", "b": "x", "c.d": "1.50", "c.e": '["1","y"]'},
    '{"a": true , "b" : false, "c": null}': {"a": "true", "b": "false"},
    '{"a":18446744073709551616,"b":1e400}': {"a": "18446744073709551616", "b": "1e400"},
    '{"c":{"f":{"g":"deep","d":"elsewhere"},"d":"here"}}': {"c.f.g": "deep", "c.d": "here"},
    '{"c":[{"d":"in an array"}],"d":"not asked"}': {},
    '{"c":"no object"}': {},
    '{"c.d":"flat","c.f.g":1,"c":{"c.e":"deeper"}}': {"c.d": "flat", "c.f.g": "1"},
    '{"a":"first","a":"second"}': {"a": "first"},
    '{"a":null,"a":"second","c":{"d":1},"c":{"d":2,"e":3}}': {"a": "second", "c.d": "1", "c.e": "3"},
    '{"a":[1,{"a":1,"a":2}, null],"b":{ }}': {"a": '["1",{"a":"1"},null]', "b": "{}"},
    '{"a":NaN,"b":-0,"c":{"d":1E5,"e":[-1e400]}}': {"a": "NaN", "b": "-0", "c.d": "1E5", "c.e": '["-1e400"]'},
    '{"a":["]",{"b":"}"}],"b":"[{","c":{"d":[[]],"e":"x"}}': {
        "a": '["]",{"b":"}"}]',
        "b": "[{",
        "c.d": "[[]]",
        "c.e": "x",
    },
    '{"a":"\\\\","b":"\\\\\\"","c":{"d":"\\""}}': {"a": "\\", "b": '\\"', "c.d": '"'},
    '{"\\u0061":"escaped","b":"x"}': {"a": "escaped", "b": "x"},
    '{\t"a"  :\t"x" , "b":   1 }': {"a": "x", "b": "1"},
    '{"a":"","b":"-"}': {"a": "", "b": "-"},
    '{"a":"\\u0000\\u001b[31m\\ud83d\\ude00\\"\\\\\\/"}': {"a": '\\x00\\x1b[31m😀"\\/'},
    '{"a":"\\ud800"}': {"a": "\\ud800"},
    '{"a":"x\\",\\"b\\":\\"forged"}': {"a": 'x","b":"forged'},
    '{"long key 長い":"値"}': {"long key 長い": "値"},
    "{}": {},
}


@pytest.mark.parametrize(("text", "expected"), READ.items(), ids=READ)
def test_members_come_out_as_text(text: str, expected: dict[str, str]) -> None:
    assert rows(text) == [{**expected, "_json": True, "_cut": False}]


CUT = {
    '{"a":"cut o': {"a": "cut o"},
    '{"a":1,"c":{"d":2,"e':  {"a": "1", "c.d": "2"},
    '{"a":1,"c":{"d":2},': {"a": "1", "c.d": "2", "c": None},
    '{"a":1]': {"a": "1"},
    '{"a"': {},
    '{"a":"x\\': {"a": "x"},
    "{" * 5000: {},
    '{"a":' * 3000: {},
    '{"b":"first","a":' + "[" * 5000: {"b": "first"},
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CUT.items(), ids=[text[:30] for text in CUT])
def test_a_line_that_ends_too_early_is_read_as_far_as_it_goes(text: str, expected: dict[str, str | None]) -> None:
    wanted = {key: value for key, value in expected.items() if value is not None}
    assert rows(text) == [{**wanted, "_json": True, "_cut": True}]


@pytest.mark.parametrize("text", ["", "once upon a time", "[1]", '"a"', ' {"a":1}', "5"])
def test_what_is_no_object_says_nothing(text: str) -> None:
    assert rows(text) == [{"_json": False, "_cut": False}]


def test_a_bad_byte_hides_neither_the_line_nor_another_member() -> None:
    assert rows(b'{"a":"\xff\x00\x1b","b":"x"}') == [{"a": "\\xff\\x00\\x1b", "b": "x", "_json": True, "_cut": False}]
    assert rows('{"a":1},"b":{"b":2}') == [{"a": "1", "_json": True, "_cut": False}]
    assert rows('{"a":1} trailing') == [{"a": "1", "_json": True, "_cut": False}]


def test_a_text_column_of_objects_is_read_alike() -> None:
    column = pl.Series(['{"a":1,"c":{"d":"x"}}', None, "no object", '{"c":{"d":"'])
    assert json_columns(column, "a", "c.d").rows() == [("1", "x"), (None, None), (None, None), (None, "")]


_PIECES = (
    "{", "}", "[", "]", ":", ",", '"', "\\", " ", "  ", "\t", "1", "1.50", "null", "true", "x", "長", '"a"', '"b"', '"c"',
    '"d"', '"e"', '"f"', '"g"', '"c.d"', '"x"', '\\"', "\\\\", "\\u0061", "\\ud800", "\\u001b", '{"a":1', '"a":', '"c":{"d":',
    '"c":{"f":{"g":', ',"b":"y"', "},", "[1,{}]", "<13>Nov 20 10:00:00 host p[1]: ",
)  # fmt: skip


@given(texts=st.lists(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join), min_size=1, max_size=6))
def test_whole_chunks_are_read_as_single_lines_are(texts: list[str]) -> None:
    texts = [text if at % 2 else "{" + text for at, text in enumerate(texts)]
    exact = _Tree(PATHS).exact
    for text, row in zip(texts, rows(*texts), strict=True):
        values, cut = exact(text) if text.startswith("{") else ({}, False)
        named = {PATHS[number]: value for number, value in values.items()}
        assert row == {**named, "_json": text.startswith("{"), "_cut": cut}


def test_what_stands_before_the_object_is_not_read() -> None:
    texts = ['say "hi\\ [x: {"a":"x","c":{"d":[1]}}', '{"a":"y"}', 'b": {"a":"z']
    lines = lines_of(Chunk("".join(text + "\n" for text in texts).encode()), "utf-8")
    lines.body = lines.start + [text.index("{") for text in texts]
    found = _SHAPE(lines)
    assert found["a"].to_list() == ["x", "y", "z"]
    assert found["c.d"].to_list() == ['["1"]', None, None]
    assert found["_cut"].to_list() == [False, False, True]


def test_a_name_that_cannot_be_looked_for_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 48 bytes"):
        json_lines("a", "b" * 49)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcdefg"), inner, max_size=4),
    max_leaves=12,
)
_OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "c", "x", "long key 長い"]), _VALUES, max_size=5)


def expected(found: dict[str, Any]) -> dict[str, str]:
    made = {}
    for path in PATHS:
        value: Any = found
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None and not isinstance(value, dict | list):
            made[path] = written_out(value if isinstance(value, str) else json.dumps(value))
    return made


@given(found=_OBJECTS, ascii_only=st.booleans(), spaces=st.booleans())
def test_whatever_the_standard_library_writes_is_read(found: dict[str, Any], ascii_only: bool, spaces: bool) -> None:
    text = json.dumps(found, ensure_ascii=ascii_only, separators=None if spaces else (",", ":"))
    row = _SHAPE(lines_of(Chunk(text.encode("utf-8", "surrogatepass") + b"\n"), "utf-8")).to_dicts()[0]
    assert row["_json"]
    plain = expected(found)
    assert {key: row[key] for key in plain} == plain


@given(found=_OBJECTS, at=st.integers(min_value=1, max_value=400))
def test_a_cut_object_says_nothing_that_the_whole_does_not(found: dict[str, Any], at: int) -> None:
    text = json.dumps(found, ensure_ascii=False)
    assume("\\u" not in text)  # half an escape stays as it is written
    whole, part = rows(text)[0], rows(text[:at])[0]
    for path, value in part.items():
        if not path.startswith("_") and path in whole:
            assert whole[path].startswith(value) or value.startswith(("[", "{"))


@given(text=st.text(alphabet='{}[]:," \\ab1tu', max_size=60))
def test_anything_is_read_alike_alone_and_among_others(text: str) -> None:
    text = "{" + text
    assert rows('{"a":1}', text, '{"b":"', text)[1] == rows(text)[0] == rows('{"a":1}', text, '{"b":"', text)[3]
