"""Sessions: an in-memory DuckDB over the segments of a snapshot, for our own SQL only.

What people write runs in a process of its own (`store.isolation`): a view over shared files does not isolate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from core.columns import EventClass, columns_of
from core.errors import StoreError
from core.time import hour_start
from store import duck
from store.durable import Spill
from store.segments import Segment
from store.written import column_number, layout

if TYPE_CHECKING:
    from store.snapshots import Snapshot
    from store.store import Store

SQL_TYPES = {
    "timestamp[us]": "TIMESTAMP", "dictionary": "VARCHAR", "string": "VARCHAR", "int64": "BIGINT", "int32": "INTEGER",
    "uint16": "USMALLINT", "bool": "BOOLEAN", "binary[16]": "BLOB",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _View:
    name: str
    event_class: EventClass
    tenants: frozenset[str]
    first: int
    last: int
    columns: tuple[str, ...] | None


class Session:
    """One reader's DuckDB. Belongs to one thread; UTC; threads and memory are limited by the store's settings."""

    def __init__(self, store: Store, snapshot: Snapshot) -> None:
        self._store = store
        self._snapshot = snapshot
        self._spill = Spill(store.home / "spill")
        self._views: dict[str, _View] = {}
        self.connection = duck.connect(threads=store.threads, memory=store.memory, spill=self._spill.path)
        # Our lists are short: each made a join of its own takes longer than to compare, and is done for every row.
        self.connection.execute("SET disabled_optimizers = 'in_clause'")

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def events(
        self, name: str, event_class: EventClass | str, *, tenants: Collection[str], first_hour: int, last_hour: int,
        columns: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        """Make (or replace) the view `name`: rows of one class, of these bodies, in these hours.

        Args:
            name: Name of the view.
            event_class: Class of the rows.
            tenants: Bodies; none gives no rows.
            first_hour: Hours since 1970, both included, of event_time.
            last_hour: See first_hour.
            columns: Columns of core.columns to keep; all when not given.
        """
        view = _View(
            name, EventClass(event_class), frozenset(tenants), hour_start(first_hour), hour_start(last_hour + 1),
            tuple(columns) if columns is not None else None,
        )  # fmt: skip
        self._views[name] = view
        self._attempt(lambda: self._define(view))

    def bind(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable as `name`."""
        self.connection.register(name, table)

    def run(self, sql: str, params: Mapping[str, Any] | Sequence[Any] | None = None) -> None:
        """Execute statements that give nothing back (CREATE TEMP TABLE …)."""
        self._attempt(lambda: self.connection.execute(sql, params))

    def sql(self, sql: str, params: Mapping[str, Any] | Sequence[Any] | None = None) -> pa.Table:
        """The rows of one query. Their order is that of its ORDER BY, or none."""
        return self._attempt(lambda: self.connection.sql(sql, params=params).to_arrow_table())

    def close(self) -> None:
        """Free memory and what was spilt."""
        self.connection.close()
        self._spill.close()

    def _attempt(self, act: Any) -> Any:
        """Run, and once more with a list read anew when a file turns out to be missing; never skip a file."""
        self._snapshot.renew()
        try:
            return act()
        except duckdb.IOException as e:
            if not self._missing():
                raise StoreError(f"{self._store.home}: {str(e).splitlines()[0]}") from e
        except duckdb.OutOfMemoryException as e:
            raise StoreError(f"a query needs more than HINOMI_MEMORY={self._store.memory}: {e}") from e
        self._snapshot.refresh()
        if missing := self._missing():
            raise StoreError(f"{missing[0]}: listed in the catalogue, but missing; run `hinomi verify`")
        for view in self._views.values():
            self._define(view)
        return act()

    def _missing(self) -> list[str]:
        paths = [s.path for view in self._views.values() for s in self._found(view)]
        return [path for path in paths if not (self._store.home / path).exists()]

    def _found(self, view: _View) -> list[Segment]:
        return self._snapshot.find(view.event_class, tenants=view.tenants, first=view.first, last=view.last)

    def _define(self, view: _View) -> None:
        body = scan(self._store, view.event_class, self._found(view), newest=self._snapshot.seq, columns=view.columns)
        tenants = ", ".join(duck.quoted(t) for t in sorted(view.tenants)) or "NULL"
        condition = (
            f"tenant IN ({tenants}) AND event_time >= make_timestamp({view.first}) "
            f"AND event_time < make_timestamp({view.last})"
        )
        named = f"CREATE OR REPLACE TEMP VIEW {duck.name(view.name)} AS"
        self.connection.execute(f"{named} SELECT {_list(view)} FROM ({body}) WHERE {condition}")


def _list(view: _View) -> str:
    return ", ".join(duck.name(c) for c in view.columns) if view.columns is not None else "*"


def scan(
    store: Store, event_class: EventClass, segments: Sequence[Segment], *, newest: int,
    columns: Sequence[str] | None = None,
) -> str:  # fmt: skip
    """SELECT over segments, with `batch` filled in where one batch made the file, and no row of a later batch."""
    known = columns_of(event_class)
    if columns is not None and (unknown := set(columns) - {c.name for c in known}):
        raise ValueError(f"{event_class} has no column {', '.join(sorted(unknown))}")
    typed = ", ".join(f"NULL::{SQL_TYPES[c.type]} AS {duck.name(c.name)}" for c in known)
    if not segments:
        return f"SELECT {typed} WHERE false"
    paths = {s.path: str(store.home / s.path) for s in segments}
    files = ", ".join(duck.quoted(paths[s.path]) for s in segments)
    fresh = {paths[s.path]: s.only_seq for s in segments if s.only_seq is not None}
    batch = '"batch"'
    if fresh:
        # filename is one value for a whole vector of rows, so the look-up costs next to nothing.
        pairs = ", ".join(f"{duck.quoted(path)}: {seq}" for path, seq in fresh.items())
        batch = f'coalesce("batch", MAP {{{pairs}}}[filename])::BIGINT'
    same = all(s.layout == layout(event_class) for s in segments)
    if same:
        # By their numbers: a file has only the columns that it fills, and DuckDB needs no file to know the others.
        fields = ", ".join(
            f"{column_number(c.name)}: {{name: '{c.name}', type: '{SQL_TYPES[c.type]}', default_value: NULL}}"
            for c in known
        )
        source = f"read_parquet([{files}], filename = true, schema = MAP {{{fields}}})"
    else:
        # Written with another table of columns, or before they had numbers: what they lack is empty.
        source = f"read_parquet([{files}], filename = true, union_by_name = true)"
        source = f"(SELECT * FROM {source} UNION ALL BY NAME SELECT {typed}, NULL::VARCHAR AS filename WHERE false)"
    names = ", ".join(f"{batch} AS batch" if c.name == "batch" else duck.name(c.name) for c in known)
    later = any(s.last_seq > newest for s in segments)
    body = f"SELECT {names} FROM {source}"
    return f"SELECT * FROM ({body}) WHERE batch <= {newest}" if later else body
