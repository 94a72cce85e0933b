"""`hinomi scan`: rules over files, with registers or without, and nothing left behind."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def prefecture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from simulator import simulate

    folder = tmp_path_factory.mktemp("prefecture")
    simulate(folder, municipalities=1, days=1, scale=0.2)
    return folder


def test_scan_finds_what_ingest_and_detect_find(hinomi: Run, prefecture: Path, tmp_path: Path) -> None:
    log = prefecture / "logs" / "fw-aoba" / "20261118.log"
    found = hinomi("scan", "auto", log, "--config", prefecture / "config")
    assert found.returncode == 1, found.stderr
    assert "fortinet_fortigate" in found.stderr
    alerts = [json.loads(line) for line in found.stdout.splitlines()]
    for kind in ("tenants", "sources", "zones", "assets", "flows"):
        (file,) = (prefecture / "config").glob(f"{kind}.*")
        assert hinomi(kind, "import", file).returncode == 0
    received = str(log.stat().st_mtime)
    assert hinomi("ingest", "fw-aoba", log, "--received", _iso(float(received))).returncode == 0
    assert hinomi("detect").returncode == 0
    stored = [json.loads(line) for line in hinomi("alerts", "--jsonl").stdout.splitlines()]
    facts = ("rule", "severity", "tenant", "entity", "day", "first_seen", "last_seen", "count")
    assert [[a[f] for f in facts] for a in alerts] == [[a[f] for f in facts] for a in stored]
    assert len(alerts) > 5
    cases = [json.loads(line) for line in hinomi("cases", "--jsonl", "--status", "all").stdout.splitlines()]
    assert cases
    assert all(
        "お願い: " in one["sentence_ja"] and one["action"] and one["action_ja"] for one in (*alerts, *stored, *cases)
    )
    assert any("の端末 " in one["sentence_ja"] and one["facts"]["terminals"]["list"][0]["section"] for one in cases)
    gaps = hinomi("coverage", "--jsonl")
    assert gaps.returncode == 0, gaps.stderr


def test_scan_without_registers_works_and_says_what_is_missing(hinomi: Run, prefecture: Path, tmp_path: Path) -> None:
    log = prefecture / "logs" / "fw-aoba" / "20261118.log"
    found = hinomi("scan", "fortinet_fortigate", log)
    assert found.returncode in (0, 1), found.stderr
    assert "no zones in --config" in found.stderr
    assert "lgwan_illegitimate_source" in found.stderr
    assert not (tmp_path / "home").exists()


def _iso(seconds: float) -> str:
    from core.time import iso

    return iso(int(seconds * 1_000_000))
