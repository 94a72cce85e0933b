"""The shapes of CEF and LEEF."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import Chunk
from parsers._cef import cef, leef
from parsers._lines import lines_of

_CEF = cef("src", "request", "msg", "act", "cs1Label", "a_key_of_more_than_16_bytes")
_LEEF = leef("src", "usrName", "proto")


def rows(shape: Any, *texts: str) -> list[dict[str, Any]]:
    raw = "".join(text + "\n" for text in texts).encode()
    return [{k: v for k, v in r.items() if v is not None} for r in shape(lines_of(Chunk(raw), "utf-8")).to_dicts()]


HEAD = {
    "_vendor": "V",
    "_product": "P",
    "_version": "1",
    "_signature": "s",
    "_name": "n",
    "_severity": "3",
    "_cef": True,
}
EXTENSIONS = {
    "src=192.0.2.1 act=deny": {"src": "192.0.2.1", "act": "deny"},
    "msg=two words act=deny ": {"msg": "two words", "act": "deny"},
    r"request=http://x/?a=b c&src\=198.51.100.9 act=x": {"request": "http://x/?a=b c&src=198.51.100.9", "act": "x"},
    r"msg=line\nsrc\=forged\\ src=192.0.2.1": {"msg": "line\\x0asrc=forged\\", "src": "192.0.2.1"},
    "act=first act=second": {"act": "first"},
    "act=x msg=ended #015": {"act": "x", "msg": "ended"},
    "act= src=192.0.2.1": {"src": "192.0.2.1"},
    "a_key_of_more_than_16_bytes=x a_key_of_more_than_16_bytez=y": {"a_key_of_more_than_16_bytes": "x"},
    "msg=値 src=192.0.2.1": {"msg": "値", "src": "192.0.2.1"},
    "act=a|b src=c|d": {"act": "a|b", "src": "c|d"},
    "no pairs here": {},
    "": {},
}


@pytest.mark.parametrize(("extension", "expected"), EXTENSIONS.items(), ids=EXTENSIONS)
def test_cef(extension: str, expected: dict[str, str]) -> None:
    assert rows(_CEF, f"CEF:0|V|P|1|s|n|3|{extension}") == [HEAD | expected]


def test_a_bar_in_a_header_is_escaped() -> None:
    assert rows(_CEF, r"CEF:0|V|P\|x|1|s\\|n|3|act=x")[0] == {
        **HEAD,
        "_product": "P|x",
        "_signature": "s\\",
        "act": "x",
    }


@pytest.mark.parametrize("text", ["", "once upon a time", "CEF:0|V|P|1|s|n", "CEF:", "src=192.0.2.1"])
def test_what_has_no_header_says_nothing(text: str) -> None:
    assert rows(_CEF, "CEF:0|V|P|1|s|n|3|act=x", text, "CEF:0|V|P|1|s|n|3|act=y")[1] == {"_cef": False}


LEEFS = {
    "LEEF:1.0|V|P|1|41|src=192.0.2.1\tusrName=a b\tproto=tcp": {"src": "192.0.2.1", "usrName": "a b", "proto": "tcp"},
    "LEEF:2.0|V|P|1|41|^|src=192.0.2.1^proto=tcp": {"src": "192.0.2.1", "proto": "tcp"},
    "LEEF:2.0|V|P|1|41|x7C|src=192.0.2.1|proto=tcp": {"src": "192.0.2.1", "proto": "tcp"},
    "LEEF:2.0|V|P|1|41|src=192.0.2.1\tproto=tcp": {"src": "192.0.2.1", "proto": "tcp"},
    "LEEF:1.0|V|P|1|41|src=192.0.2.1#011usrName=a^#b#011proto=tcp": {
        "src": "192.0.2.1",
        "usrName": "a^#b",
        "proto": "tcp",
    },
    "LEEF:1.0|V|P|1|41|src=192.0.2.1\tproto=tcp#015": {"src": "192.0.2.1", "proto": "tcp"},
    "LEEF:1.0|V|P|1|41|src=192.0.2.1\tusrName=a#011b": {"src": "192.0.2.1", "usrName": "a#011b"},
    "LEEF:2.0|V|P|1|41|#011|src=192.0.2.1#011proto=tcp": {"src": "192.0.2.1", "proto": "tcp"},
    "LEEF:1.0|V|P|1|41|usrName=a=b\tsrc=192.0.2.1": {"usrName": "a=b", "src": "192.0.2.1"},
    "<13>Nov 20 10:00:00 host LEEF:1.0|V|P|1|41|src=192.0.2.1": {"src": "192.0.2.1"},
}


@pytest.mark.parametrize(("text", "expected"), LEEFS.items(), ids=LEEFS)
def test_leef(text: str, expected: dict[str, str]) -> None:
    head = {"_vendor": "V", "_product": "P", "_version": "1", "_event": "41", "_leef": True}
    assert rows(_LEEF, text) == [head | expected]


_PIECES = (
    "#011",
    "#015",
    "CEF:0|",
    "LEEF:2.0|",
    "V|",
    "|",
    "\\",
    "=",
    " ",
    "act=",
    "src=192.0.2.1",
    "\t",
    "^|",
    "x",
    "src",
    "値",
    "msg=",
)


@pytest.mark.parametrize("shape", [_CEF, _LEEF], ids=["cef", "leef"])
@given(texts=st.lists(st.lists(st.sampled_from(_PIECES), max_size=20).map("".join), min_size=1, max_size=5))
def test_a_line_is_read_alike_alone_and_among_others(shape: Any, texts: list[str]) -> None:
    assert rows(shape, *texts) == [rows(shape, text)[0] for text in texts]
