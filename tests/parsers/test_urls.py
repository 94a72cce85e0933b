"""URLs: their parts, as logged."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers._urls import split_urls

_Parts = tuple[str | None, str | None, int | None, str | None, str | None, int | None]
CASES: dict[str, _Parts] = {
    "http://www.Example.lg.jp/A/b?x=1#f": ("http", "www.example.lg.jp", None, "/A/b", "x=1", 80),
    "https://h:8443": ("https", "h", 8443, None, None, 8443),
    "HTTPS://H/": ("https", "h", None, "/", None, 443),
    "ftp://f.example.lg.jp/x": ("ftp", "f.example.lg.jp", None, "/x", None, 21),
    "host.example.lg.jp:443": (None, "host.example.lg.jp", 443, None, None, 443),
    "203.0.113.5:443": (None, "203.0.113.5", 443, None, None, 443),
    "[2001:db8::1]:443": (None, "2001:db8::1", 443, None, None, 443),
    "error:invalid-request": (None, None, None, None, None, None),
    "*": (None, None, None, None, None, None),
    "x": (None, None, None, None, None, None),
    "/a/b?c=d": (None, None, None, "/a/b", "c=d", None),
    "/a?b?c#d": (None, None, None, "/a", "b?c", None),
    "//x/y": (None, None, None, "//x/y", None, None),
    "http://u:p@h.example.lg.jp:81/x": ("http", "h.example.lg.jp", 81, "/x", None, 81),
    "http://good.example.lg.jp@evil.example.com/": ("http", "evil.example.com", None, "/", None, 80),
    "http://h/@evil.example.com": ("http", "h", None, "/@evil.example.com", None, 80),
    "http://h#@evil.example.com/": ("http", "h", None, None, None, 80),
    "http://h?@evil.example.com/": ("http", "h", None, None, "@evil.example.com/", 80),
    "http://[2001:DB8::1]:8080/x?y": ("http", "2001:db8::1", 8080, "/x", "y", 8080),
    "http://[2001:DB8::1]/x": ("http", "2001:db8::1", None, "/x", None, 80),
    "http://": ("http", None, None, None, None, 80),
    "http:/": (None, None, None, "/", None, None),
    "cache_object://h/info": ("cache_object", "h", None, "/info", None, None),
    "http://h?q=http://evil.example.com/": ("http", "h", None, None, "q=http://evil.example.com/", 80),
    "http://h:99999/": ("http", "h", None, "/", None, None),
    "http://h:/": ("http", "h", None, "/", None, 80),
    "": (None, None, None, None, None, None),
    "http://例え.example.lg.jp/パス?検索=1": ("http", "例え.example.lg.jp", None, "/パス", "検索=1", 80),
}
_NAMES = ("url_scheme", "url_host", "url_port", "url_path", "url_query", "port")


@pytest.mark.parametrize(("url", "expected"), CASES.items(), ids=CASES)
def test_a_url_is_split(url: str, expected: _Parts) -> None:
    df = split_urls(pl.Series([url, None]), default_ports=True)
    assert df.columns == list(_NAMES)
    assert df.row(0) == expected
    assert df.row(1) == (None,) * 6


def test_without_default_ports_there_is_no_such_column() -> None:
    assert split_urls(pl.Series(["http://h/"])).columns == list(_NAMES[:-1])


@given(st.lists(st.sampled_from([*CASES]) | st.text("ahtps:/?#@[]:.0159 ", max_size=24), min_size=1, max_size=12))
def test_each_url_is_split_as_if_it_were_alone(urls: list[str]) -> None:
    together = split_urls(pl.Series(urls), default_ports=True)
    for i, url in enumerate(urls):
        assert together.row(i) == split_urls(pl.Series([url]), default_ports=True).row(0)
