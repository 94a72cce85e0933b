"""New logic of a rule: what it says of facts that stay the same."""

from __future__ import annotations

from core.columns import EventClass
from core.time import parse_instant
from detections import engine
from detections.loading import load, pack
from detections.proving import deliver, register
from store import Store, tables

NOW = parse_instant("2026-04-03T00:00:00+09:00")


def test_a_new_severity_table_alone_revises_the_alerts_and_their_case() -> None:
    shipped = load()
    rule = shipped.rules["lgwan_mass_access"]
    test = next(t for t in rule.tests if t.about == "fires")
    milder = rule.model_copy(update={"severity": [s.model_copy(update={"level": "low"}) for s in rule.severity]})
    with Store.temporary(threads=1) as store:
        register(store, test.registers)
        deliver(store, EventClass.NETWORK, [event for _, event in test.rows()], name="events")

        def severities() -> list[str]:
            with store.catalogue.read() as tx:
                return [row.severity for table in (tables.alerts, tables.cases) for row in tx.execute(table.select())]

        def found_by() -> set[tuple[str, int]]:
            with store.catalogue.read() as tx:
                return {(row.fingerprint, row.revision) for row in tx.execute(tables.alerts.select())}

        engine.run(store, shipped, only=[rule.id], now=NOW)
        before = severities()
        assert before
        assert "low" not in before
        assert found_by() == {(shipped.producers[rule.id].fingerprint, 1)}
        changed = pack([milder], shipped.classes, shipped.policy)
        report = engine.run(store, changed, only=[rule.id], now=NOW + 1)
        assert (report.new, report.revised, report.retracted) == (0, len(before) // 2, 0)
        assert set(severities()) == {"low"}
        assert found_by() == {(changed.producers[rule.id].fingerprint, 2)}
        again = engine.run(store, changed, only=[rule.id], now=NOW + 2)
        assert again.cells == 0
