"""The hash chain over the archive's objects: each record holds the hash of the one before it.

The catalogue is the record; `archive/chain.jsonl` repeats it beside the objects, so that an exported archive verifies
without a catalogue, and so that a catalogue restored from an old backup is noticed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.errors import StoreError
from store import tables
from store.catalogue import Catalogue, Transaction, canonical
from store.durable import locked

GENESIS = "0" * 64
_FIELDS = ("seq", "source", "object", "sha256", "bytes", "previous")


def record_hash(record: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of a record's fields, its own hash left out."""
    return hashlib.sha256(canonical({name: record[name] for name in _FIELDS}).encode()).hexdigest()


def append(tx: Transaction, *, seq: int, source: str, path: str, sha256: str, size: int) -> str:
    """Add the record of a batch; the caller holds the counter's lock (it has taken `seq`), so the chain can't fork."""
    chain = tables.chain
    previous = tx.execute(sa.select(chain.c.hash).order_by(chain.c.seq.desc()).limit(1)).scalar()
    record: dict[str, Any] = {
        "seq": seq, "source": source, "object": path, "sha256": sha256, "bytes": size, "previous": previous or GENESIS,
    }  # fmt: skip
    record["hash"] = record_hash(record)
    tx.execute(chain.insert(), record)
    return str(record["hash"])


def file_of(home: Path) -> Path:
    """The chain on disk."""
    return home / "archive" / "chain.jsonl"


def records(path: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """(line number, record) of a chain file; None for a line that can't be read."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                record = json.loads(line)
                record_hash(record)
                str(record["hash"])
            except (ValueError, KeyError, TypeError):
                yield number, None
            else:
                yield number, record


def _last(path: Path) -> tuple[dict[str, Any] | None, int]:
    """The last whole record of the file, and the bytes up to its end; what follows was torn by a kill."""
    if not path.exists():
        return None, 0
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        reach = 65536
        while True:
            start = max(0, size - reach)
            file.seek(start)
            text = file.read(size - start)
            whole = text.rfind(b"\n") + 1
            begin = text.rfind(b"\n", 0, max(0, whole - 1)) + 1
            if whole and (begin or start == 0):
                break
            if start == 0:
                return None, 0
            reach *= 4
    try:
        record = json.loads(text[begin:whole])
        record_hash(record)
        str(record["hash"])
    except (ValueError, KeyError, TypeError) as e:
        raise StoreError(f"{path}: its last line is no chain record; `hinomi verify` says more") from e
    return record, start + whole


def extend(catalogue: Catalogue, home: Path, *, sync: bool = True) -> int:
    """Bring the chain on disk up to the catalogue. Idempotent; done after each commit and at each start.

    Returns:
        How many records were added.

    Raises:
        StoreError: The disk knows records that the catalogue doesn't: an old backup was restored.
    """
    path = file_of(home)
    chain = tables.chain
    with locked(home / "locks" / "chain"):
        last, whole = _last(path)
        reached = int(last["seq"]) if last else 0
        with catalogue.read() as tx:
            rows = tx.execute(sa.select(chain).where(chain.c.seq >= reached).order_by(chain.c.seq)).mappings().all()
        if last is not None:
            if not rows or rows[0]["seq"] != reached or rows[0]["hash"] != last["hash"]:
                raise StoreError(
                    f"{path} ends with seq {reached} ({str(last['hash'])[:12]}…), which the catalogue at "
                    f"{catalogue.place} doesn't hold: the catalogue is older than the archive (a restored backup?). "
                    "Nothing was changed. Restore the newest catalogue."
                )
            rows = rows[1:]
        if not rows and not (path.exists() and path.stat().st_size > whole):
            return 0
        with path.open("r+b" if path.exists() else "xb") as file:
            file.truncate(whole)
            file.seek(whole)
            file.write(b"".join(canonical(dict(row)).encode() + b"\n" for row in rows))
            file.flush()
            if sync:
                os.fdatasync(file.fileno())
        return len(rows)
