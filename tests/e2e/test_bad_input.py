"""What a person gets wrong: a plain message with the place, a documented exit code, and nothing lost."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
LINE = (
    "1763600400.123    180 10.250.1.7 TCP_MISS/200 1234 GET http://www.example.jp/ - HIER_DIRECT/192.0.2.1 text/html\n"
)


def told(result: subprocess.CompletedProcess[str]) -> str:
    """The message: one or a few lines, no trace, nothing on standard output."""
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr


def test_a_source_that_is_not_registered(ready: Run, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(LINE)
    result = ready("ingest", "fw-aoba", "a.log")
    assert result.returncode == 2
    assert "'fw-aoba' is not registered; registered are proxy" in told(result)
    assert ready("deliveries", "--jsonl").stdout == ""


def test_a_format_that_is_not_known(hinomi: Run, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(LINE)
    result = hinomi("parse", "fortigat", "a.log")
    assert result.returncode == 2
    assert "no format 'fortigat'" in told(result)
    assert "squid" in result.stderr


def test_a_rule_with_a_misspelt_key(hinomi: Run, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "detections" / "rules" / "lgwan_mass_access.toml"
    (tmp_path / "rules").mkdir()
    text = shipped.read_text("utf-8").replace("at_least = ", "at_lest = ")
    (tmp_path / "rules" / "lgwan_mass_access.toml").write_text(text)
    result = hinomi("rules", "check", "--rules", "rules")
    assert result.returncode == 1
    assert "lgwan_mass_access.toml" in result.stderr
    assert "at_lest" in result.stderr
    assert "Traceback" not in result.stderr


def test_overlapping_zones_and_a_wrong_check_digit(ready: Run, tmp_path: Path) -> None:
    (tmp_path / "zones.csv").write_text("団体コード,アドレス範囲,領域\n131016,10.0.0.0/8,LGC\n")
    assert ready("zones", "import", "zones.csv").returncode == 0
    (tmp_path / "zones.csv").write_text("団体コード,アドレス範囲,領域,有効開始\n131016,10.0.0.0/8,INC,2026-11-01\n")
    result = ready("zones", "import", "zones.csv")
    assert result.returncode == 2
    assert "10.0.0.0/8" in told(result)
    (tmp_path / "zones.csv").write_text("団体コード,アドレス範囲,領域\n131015,10.0.0.0/8,LGC\n")
    result = ready("zones", "check", "zones.csv")
    assert result.returncode == 2
    assert "zones.csv:2: tenant: 団体コード 131015: wrong check digit, 13101 takes 6" in told(result)
    (kept,) = ready("zones", "list", "--jsonl").stdout.splitlines()
    assert json.loads(kept) == {"tenant": "131016", "prefix": "10.0.0.0/8", "zone": "LGC"}


def test_a_catalogue_of_a_newer_version(ready: Run, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "home" / "catalogue.db") as catalogue:
        (known,) = catalogue.execute("SELECT version_num FROM alembic_version").fetchone()
        catalogue.execute("UPDATE alembic_version SET version_num = '9999'")
    (tmp_path / "a.log").write_text(LINE)
    for command in (("ingest", "proxy", "a.log"), ("detect",), ("alerts",)):
        result = ready(*command)
        assert result.returncode == 3
        assert "version 9999, this program knows only up to" in told(result)
    with sqlite3.connect(tmp_path / "home" / "catalogue.db") as catalogue:
        catalogue.execute("UPDATE alembic_version SET version_num = ?", [known])
    assert ready("ingest", "proxy", "a.log").returncode == 0


@pytest.mark.root
def test_a_full_disk(ready: Run, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(LINE)
    assert ready("ingest", "proxy", "a.log").returncode == 0
    (tmp_path / "b.log").write_text("".join(LINE.replace(".123", f".{n % 1000:03d}") for n in range(60_000)))
    home, disk = tmp_path / "home", tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=True)
    try:
        shutil.copytree(home, disk / "home")
        (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free - 200_000))
        result = ready("ingest", "proxy", "b.log", HINOMI_HOME=str(disk / "home"))
        assert result.returncode == 3
        assert str(disk) in told(result)
        (disk / "filler").unlink()
        # What was there is whole; with room again the same command takes in what was refused.
        subprocess.run(["mount", "-o", "remount,size=60m", disk], check=True)
        again = ready("ingest", "proxy", "b.log", HINOMI_HOME=str(disk / "home"))
        assert again.returncode == 0, again.stderr
        kept = ready("deliveries", "--jsonl", HINOMI_HOME=str(disk / "home")).stdout.splitlines()
        assert sum(json.loads(one)["lines"] for one in kept) == 60_001
        assert ready("verify", HINOMI_HOME=str(disk / "home")).returncode == 0
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_no_store_yet(hinomi: Run) -> None:
    result = hinomi("alerts")
    assert result.returncode == 3
    assert "no store here yet" in told(result)


def test_a_setting_that_is_wrong(hinomi: Run) -> None:
    result = hinomi("alerts", HINOMI_RETENTION_DAYS="30")
    assert result.returncode == 2
    assert "HINOMI_RETENTION_DAYS" in told(result)


def test_refused_lines_are_told_with_their_places_and_bytes_stay(ready: Run, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(LINE + "what is this\n" + LINE)
    result = ready("ingest", "proxy", "a.log", "--received", "2025-11-20T10:05:00+09:00")
    assert result.returncode == 0
    assert "3 lines = 2 parsed + 1 refused + 0 skipped" in result.stderr
    (refused,) = [json.loads(x) for x in ready("deliveries", "--refused").stdout.splitlines()]
    assert (refused["line"], refused["offset"], refused["length"]) == (2, len(LINE), len("what is this"))
    assert refused["reason"]
    assert ready("verify").returncode == 0


@pytest.mark.parametrize("command", ["", "parse", "ingest", "rules", "zones", "alerts", "cases", "deliveries", "query"])
def test_every_help_teaches(hinomi: Run, command: str) -> None:
    result = hinomi(*command.split(), "--help")
    assert result.returncode == 0
    assert result.stdout.startswith("Usage: hinomi")
