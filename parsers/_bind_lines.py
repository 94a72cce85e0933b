"""The words in front of a message of named, the client, and an ordinary query, by vector operations.

    [host named[pid]: ][time ][category: ][severity: ][client [@0x…] addr#port [(name)]: [view v: ]]message

A query that is written as BIND 9.7 and later write it costs no regular expression; every other message is left whole.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from parsers._lines import PAD, SPACE, Bools, Ints, Lines
from parsers._views import strings, words

CATEGORIES = (
    "client", "cname", "config", "database", "default", "delegation-only", "dispatch", "dnssec", "dnstap", "drop",
    "edns-disabled", "general", "lame-servers", "network", "notify", "nsid", "queries", "query-errors", "rate-limit",
    "resolver", "responses", "rpz", "rpz-passthru", "security", "serve-stale", "spill", "sslkeylog",
    "trust-anchor-telemetry", "unmatched", "update", "update-security", "xfer-in", "xfer-out", "zoneload",
)  # fmt: skip
_SEVERITIES = ("critical", "error", "warning", "notice", "info", "dynamic")
_COLON, _HASH, _OPEN, _CLOSE, _DASH, _AT, _PLUS, _BRACKET = b":#()-@+]"
_BYTE = np.uint64(255)
_AHEAD = 16
"""So many spaces may be looked at behind a place."""


def _key(text: str) -> int:
    return int.from_bytes(text.encode()[:8], "little")


_MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)


def _pattern(marks: dict[int, str]) -> tuple[np.uint64, np.uint64]:
    """Mask and value of eight bytes with certain bytes at certain places."""
    mask, value = sum(255 << 8 * i for i in marks), sum(ord(c) << 8 * i for i, c in marks.items())
    return np.uint64(mask), np.uint64(value)


_LOCAL = _pattern({2: "-", 6: "-"}), _pattern({3: " ", 6: ":"})
_ISO = _pattern({4: "-", 7: "-"}), _pattern({2: "T", 5: ":"})
"""Where `20-Nov-2026 10:00:00` and `2026-11-20T10:00:00` have their marks, in the first and the second eight bytes."""


class _Cursor:
    """A place in every line, and the first space at or behind it; steps from word to word without searching."""

    def __init__(self, lines: Lines) -> None:
        self.lines, self.text, self.at = lines, lines.text, lines.body
        self.word = words(lines.text, "<u8")
        self.spaces = np.append(lines.positions(SPACE), np.full(_AHEAD, len(lines.text) - PAD))
        self.i = np.searchsorted(self.spaces[:-_AHEAD], self.at)
        self.here = self.word[self.at]
        """The eight bytes that stand there."""

    def begins(self, text: str) -> Bools:
        """Whether a text of at most eight bytes stands there."""
        found: Bools = (self.here & _MASKS[len(text)]) == np.uint64(_key(text))
        return found

    def stop(self) -> Ints:
        stop: Ints = np.minimum(self.spaces[self.i], self.lines.end)
        return stop

    def step(self, which: Bools, count: Ints | int = 1) -> None:
        """Goes behind `count` spaces where `which`; at most to the line's end."""
        if not which.any():
            return
        self.i = self.i + which * count
        behind = np.minimum(self.spaces[np.maximum(self.i - 1, 0)] + 1, self.lines.end)
        self.at = np.where(which, behind, self.at)
        self.here = self.word[self.at]


