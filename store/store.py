"""The store: one data directory and its catalogue, and all that other parts may ask of them."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from core.errors import NotFoundError, StoreError
from core.registers import Entry
from store import (
    chain,
    compaction,
    deliveries,
    registers,
    rewriting,
    snapshots,
    sweeping,
    tables,
    upgrade,
    verification,
)
from store.archive import ObjectReader
from store.batches import Batch
from store.catalogue import Catalogue, sqlite_url
from store.deliveries import Delivery
from store.durable import Writer, locked, make_directory, plain_errors
from store.segments import Segment
from store.snapshots import Snapshot
from store.sweeping import Swept, Unlisted
from store.verification import Report


class Store:
    """A data directory: archive, events, locks, and the catalogue that says what of them is live.

    Threads may share one store; a Batch, Snapshot or Session belongs to one thread.
    """

    def __init__(
        self, home: Path, catalogue: Catalogue, *, threads: int, memory: str, retention_days: int, durable: bool
    ) -> None:
        """Use `open` or `temporary`."""
        self.home = home
        self.catalogue = catalogue
        self.threads = threads
        self.memory = memory
        self.retention_days = retention_days
        self.durable = durable
        self._writer: Writer | None = None
        self._one = threading.Lock()

    @classmethod
    def open(
        cls, home: Path | str, *, catalogue: str = "", create: bool = False, threads: int = 2, memory: str = "3GB",
        retention_days: int = 400, durable: bool = True,
    ) -> Store:  # fmt: skip
        """Open a data directory.

        Args:
            home: The directory.
            catalogue: URL of PostgreSQL; empty: SQLite in the directory.
            create: Create what is missing, and bring an older catalogue up to date.
            threads: Threads of DuckDB.
            memory: Memory limit of DuckDB.
            retention_days: How long lines are kept: an event before that is implausible.
            durable: False: no fsync, for stores that live as long as the process.

        Raises:
            StoreError: No store here; newer version; a catalogue older than the archive's chain; not writable.
        """
        home = Path(home).absolute()
        file = home / "catalogue.db"
        if not create and not ((home / "locks").is_dir() and (catalogue or file.exists())):
            raise StoreError(f"{home}: no store here yet (HINOMI_HOME); `hinomi ingest` or an import creates one")
        with plain_errors(home):
            for name in ("archive", "events", "locks", "spill"):
                make_directory(home / name)
            made = Catalogue(catalogue or sqlite_url(file), durable=durable)
            try:
                with locked(home / "locks" / "open"):
                    upgrade.check(made, create=create)
                chain.extend(made, home, sync=durable)
            except BaseException:
                made.close()
                raise
        return cls(home, made, threads=threads, memory=memory, retention_days=retention_days, durable=durable)

    @classmethod
    @contextmanager
    def temporary(cls, **options: Any) -> Iterator[Store]:
        """A store in a temporary directory, gone at the end; the same code, without fsync."""
        with tempfile.TemporaryDirectory(prefix="hinomi-") as name:
            store = cls.open(name, create=True, durable=False, **options)
            try:
                yield store
            finally:
                store.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the writer's lock and the connections. No batch may be open."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self.catalogue.close()

    @property
    def writer(self) -> Writer:
        """The name under which this store writes files; its lock is held until the store is closed."""
        with self._one, plain_errors(self.home):
            if self._writer is None:
                self._writer = Writer(self.home / "locks")
            return self._writer

    # Custody

    def deliver(
        self, source: str, name: str, received: int, sha256_sent: str, sha256_content: str, bytes: int,
        skip_bytes: int = 0, torn: bool = False,
    ) -> Delivery:  # fmt: skip
        """Record what a sender handed over, or find it again.

        Args:
            source: Registered feed.
            name: File name or the like.
            received: When it arrived (µs); kept from the first time where the content is known.
            sha256_sent: Hash of the bytes as sent.
            sha256_content: Hash of the content (decompressed), all of it.
            bytes: Size of the content.
            skip_bytes: How much of its beginning was delivered before (see `grown`).
            torn: The compressed file ends too early.

        Returns:
            `.repeat` when the same content was committed before (recorded, so that the source is alive);
            `.done`, `.next_part` and `.content_to` where it was begun before a kill.
        """
        return deliveries.deliver(
            self.catalogue, source=source, name=name, received=received, sha256_sent=sha256_sent,
            sha256_content=sha256_content, size=bytes, skip_bytes=skip_bytes, torn=torn,
        )  # fmt: skip

    def delivery(self, delivery_id: str) -> Delivery:
        """A delivery by its id; NotFoundError."""
        return deliveries.get(self.catalogue, delivery_id)

    def grown(self, source: str) -> list[tuple[int, str]]:
        """(bytes, SHA-256 of content) of what a source delivered in full, longest first, to know a growing file by."""
        return deliveries.grown(self.catalogue, source)

    def batch(self, delivery: Delivery, part: int | None = None) -> Batch:
        """A batch of a delivery, to be used as a context manager; the next part when none is named."""
        return Batch(self, delivery, delivery.next_part if part is None else part)

    def finish(self, delivery: Delivery) -> None:
        """Every batch is committed. Idempotent."""
        deliveries.finish(self.catalogue, delivery.id)

    def last_state(self, source: str) -> dict[str, Any]:
        """The parser state that the newest batch of a source left behind; empty when there is none."""
        return deliveries.last_state(self.catalogue, source)

    def deliveries(self, **filters: Any) -> list[dict[str, Any]]:
        """Deliveries, newest first, with lines, parsed, refused, skipped, rows, seqs, repeats and last_received.

        Args:
            filters: source, state, delivery_id, first and last (received, µs, half-open), limit.
        """
        return deliveries.listed(self.catalogue, **filters)

    def refusals(self, seqs: Iterable[int]) -> list[dict[str, Any]]:
        """The refused lines of some batches: seq, line, lines, offset, length, reason, in order.

        Neighbouring lines that were refused for one reason are one entry: `lines` of them from `line` on. Their bytes
        are `raw(seq, offset, length)`.
        """
        return deliveries.refusals(self.catalogue, seqs)

    # Registers

    def register(self, kind: str, entries: Sequence[Entry], actor: str) -> int | None:
        """Import entries of one register as one act, all or nothing.

        An entry replaces the one with the same body, key and valid_from. Touches the hours with events of the body in
        the span of each entry that came or went.

        Returns:
            The seq, or None when nothing changed.

        Raises:
            RegisterError: Unknown kind; a key twice in the import; zones that overlap. Nothing is changed then.
        """
        return registers.register(self.catalogue, kind, entries, actor=actor)

    def entries(self, kind: str, tenant: str | None = None, as_of_seq: int | None = None) -> list[Entry]:
        """The entries of a register that no later import has replaced, in the order of body, key and time."""
        with self.catalogue.read() as tx:
            return registers.entries(tx, kind, tenant=tenant, as_of_seq=as_of_seq)

    def newest_seq(self, kinds: Iterable[str]) -> int:
        """The newest seq at which one of these registers changed; 0 while all are empty."""
        with self.catalogue.read() as tx:
            return registers.newest(tx, list(kinds))

    # Reading

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """What is committed now, for as long as the context lasts."""
        return snapshots.snapshot(self)

    def lines(self, places: Sequence[tuple[int, int]]) -> list[bytes]:
        """The raw lines at (batch, line), without their line ends, in the order of `places`.

        Raises:
            NotFoundError: No such batch or line.
            StoreError: Its archive object is missing or damaged.
        """
        wanted: dict[int, set[int]] = {}
        for seq, line in places:
            wanted.setdefault(seq, set()).add(line)
        found: dict[tuple[int, int], bytes] = {}
        for seq, numbers in wanted.items():
            with self._object(seq) as reader:
                for number in sorted(numbers):
                    found[seq, number] = reader.line(number)
        return [found[place] for place in places]

    def raw(self, seq: int, offset: int, length: int) -> bytes:
        """Bytes of a batch, e.g. of refused lines; as `lines`."""
        with self._object(seq) as reader:
            return reader.read(offset, length)

    def query(
        self, sql: str, tenants: Collection[str] | None = None, *, first: int | None = None, last: int | None = None,
        limit: int = 1000, seconds: float = 30,
    ) -> pa.Table:  # fmt: skip
        """Answer one SELECT that a person wrote, in a process of its own that reaches nothing but these rows.

        Args:
            sql: One SELECT over the event classes as tables (network, http, dns …).
            tenants: Bodies whose rows it may see; None: all.
            first: Earliest event_time (µs).
            last: The event_time (µs) before which rows are seen.
            limit: Rows at most; `store.isolation.truncated(table)` says whether there were more.
            seconds: Time at most.

        Raises:
            QueryError: Not one SELECT, names something else than events, wrong SQL, too slow, too large.
        """
        from store import isolation

        return isolation.query(self, sql, tenants=tenants, first=first, last=last, limit=limit, seconds=seconds)

    # Upkeep

    def verify(self, *, full: bool = False, progress: Callable[[str], None] = lambda _: None) -> Report:
        """Check chain, objects, segments, seqs and counts; nothing is changed.

        Args:
            full: Also unpack every frame and read every segment.
            progress: Is told each file before it is looked at.
        """
        return verification.verify(self, full=full, progress=progress)

    def compact(self, day: str | None = None) -> int:
        """Join the small segments of each class and JST day (ISO; None: every day). Changes no row: no seq, no touch.

        Returns:
            How many classes and days were joined.
        """
        return compaction.compact(self, day)

    def rewrite(
        self, kind: str, transform: rewriting.Transform, *, network_seq: int,
        concerns: Callable[[Segment], bool] = lambda _: True, actor: str = "hinomi",
    ) -> int | None:  # fmt: skip
        """Resolve zones and bodies again: one act that replaces rows, with touches where they differ.

        Looks at the segments that were resolved with registers older than `network_seq`. Starts again when a segment
        is dropped under it. Memory: a row group.

        Args:
            kind: `resolve` or `reparse`.
            transform: (class, rows with `batch`) → the same rows in the same order, with other values; event_time,
                batch and line stay.
            network_seq: Newest seq of the registers that `transform` uses; segments that are left alone get it, too.
            concerns: Whether a segment can hold rows that change; the others aren't read.
            actor: Who does it.

        Returns:
            The seq; None when no row changed.
        """
        return rewriting.rewrite(self, kind, transform, network_seq=network_seq, concerns=concerns, actor=actor)

    def sweep(self) -> Swept:
        """Remove what killed writers left, dropped segments that no lease needs, and leases that ran out."""
        return sweeping.sweep(self)

    def unlisted(self) -> list[Unlisted]:
        """Archive objects that a kill left without a batch, for `hinomi ingest --adopt`; read them by `open_object`."""
        return sweeping.unlisted(self)

    def open_object(self, path: str) -> ObjectReader:
        """Open an archive object by its path relative to the data directory; use it as a context manager."""
        return ObjectReader(self.home / path)

    def _object(self, seq: int) -> ObjectReader:
        b = tables.batches
        with self.catalogue.read() as tx:
            row = tx.execute(sa.select(b.c.object, b.c.bytes).where(b.c.seq == seq)).first()
        if row is None:
            raise NotFoundError(f"batch {seq}")
        return ObjectReader(self.home / row.object)
