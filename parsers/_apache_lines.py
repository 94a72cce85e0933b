"""Access log lines of the common and combined formats, with or without a virtual host in front, by vector operations.

    [host[:port] ]client ident user [time] "method path HTTP/x.y" status size[ "referer" "user agent"]

Lines that are written just so cost no regular expression; all others (a backslash in front of a closing quote, blanks
in a name or path, no proper request, more fields, error logs) are left whole in `odd`.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

import numpy as np
import polars as pl

from parsers._lines import PAD, SPACE, Bools, Ints, Lines
from parsers._quotes import BACKSLASH, QUOTE
from parsers._views import strings, words

_METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "PROPFIND")
_COLON, _DASH, _DOT, _OPEN, _CLOSE, _SLASH, _QUESTION, _HASH, _COMMA = b":-.[]/?#,"
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)
_DIGITS = np.array([0xF0F0F0, 0x303030], np.uint64)
"""Which bits of three bytes say that they are digits (or one of `:;<=>?`), and what they say."""
_WIDTH = 26
"""Characters of `20/Nov/2026:09:00:00 +0900`."""


def _key(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(text.encode(), "little"))


def shape(lines: Lines) -> pl.DataFrame:
    """The fields of the ordinary lines (`regular`), and the text of the others (`odd`)."""
    text, end = lines.text, lines.end
    word = words(text, "<u8")
    beyond = len(text) - PAD
    spaces = np.append(lines.positions(SPACE), np.full(16, beyond))
    quotes = np.append(lines.positions(QUOTE), np.full(8, beyond))
    i, k = np.searchsorted(spaces[:-16], lines.body), np.searchsorted(quotes[:-8], lines.body)
    hosted = text[spaces[i + 2] + 1] != _OPEN
    i = i + hosted
    client = np.where(hosted, spaces[i - 1] + 1, lines.body)
    client_end, user, user_end = spaces[i], spaces[i + 1] + 1, spaces[i + 2]
    opened = user_end + 1
    request, request_end = quotes[k] + 1, quotes[k + 1]
    good = (text[opened] == _OPEN) & (request_end < end) & (request == opened + _WIDTH + 4)
    good &= (text[opened + _WIDTH + 1] == _CLOSE) & (spaces[i + 4] == opened + _WIDTH + 2)
    good &= (text[client] != _OPEN) & (~hosted | (text[client] != _DASH) & (text[client - 2] != _COMMA))
    method_end, url_end = spaces[i + 5], spaces[i + 6]
    method = word[request] & _MASKS[np.clip(method_end - request, 0, 8)]
    good &= reduce(or_, [method == _key(name) for name in _METHODS]) & (method_end - request <= 8)
    good &= (url_end == request_end - 9) & (text[method_end + 1] == _SLASH) & _is_protocol(word[np.maximum(url_end, 0)])
    good &= (spaces[i + 7] == request_end + 1) & (spaces[i + 8] == request_end + 5)
    size, size_end = request_end + 6, np.minimum(spaces[i + 9], end)
    referer, referer_end, agent, agent_end = (quotes[k + n] for n in range(2, 6))
    combined = (referer == size_end + 1) & (agent == referer_end + 2) & (agent_end + 1 == end)
    combined &= (
        (text[referer_end + 1] == SPACE) & (text[referer_end - 1] != BACKSLASH) & (text[agent_end - 1] != BACKSLASH)
    )
    good &= (size_end > size) & (text[request_end - 1] != BACKSLASH) & (combined | (size_end == end))
    digits = word[request_end + 2] & _MASKS[3]
    good &= (digits & _DIGITS[0]) == _DIGITS[1]
    good &= ~_has_port(lines, client, client_end)
    made = {
        "regular": pl.Series(good),
        "time": strings(text, opened + 1, opened + 1 + _WIDTH, good),
        "client": strings(text, client, client_end, good),
        "user": _some(lines, user, user_end, good),
        "method": strings(text, request, method_end, good),
        **_url(lines, method_end + 1, url_end, good),
        "status": strings(text, request_end + 2, request_end + 5, good),
        "size": _some(lines, size, size_end, good),
        "referer": _some(lines, referer + 1, referer_end, good & combined),
        "agent": _some(lines, agent + 1, agent_end, good & combined),
    }
    if (hosted & good).any():
        made |= _host(lines, lines.body, client - 1, good & hosted)
    if not good.all():
        made["odd"] = strings(text, lines.body, end, ~good)
    return pl.DataFrame(made)


def _is_protocol(word: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> Bools:
    found: Bools = (word == _key(" HTTP/1.")) | (word == _key(" HTTP/2."))
    return found


def _some(lines: Lines, start: Ints, end: Ints, valid: Bools) -> pl.Series:
    """The texts; null where they are `-`."""
    dash = (end - start == 1) & (lines.text[start] == _DASH)
    return strings(lines.text, start, end, valid & ~dash)


def _has_port(lines: Lines, start: Ints, end: Ints) -> Bools:
    """An IPv4 address with a port behind it: a dot among the first four bytes, a colon among the last six."""
    dot, colon = np.zeros(len(start), np.bool_), np.zeros(len(start), np.bool_)
    for n in range(1, 4):
        dot |= lines.text[start + n] == _DOT
    for n in range(2, 7):
        colon |= lines.text[end - n] == _COLON
    return dot & colon


def _url(lines: Lines, start: Ints, end: Ints, valid: Bools) -> dict[str, pl.Series]:
    """A path and its parts, as `parsers._urls` splits it."""
    fragment = end
    if len(lines.positions(_HASH)):
        fragment = np.minimum(lines.following(_HASH, start), end)
    query = np.minimum(lines.following(_QUESTION, start), fragment)
    return {
        "url": strings(lines.text, start, end, valid),
        "url_path": strings(lines.text, start, query, valid),
        "url_query": strings(lines.text, query + 1, fragment, valid & (query + 1 < fragment)),
    }


def _host(lines: Lines, start: Ints, end: Ints, valid: Bools) -> dict[str, pl.Series]:
    """`name:port`, or only the name."""
    colon = end
    for n in range(6, 1, -1):
        colon = np.where(lines.text[np.maximum(end - n, 0)] == _COLON, np.maximum(end - n, start), colon)
    return {
        "vhost": strings(lines.text, start, colon, valid),
        "vport": strings(lines.text, colon + 1, end, valid & (colon < end)),
    }
