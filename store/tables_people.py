"""The catalogue's tables about people: keys, the browsers that logged in with them, and who did what."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text

from store.metadata import metadata

keys = Table(
    "keys", metadata,
    Column("prefix", String(12), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),  # prefecture | analyst | municipality | auditor | metrics
    Column("tenants", Text, nullable=False),  # JSON list; ["*"] = all of the prefecture
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("revoked", BigInteger),
)  # fmt: skip

sessions = Table(
    "sessions", metadata,
    Column("sha256", String(64), primary_key=True),  # of the cookie's secret
    Column("key", ForeignKey("keys.prefix"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
)  # fmt: skip
"""Browsers that logged in with a key; a revoked key ends them all."""

audit = Table(
    "audit", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("act", String(32), nullable=False),
    Column("object", Text, nullable=False),
    Column("detail", Text, nullable=False),
)  # fmt: skip
