"""What every question shares: the bodies that are seen, pages by cursor, and words in their order.

A question takes `tenants`, and there is none without: `within` is the one place where that becomes a condition. Pages
are cut by key, never by offset, so that they do not overlap while alerts come in; a cursor is the key of the last row.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from core.errors import InputError
from store.catalogue import Catalogue, Transaction

T = TypeVar("T")

SEVERITIES = ("critical", "high", "medium", "low", "info")
STATUSES = ("new", "evaluating", "watching", "in_progress", "incident", "dismissed", "closed")
OPEN = ("new", "evaluating", "in_progress")
"""What is in the queue: somebody has to do something."""
UNSETTLED = (*OPEN, "watching", "incident")
"""Cases that are neither closed nor dismissed."""
VERDICTS = ("allow", "blocked_later", "deny")
"""From the gravest; the order of the alphabet is the same, and the queries use that."""
CONTINUITIES = ("new", "continuing", "recurring", "retroactive")
ALERT_STATES = ("live", "frozen", "retracted")
LIMIT = 500
"""The longest page."""


class Everyone(Enum):
    """The scope of who sees every body of the prefecture, also those registered later."""

    ALL = "*"


Tenants = frozenset[str] | Everyone
"""The bodies that a reader may see."""


class Readable(Protocol):
    """What a question needs of a store: its catalogue, and lines from its archive."""

    @property
    def catalogue(self) -> Catalogue:
        """What is committed."""
        ...


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """One page: its rows, the cursor of the next page (None on the last), and the exact total where it was asked."""

    items: tuple[T, ...]
    next: str | None
    total: int | None = None


def within(column: sa.ColumnElement[str], tenants: Tenants) -> sa.ColumnElement[bool]:
    """The rows of these bodies, and no other."""
    if tenants is Everyone.ALL:
        return sa.true()
    if not tenants:
        return sa.false()
    return column == next(iter(tenants)) if len(tenants) == 1 else column.in_(sorted(tenants))


def sees(tenants: Tenants, tenant: str) -> bool:
    """Whether a body is among these."""
    return tenants is Everyone.ALL or tenant in tenants


def narrowed(tenants: Tenants, wanted: frozenset[str]) -> Tenants:
    """The wanted bodies that may be seen; all that may be seen where none is named."""
    if not wanted:
        return tenants
    return wanted if tenants is Everyone.ALL else tenants & wanted


def one_of(column: sa.ColumnElement[str], wanted: Collection[str], known: Sequence[str] = ()) -> sa.ColumnElement[bool]:
    """Column in the wanted words; true where none is named. InputError for a word that isn't known."""
    for word in wanted:
        if known and word not in known:
            raise InputError(f"{word!r} is none of {', '.join(known)}")
    return column.in_(sorted(wanted)) if wanted else sa.true()


def limited(limit: int) -> int:
    """The limit, if it is one."""
    if not 1 <= limit <= LIMIT:
        raise InputError(f"limit must lie between 1 and {LIMIT}")
    return limit


def rank(column: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    """Severity as a number, the gravest lowest."""
    return sa.case({word: place for place, word in enumerate(SEVERITIES)}, value=column, else_=len(SEVERITIES))


# ------------------------------------------------------------------------------------------------------------ cursors


def cursor_of(order: str, values: Sequence[int | str]) -> str:
    """A cursor: which order, and the key of the row it stands at. Opaque to whoever carries it; it opens nothing."""
    text = json.dumps([order, *values], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str, order: str, types: Sequence[type[int] | type[str]]) -> list[Any]:
    """The key in a cursor of this order.

    Raises:
        InputError: Not made here, or made for another order.
    """
    try:
        values = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError) as e:
        raise InputError("the cursor is not one that was handed out") from e
    if not isinstance(values, list) or len(values) != 1 + len(types) or values[0] != order:
        raise InputError("the cursor belongs to another question; begin without one")
    for value, wanted in zip(values[1:], types, strict=True):
        if type(value) is not wanted or (isinstance(value, int) and not -(2**63) <= value < 2**63):
            raise InputError("the cursor is not one that was handed out")
    return values[1:]


# --------------------------------------------------------------------------------------------------------------- text


class _Bytewise(sa.ColumnElement[Any]):
    """A column of text, compared by its bytes as SQLite does by itself."""

    inherit_cache = False
    type = sa.Text()

    def __init__(self, column: sa.ColumnElement[str]) -> None:
        self.column = column


class _Beside(sa.ColumnElement[Any]):
    """A column that is compared row by row: no index is searched by it (SQLite's unary plus)."""

    inherit_cache = False

    def __init__(self, column: sa.ColumnElement[Any]) -> None:
        self.column = column
        self.type = column.type


@compiles(_Bytewise)
@compiles(_Beside, "postgresql")
def _as_it_is(element: _Bytewise | _Beside, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.column, **kw)


@compiles(_Bytewise, "postgresql")
def _collated(element: _Bytewise, compiler: SQLCompiler, **kw: Any) -> str:
    return f'{compiler.process(element.column, **kw)} COLLATE "C"'


@compiles(_Beside)
def _plus(element: _Beside, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.column, **kw)}"


def beside(column: sa.ColumnElement[T]) -> sa.ColumnElement[T]:
    """The column for a condition that must not choose the index.

    SQLite guesses without statistics, and with them it still guesses wrong between two bodies of unlike size; where the
    way to the rows is known, the other conditions stand beside it.
    """
    return _Beside(column)


def begins(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """Whether a column begins with a text, by a range that an index serves; capitals and small letters differ."""
    return sa.and_(_Bytewise(column) >= text, _Bytewise(column) < text + "\U0010ffff")


def contains(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """Whether a column holds a text anywhere; capitals or small letters of ASCII are the same."""
    return sa.func.lower(column).contains(text.lower(), autoescape=True)


def plain(text: str, longest: int = 200) -> str:
    """A search text as it may go to the database: no NUL, no lone surrogate, not endless."""
    if "\x00" in text or any(0xD800 <= ord(c) < 0xE000 for c in text):
        raise InputError("the search text holds a character that no line can hold")
    if len(text) > longest:
        raise InputError(f"the search text is longer than {longest} characters")
    return text


def rows(tx: Transaction, statement: sa.Select[Any]) -> Sequence[sa.RowMapping]:
    """All rows of a statement, by name."""
    return tx.execute(statement).mappings().all()


def tuples(tx: Transaction, statement: sa.Select[Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement, by place."""
    return [tuple(row) for row in tx.execute(statement)]
