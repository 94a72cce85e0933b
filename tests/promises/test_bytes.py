"""Promise 5: from any alert to the exact raw lines in the archive, whose hash chain verifies offline."""

from __future__ import annotations

import gzip
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core import time
from detections import engine
from detections.loading import load
from ingest.deliver import deliver
from ingest.register_import import import_entries
from ingest.registers import read_folder
from simulator import simulate
from store import Store, places, questions, tables


@dataclass(frozen=True)
class Town:
    """A store with a town's day, and the files that were delivered, by source."""

    home: Path
    files: dict[str, list[Path]]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder = tmp_path_factory.mktemp("town")
    simulate(folder, municipalities=1, days=1, scale=0.2)
    files: dict[str, list[Path]] = {}
    with Store.open(folder / "home", create=True) as store:
        for kind, entries in read_folder(folder / "config", recorded=time.now_us()).items():
            import_entries(store, kind, entries, actor="test")
        for file in sorted((folder / "logs").glob("*/*")):
            files.setdefault(file.parent.name, []).append(file)
            deliver(store, file.parent.name, file, received=file.stat().st_mtime_ns // 1000)
        engine.run(store, load())
    return Town(folder / "home", files)


@pytest.fixture
def store(town: Town) -> Iterator[Store]:
    with Store.open(town.home) as store:
        yield store


def test_every_alert_leads_to_lines_that_were_delivered_word_for_word(town: Town, store: Store) -> None:
    delivered = {
        source: {line for f in files for line in _content(f).split(b"\n")} for source, files in town.files.items()
    }
    with store.catalogue.read() as tx:
        sources = {row.seq: row.source for row in tx.execute(tables.batches.select())}
        kept = tx.execute(tables.facts.select()).all()
        alerts = tx.execute(tables.alerts.select().where(tables.alerts.c.entity != '["*"]')).all()
    assert len(alerts) > 10
    for alert in alerts:
        mine = [
            f
            for f in kept
            if (f.producer, f.day, f.tenant, f.entity) == (alert.rule, alert.day, alert.tenant, alert.entity)
        ]
        found = [(int(b), int(n)) for f in mine for b, n in places.unpack(f.places)]
        assert len(found) == json.loads(alert.facts)["lines"]
        for (batch, _), line in zip(found[:50], store.lines(found[:50]), strict=True):
            assert line in delivered[sources[batch]]


def test_the_lines_of_an_address_name_it(store: Store) -> None:
    where = questions.AlertFilter(rules=frozenset({"forbidden_flow_allowed"}))
    (first, *_) = questions.alerts(store, questions.Everyone.ALL, where).items
    lines = questions.evidence(store, questions.Everyone.ALL, first.id, actor="test").items
    assert lines
    assert all(first.entity[0].encode() in line.raw for line in lines)


def test_the_chain_verifies_and_one_changed_byte_is_found(town: Town, store: Store) -> None:
    assert store.verify(full=True).clean
    victim = max((town.home / "archive").rglob("*.zst"), key=lambda f: f.stat().st_size)
    before = victim.read_bytes()
    os.chmod(victim, stat.S_IRUSR | stat.S_IWUSR)
    middle = len(before) // 2
    victim.write_bytes(before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :])
    try:
        report = store.verify()
    finally:
        victim.write_bytes(before)
    assert not report.clean
    assert any(str(victim.relative_to(town.home)) in f.place for f in report.findings)
    assert store.verify().clean


def _content(file: Path) -> bytes:
    data = file.read_bytes()
    return gzip.decompress(data) if file.suffix == ".gz" else data
