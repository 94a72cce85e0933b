"""Numbers by eight bytes at a time: what Python reads, and nothing but digits."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from parsers._digits import number_of

_BYTES = st.one_of(st.integers(0, 99_999_999).map(lambda n: str(n).encode()), st.binary(max_size=10))


@given(st.lists(st.tuples(_BYTES, st.integers(-2, 10)), min_size=1, max_size=20))
def test_a_number_is_one_to_eight_digits(cases: list[tuple[bytes, int]]) -> None:
    word = np.array([int.from_bytes(text[:8].ljust(8, b"7"), "little") for text, _ in cases], np.uint64)
    number, good = number_of(word, np.array([size for _, size in cases]))
    for i, (text, size) in enumerate(cases):
        digits = text[:8].ljust(8, b"7")[: max(size, 0)]
        assert good[i] == (1 <= size <= 8 and all(48 <= byte <= 57 for byte in digits))
        assert not good[i] or number[i] == int(digits)
