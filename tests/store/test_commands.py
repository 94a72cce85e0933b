"""`hinomi verify` and `hinomi query`: data on stdout, talk on stderr, exit codes as promised."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from cli.main import run
from core.errors import Exit
from store import Store
from tests.store.making import NOW, A, B, commit, rows_of


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with two rows, and the environment that names it."""
    monkeypatch.setenv("HINOMI_HOME", str(tmp_path))
    with Store.open(tmp_path, create=True, durable=False) as store:
        commit(store, rows_of([NOW, NOW + 1], [A, B], message=['火, "見"', None], src_addr=[b"\1" * 16, None]))
    return tmp_path


def test_verify_says_that_all_is_well(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--full", "--jsonl"]) == Exit.OK
    out, err = capsys.readouterr()
    (summary,) = [json.loads(line) for line in out.splitlines()]
    assert summary["clean"]
    assert summary["checked"]["rows"] == 2
    assert "all is as it was committed" in err
    assert run(["verify"]) == Exit.OK
    assert capsys.readouterr().out == ""


def test_verify_names_what_it_finds(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path,) = (home / "archive").rglob("*.zst")
    path.unlink()
    assert run(["verify", "--jsonl"]) == Exit.FINDINGS
    out, err = capsys.readouterr()
    finding, summary = (json.loads(line) for line in out.splitlines())
    name = str(path.relative_to(home))
    assert finding == {"level": "finding", "kind": "object", "place": name, "message": "missing"}
    assert not summary["clean"]
    assert f"object: {name}: missing" in err
    assert run(["verify", "--archive", str(home / "archive")]) == Exit.FINDINGS


def test_verify_of_an_archive_needs_no_store(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "catalogue.db").unlink()
    assert run(["verify", "--archive", str(home / "archive"), "--full"]) == Exit.OK
    assert run(["verify"]) == Exit.STORE
    assert "no store here yet" in capsys.readouterr().err
    assert run(["verify", "--archive", str(tmp_path / "nothing")]) == Exit.STORE


def test_query_prints_rows_in_three_forms(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "SELECT tenant, event_time, message, src_addr, 1.5::DECIMAL(3,1) d, [1] l FROM network ORDER BY line"
    assert run(["query", sql, "--format", "jsonl"]) == Exit.OK
    out, err = capsys.readouterr()
    first, second = (json.loads(line) for line in out.splitlines())
    assert first == {
        "tenant": A, "event_time": "2026-11-20T05:00:00Z", "message": '火, "見"', "src_addr": "01" * 16, "d": 1.5, "l": [1],
    }  # fmt: skip
    assert second["message"] is None
    assert err == ""
    assert run(["query", sql, "--format", "csv"]) == Exit.OK
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[0][:3] == ["tenant", "event_time", "message"]
    assert rows[1][2] == '火, "見"'
    assert run(["query", sql]) == Exit.OK
    assert "火" in capsys.readouterr().out


def test_query_is_limited_to_bodies_times_and_rows(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def lines(*arguments: str) -> list[int]:
        assert run(["query", "SELECT line FROM network ORDER BY 1", "--format", "jsonl", *arguments]) == Exit.OK
        return [json.loads(line)["line"] for line in capsys.readouterr().out.splitlines()]

    assert lines("--tenant", B) == [2]
    assert lines("--tenant", A, "--tenant", B) == [1, 2]
    assert lines("--from", "2026-11-20T14:00:00.000001") == [2]
    assert lines("--to", "2026-11-20T14:00:00.000001+09:00") == [1]
    assert run(["query", "SELECT line FROM network", "--limit", "1"]) == Exit.OK
    assert "cut off after 1 rows" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["COPY network TO '/x'"], "only one SELECT is answered; this is COPY"),
        (["SELECT * FROM read_parquet('/x')"], "can't be used"),
        (["SELECT 1", "--from", "yesterday"], "--from 'yesterday': an instant is needed"),
        (
            ["SELECT count(*) FROM range(1000000000) a, range(1000000000) b", "--timeout", "0.3"],
            "did not end within 0.3 s",
        ),
    ],
)
def test_what_query_refuses_is_a_usage_error(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(["query", *arguments]) == Exit.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1
