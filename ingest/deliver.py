"""A file handed over becomes a delivery: hashed, cut into batches, parsed, resolved, committed, with a receipt.

The bytes are read twice, first to know whether they came before, then to take them in: a repeat costs only the first.
A run that was killed goes on behind the last batch that was committed.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

import parsers
from core import time
from core.errors import InputError, NotFoundError
from core.registers import Entry
from ingest.resolve import Resolver, zone_table
from ingest.unpack import TornError, open_stream
from store import Batch, Delivery, Store

VERSION = importlib.metadata.version("hinomi")

RESOLVED_BY = ("tenants", "sources", "zones")
"""Registers on which the body and the zones of a row depend."""

BATCH_BYTES = 32_000_000
"""Text of one batch. Rows of a batch are in memory until it commits, so this bounds a worker's memory."""

CHUNK_BYTES = 8_000_000
"""Text parsed at a time."""

Progress = Callable[[int], None]
"""Told the bytes of content that were read, each time."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was committed of a delivery: exact counts of lines, and the seqs of its batches."""

    delivery: str
    source: str
    name: str
    sha256_sent: str
    sha256_content: str
    lines: int
    parsed: int
    refused: int
    skipped: int
    rows: int
    seqs: tuple[int, ...]
    repeat: bool
    torn: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """How a source's lines are read: its register entry, format and context."""

    source: Entry
    format: parsers.Format
    resolver: Resolver
    zone: ZoneInfo
    network_seq: int
    """Newest seq of the registers by which bodies and zones are found."""

    def context(self, received: int) -> parsers.Context:
        """The context of lines that were received at an instant (µs)."""
        values = self.source.values
        return parsers.Context(
            timezone=self.zone,
            received=received,
            encoding=values.get("encoding") or self.format.encoding,
            trusted_proxies=tuple(values.get("trusted_proxies", ())),
            options=values.get("options", {}),
        )


def plan(store: Store, source: str) -> Plan:
    """How lines of `source` are read; NotFoundError lists the sources that are registered."""
    network_seq = store.newest_seq(RESOLVED_BY)
    sources = {e.values["id"]: e for e in store.entries("sources")}
    if source not in sources:
        known = ", ".join(sorted(sources)) or "none: `hinomi sources import FILE` first"
        raise NotFoundError(f"source {source!r} is not registered; registered are {known}")
    entry = sources[source]
    return Plan(
        entry,
        parsers.format_called(entry.values["format"]),
        Resolver(entry, zone_table(store.entries("zones")), prefecture(store)),
        ZoneInfo(entry.values["timezone"]),
        network_seq,
    )


def prefecture(store: Store) -> str:
    """Code of the prefecture, to which rows of no known body belong; InputError when none is registered."""
    codes = sorted({e.tenant for e in store.entries("tenants") if e.values.get("body") == "prefecture"})
    if len(codes) != 1:
        found = ", ".join(codes) or "none"
        raise InputError(f"one body with body = prefecture must be registered (`hinomi tenants import`); found {found}")
    return codes[0]


def deliver(
    store: Store, source: str, path: Path, *, received: int | None = None, progress: Progress | None = None
) -> Receipt:
    """Take in one file of a source and return its receipt.

    Args:
        store: Where to.
        source: Id of a registered source.
        path: Plain, gzip or zstd.
        received: When it arrived (µs UTC), the clock's answer by default. A repeat keeps the first one.
        progress: Called with the bytes of content taken in, as they are.

    Raises:
        NotFoundError: The source isn't registered.
        InputError: The file can't be read.
        StoreError: The store can't take it (full disk …); what was committed stays, a new run goes on behind it.
    """
    how = plan(store, source)
    known = store.grown(source)
    first = _measure(path, [size for size, _ in known])
    begins = next((size for size, sha256 in known if size < first.size and first.prefixes.get(size) == sha256), 0)
    delivery = store.deliver(
        source,
        str(path),
        received if received is not None else time.now_us(),
        first.sha256_sent,
        first.sha256_content,
        first.size,
        skip_bytes=begins,
        torn=first.torn,
    )
    if not delivery.repeat:
        _take_in(store, how, delivery, path, progress or (lambda _: None))
        store.finish(delivery)
    return receipt(store, delivery.id, repeat=delivery.repeat)


def receipt(store: Store, delivery: str, *, repeat: bool = False) -> Receipt:
    """The receipt of a delivery as the catalogue has it."""
    (row,) = store.deliveries(delivery_id=delivery)
    counts = {name: row[name] for name in ("lines", "parsed", "refused", "skipped", "rows", "torn")}
    names = {name: row[name] for name in ("source", "name", "sha256_sent", "sha256_content")}
    return Receipt(delivery=delivery, seqs=tuple(row["seqs"]), repeat=repeat, **names, **counts)


_REFUSAL = {"line": pl.Int64, "offset": pl.Int64, "length": pl.Int64, "reason": pl.String}


@dataclass(frozen=True, slots=True)
class _Measured:
    sha256_sent: str
    sha256_content: str
    size: int
    torn: bool
    prefixes: dict[int, str]


