"""How due hours are cut into parts: each is read with what lies around it, and counted once."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.columns import EventClass
from detections import parts
from store import Session

_TENANTS = st.sampled_from(["131016", "131024", "131032"])
_HOURS = st.integers(493_000, 493_030)


@given(
    wanted=st.dictionaries(_TENANTS, st.sets(_HOURS, min_size=1, max_size=12)),
    sizes=st.dictionaries(_TENANTS, st.dictionaries(_HOURS, st.integers(0, 50))),
    rows_at_once=st.integers(1, 400), in_vain=st.integers(0, 200), before=st.integers(0, 3), after=st.integers(0, 3),
)  # fmt: skip
def test_each_due_hour_of_a_body_is_in_one_part_with_what_lies_around_it(
    wanted: dict[str, set[int]], sizes: dict[str, dict[int, int]], rows_at_once: int, in_vain: int, before: int, after: int
) -> None:  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "ROWS_AT_ONCE", rows_at_once)
        patch.setattr(parts, "IN_VAIN", in_vain)
        patch.setattr(parts, "_sizes", lambda *_: sizes)
        found = list(parts.parts(cast("Session", None), EventClass.NETWORK, wanted, before, after))
    due = sorted(pair for _, pairs in found for pair in pairs)
    assert due == sorted((tenant, hour) for tenant, hours in wanted.items() for hour in hours)
    for part, pairs in found:
        assert pairs
        assert all(tenant in part.tenants for tenant, _ in pairs)
        assert all(part.first <= hour - before and hour + after <= part.last for _, hour in pairs)
