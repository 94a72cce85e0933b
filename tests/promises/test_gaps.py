"""Promise 4: no gap is a guess. What is due follows from touches and marks, and from nothing else."""

from __future__ import annotations

import random

import pytest

from core import time
from core.columns import EventClass
from detections import accounting, engine
from detections.proving import deliver
from store import Store, ledger, tables
from tests.promises.pack_of_trials import trial_pack

PACK = trial_pack()
START = time.parse_instant("2026-11-18T20:00:00+09:00")
BODIES = ("131016", "132047")


def rows(chance: random.Random) -> list[dict[str, object]]:
    at = START + chance.randrange(30) * time.HOUR_US
    return [
        {
            "event_time": at + n * 1_000_000,
            "tenant": chance.choice(BODIES), "src_ip": "10.0.0.1", "dst_ip": f"198.51.100.{n % 9}", "dst_port": 80,
            "src_port": 40000 + n, "protocol": "tcp", "verdict": "deny", "source": "fw",
        }
        for n in range(chance.randrange(1, 30))
    ]  # fmt: skip


def by_hand(store: Store) -> set[tuple[str, int]]:
    """Every (producer, hour) for which a touch within reach is newer than the mark, the slow way."""
    with store.catalogue.read() as tx:
        standing = ledger.standing(tx).values()
        touches = tx.execute(tables.touches.select()).all()
        marks = {(c.producer, c.hour): c for c in tx.execute(tables.cells.select())}
    due = set()
    for one in standing:
        for touch in touches:
            if touch._mapping["class"] not in one.reads:
                continue
            for hour in range(touch.hour - one.forward, touch.hour + one.back + 1):
                cell = marks.get((one.producer, hour))
                if cell is None or touch.seq > cell.mark:
                    due.add((one.producer, hour))
    return due


def told(store: Store) -> set[tuple[str, int]]:
    with store.catalogue.read() as tx:
        found, exact = ({(c.producer, c.hour) for c in ledger.due(tx, exact=exact)} for exact in (False, True))
    assert found == exact
    return found


@pytest.mark.parametrize("seed", range(4))
def test_what_is_due_is_what_touches_and_marks_say(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - draws rows, no secret
    now = START + 3 * time.DAY_US
    with Store.temporary(threads=1) as store:
        engine.run(store, PACK, now=now)
        assert told(store) == set()
        for step in range(8):
            before = told(store)
            deliver(store, EventClass.NETWORK, rows(chance), name=f"{seed} {step}")
            after = told(store)
            assert after == by_hand(store)
            assert before < after or before == after
            match chance.randrange(3):
                case 0:
                    engine.run(store, PACK, now=now)
                    assert told(store) == by_hand(store) == set()
                case 1:
                    rule = chance.choice(sorted(PACK.rules))
                    engine.run(store, PACK, only=[rule], now=now)
                    left = told(store)
                    assert left == by_hand(store)
                    assert not any(producer == rule for producer, _ in left)
                    assert after - {(p, h) for p, h in after if p == rule} <= left | _mac(after)


def test_a_run_that_dies_leaves_its_cells_due(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)  # noqa: S311 - draws rows, no secret
    now = START + 3 * time.DAY_US
    with Store.temporary(threads=1) as store:
        engine.run(store, PACK, now=now)
        deliver(store, EventClass.NETWORK, rows(chance), name="rows")
        due = told(store)
        assert due

        def dies(*_: object, **__: object) -> int:
            raise KeyboardInterrupt

        with monkeypatch.context() as m:
            m.setattr(accounting, "run", dies)
            with pytest.raises(KeyboardInterrupt):
                engine.run(store, PACK, now=now)
        left = told(store)
        assert {producer for producer, _ in left} == {accounting.PRODUCER}
        assert left == by_hand(store)
        with store.catalogue.read() as tx:
            assert "KeyboardInterrupt" in [r.error for r in tx.execute(tables.runs.select())][-1]
        engine.run(store, PACK, now=now)
        assert told(store) == set()


def _mac(cells: set[tuple[str, int]]) -> set[tuple[str, int]]:
    """Cells of the producer that a rule's run may bring up to date with it."""
    return {(p, h) for p, h in cells if p == "mac_sharing"}
