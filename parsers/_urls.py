"""The parts of a URL, by the column."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import polars as pl

from parsers._lines import PAD, Bools, Ints
from parsers._views import Texts, lowered, strings, words

_COLON, _SLASH, _QUESTION, _HASH, _AT, _BRACKET = b":/?#@["
DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21, "ws": 80, "wss": 443, "gopher": 70}


def split_urls(urls: pl.Series, *, default_ports: bool = False) -> pl.DataFrame:
    """url_scheme, url_host, url_port, url_path, url_query of each URL, null where it has no such part.

    An absolute URL, the host:port of CONNECT, or a path as servers log it. User information before the host is left
    out. Nothing is decoded: the parts are as logged, but for the host's case and brackets. With `default_ports` also
    `port`: the one that is asked, by the scheme where the URL names none.
    """
    texts = Texts.of(urls)
    start, end = texts.start, texts.end
    find = _Finder(texts)
    scheme, default = _scheme_end(texts, find)
    has_scheme = scheme > start
    begin = np.where(has_scheme, scheme + 3, start)
    fragment = find.first(_HASH, begin, end)
    query = find.first(_QUESTION, begin, fragment)
    stop = find.first(_SLASH, begin, query)
    port = find.first(_COLON, begin, stop)
    host = stop > begin
    low = lowered(texts.text)
    number = strings(texts.text, port + 1, stop, host & (port < stop)).cast(pl.UInt16, strict=False)
    # Without a scheme only host:port is a host: `error:…` and `*` are none.
    named = host & (has_scheme | number.is_not_null().to_numpy())
    df = pl.DataFrame({
        "url_scheme": strings(low, start, scheme, has_scheme), "url_host": strings(low, begin, port, named),
        "url_port": number, "url_path": strings(texts.text, stop, query, query > stop),
        "url_query": strings(texts.text, query + 1, fragment, fragment > query + 1),
    })  # fmt: skip
    odd = host & ((find.first(_AT, begin, stop) < stop) | (texts.text[begin] == _BRACKET))
    if odd.any():
        df = _odd(df, urls, odd)
    if default_ports:
        unsaid = pl.Series(np.where((port + 1 < stop) & ~odd, 0, default)).replace(0, None)
        df = df.with_columns(df["url_port"].fill_null(unsaid).alias("port"))
    return df


def _scheme_end(texts: Texts, find: _Finder) -> tuple[Ints, npt.NDArray[np.uint16]]:
    """Where `://` begins, the start where there is none; and the port of the scheme, 0 for none."""
    start, end = texts.start, texts.end
    word = words(texts.text, "<u8")[start] | np.uint64(0x20202020)
    http = (word & np.uint64(0xFFFFFFFFFFFFFF)) == _word(b"http://")
    https = word == _word(b"https://")
    scheme = start + 4 * http + 5 * https
    default = np.where(http, np.uint16(80), np.where(https, np.uint16(443), np.uint16(0)))
    rest = np.flatnonzero(~http & ~https)
    if len(rest):
        colon = find.first(_COLON, start[rest], end[rest])
        ok = (colon - start[rest] <= 12) & (texts.text[colon + 1] == _SLASH) & (texts.text[colon + 2] == _SLASH)
        scheme[rest] = np.where(ok, colon, start[rest])
        for row in rest[ok].tolist():
            name = texts.text[start[row] : scheme[row]].tobytes().decode("utf-8", "replace").lower()
            default[row] = DEFAULT_PORTS.get(name, 0)
    inside = scheme + 2 < end
    return np.where(inside, scheme, start), np.where(inside, default, np.uint16(0))


def _word(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text, "little"))


_AUTHORITY = re.compile(
    r"^(?:([a-z][a-z0-9+.-]{0,11})://)?(?:[^/?#]*@)?(\[[^\]/?#]*\]|[^:/?#\[]*)(?::(\d+))?(?=[/?#]|$)", re.IGNORECASE
)


def _odd(df: pl.DataFrame, urls: pl.Series, odd: Bools) -> pl.DataFrame:
    """Hosts behind user information, and IPv6 hosts."""
    rows = np.flatnonzero(odd)
    hosts: list[str | None] = []
    ports: list[int | None] = []
    for url in urls.gather(pl.Series(rows)).to_list():
        got = _AUTHORITY.match(url)
        hosts.append((got[2].strip("[]").lower() or None) if got else None)
        ports.append(int(got[3]) if got and got[3] and int(got[3]) <= 65535 else None)
    host, port = df["url_host"].clone(), df["url_port"].clone()
    where = pl.Series(rows, dtype=pl.UInt32)
    return df.with_columns(
        host.scatter(where, pl.Series(hosts, dtype=pl.String)), port.scatter(where, pl.Series(ports, dtype=pl.UInt16))
    )


class _Finder:
    """First places of bytes in ranges of a column's text."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts

    def first(self, byte: int, start: Ints, end: Ints) -> Ints:
        """The first place of `byte` in start:end, `end` where there is none."""
        places = np.flatnonzero(self.texts.text[:-PAD] == byte)
        if not len(places):
            return end
        index = np.searchsorted(places, start)
        found = places[np.minimum(index, len(places) - 1)]
        return np.where((index < len(places)) & (found < end), found, end)
