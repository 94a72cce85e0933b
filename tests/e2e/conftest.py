"""The real command line in a process of its own, on a data directory of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

TENANTS = """
[[tenants]]
code = "130001"
name = "見本県"
body = "prefecture"
[[tenants]]
code = "131016"
name = "青葉市"
body = "municipality"
"""
SOURCES = """
[[sources]]
id = "proxy"
kind = "proxy"
format = "squid"
timezone = "Asia/Tokyo"
tenant = "130001"
body_by = "address"
bodies = { "10.250.1.0/24" = "131016" }
"""
LINE = (
    "1763600400.123    180 10.250.1.7 TCP_MISS/200 1234 GET http://www.example.jp/ - HIER_DIRECT/192.0.2.1 text/html\n"
)


@pytest.fixture
def hinomi(tmp_path: Path) -> Run:
    """Run `hinomi` with arguments; standard output and error come back as text."""
    environment = os.environ | {"HINOMI_HOME": str(tmp_path / "home"), "COLUMNS": "200", "LANG": "C.UTF-8"}

    def run(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).with_name("hinomi"), *map(str, arguments)],
            capture_output=True, text=True, timeout=300, env=environment | more, cwd=tmp_path, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def ready(hinomi: Run, tmp_path: Path) -> Run:
    """The same, with a prefecture, a body and a proxy registered."""
    (tmp_path / "tenants.toml").write_text(TENANTS)
    (tmp_path / "sources.toml").write_text(SOURCES)
    for kind in ("tenants", "sources"):
        assert hinomi(kind, "import", f"{kind}.toml").returncode == 0
    return hinomi
