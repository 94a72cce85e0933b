"""Text that others wrote, made fit to be seen: what came out of a log, a register or a comment is never trusted.

A log line is written by whoever can send a packet. Besides markup (which is escaped) it may hold control characters,
characters that turn the direction of the text around or have no width, and bytes that are no text at all. Each of these
is shown as `\\xNN`, in a frame, where it stands; the value itself is isolated (`<bdi>`), so that it can't reorder its
neighbours. Templates get such text as `Shown`, which can't be rendered in any other way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

LONGEST_VALUE = 300
"""Characters of a value on a page; what is beyond is said, not shown."""
LONGEST_LINE = 4_096
"""Bytes of a raw line on a page; the whole line is in the archive."""

_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_HIDDEN_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"
_WRITTEN_BYTE = re.compile(r"((?:\\x[0-9a-f]{2})+)")
"""As the parsers write what is no text: also in a frame, though a line may hold these four characters by itself."""


def _is_hidden(character: str) -> bool:
    return character in _HIDDEN_LETTERS or unicodedata.category(character) in _HIDDEN_CATEGORIES


def _written(hidden: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in hidden.encode("utf-8", "surrogatepass"))


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text cut into stretches, each with whether it is bytes written as `\\xNN`."""
    visible = ""
    for character in text:
        if _is_hidden(character):
            visible += _written(character)
        else:
            visible += character
    for index, part in enumerate(_WRITTEN_BYTE.split(visible)):
        if part:
            yield part, index % 2 == 1


def _marked(pieces: Iterable[tuple[str, bool]]) -> Markup:
    return Markup("").join(Markup('<span class="bad">{}</span>').format(p) if bad else escape(p) for p, bad in pieces)


@dataclass(frozen=True, slots=True)
class Shown:
    """A value from outside. In a template `{{ value }}` is isolated markup, `{{ value.plain }}` is for attributes."""

    text: str

    def __html__(self) -> str:
        """Escaped, with hidden characters in frames, inside an isolating element."""
        return str(Markup("<bdi>{}</bdi>").format(self._markup()))

    def _markup(self) -> Markup:
        beyond = len(self.text) - LONGEST_VALUE
        shown = _marked(_pieces(self.text[:LONGEST_VALUE]))
        return shown + Markup('<span class="quiet">…(ほか {} 文字)</span>').format(beyond) if beyond > 0 else shown

    @property
    def plain(self) -> str:
        """Without markup, still without hidden characters: for attributes and titles, where it is escaped as well."""
        beyond = len(self.text) - LONGEST_VALUE
        return "".join(p for p, _ in _pieces(self.text[:LONGEST_VALUE])) + ("…" if beyond > 0 else "")

    def __str__(self) -> str:
        return self.plain

    def __bool__(self) -> bool:
        return bool(self.text)


def shown(text: str | None) -> Shown:
    """A value from outside, nothing as empty."""
    return Shown(text or "")


def _decoded(raw: bytes, encoding: str) -> Iterator[tuple[str, bool]]:
    """Bytes as stretches of text and stretches of bytes that are none."""
    while raw:
        try:
            yield raw.decode(encoding), False
            return
        except UnicodeDecodeError as problem:
            if problem.start:
                yield raw[: problem.start].decode(encoding, "replace"), False
            yield "".join(f"\\x{byte:02x}" for byte in raw[problem.start : problem.end]), True
            raw = raw[problem.end :]


def _with_marks(text: str, pattern: re.Pattern[str] | None) -> Markup:
    """Visible text, with what made the rule fire marked and what is no text framed."""
    if pattern is None:
        return _marked(_pieces(text))
    done = Markup("")
    for index, part in enumerate(pattern.split(text)):
        inside = _marked(_pieces(part))
        done += Markup("<mark>{}</mark>").format(inside) if index % 2 else inside
    return done


def _as_words(values: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern that finds these values where they stand alone: an address is not found inside a longer one."""
    found = []
    for value in sorted({v for v in values if v}, key=lambda v: (-len(v), v)):
        # A port follows an IPv4 address after a colon; in an IPv6 or hardware address the colon is part of it.
        before, after = (r"[\w:]", r"[\w:]") if ":" in value else (r"[\w.\-]", r"\w|[.\-]\w")
        found.append(f"(?<!{before}){re.escape(value)}(?!{after})")
    return re.compile(f"({'|'.join(found)})") if found else None


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line of the archive as bytes. In a template `{{ line }}` is the content of a `<code>`.

    `marks` are values to be marked where they stand as whole words.
    """

    raw: bytes
    encoding: str = "utf-8"
    marks: tuple[str, ...] = ()

    def __html__(self) -> str:
        """Escaped and marked; tabs stay, for a tab is how some devices part their columns."""
        pattern = _as_words(self.marks)
        done = Markup("")
        for text, bad in _decoded(self.raw[:LONGEST_LINE], self.encoding):
            if bad:
                done += Markup('<span class="bad">{}</span>').format(text)
            else:
                done += Markup("\t").join(_with_marks(part, pattern) for part in text.split("\t"))
        if len(self.raw) > LONGEST_LINE:
            done += Markup('<span class="quiet">…(ほか {:,} バイト)</span>').format(len(self.raw) - LONGEST_LINE)
        return str(done)
