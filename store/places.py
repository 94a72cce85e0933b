"""Places: where the lines of an alert's evidence lie, as (batch, line), packed small.

Sorted by batch and line, without duplicates; the batches and lines as differences, 8 bytes each, compressed with
zstd.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import zstandard

Places = npt.NDArray[np.int64]
NONE: Places = np.empty((0, 2), dtype=np.int64)


def pack(places: Iterable[tuple[int, int]] | Places) -> bytes:
    """The bytes of a set of places; empty for none."""
    given = places if isinstance(places, np.ndarray) else np.array(list(places), dtype=np.int64).reshape(-1, 2)
    if not len(given):
        return b""
    # By two columns: np.unique(axis=0) compares rows as bytes, which takes five times as long.
    batch, line = given.T
    order = np.lexsort((line, batch))
    batch, line = batch[order], line[order]
    new = np.append(True, (np.diff(batch) != 0) | (np.diff(line) != 0))
    batch, line = batch[new], line[new]
    batches = np.diff(batch, prepend=0)
    lines = np.where(batches == 0, np.diff(line, prepend=0), line)
    return zstandard.ZstdCompressor(level=3).compress(np.concatenate([batches, lines]).astype("<i8").tobytes())


def unpack(packed: bytes) -> Places:
    """The places as an array of shape (n, 2), sorted."""
    if not packed:
        return NONE
    flat = np.frombuffer(zstandard.ZstdDecompressor().decompress(packed), dtype="<i8")
    batches, lines = flat[: len(flat) // 2], flat[len(flat) // 2 :]
    starts = np.flatnonzero(batches)
    # A running sum that begins anew at each batch.
    total = np.cumsum(lines)
    base = np.repeat(total[starts] - lines[starts], np.diff(starts, append=len(lines)))
    return np.column_stack([np.cumsum(batches), total - base])
