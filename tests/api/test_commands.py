"""The commands around the API: keys, the document, and a server that starts, answers and stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cli.serve import _detecting
from store import Store
from tests.api.test_app import DOCUMENT

HINOMI = Path(sys.executable).with_name("hinomi")


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Runs the program on a data directory of its own."""
    environment = {**os.environ, "HINOMI_HOME": str(tmp_path / "data")}

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([HINOMI, *arguments], env=environment, capture_output=True, text=True, timeout=120)

    command.environment = environment  # type: ignore[attr-defined]  # rides along
    return command


def test_a_key_is_made_listed_and_revoked(run: Any) -> None:
    made = run("keys", "create", "--name", "監視担当", "--role", "analyst", "--tenant", "131016")
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    assert key.startswith("hnm_")
    assert "only time" in made.stderr
    (listed,) = [json.loads(line) for line in run("keys", "list", "--jsonl").stdout.splitlines()]
    assert (listed["name"], listed["role"], listed["tenants"], listed["revoked"]) == (
        "監視担当",
        "analyst",
        ["131016"],
        "",
    )
    assert listed["key"] in key
    assert key not in run("keys", "list").stdout
    assert run("keys", "revoke", listed["key"]).returncode == 0
    assert json.loads(run("keys", "list", "--jsonl").stdout)["revoked"]


def test_a_key_that_makes_no_sense_is_a_plain_message(run: Any) -> None:
    for arguments, said in (
        (("create", "--name", "a", "--role", "king"), "none of"),
        (("create", "--name", "a", "--role", "municipality", "--tenant", "131017"), "check digit"),
        (("revoke", "00000000"), "no key"),
    ):
        done = run("keys", *arguments)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_the_document_is_printed_without_a_store(run: Any, tmp_path: Path) -> None:
    done = run("openapi")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(json.dumps(DOCUMENT))
    assert not (tmp_path / "data").exists()


def test_a_server_starts_answers_and_stops(run: Any) -> None:
    key = run("keys", "create", "--name", "a", "--role", "auditor").stdout.strip()
    server = subprocess.Popen(
        [HINOMI, "serve", "--port", "0"], env=run.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        with httpx2.Client(base_url=address, trust_env=False) as client:
            assert client.get("v1/health").json() == {"status": "ok"}
            assert client.get("v1/alerts").status_code == 401
            answer = client.get("v1/alerts", headers={"Authorization": f"Bearer {key}"})
            assert answer.json()["items"] == []
            assert "server" not in answer.headers
            assert client.get("login").status_code == 200
        taken = run("serve", "--port", address.rstrip("/").rsplit(":", 1)[1])
        assert taken.returncode == 2
        assert "can't be listened on" in taken.stderr
    finally:
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=30)
    assert "Traceback" not in said


def test_the_scheduler_outlives_a_failure(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, runs = threading.Event(), []

    def failing(*_: Any, **__: Any) -> None:
        runs.append(1)
        if len(runs) == 3:
            stop.set()
        raise RuntimeError("broken")

    monkeypatch.setattr("detections.engine.run", failing)
    monkeypatch.setattr(stop, "wait", lambda seconds: None)
    _detecting(store, None)(stop)  # type: ignore[arg-type]  # the engine is not there
    assert len(runs) == 3