class _Words:
    """Tells which of some words stands at a cursor with a colon behind it."""

    def __init__(self, *names: str) -> None:
        order = sorted(range(len(names)), key=lambda i: (_key(names[i]), len(names[i])))
        self.names = pl.Series([*(names[i] for i in order), None], dtype=pl.String)
        self.keys = np.array([_key(names[i]) for i in order], np.uint64)
        self.size = np.array([len(names[i]) for i in order])
        self.tail = np.array([_key(names[i][-8:]) for i in order], np.uint64)

    def take(self, cursor: _Cursor) -> Ints:
        """The number of the word, the last for none; steps over it."""
        stop = cursor.stop()
        size = np.maximum(stop - cursor.at - 1, 0)
        mask = _MASKS[np.minimum(size, 8)]
        key = cursor.here & mask
        index = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        for _ in range(2):  # words that begin with the same eight bytes stand side by side
            longer = np.minimum(index + 1, len(self.keys) - 1)
            index = np.where((self.keys[longer] == key) & (self.size[index] < size), longer, index)
        found = (self.keys[index] == key) & (self.size[index] == size) & (cursor.text[stop - 1] == _COLON)
        long = np.flatnonzero(found & (size > 8))
        found[long] = cursor.word[stop[long] - 9] == self.tail[index[long]]
        cursor.step(found)
        return np.where(found, index, len(self.keys))


_CATEGORY, _SEVERITY = _Words(*CATEGORIES), _Words(*_SEVERITIES)


def shape(lines: Lines) -> pl.DataFrame:
    """What stands before the message, the fields of an ordinary query, and the text of every other message (`note`)."""
    cursor = _Cursor(lines)
    stamps = _stamps(cursor)
    made = _program(cursor, np.flatnonzero(~(stamps[0] | stamps[1])))
    made |= _stamp(cursor, *(_stamps(cursor) if made else stamps))
    category, severity = _CATEGORY.take(cursor), _SEVERITY.take(cursor)
    debug = cursor.begins("debug ")
    made["category"] = _CATEGORY.names.gather(pl.Series(category))
    made["level"] = _SEVERITY.names.gather(pl.Series(severity))
    if debug.any():  # `debug 3: `
        cursor.step(debug, 2)
        made["level"] = pl.select(pl.when(pl.Series(debug)).then(pl.lit("debug")).otherwise(made["level"])).to_series()
    made["headed"] = pl.Series((category < len(CATEGORIES)) | (severity < len(_SEVERITIES)) | debug)
    return pl.DataFrame({**made, **_clients(cursor)})


def _stamps(cursor: _Cursor) -> tuple[Bools, Bools]:
    """Whether a local or an ISO time stands there."""
    start, end = cursor.at, cursor.lines.end
    second = cursor.word[np.minimum(start + 8, end)]
    local, iso = (
        ((cursor.here & a[0]) == a[1]) & ((second & b[0]) == b[1]) & (start + 19 <= end) for a, b in (_LOCAL, _ISO)
    )  # fmt: skip
    return local, iso


def _program(cursor: _Cursor, rows: Ints) -> dict[str, pl.Series]:
    """Steps over `host named[pid]: ` in rows without a time in front."""
    lines, text = cursor.lines, cursor.text
    start, first, end = cursor.at[rows], cursor.stop()[rows], lines.end[rows]
    alone = cursor.begins("named[")[rows]
    behind = (cursor.word[first + 1] & _MASKS[6]) == np.uint64(_key("named["))
    stop = np.minimum(np.where(alone, first, cursor.spaces[cursor.i[rows] + 1]), end)
    found = (alone | behind & (first < end)) & (text[stop - 1] == _COLON) & (text[stop - 2] == _BRACKET)
    if not found.any():
        return {}
    count = np.zeros(len(lines), np.int64)
    count[rows[found]] = 2 - alone[found]
    host, host_end = np.zeros((2, len(lines)), np.int64)
    named = found & ~alone
    host[rows[named]], host_end[rows[named]] = start[named], first[named]
    cursor.step(count > 0, count)
    return {"host": strings(text, host, host_end, host_end > host)}


def _stamp(cursor: _Cursor, local: Bools, iso: Bools) -> dict[str, pl.Series]:
    """The line's own time; steps over it."""
    start = cursor.at
    cursor.step(local | iso, 1 + local)
    stop = np.minimum(cursor.spaces[np.maximum(cursor.i - 1, 0)], cursor.lines.end)
    return {"time": strings(cursor.text, start, stop, local | iso)}


