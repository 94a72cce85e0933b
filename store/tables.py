"""The catalogue's tables: what is committed, what changed, what was evaluated, and what people decided.

Instants are integer microseconds since 1970 UTC (SQLite gives naive times back). Hours are counts of hours since 1970.
Days are ISO text (JST). JSON is canonical text: sorted keys, no spaces. Every act that changes rows or reference data
takes the next `seq` from the counter row in its own transaction, so that seqs are gapless and become visible in order.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from store.metadata import metadata as metadata
from store.tables_people import audit as audit
from store.tables_people import keys as keys
from store.tables_people import sessions as sessions

counters = Table(
    "counters", metadata,
    Column("name", String(16), primary_key=True),
    Column("value", BigInteger, nullable=False),
)  # fmt: skip
"""`seq`, and `drops` (of segments). UPDATE … SET value = value + 1 RETURNING, never a sequence: those have gaps."""

acts = Table(
    "acts", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),  # batch | register | resolve | reparse | erase
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
)  # fmt: skip

# Custody

deliveries = Table(
    "deliveries", metadata,
    Column("id", String(32), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("sha256_sent", String(64), nullable=False),
    Column("sha256_content", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("skip_bytes", BigInteger, nullable=False),  # delivered before: a growing file counts only its new part
    Column("state", String(12), nullable=False),  # open | committed
    Column("torn", Boolean, nullable=False),
    UniqueConstraint("source", "sha256_content"),
    Index(None, "received", "id"),
    Index(None, "source", "received", "id"),
)  # fmt: skip

repeats = Table(
    "repeats", metadata,
    Column("id", String(32), primary_key=True),
    Column("delivery", ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("received", BigInteger, nullable=False, index=True),
    Column("sha256_sent", String(64), nullable=False),
)  # fmt: skip
"""The same content again: recorded, so that the source is alive, and answered with the first receipt."""

batches = Table(
    "batches", metadata,
    Column("seq", BigInteger, ForeignKey("acts.seq"), primary_key=True, autoincrement=False),
    Column("delivery", ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("part", Integer, nullable=False),  # 0, 1, … within the delivery
    Column("source", String(64), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("content_from", BigInteger, nullable=False),  # bytes of the delivery's content
    Column("content_to", BigInteger, nullable=False),
    Column("lines", BigInteger, nullable=False),
    Column("parsed", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("skipped", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("first_event", BigInteger),
    Column("last_event", BigInteger),
    Column("parser", Text, nullable=False),  # format and version that read it
    Column("state", Text, nullable=False),  # parser state handed to the next batch of the source (JSON)
    Column("object", Text, nullable=False),  # archive object, path relative to the data directory
    Column("bytes", BigInteger, nullable=False),
    UniqueConstraint("delivery", "part"),
    Index(None, "source", "seq"),
    Index(None, "source", "received"),
    Index(None, "received"),
)  # fmt: skip

refusals = Table(
    "refusals", metadata,
    Column("seq", ForeignKey("batches.seq"), primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("lines", BigInteger, nullable=False),  # neighbours refused for the same reason make one row
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),  # from the first byte of the first to the last of the last
    Column("reason", Text, nullable=False),
)  # fmt: skip
"""Lines that could not be read: places, not copies; the bytes are in the archive."""

chain = Table(
    "chain", metadata,
    Column("seq", BigInteger, ForeignKey("batches.seq"), primary_key=True, autoincrement=False),
    Column("source", String(64), nullable=False),
    Column("object", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)  # fmt: skip
"""SHA-256 over the canonical JSON of the other columns; the predecessor is read under the counter's lock."""

segments = Table(
    "segments", metadata,
    Column("path", Text, primary_key=True),  # relative to the data directory
    Column("class", String(16), nullable=False),
    Column("day", String(10), nullable=False),  # JST day of event_time
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("first_event", BigInteger, nullable=False),
    Column("last_event", BigInteger, nullable=False),
    Column("tenants", Text, nullable=False),  # JSON list
    Column("seqs", Text, nullable=False),  # JSON list of the batches whose rows it holds
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),  # equal to first_seq: its column `batch` is empty
    Column("network_seq", BigInteger, nullable=False),  # register import by which zones were resolved
    Column("layout", String(16), nullable=False),  # digest of the columns it was written with
    Column("added", BigInteger, nullable=False),
    Column("dropped", BigInteger),  # value of the counter `drops`; NULL while live
    Column("dropped_at", BigInteger),
    Index(None, "day", "class"),
    Index(None, "dropped"),
)  # fmt: skip

