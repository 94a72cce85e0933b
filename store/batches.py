"""A batch: lines of one source that become visible together, or not at all.

Order of a commit, and what a kill leaves behind: archive object in its place (an unlisted object), segments in theirs
(unlisted files), one transaction of the catalogue (everything is visible), the chain on disk (extended by anyone).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa

from core import time
from core.columns import EventClass
from core.errors import ConflictError, StoreError
from store import chain, tables, times
from store.archive import ObjectWriter, object_path
from store.catalogue import Transaction, canonical
from store.deliveries import Delivery
from store.durable import make_directory, plain_errors, publish
from store.segment_files import RUN, Segments, in_order, narrowed
from store.segments import record

if TYPE_CHECKING:
    from store.store import Store

HELD_ROWS = 98_304
"""Rows of a class that a batch holds in memory before it writes them aside as one sorted run."""
NEEDED = ("tenant", "line", "offset", "length")

REFUSED = {"line": pl.Int64, "offset": pl.Int64, "length": pl.Int64, "reason": pl.String}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was committed: exact counts, and where the bytes lie."""

    seq: int
    delivery: str
    part: int
    lines: int
    parsed: int
    refused: int
    skipped: int
    rows: int
    object: str
    sha256: str
    bytes: int
    segments: int


class Batch:
    """Takes the chunks of a batch, then commits them. Use as a context manager: left without commit, it leaves nothing.

    Line numbers count from 1 in the batch, offsets from its first byte. Memory: at most HELD_ROWS rows of each class.
    """

    def __init__(self, store: Store, delivery: Delivery, part: int) -> None:
        self._store = store
        self.delivery = delivery
        self.part = part
        self.lines_over = 0
        """Lines refused because their day was one too many; counted as refused, not as parsed, by commit."""
        self._held: dict[EventClass, list[pl.DataFrame]] = {}
        self._refused: list[pl.DataFrame] = []
        self._days: set[int] = set()
        self._touches: set[tuple[str, str, int]] = set()
        self._placed = False
        name = store.writer.name()
        self._path = object_path(delivery.source, time.day_of(delivery.received), name)
        with plain_errors(store.home):
            aside = store.home / "archive" / ".aside"
            make_directory(aside)
            self._object = ObjectWriter(aside / f"{name}.zst")
            aside = store.home / "events" / ".aside"
            make_directory(aside)
            self._segments = Segments(aside, store.writer.name, sync=store.durable)

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._placed:
            self._discard()

    def _discard(self) -> None:
        """Nothing of it is committed, and nothing will be: its files go, wherever they are."""
        self._held.clear()
        self._object.discard()
        (self._store.home / self._path).unlink(missing_ok=True)
        self._segments.discard(self._store.home)

    def add(self, raw: bytes | memoryview, rows: Mapping[EventClass, pl.DataFrame], refused: pl.DataFrame) -> None:
        """Take one chunk.

        Args:
            raw: Its bytes, all of them, in the order of the batch.
            rows: Rows of each class: the columns of core.columns that are known, without `batch`. `line`, `offset`,
                `length` and `tenant` are never empty.
            refused: line, offset, length, reason.

        Raises:
            StoreError: Full disk and the like. The batch can't be committed after it.
            ValueError: Rows with columns that their class doesn't have.
        """
        checked = {EventClass(c): self._checked(EventClass(c), f) for c, f in rows.items() if not f.is_empty()}
        kept, over = times.within_days(checked, self._days)
        with plain_errors(self._store.home):
            self._object.write(raw)
        if not refused.is_empty():
            self._refused.append(refused.select(pl.col(n).cast(t) for n, t in REFUSED.items()))
        if not over.is_empty():
            self.lines_over += over.height
            reason = pl.lit(times.TOO_MANY_DAYS).alias("reason")
            self._refused.append(over.with_columns(reason).select(pl.col(n).cast(t) for n, t in REFUSED.items()))
        for event_class, frame in kept.items():
            self._held.setdefault(event_class, []).append(frame)
            if sum(f.height for f in self._held[event_class]) >= HELD_ROWS:
                self._flush(event_class)

    def commit(
        self, *, lines: int, parsed: int, refused: int, skipped: int, content_from: int, content_to: int, parser: str,
        state: Mapping[str, Any], network_seq: int = 0,
    ) -> Receipt:  # fmt: skip
        """Make the batch visible and durable.

        Args:
            lines: Lines of the batch; lines = parsed + refused + skipped.
            parsed: Lines that gave rows.
            refused: Lines handed over as refused.
            skipped: Comments, headers, blanks.
            content_from: First byte of the delivery's content that the batch holds.
            content_to: The byte after its last.
            parser: Format and version that read it.
            state: What the parser hands to the next batch of the source.
            network_seq: Newest seq of the registers by which zones and bodies were found.

        Raises:
            ConflictError: Another process has committed this part of the delivery.
            StoreError: Full disk, catalogue not to be written.
            ValueError: The counts don't add up (a bug in the caller).
        """
        given = sum(frame.height for frame in self._refused) - self.lines_over
        if lines != parsed + refused + skipped or refused != given:
            raise ValueError(f"{lines} lines are not {parsed} + {refused} ({given} handed over) + {skipped}")
        store, sync = self._store, self._store.durable
        with plain_errors(store.home):
            for event_class in list(self._held):
                self._flush(event_class)
            self._segments.finish()
            sha256 = self._object.finish(sync=sync)
            publish([(self._object.aside, store.home / self._path), *self._segments.moves(store.home)], sync=sync)
        self._placed = True
        written = self._segments.written
        counts = {
            "lines": lines, "parsed": parsed - self.lines_over, "refused": refused + self.lines_over,
            "skipped": skipped, "rows": sum(w.rows for w in written),
        }  # fmt: skip
        record = counts | {
            "delivery": self.delivery.id, "part": self.part, "source": self.delivery.source,
            "received": self.delivery.received, "content_from": content_from, "content_to": content_to,
            "first_event": min((w.first_event for w in written), default=None),
            "last_event": max((w.last_event for w in written), default=None), "parser": parser,
            "state": canonical(dict(state)), "object": self._path, "bytes": self._object.bytes,
        }  # fmt: skip
        try:
            with store.catalogue.write() as tx:
                seq = tx.seq("batch", actor=self.delivery.source)
                tx.execute(tables.batches.insert(), record | {"seq": seq})
                self._insert(tx, seq, network_seq)
                chain.append(
                    tx, seq=seq, source=self.delivery.source, path=self._path, sha256=sha256, size=self._object.bytes
                )
        except sa.exc.IntegrityError as e:
            # The transaction is undone for certain, and the bytes are still where they came from.
            self._discard()
            raise self._conflict(e) from e
        except StoreError:
            if not self._may_be_committed():
                self._discard()
            raise
        chain.extend(store.catalogue, store.home, sync=sync)
        return Receipt(
            seq=seq, delivery=self.delivery.id, part=self.part, object=self._path, sha256=sha256,
            bytes=self._object.bytes, segments=len(written), **counts,
        )  # fmt: skip

    def _may_be_committed(self) -> bool:
        """Whether the transaction that failed may have committed: then its files must stay."""
        if self._store.catalogue.engine.dialect.name != "sqlite":
            return True  # a connection that broke at COMMIT: the server may still do it
        b = tables.batches
        try:
            with self._store.catalogue.read() as tx:
                return tx.execute(sa.select(b.c.seq).where(b.c.object == self._path)).first() is not None
        except StoreError:
            return True

    def _conflict(self, error: sa.exc.IntegrityError) -> Exception:
        d, b = tables.deliveries, tables.batches
        with self._store.catalogue.read() as tx:
            known = tx.execute(sa.select(d.c.id).where(d.c.id == self.delivery.id)).first()
            taken = tx.execute(
                sa.select(b.c.seq).where(b.c.delivery == self.delivery.id, b.c.part == self.part)
            ).first()
        if taken is not None:
            return ConflictError(
                f"{self.delivery.name}: part {self.part} is committed already (seq {taken.seq}); "
                "another process works on this delivery"
            )
        return ValueError(str(error.orig) if known else f"delivery {self.delivery.id} is not in this catalogue")

    def _insert(self, tx: Transaction, seq: int, network_seq: int) -> None:
        if self._refused:
            runs = _runs(pl.concat(self._refused))
            tx.execute(tables.refusals.insert(), runs.with_columns(seq=pl.lit(seq)).to_dicts())
        if self._segments.written:
            added = time.now_us()
            tx.execute(
                tables.segments.insert(),
                [record(w, seqs=[seq], network_seq=network_seq, added=added) for w in self._segments.written],
            )
        if self._touches:
            tx.execute(
                tables.touches.insert(),
                [{"seq": seq, "class": c, "tenant": t, "hour": h} for c, t, h in sorted(self._touches)],
            )

    def _checked(self, event_class: EventClass, frame: pl.DataFrame) -> pl.DataFrame:
        rows = narrowed(event_class, frame)
        if empty := [n for n in NEEDED if n not in rows.columns or rows[n].null_count()]:
            raise ValueError(f"{event_class} rows without {', '.join(empty)}")
        received = pl.lit(self.delivery.received, dtype=pl.Int64).cast(pl.Datetime("us"))
        if "received_time" in rows.columns:
            received = pl.col("received_time").fill_null(received)
        return times.plausible(rows.with_columns(received_time=received), retention_days=self._store.retention_days)

    def _flush(self, event_class: EventClass) -> None:
        """Write the rows of a class that are held as a sorted run for each day, aside."""
        if event_class not in self._held:
            return
        rows = in_order(pl.concat(self._held.pop(event_class), how="diagonal"), RUN)
        hours = rows.select("tenant", hour=pl.col("event_time").to_physical().floordiv(time.HOUR_US)).unique()
        self._touches.update((str(event_class), tenant, hour) for tenant, hour in hours.iter_rows())
        self._segments.write(event_class, rows)


def _runs(refused: pl.DataFrame) -> pl.DataFrame:
    """Refusals with neighbouring lines of one reason joined: line, lines, offset, length, reason."""
    rows = refused.sort("line")
    begins = (pl.col("line") != pl.col("line").shift(1) + 1) | (pl.col("reason") != pl.col("reason").shift(1))
    return (
        rows.with_columns(run=begins.fill_null(value=True).cum_sum())
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("line").first(), lines=pl.len().cast(pl.Int64), offset=pl.col("offset").first(),
            length=pl.col("offset").last() + pl.col("length").last() - pl.col("offset").first(),
            reason=pl.col("reason").first(),
        )
        .drop("run")
    )  # fmt: skip
