"""The catalogue: what is committed. SQLite in the data directory, or PostgreSQL by URL.

A transaction is short: no file work, no parsing, no evaluation inside. On SQLite every writing one is BEGIN IMMEDIATE
(a deferred one that has read fails at once with "database is locked", busy timeout or not), journal WAL,
synchronous=FULL. On PostgreSQL the row lock of the counter holds until commit, and readers use REPEATABLE READ.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, CursorResult

from core import time
from core.errors import StoreError
from store import tables

BUSY_SECONDS = 60
"""How long a transaction of SQLite waits for the one before it."""

_WRITE = "hinomi_write"


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces: equal text, equal value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Transaction:
    """One transaction of the catalogue."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    @property
    def on_postgresql(self) -> bool:
        """Whether the catalogue is PostgreSQL, for the few statements that differ."""
        return self.connection.dialect.name == "postgresql"

    def execute(
        self, statement: sa.Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a statement of SQLAlchemy Core; a list of parameters (never an empty one) runs it for each."""
        return self.connection.execute(statement, parameters)

    def newest(self) -> int:
        """The newest seq that is committed (0 in a new catalogue)."""
        return self.counter("seq")

    def counter(self, name: str) -> int:
        """The value of a counter row."""
        counters = tables.counters
        value: int = self.execute(sa.select(counters.c.value).where(counters.c.name == name)).scalar_one()
        return value

    def count(self, name: str) -> int:
        """Raise a counter by one and return it; its row stays locked until the transaction ends."""
        counters = tables.counters
        value: int = self.execute(
            counters.update()
            .where(counters.c.name == name)
            .values(value=counters.c.value + 1)
            .returning(counters.c.value)
        ).scalar_one()
        return value

    def lock(self) -> None:
        """Let no other act be committed until this transaction ends; what is read after it stays true.

        On SQLite every writing transaction is alone from its beginning.
        """
        if self.on_postgresql:
            counters = tables.counters
            self.execute(sa.select(counters.c.value).where(counters.c.name == "seq").with_for_update())

    def seq(
        self, kind: str, *, actor: str = "hinomi", detail: Mapping[str, Any] | None = None, at: int | None = None
    ) -> int:
        """Take the next seq and record the act it belongs to.

        Args:
            kind: What is done: batch | register | resolve | reparse | alert | erase.
            actor: Who does it.
            detail: Facts of the act, kept as canonical JSON.
            at: Instant (µs); now when not given.

        Returns:
            The seq. It is gapless: a transaction that fails gives it back.
        """
        seq = self.count("seq")
        self.execute(
            tables.acts.insert(),
            {"seq": seq, "kind": kind, "at": time.now_us() if at is None else at, "actor": actor,
             "detail": canonical(detail or {})},
        )  # fmt: skip
        return seq


class Catalogue:
    """Hands out transactions, and says plainly what is wrong with the database."""

    def __init__(self, url: str, *, durable: bool = True) -> None:
        """Connect to nothing yet.

        Args:
            url: sqlite:///path or postgresql://…
            durable: False for stores that live as long as the process: SQLite then doesn't fsync.
        """
        made = sa.make_url(url)
        if made.drivername in ("postgres", "postgresql"):
            made = made.set(drivername="postgresql+psycopg")
        if made.get_backend_name() not in ("sqlite", "postgresql"):
            raise StoreError(f"catalogue {made.drivername}: only SQLite and PostgreSQL are supported")
        self.place = _place(made)
        try:
            if made.get_backend_name() == "sqlite":
                self.engine = _sqlite(made, durable=durable)
            else:
                self.engine = sa.create_engine(made, pool_pre_ping=True, connect_args={"connect_timeout": 10})
        except ModuleNotFoundError as e:
            raise StoreError(f"{self.place}: {e.name} is not installed (pip install 'hinomi[postgresql]')") from e

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One writing transaction; committed at the end, undone when an exception leaves it.

        Raises:
            StoreError: Database locked for longer than a minute, full disk, read-only directory.
            sqlalchemy.exc.IntegrityError: As it is, for callers that rely on a constraint.
        """
        with (
            self._translated(),
            self.engine.connect().execution_options(**{_WRITE: True}) as connection,
            connection.begin(),
        ):
            yield Transaction(connection)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent snapshot; nothing is written."""
        options: dict[str, Any] = {}
        if self.engine.dialect.name == "postgresql":
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._translated(), self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield Transaction(connection)

    def close(self) -> None:
        """Give up pooled connections."""
        self.engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.IntegrityError:
            raise
        except sa.exc.DBAPIError as e:
            raise StoreError(f"{self.place}: {_first_line(e)}") from e


def _first_line(error: sa.exc.DBAPIError) -> str:
    text = str(error.orig).strip()
    return text.splitlines()[0] if text else type(error.orig).__name__


def _place(url: URL) -> str:
    """The database as a person names it; no password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.render_as_string(hide_password=True)


def _sqlite(url: URL, *, durable: bool) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours (below), not the driver's deferred one
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {BUSY_SECONDS * 1000}", "journal_mode = WAL",
            f"synchronous = {'FULL' if durable else 'OFF'}", "foreign_keys = ON", "cache_size = -65536",
        ):  # fmt: skip
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        writing = connection.get_execution_options().get(_WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string()
