"""SQL that people write, answered by a process of its own that can reach nothing but the rows they may see.

A view over shared files does not isolate: `read_parquet('…')` returns the other body's rows. The process
(`store._isolated`) gets one request, binds the classes that the statement names as datasets filtered by body and time,
takes all outside access from its DuckDB, and answers in Arrow.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from core.columns import EventClass
from core.errors import QueryError, StoreError
from store.views import VIEWS

if TYPE_CHECKING:
    from store.store import Store

GRACE_SECONDS = 5.0
"""How long the process may take to start, and to stop by itself once its time is over."""
_ALWAYS, _FOREVER = -(2**62), 2**62
_TRUNCATED = b"hinomi.truncated"


def truncated(table: pa.Table) -> bool:
    """Whether there were more rows than the limit."""
    return bool((table.schema.metadata or {}).get(_TRUNCATED) == b"1")


def query(
    store: Store, sql: str, *, tenants: Collection[str] | None, first: int | None, last: int | None, limit: int,
    seconds: float,
) -> pa.Table:  # fmt: skip
    """Answer one SELECT; see Store.query."""
    if limit < 1 or seconds <= 0:
        raise QueryError("limit and time must be greater than 0")
    try:
        return _once(store, sql, tenants, first, last, limit, seconds)
    except _FileGone:
        # A lease ran out under a slow reader: a new list, and once more from the beginning.
        try:
            return _once(store, sql, tenants, first, last, limit, seconds)
        except _FileGone as e:
            raise StoreError(f"{e}: listed in the catalogue, but missing; run `hinomi verify`") from e


class _FileGone(Exception):
    """A file of the list is not there; its path."""


def _once(
    store: Store, sql: str, tenants: Collection[str] | None, first: int | None, last: int | None, limit: int,
    seconds: float,
) -> pa.Table:  # fmt: skip
    with store.snapshot() as snap:
        files: dict[str, list[tuple[str, int | None]]] = {}
        wanted = [(str(c), c, 0) for c in EventClass] + [(v.name, v.event_class, v.margin) for v in VIEWS.values()]
        for name, event_class, margin in wanted:
            found = snap.find(
                event_class, tenants=tenants, first=_ALWAYS if first is None else first - margin,
                last=_FOREVER if last is None else last + margin,
            )  # fmt: skip
            files[name] = [(str(store.home / s.path), s.only_seq) for s in found]
        request = {
            "sql": sql, "files": files, "tenants": None if tenants is None else sorted(tenants), "first": first,
            "last": last, "limit": limit, "seconds": seconds, "threads": store.threads, "memory": store.memory,
        }  # fmt: skip
        try:
            return _answer(request, seconds)
        except QueryError:
            for path, _ in chain.from_iterable(files.values()):
                if not Path(path).exists():
                    raise _FileGone(Path(path).relative_to(store.home)) from None
            raise


def _answer(request: dict[str, Any], seconds: float) -> pa.Table:
    # -I: neither the working directory nor PYTHON… variables decide what is imported.
    command = [sys.executable, "-I", "-m", "store._isolated"]
    try:
        done = subprocess.run(  # noqa: S603 - our own program; what people wrote goes in as data
            command, input=json.dumps(request).encode(), capture_output=True, timeout=seconds + GRACE_SECONDS,
            env={"PATH": "", "TZ": "UTC"}, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as e:
        raise QueryError(f"the query did not end within {seconds:g} s and was stopped") from e
    if done.returncode == 0:
        with pa.ipc.open_stream(done.stdout) as reader:
            return reader.read_all()
    try:
        message = str(json.loads(done.stderr.splitlines()[-1])["message"])
    except (ValueError, IndexError, KeyError, TypeError):
        if done.returncode < 0:
            raise QueryError(
                f"the query was stopped by signal {-done.returncode}: it needs more memory or time than it may have"
            ) from None
        text = done.stderr.decode("utf-8", "replace").strip()
        raise StoreError(f"the isolated process failed: {text.splitlines()[-1] if text else done.returncode}") from None
    raise QueryError(message)
