"""Numbers read from eight bytes at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from parsers._lines import Bools, Ints

Words = npt.NDArray[np.uint64]
_BYTES = 0x0101010101010101
_HALVES = (
    (np.uint64(8), np.uint64(10), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64(16), np.uint64(100), np.uint64(0x0000FFFF0000FFFF)),
    (np.uint64(32), np.uint64(10_000), np.uint64(0x00000000FFFFFFFF)),
)


def number_of(word: Words, size: Ints | int) -> tuple[Ints, Bools]:
    """The number in the first `size` bytes of each word, and whether these are one to eight digits and nothing else."""
    shift = np.asarray(64 - 8 * np.clip(size, 0, 8)).astype(np.uint64)
    # The digits end where the word ends, with nothing in front of them.
    digits = word << shift ^ np.uint64(0x30 * _BYTES) << shift
    good = ((digits + np.uint64(0x76 * _BYTES) | digits) & np.uint64(0x80 * _BYTES)) == 0
    for width, scale, lower in _HALVES:
        digits = (digits & lower) * scale + (digits >> width & lower)
    return digits.view(np.int64), good & (size > 0) & (size <= 8)
