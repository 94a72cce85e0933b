"""Archive, segments and catalogue. The only user of DuckDB, pyarrow.parquet and SQLAlchemy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.batches import Batch, Receipt
    from store.catalogue import Catalogue, Transaction
    from store.deliveries import Delivery
    from store.sessions import Session
    from store.snapshots import Snapshot
    from store.store import Store

__all__ = ["Batch", "Catalogue", "Delivery", "Receipt", "Session", "Snapshot", "Store", "Transaction"]

_HOMES = {
    "Batch": "batches", "Receipt": "batches", "Catalogue": "catalogue", "Transaction": "catalogue",
    "Delivery": "deliveries", "Session": "sessions", "Snapshot": "snapshots", "Store": "store",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """Load on first use: the command line shows its help without DuckDB, and the isolated process starts bare."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module 'store' has no attribute {name!r}")
    return getattr(importlib.import_module(f"store.{_HOMES[name]}"), name)
