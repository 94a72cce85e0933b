"""The kinds against the slow, obvious way, and at their edges."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pytest

from detections.kinds import kinds
from store import Store

Row = dict[str, Any]
Answer = dict[int, tuple[bool, int]]
W = 10


def a_row(id: int, t: int, **changes: object) -> Row:
    return {"id": id, "tenant": "131016", "e0": "x", "t": t, "n": 1, "v": f"v{id}", "v2": "p"} | changes


def asked(kind: str, rows: Sequence[Row], **parameters: Any) -> Answer:
    one = kinds()[kind]
    own = one.parameters.model_validate({"window": W, **parameters})
    with Store.temporary(threads=1) as store, store.snapshot() as snapshot, snapshot.session() as session:
        numbers = {key: g for g, key in enumerate(sorted({(r["tenant"], r["e0"]) for r in rows}))}
        session.bind("hit", pa.Table.from_pylist([{**r, "g": numbers[r["tenant"], r["e0"]]} for r in rows]))
        table = session.sql(one.marks(own, "hit"))
        return {r["id"]: (r["fires"], r["measure"]) for r in table.to_pylist()}


def obvious(rows: Sequence[Row], fires: Callable[[Sequence[Row]], int]) -> Answer:
    """Every window by itself; evidence is what a window that fires holds."""
    windows = {r["id"]: [o for o in rows if o["e0"] == r["e0"] and r["t"] - W < o["t"] <= r["t"]] for r in rows}
    measures = {r["id"]: fires(windows[r["id"]]) for r in rows}
    held = {o["id"] for r in rows if measures[r["id"]] for o in windows[r["id"]]}
    return {i: (bool(measures[i]), measures[i]) for i in held}


def test_a_threshold_reached_exactly_fires() -> None:
    assert asked("threshold", [a_row(1, 100), a_row(2, 105), a_row(3, 109)], at_least=3) == {
        1: (False, 0), 2: (False, 0), 3: (True, 3),
    }  # fmt: skip


def test_one_less_does_not() -> None:
    assert asked("threshold", [a_row(1, 100), a_row(2, 105)], at_least=3) == {}


def test_the_window_is_half_open() -> None:
    assert asked("threshold", [a_row(1, 100), a_row(2, 110)], at_least=2) == {}
    assert asked("threshold", [a_row(1, 100), a_row(2, 109)], at_least=2) != {}


def test_two_entities_do_not_add_up() -> None:
    rows = [a_row(1, 100), a_row(2, 101, e0="y"), a_row(3, 102, tenant="131024")]
    assert asked("threshold", rows, at_least=2) == {}


def test_rows_of_one_time_share_a_window() -> None:
    rows = [a_row(1, 100), a_row(2, 100), a_row(3, 100)]
    assert asked("threshold", rows, at_least=3) == {1: (True, 3), 2: (True, 3), 3: (True, 3)}


def test_a_line_counts_for_the_events_it_stands_for() -> None:
    assert asked("threshold", [a_row(1, 100, n=7)], at_least=7) == {1: (True, 7)}


def test_a_burst_over_two_bins_is_one_burst() -> None:
    assert asked("threshold", [a_row(1, 8), a_row(2, 9), a_row(3, 11)], at_least=3)[3] == (True, 3)


def test_spread_counts_values_and_not_rows() -> None:
    rows = [a_row(1, 100, v="a"), a_row(2, 101, v="a"), a_row(3, 102, v="b")]
    assert asked("spread", rows, distinct=["v"], at_least=3) == {}
    assert asked("spread", rows, distinct=["v"], at_least=2)[3] == (True, 2)


def test_a_value_is_gone_a_window_after_its_last_row() -> None:
    rows = [a_row(1, 100, v="a"), a_row(2, 110, v="b")]
    assert asked("spread", rows, distinct=["v"], at_least=2) == {}


def test_the_second_measure_holds_for_the_same_window() -> None:
    rows = [a_row(1, 100, v="a", v2="p"), a_row(2, 101, v="b", v2="p"), a_row(3, 111, v="c", v2="q")]
    both = {"distinct": ["v"], "at_least": 2, "and_distinct": {"column": "v2", "at_least": 2}}
    assert asked("spread", rows, **both) == {}
    assert asked("spread", [*rows, a_row(4, 109, v="d", v2="p")], **both)[3] == (True, 2)


@pytest.mark.parametrize("seed", range(6))
def test_both_kinds_are_exact(seed: int) -> None:
    rnd = random.Random(seed)  # noqa: S311 - trials have to be repeatable
    rows = [
        a_row(i, 100 + rnd.randrange(120) // 3 * rnd.choice([1, 2, 3]), e0=rnd.choice("xy"), n=rnd.choice([0, 1, 1, 4]),
              v=rnd.choice("abcdef"), v2=rnd.choice("pqr"))
        for i in range(70)
    ]  # fmt: skip
    limit = rnd.choice([3, 5, 8])

    def total(window: Sequence[Row]) -> int:
        n = sum(r["n"] for r in window)
        return n if n >= limit else 0

    def different(window: Sequence[Row]) -> int:
        n = len({r["v"] for r in window})
        return n if n >= 3 and len({r["v2"] for r in window}) >= 2 else 0

    assert asked("threshold", rows, at_least=limit) == obvious(rows, total)
    pair = {"distinct": ["v"], "at_least": 3, "and_distinct": {"column": "v2", "at_least": 2}}
    assert asked("spread", rows, **pair) == obvious(rows, different)