def _measure(path: Path, lengths: list[int]) -> _Measured:
    """Hash the bytes as sent and as content, and the content's first `lengths` bytes."""
    sent = hashlib.sha256()
    try:
        with path.open("rb") as f:
            while block := f.read(1 << 20):
                sent.update(block)
    except OSError as e:
        raise InputError(f"{path}: {e.strerror}") from e
    content, size, torn, prefixes = hashlib.sha256(), 0, False, {}
    marks = sorted(set(lengths))
    for block, is_rest in _content(path):
        torn |= is_rest
        while marks and marks[0] <= size + len(block):
            mark = marks.pop(0)
            part = content.copy()
            part.update(block[: mark - size])
            prefixes[mark] = part.hexdigest()
        content.update(block)
        size += len(block)
    return _Measured(sent.hexdigest(), content.hexdigest(), size, torn, prefixes)


def _content(path: Path) -> Iterator[tuple[bytes, bool]]:
    """Blocks of content; of a torn file what can be unpacked, then the rest as it came, marked (at least one block)."""
    try:
        for block in open_stream(path):
            yield block, False
    except TornError as e:
        yield b"", True
        for block in e.rest:
            yield block, True


class _Tee:
    """The blocks of a file's content from `start` on, and those of their bytes that no batch has taken yet."""

    def __init__(self, path: Path, start: int, progress: Progress) -> None:
        self._path, self._progress = path, progress
        self.start = start
        self._pending = bytearray()
        self.taken = 0
        """Bytes taken, counted from `start`."""
        self.rest: Iterator[bytes] | None = None
        """What could not be unpacked of a torn file; None while it isn't known to be torn."""

    def __iter__(self) -> Iterator[bytes]:
        blocks = self._from_start()
        for block, is_rest in blocks:
            if is_rest:
                self.rest = chain([block], (b for b, _ in blocks))
                return
            self._progress(len(block))
            self._pending += block
            yield block

    def _from_start(self) -> Iterator[tuple[bytes, bool]]:
        skip = self.start
        for block, is_rest in _content(self._path):
            if skip and skip >= len(block):
                skip -= len(block)
                continue
            yield block[skip:], is_rest
            skip = 0

    def take(self, end: int | None) -> bytes:
        """The bytes up to `end` (None: all that were read), counted from `start`, that were not taken before."""
        taken = bytes(self._pending[: None if end is None else end - self.taken])
        del self._pending[: len(taken)]
        self.taken += len(taken)
        return taken

    def take_rest(self, batch: Batch, line: int, first_byte: int) -> pl.DataFrame:
        """Put what can't be unpacked into the batch as it came, and return the one refusal that holds it."""
        begin = self.taken
        for block in self.rest or ():
            batch.add(block, {}, pl.DataFrame(schema=_REFUSAL))
            self.taken += len(block)
        self.rest = None
        reason = "the compressed file is torn here; the rest of its bytes is kept as it came"
        row = {"line": [line], "offset": [begin - first_byte], "length": [self.taken - begin], "reason": [reason]}
        return pl.DataFrame(row, schema=_REFUSAL)


def _take_in(store: Store, how: Plan, delivery: Delivery, path: Path, progress: Progress) -> None:
    source = how.source.values["id"]
    start = delivery.content_to
    tee = _Tee(path, start, progress)
    context = how.context(delivery.received)
    state = store.last_state(source)
    waiting = parsers.chunks(tee, CHUNK_BYTES, begins=start == 0, record=how.format.record)
    chunk = next(waiting, None)
    part = delivery.next_part
    while chunk is not None or tee.rest is not None:
        first_byte, first_line = tee.taken, chunk.line if chunk else 1
        lines = parsed_lines = refused = skipped = 0
        with store.batch(delivery, part) as batch:
            while chunk is not None and tee.taken - first_byte < BATCH_BYTES:
                parsed, state = parsers.parse(how.format, chunk, context, state)
                rows = {c: how.resolver(c, _placed(r, first_line, first_byte)) for c, r in parsed.rows.items()}
                chunk = next(waiting, None)
                # A chunk's bytes end where the next begins, so marks and line ends that are no line's are kept too.
                raw = tee.take(chunk.offset if chunk else None)
                batch.add(raw, rows, _placed(parsed.refused, first_line, first_byte))
                lines += parsed.lines
                refused += parsed.refused.height
                skipped += parsed.skipped.height
            if chunk is None and tee.rest is not None:
                batch.add(b"", {}, tee.take_rest(batch, lines + 1, first_byte))
                lines, refused = lines + 1, refused + 1
            parsed_lines = lines - refused - skipped
            batch.commit(
                lines=lines, parsed=parsed_lines, refused=refused, skipped=skipped,
                content_from=start + first_byte, content_to=start + tee.taken,
                parser=f"{how.format.name} {VERSION}", state=state, network_seq=how.network_seq,
            )  # fmt: skip
        part += 1


def _placed(frame: pl.DataFrame, first_line: int, first_byte: int) -> pl.DataFrame:
    """The frame with places counted from the beginning of its batch."""
    return frame.with_columns(line=pl.col("line") - (first_line - 1), offset=pl.col("offset") - first_byte)
