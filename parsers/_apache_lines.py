"""Access log lines of the common and combined formats, with or without a virtual host in front, by vector operations.

    [host[:port] ]client ident user [time] "method path HTTP/x.y" status size[ "referer" "user agent"[ "forwarded for"]]

Lines that are written just so cost no regular expression; all others (a backslash in front of a closing quote, blanks
in a name or path, no proper request, more fields, error logs) are left whole in `odd`.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

import numpy as np
import numpy.typing as npt
import polars as pl

from parsers._lines import PAD, SPACE, Bools, Ints, Lines
from parsers._quotes import BACKSLASH, QUOTE
from parsers._views import strings, words

Words = npt.NDArray[np.uint64]
_METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "PROPFIND")
_COLON, _DASH, _DOT, _OPEN, _CLOSE, _SLASH, _QUESTION, _HASH, _COMMA = b":-.[]/?#,"
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)
_DIGITS = np.array([0xF0F0F0, 0x303030], np.uint64)
"""Which bits of three bytes say that they are digits (or one of `:;<=>?`), and what they say."""
_BYTE = np.uint64(255)
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
    good &= (text[client] != _OPEN) & (text[client] != _DASH) & (text[client_end - 1] != _COLON)
    good &= ~hosted | (text[client - 2] != _COMMA)
    method_end, url_end = spaces[i + 5], spaces[i + 6]
    method = word[request] & _MASKS[np.clip(method_end - request, 0, 8)]
    good &= reduce(or_, [method == _key(name) for name in _METHODS]) & (method_end - request <= 8)
    good &= (url_end == request_end - 9) & (text[method_end + 1] == _SLASH) & _is_protocol(word[np.maximum(url_end, 0)])
    good &= (spaces[i + 7] == request_end + 1) & (spaces[i + 8] == request_end + 5)
    size, size_end = request_end + 6, np.minimum(spaces[i + 9], end)
    referer, referer_end, agent, agent_end = (quotes[k + n] for n in range(2, 6))
    listed, listed_end = quotes[k + 6], quotes[k + 7]
    more = (listed == agent_end + 2) & (listed_end + 1 == end) & (text[agent_end + 1] == SPACE)
    more &= text[listed_end - 1] != BACKSLASH
    combined = (referer == size_end + 1) & (agent == referer_end + 2) & (more | (agent_end + 1 == end))
    combined &= (
        (text[referer_end + 1] == SPACE) & (text[referer_end - 1] != BACKSLASH) & (text[agent_end - 1] != BACKSLASH)
    )
    good &= (size_end > size) & (text[request_end - 1] != BACKSLASH) & (combined | (size_end == end))
    digits = word[request_end + 2] & _MASKS[3]
    good &= (digits & _DIGITS[0]) == _DIGITS[1]
    good &= ~_has_port(word, client, client_end) & (np.where(hosted, client, client_end) > 8)
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
    if (more & good).any():
        made["forwarded_for"] = _some(lines, listed + 1, listed_end, good & more & combined)
    if (hosted & good).any():
        made |= _host(lines, word, lines.body, client - 1, good & hosted)
    if not good.all():
        made["odd"] = strings(text, lines.body, end, ~good)
    return pl.DataFrame(made)


def _is_protocol(word: Words) -> Bools:
    found: Bools = (word == _key(" HTTP/1.")) | (word == _key(" HTTP/2."))
    return found


def _some(lines: Lines, start: Ints, end: Ints, valid: Bools) -> pl.Series:
    """The texts; null where they are `-`."""
    dash = (end - start == 1) & (lines.text[start] == _DASH)
    return strings(lines.text, start, end, valid & ~dash)


def _colon(word: Words, start: Ints, end: Ints) -> Ints:
    """Where a colon stands in front of at most five characters at the end of a token; its end where there is none."""
    tail = word[end - 8]
    colon = end
    for n in range(6, 1, -1):
        colon = np.where((tail >> np.uint64(8 * (8 - n))) & _BYTE == _COLON, end - n, colon)
    found: Ints = np.where(colon < start, end, colon)
    return found


def _has_port(word: Words, start: Ints, end: Ints) -> Bools:
    """An IPv4 address with a port behind it: a dot among the first four bytes, and a colon before the last five."""
    head = word[start]
    dot = np.zeros(len(start), np.bool_)
    for n in range(1, 4):
        dot |= (head >> np.uint64(8 * n)) & _BYTE == _DOT
    return dot & (_colon(word, start, end) < end)


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


def _host(lines: Lines, word: Words, start: Ints, end: Ints, valid: Bools) -> dict[str, pl.Series]:
    """`name:port`, or only the name."""
    colon = _colon(word, start, end)
    return {
        "vhost": strings(lines.text, start, colon, valid),
        "vport": strings(lines.text, colon + 1, end, valid & (colon < end)),
    }
