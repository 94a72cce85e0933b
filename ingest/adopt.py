"""Archive objects that a kill left without a batch, taken in again as deliveries of their own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from ingest.deliver import Receipt, deliver
from store import Store
from store.archive import folder_of


def adopt(store: Store) -> Iterator[tuple[str, Receipt | None]]:
    """Each unlisted object with its receipt; None where its bytes were committed later as a batch of their own.

    A line that its sender has delivered again since, cut into other batches, comes twice: nothing tells it from an
    equal line. So adopt when the sender no longer has the file. Objects of sources no longer registered stay.
    """
    sources = {folder_of(e.values["id"]): e.values["id"] for e in store.entries("sources")}
    for unlisted in store.unlisted():
        if unlisted.same_as is not None:
            yield unlisted.path, None
        elif unlisted.folder in sources:
            received = (store.home / unlisted.path).stat().st_mtime_ns // 1000
            with (
                store.open_object(unlisted.path) as reader,
                tempfile.NamedTemporaryFile(dir=store.home / "spill") as file,
            ):
                for number in range(len(reader.frames)):
                    file.write(reader.text(number))
                file.flush()
                yield unlisted.path, deliver(store, sources[unlisted.folder], Path(file.name), received=received)
