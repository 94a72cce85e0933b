"""The parts of a URL, by the column."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from parsers._digits import number_of
from parsers._lines import PAD, Bools, Ints, Octets
from parsers._views import Texts, lowered, strings, words

_COLON, _SLASH, _QUESTION, _HASH, _AT, _BRACKET = b":/?#@["
_MARKS = (_SLASH, _QUESTION, _HASH, _AT)
_AHEAD = 4
"""So many marks may be looked at behind a place."""
_LONGEST = 12
"""Bytes of a scheme's name."""
DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21, "ws": 80, "wss": 443, "gopher": 70}


def split_urls(urls: pl.Series, *, default_ports: bool = False) -> pl.DataFrame:
    """url_scheme, url_host, url_port, url_path, url_query of each URL, null where it has no such part.

    An absolute URL, the host:port of CONNECT, or a path as servers log it. User information before the host is left
    out. Nothing is decoded: the parts are as logged, but for the host's case and brackets. With `default_ports` also
    `port`: the one that is asked, by the scheme where the URL names none.
    """
    texts = Texts.of(urls)
    text, start, end = texts.text, texts.start, texts.end
    marks = _Marks(text)
    first = np.searchsorted(marks.at[:-_AHEAD], start)
    scheme = marks.at[first]
    whole = (text[scheme] == _COLON) & (text[scheme + 1] == _SLASH) & (text[scheme + 2] == _SLASH)
    whole &= (scheme > start) & (scheme - start <= _LONGEST) & (scheme + 2 < end)
    begin = np.where(whole, scheme + 3, start)
    first += 3 * whole
    port = np.minimum(marks.at[first], end)
    colon = (text[port] == _COLON) & (port < end)
    stop = np.where(colon, np.minimum(marks.at[first + 1], end), port)
    # A second colon, or user information: the host ends further on.
    more = np.flatnonzero(((text[stop] == _COLON) | (text[stop] == _AT)) & (stop < end))
    if len(more):
        stop[more] = np.minimum(marks.next(stop[more], _SLASH, _QUESTION, _HASH), end[more])
    query = np.minimum(marks.next(stop, _QUESTION, _HASH), end)
    fragment = np.where(text[query] == _HASH, query, np.minimum(marks.next(query, _HASH), end))
    host = stop > begin
    low = lowered(text)
    number, said = number_of(words(text, "<u8")[port + 1], stop - port - 1)
    number = np.where(said & colon, number, -1)
    # Without a scheme only host:port is a host: `error:…` and `*` are none.
    named = host & (whole | ((number >= 0) & (number < 1 << 16)))
    df = pl.DataFrame({
        "url_scheme": strings(low, start, scheme, whole), "url_host": strings(low, begin, port, named),
        "url_port": _ports(number), "url_path": strings(text, stop, query, query > stop),
        "url_query": strings(text, query + 1, fragment, fragment > query + 1),
    })  # fmt: skip
    odd = host & ((marks.next(begin, _AT) < stop) | (text[begin] == _BRACKET))
    if odd.any():
        df = _odd(df, urls, odd)
    if default_ports:
        default = _default_ports(text, start, scheme, whole)
        unsaid = _ports(np.where((port + 1 < stop) & ~odd, -1, default))
        df = df.with_columns(df["url_port"].fill_null(unsaid).alias("port"))
    return df


def _ports(numbers: Ints) -> pl.Series:
    """Ports; null what is none."""
    return pl.Series(numbers).cast(pl.UInt16, strict=False)


def _default_ports(text: Octets, start: Ints, end: Ints, whole: Bools) -> Ints:
    """The port of the scheme at start:end, −1 where none is known."""
    word = words(text, "<u4")[start] | np.uint32(0x20202020)
    http = whole & (word == int.from_bytes(b"http", "little"))
    size = end - start
    default = np.where(http & (size == 4), 80, -1)
    default[http & (size == 5) & (text[start + 4] | 32 == ord("s"))] = 443
    for row in np.flatnonzero(whole & (default < 0)).tolist():
        name = text[start[row] : end[row]].tobytes().decode("utf-8", "replace").lower()
        default[row] = DEFAULT_PORTS.get(name, -1)
    return default


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


class _Marks:
    """Where the bytes stand that structure a URL, in a column's text."""

    def __init__(self, text: Octets) -> None:
        body = text[:-PAD]
        hit = body == _COLON
        for mark in _MARKS:
            hit |= body == mark
        self.found = np.flatnonzero(hit)
        self.kind = text[self.found]
        self.nowhere = len(body)
        self.at = np.append(self.found, np.full(_AHEAD, self.nowhere))

    def next(self, place: Ints, *kinds: int) -> Ints:
        """The first place of one of these bytes at or behind each place; the text's end where there is none."""
        wanted = self.kind == kinds[0]
        for kind in kinds[1:]:
            wanted |= self.kind == kind
        found = np.append(self.found.take(np.flatnonzero(wanted)), self.nowhere)
        return found[np.searchsorted(found[:-1], place)]