def _clients(cursor: _Cursor) -> dict[str, pl.Series]:
    """`client … addr#port (name): view v: ` and what follows it; `odd` are clients that are written otherwise."""
    text, end, spaces = cursor.text, cursor.lines.end, cursor.spaces
    client, begin = cursor.begins("client "), cursor.at
    cursor.step(client & (text[spaces[cursor.i] + 1] == _AT))
    i = cursor.i
    good = client & (spaces[i + 1] < end)
    peer, peer_end = np.where(good, spaces[i] + 1, cursor.at), np.where(good, spaces[i + 1], cursor.at)
    bare = text[peer_end - 1] == _COLON
    peer_end = peer_end - bare
    number, tail = peer, cursor.word[peer_end - 8]
    for k in range(6, 1, -1):  # behind it a port of at most five digits
        number = np.where((tail >> np.uint64(8 * (8 - k))) & _BYTE == _HASH, peer_end - k, number)
    name, name_end = peer_end + 1, np.where(bare, peer_end, spaces[i + 2])
    named = ~bare & (text[name] == _OPEN) & (text[name_end - 2] == _CLOSE) & (text[name_end - 1] == _COLON)
    good &= (number > peer) & (name_end < end) & (bare | named)
    cursor.step(good, 3 - bare)
    i = cursor.i
    view = good & cursor.begins("view ") & (spaces[i + 1] < end) & (text[spaces[i + 1] - 1] == _COLON)
    made = {"client_view": strings(text, spaces[i] + 1, spaces[i + 1] - 1, view)} if view.any() else {}
    cursor.step(view, 2)
    plain, fields = _query(cursor, good)
    if not plain.all():
        made["note"] = strings(text, np.where(client & ~good, begin, cursor.at), end, ~plain)
        made["client_name"] = strings(text, name + 1, name_end - 2, named & good & ~plain)
        made["client"], made["odd"] = pl.Series(good), pl.Series(client & ~good)
    return {
        "client_ip": strings(text, peer, number, good),
        "client_port": strings(text, number + 1, peer_end, good),
        **made,
        **fields,
    }


def _query(cursor: _Cursor, client: Bools) -> tuple[Bools, dict[str, pl.Series]]:
    """Which messages are `query: name class type flags (server)` and no more, and their fields."""
    text, end, i = cursor.text, cursor.lines.end, cursor.i
    a, b, c, d, e = (cursor.spaces[i + k] for k in range(5))
    sign = text[d + 1]
    plain = client & cursor.begins("query: ") & (e < end) & (cursor.spaces[i + 5] >= end)
    plain &= (b - a > 1) & (c - b > 1) & (d - c > 1) & (e - d <= 16) & ((sign == _PLUS) | (sign == _DASH))
    plain &= (text[e + 1] == _OPEN) & (text[end - 1] == _CLOSE)
    return plain, {
        "plain": pl.Series(plain),
        "qname": strings(text, a + 1, b, plain),
        "qclass": strings(text, b + 1, c, plain),
        "qtype": strings(text, c + 1, d, plain),
        "dst_ip": strings(text, e + 2, end - 1, plain),
        "recursion_desired": pl.Series(sign == _PLUS),
        "tcp": pl.Series(_holds_t(cursor.word, d + 1, np.minimum(np.maximum(e - d - 1, 0), 16))),
    }


_ONES, _HIGH, _TS = (np.uint64(0x0101010101010101 * n) for n in (1, 0x80, ord("T")))


def _holds_t(word: npt.NDArray[Any], at: Ints, size: Ints) -> Bools:
    """Whether a T is among `size` (at most 16) bytes."""
    found = _eight_hold_t(word[at], size)
    long = np.flatnonzero(size > 8)
    found[long] |= _eight_hold_t(word[at[long] + 8], size[long] - 8)
    return found


def _eight_hold_t(word: npt.NDArray[Any], size: Ints) -> Bools:
    differs = word ^ _TS | ~_MASKS[np.minimum(size, 8)]
    found: Bools = ((differs - _ONES) & ~differs & _HIGH) != 0
    return found
