"""Promise 8: it works offline, from the wheels alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HINOMI = Path(sys.executable).with_name("hinomi")


@pytest.mark.root
def test_the_demo_runs_with_no_network_but_loopback(tmp_path: Path) -> None:
    run = subprocess.run(
        ["unshare", "--net", HINOMI, "demo", "--no-serve", "--municipalities", "2", "--days", "1", "--home", tmp_path],
        capture_output=True, text=True, check=False, timeout=300, env=os.environ | {"COLUMNS": "160"},
    )  # fmt: skip
    assert "Traceback" not in run.stderr, run.stderr
    assert run.returncode in (0, 1), run.stderr
    assert re.search(r"planted cases that call for an alert: \d+ of \d+ found", run.stdout)
    assert re.search(r"MB/s", run.stdout)


def test_pages_and_styles_name_no_other_host() -> None:
    sources = [f for kind in ("html", "css", "js", "svg") for f in (ROOT / "dashboards").rglob(f"*.{kind}")]
    sources = [f for f in sources if "vendor" not in f.parts]
    assert sources
    named = [
        (f.name, url)
        for f in sources
        for url in re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", f.read_text("utf-8"))
    ]
    assert [n for n in named if "www.w3.org/" not in n[1] + "/"] == []


def test_duckdb_may_fetch_and_load_no_extension() -> None:
    from store import Store

    with Store.temporary() as store, store.snapshot() as snapshot, snapshot.session() as session:
        names = "('autoinstall_known_extensions', 'autoload_known_extensions')"
        rows = session.sql(f"SELECT name, value FROM duckdb_settings() WHERE name IN {names}").to_pylist()
    assert {r["name"]: r["value"] for r in rows} == {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
