"""Promise 6: denied rows = in alerts + in traffic classes + in none, exactly, per body and hour."""

from collections import Counter
from typing import Any

import pytest

from core.columns import EventClass
from detections import accounting, engine, proving
from store import Store, tables
from tests.promises.pack_of_trials import THRESHOLD, trial_pack
from tests.promises.reference import HOUR, MINUTE
from tests.promises.trial import MIDNIGHT


def rows() -> list[dict[str, Any]]:
    """A burst over midnight of which only the later day fires, names asked by broadcast, strays, and what was allowed."""
    deny = {
        "src_ip": "10.1.0.5",
        "dst_ip": "10.2.0.1",
        "dst_port": 443,
        "protocol": "tcp",
        "verdict": "deny",
        "dst_zone": "LGWAN",
    }
    out = [{**deny, "event_time": MIDNIGHT - MINUTE + i, "src_port": i} for i in range(5)]
    out += [{**deny, "event_time": MIDNIGHT + MINUTE + i, "src_port": 100 + i} for i in range(8)]
    names = {**deny, "protocol": "udp", "dst_port": 137, "dst_ip": "255.255.255.255", "dst_zone": None}
    out += [{**names, "event_time": MIDNIGHT + i * MINUTE, "src_ip": f"10.1.0.{i}"} for i in range(7)]
    out += [
        {**deny, "event_time": MIDNIGHT + 3 * HOUR + i * MINUTE, "tenant": "131024", "event_count": 3, "src_port": i}
        for i in range(3)
    ]
    return [
        *out,
        {**deny, "event_time": MIDNIGHT, "verdict": "allow"},
        {**deny, "event_time": MIDNIGHT, "verdict": None},
    ]


def counted(store: Store) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    with store.catalogue.read() as tx:
        for r in tx.execute(tables.counts.select()):
            found[r.tenant, r.bin] += r.rows
    return found


def test_every_denied_row_lies_in_one_bin() -> None:
    with Store.temporary(threads=1) as store:
        proving.deliver(store, EventClass.NETWORK, rows(), name="all")
        engine.run(store, trial_pack(THRESHOLD))
        # The five before midnight belong to no alert of their day: the alert of the next day carries them.
        assert counted(store) == {("131016", "alert"): 13, ("131016", "local"): 7, ("131024", "none"): 3}
        with store.catalogue.read() as tx:
            (alert,) = tx.execute(tables.alerts.select())
        assert (alert.day, alert.count, alert.carried) == ("2026-04-02", 8, 5)


def test_bins_follow_what_rules_find_later() -> None:
    with Store.temporary(threads=1) as store:
        given = rows()
        proving.deliver(store, EventClass.NETWORK, given[:12], name="first")
        engine.run(store, trial_pack(THRESHOLD))
        assert counted(store)["131016", "alert"] == 12
        assert sum(counted(store).values()) == 12
        proving.deliver(store, EventClass.NETWORK, given[12:], name="second")
        engine.run(store, trial_pack(THRESHOLD))
        assert counted(store) == {("131016", "alert"): 13, ("131016", "local"): 7, ("131024", "none"): 3}


def test_new_logic_moves_rows_between_bins() -> None:
    with Store.temporary(threads=1) as store:
        proving.deliver(store, EventClass.NETWORK, rows(), name="all")
        engine.run(store, trial_pack(THRESHOLD))
        higher = THRESHOLD.model_copy(update={"layers": [THRESHOLD.layers[0].model_copy(update={"at_least": 99})]})
        engine.run(store, trial_pack(higher), days=20_000)
        assert counted(store) == {("131016", "none"): 13, ("131016", "local"): 7, ("131024", "none"): 3}
        with store.catalogue.read() as tx:
            (alert,) = tx.execute(tables.alerts.select())
        assert (alert.state, alert.reason, alert.revision) == ("retracted", "rule", 2)


def test_rows_are_classed_once_in_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[dict[str, set[int]]] = []
    monkeypatch.setattr(
        accounting, "parts", lambda session, event_class, wanted, before, after: read.append(wanted) or []
    )
    with Store.temporary(threads=1) as store:
        proving.deliver(store, EventClass.NETWORK, rows(), name="all")
        engine.run(store, trial_pack(THRESHOLD))
        assert counted(store) == {("131016", "alert"): 13, ("131016", "local"): 7, ("131024", "none"): 3}
    assert read
    assert not any(read)


def test_what_comes_between_rules_and_accounting_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.temporary(threads=1) as store:
        given = rows()
        proving.deliver(store, EventClass.NETWORK, given[:9], name="first")
        original = engine._rules

        def interrupted(*args: Any) -> None:
            original(*args)
            proving.deliver(store, EventClass.NETWORK, given[9:], name="second")

        monkeypatch.setattr(engine, "_rules", interrupted)
        engine.run(store, trial_pack(THRESHOLD))
        assert sum(counted(store).values()) == 23


def test_more_rows_than_are_kept_are_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounting, "ROWS_KEPT", -1)
    with Store.temporary(threads=1) as store:
        proving.deliver(store, EventClass.NETWORK, rows(), name="all")
        engine.run(store, trial_pack(THRESHOLD))
        assert counted(store) == {("131016", "alert"): 13, ("131016", "local"): 7, ("131024", "none"): 3}