leases = Table(
    "leases", metadata,
    Column("id", String(32), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("drops", BigInteger, nullable=False),  # the counter `drops` when the reader read its list
    Column("taken", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)  # fmt: skip
"""Readers: a dropped segment is unlinked when no lease was taken before it was dropped (lease.drops < dropped)."""

touches = Table(
    "touches", metadata,
    Column("seq", BigInteger, ForeignKey("acts.seq"), primary_key=True),
    Column("class", String(16), primary_key=True),  # event class, register kind, or `alert`
    Column("tenant", String(6), primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Index(None, "class", "hour", "tenant", "seq"),
)  # fmt: skip
"""What changed, kept apart from where rows lie; immutable."""

# Registers

register = Table(
    "register", metadata,
    Column("seq", ForeignKey("acts.seq"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("tenant", String(6), nullable=False),
    Column("key", Text, nullable=False),
    Column("values", Text, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_to", BigInteger, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    Column("approver", Text, nullable=False),
    Column("second_approver", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("replaced", BigInteger),  # seq of the import that corrected this entry
    Index(None, "kind", "tenant", "key"),
)  # fmt: skip

# Detection

fingerprints = Table(
    "fingerprints", metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("producer", String(64), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("registered", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),  # newest when registered: what is older, before from_hour, is no gap
    Column("from_hour", BigInteger, nullable=False),  # cells before it keep their old fingerprint and are current
    Column("reads", Text, nullable=False),  # classes of touches that it reads (JSON list)
    Column("back", Integer, nullable=False),  # reach of a cell, in hours before and after its own
    Column("forward", Integer, nullable=False),
    Column("level", Integer, nullable=False),  # 0 reads events, 1 what level 0 found …
    Column("state", String(12), nullable=False),  # live | candidate | retired
)  # fmt: skip
"""One row a version of a producer's logic; the row with the newest `registered` is in force."""

floors = Table(
    "floors", metadata,
    Column("producer", String(64), primary_key=True),
    Column("candidate", Boolean, primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("seq", BigInteger, nullable=False),
)  # fmt: skip
"""Every cell that a touch up to `seq` makes due has been evaluated: where the search for due cells may begin. It is
proven anew by each run that leaves nothing due, and only saves reading: what is due is still touches against marks."""

_FAILED = text("state = 'failed'")

cells = Table(
    "cells", metadata,
    Column("producer", String(64), primary_key=True),
    Column("hour", BigInteger, primary_key=True),  # the hour, or the first hour of the day for grain day
    Column("candidate", Boolean, primary_key=True),
    Column("mark", BigInteger, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("state", String(12), nullable=False),  # done | learning | frozen | failed
    Column("versions", Text, nullable=False),  # register kind → newest seq that was read (JSON)
    Column("evaluated", BigInteger, nullable=False),
    Index(None, "hour"),
    Index("ix_cells_failed", "hour", sqlite_where=_FAILED, postgresql_where=_FAILED),
)  # fmt: skip

facts = Table(
    "facts", metadata,
    Column("producer", String(64), primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Column("candidate", Boolean, primary_key=True),
    Column("tenant", String(6), primary_key=True),
    Column("entity_type", String(16), primary_key=True),
    Column("entity", Text, primary_key=True),  # canonical JSON list of the entity's values
    Column("day", String(10), nullable=False),
    Column("fired", Boolean, nullable=False),
    Column("body", Text, nullable=False),  # partial facts (JSON) that merge by sum, min, max and union
    Column("places", LargeBinary, nullable=False),  # zstd of (batch, line) pairs of the evidence, delta-coded
    Index(None, "producer", "day", "tenant", "entity"),
    Index(None, "hour", "tenant"),
)  # fmt: skip
"""Partial facts of a cell per body and entity; they merge into the alert of the day."""

counts = Table(
    "counts", metadata,
    Column("hour", BigInteger, primary_key=True),
    Column("tenant", String(6), primary_key=True),
    Column("dst_zone", String(16), primary_key=True),
    Column("bin", String(32), primary_key=True),  # alert | traffic class | none
    Column("name", String(64), primary_key=True),  # which class of detections/classes/; empty for alert and none
    Column("rows", BigInteger, nullable=False),
    Column("events", BigInteger, nullable=False),
)  # fmt: skip
"""Deny rows of an hour, each in exactly one bin (promise 6). Written by the producer `accounting`."""

_NOT_LIVE = text("state != 'live'")

alerts = Table(
    "alerts", metadata,
    Column("id", String(64), primary_key=True),
    Column("rule", String(64), nullable=False),
    Column("tenant", String(6), nullable=False),
    Column("entity_type", String(16), nullable=False),
    Column("entity", Text, nullable=False),
    Column("day", String(10), nullable=False),
    Column("candidate", Boolean, nullable=False),
    Column("state", String(12), nullable=False),  # live | retracted | frozen
    Column("reason", String(16), nullable=False),  # of a retraction: evidence | rule | reference
    Column("severity", String(12), nullable=False),  # critical | high | medium | low | info
    Column("verdict", String(16), nullable=False, server_default=""),  # gravest: allow | blocked_later | deny
    Column("count", BigInteger, nullable=False),
    Column("carried", BigInteger, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
    Column("facts", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),  # snapshot of the newest revision
    Column("created", BigInteger, nullable=False),
    Column("revised", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),  # newest received time of its evidence
    Column("case_id", String(20), nullable=False),
    Index(None, "tenant", "last_seen", "id"),
    Index(None, "last_seen", "id"),
    Index(None, "rule", "tenant", "entity", "day"),
    Index(None, "case_id", "last_seen"),
    Index(None, "severity", "last_seen", "id"),
    Index(None, "rule", "last_seen", "id"),
    Index(None, "verdict", "last_seen", "id"),
    Index(None, "revised", "id"),
    # Totals, without reading a row:
    Index(None, "entity", "candidate", "state"),
    Index(None, "candidate", "state", "tenant", "rule", "severity", "verdict", "day"),
    Index("ix_alerts_not_live", "last_seen", sqlite_where=_NOT_LIVE, postgresql_where=_NOT_LIVE),
    Index("ix_alerts_candidate", "last_seen", sqlite_where=text("candidate = 1"), postgresql_where=text("candidate")),
)  # fmt: skip

revisions = Table(
    "revisions", metadata,
    Column("alert", ForeignKey("alerts.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("state", String(12), nullable=False),
    Column("severity", String(12), nullable=False),
    Column("changes", Text, nullable=False),  # fact → [before, after] (JSON)
    Column("material", Text, nullable=False),  # why it returns to a person; empty: 継続
)  # fmt: skip

cases = Table(
    "cases", metadata,
    Column("id", String(20), primary_key=True),  # K-yymm-nnnn
    Column("rule", String(64), nullable=False),
    Column("tenant", String(6), nullable=False),
    Column("entity", Text, nullable=False),
    Column("entity_type", String(16), nullable=False),
    Column("status", String(16), nullable=False),  # new evaluating watching in_progress incident dismissed closed
    Column("reason", String(16), nullable=False),  # benign misconfiguration false_positive registered_test
    Column("until", BigInteger),  # of watching and of a known misconfiguration
    Column("assignee", Text, nullable=False),
    Column("severity", String(12), nullable=False),
    Column("verdict", String(16), nullable=False, server_default=""),  # gravest of its alerts that stand
    Column("continuity", String(12), nullable=False),  # new continuing recurring retroactive
    Column("count", BigInteger, nullable=False),
    Column("first_day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("due", BigInteger),  # when the body has to be told
    Column("taken", BigInteger),
    Column("notified", BigInteger),
    Column("triaged", Text, nullable=False),  # what had been seen at the last judgement (JSON)
    Column("version", Integer, nullable=False),  # compare and set
    Column("joined_into", String(20), nullable=False),
    Index(None, "rule", "tenant", "entity"),
    Index(None, "tenant", "last_seen", "id"),
    Index(None, "status", "last_seen", "id"),
    Index(None, "rule", "tenant", "last_seen"),
    Index(None, "rule", "last_seen"),
    Index(None, "assignee", "last_seen"),
    Index(None, "last_seen", "id"),
    Index(None, "opened"),
)  # fmt: skip

case_log = Table(
    "case_log", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("case_id", String(20), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("act", String(16), nullable=False),  # status assign comment notify join returned
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Index(None, "at"),
)  # fmt: skip

runs = Table(
    "runs", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger),
    Column("seq", BigInteger, nullable=False),
    Column("cells", Integer, nullable=False),
    Column("alerts", Integer, nullable=False),
    Column("error", Text, nullable=False),
)  # fmt: skip

ticks = Table(
    "ticks", metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
)  # fmt: skip
"""Each run records one; `at` never goes back. A clock behind the last tick stops scheduling, never receiving."""
