"""How a command opens the data directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store import Store


@contextmanager
def opened(*, create: bool = False) -> Iterator[Store]:
    """The store of `$HINOMI_HOME`; `create` makes one where there is none. Raises StoreError with what to do."""
    from core.settings import load
    from store import Store

    settings = load()
    with Store.open(
        settings.home,
        catalogue=settings.catalogue,
        create=create,
        threads=settings.threads,
        memory=settings.memory,
        retention_days=settings.retention_days,
    ) as store:
        yield store
