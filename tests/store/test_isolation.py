"""People's SQL: what is refused before it runs, what limits it, and what comes back."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

import duckdb
import pytest

from core.columns import EventClass
from core.errors import QueryError, StoreError
from store import Store, isolation
from store._isolated import Refused, named
from store.isolation import truncated
from tests.store.making import DAY, NOW, A, B, commit, rows_of

REFUSED = {
    "SELECT * FROM read_parquet('/x')": r"read_parquet\(\) can't be used",
    "FROM '/x.parquet'": r"there is no table /x\.parquet",
    'SELECT * FROM "/x.parquet"': r"there is no table /x\.parquet",
    "SELECT * FROM read_text('/etc/passwd')": "can't be used",
    "SELECT * FROM glob('*')": "can't be used",
    "SELECT (SELECT max(content) FROM read_blob('/x')) FROM network": "can't be used",
    "WITH a AS (SELECT * FROM read_csv('/x')) SELECT * FROM a": "can't be used",
    "SELECT * FROM network WHERE line IN (SELECT line FROM parquet_scan('/x'))": "can't be used",
    "SELECT * FROM network UNION ALL FROM read_json('/x')": "can't be used",
    'SELECT * FROM mail_deliveries, "lines of mail_deliveries"': "there is no table lines of mail_deliveries",
    "SELECT * FROM duckdb_views()": "can't be used",
    "SELECT * FROM duckdb_settings()": "can't be used",
    "SELECT * FROM arrow_scan(1, 2, 3)": "can't be used",
    "SELECT * FROM query('SELECT 1')": "can't be used",
    "SELECT * FROM query_table('network')": "can't be used",
    "SELECT * FROM pragma_database_list": "there is no table",
    "SELECT * FROM information_schema.tables": r"there is no table information_schema\.tables",
    "SELECT * FROM pg_catalog.pg_class": "there is no table",
    "SELECT * FROM memory.main.network": r"there is no table memory\.main\.network",
    "SELECT * FROM alerts": "there is no table alerts; there are authentication, connections, dhcp",
    "COPY network TO '/x'": "this is COPY",
    "COPY (SELECT 1) TO '/x'": "this is COPY",
    "ATTACH '/x' AS x": "this is ATTACH",
    "INSTALL httpfs": "this is LOAD",
    "LOAD httpfs": "this is LOAD",
    "SET threads = 9": "this is SET",
    "RESET memory_limit": "this is SET",
    "PRAGMA database_list": "this is",
    "CREATE TABLE t AS SELECT 1": "this is CREATE",
    "INSERT INTO network SELECT * FROM network": "this is INSERT",
    "DELETE FROM network": "this is DELETE",
    "EXPORT DATABASE '/x'": "this is",
    "CALL pragma_version()": "this is CALL",
    "EXPLAIN ANALYZE SELECT 1": "this is EXPLAIN",
    "PREPARE p AS SELECT 1": "this is PREPARE",
    "BEGIN": "this is TRANSACTION",
    "SELECT 1; SELECT 2": "this is SELECT, SELECT",
    "SELECT 1; COPY network TO '/x'": "this is SELECT, COPY",
    "DESCRIBE network": "only a SELECT",
    "SHOW TABLES": "only a SELECT",
    "SUMMARIZE network": "only a SELECT",
    "": "this is nothing",
    "-- nothing": "this is nothing",
    "SELEC 1": "Parser Error: syntax error",
}
TAKEN = {
    "SELECT 1": set(),
    "FROM network SELECT tenant;": {"network"},
    "SELECT * FROM Network n JOIN dns USING (src_ip)": {"network", "dns"},
    "WITH network2 AS (FROM network) SELECT * FROM network2": {"network"},
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t": set(),
    "SELECT * FROM range(3), unnest([1, 2]), (VALUES (1)) v(x)": set(),
    "SELECT (SELECT count(*) FROM http) FROM system WHERE EXISTS (FROM email)": {"http", "system", "email"},
    "SELECT count(*) FILTER (verdict = 'deny') OVER (PARTITION BY src_ip) FROM finding": {"finding"},
    "SELECT '''; DROP TABLE network; --'": set(),
}


@pytest.mark.parametrize("sql", REFUSED)
def test_what_is_no_select_over_events_is_refused_in_plain_words(sql: str) -> None:
    with duckdb.connect() as connection, pytest.raises(Refused, match=REFUSED[sql]):
        named(connection, sql)


@pytest.mark.parametrize("sql", TAKEN)
def test_the_classes_that_a_statement_names_are_known_before_it_runs(sql: str) -> None:
    with duckdb.connect() as connection:
        assert named(connection, sql) == TAKEN[sql]


@pytest.fixture
def filled(store: Store) -> Store:
    """Three rows of A (one a day older), two of B, in two batches, and a DNS row."""
    commit(store, rows_of([NOW, NOW - DAY, NOW - 1], [A, A, B], verdict="deny"), salt="1")
    commit(store, {EventClass.NETWORK: rows_of([NOW - 2, NOW - 3], [A, B]), EventClass.DNS: rows_of([NOW])}, salt="2")
    return store


def test_answers_hold_the_rows_asked_for_with_their_batch(filled: Store) -> None:
    sql = "SELECT batch, line, tenant FROM network ORDER BY ALL"

    def rows(**limits: Any) -> list[tuple[int, int, str]]:
        return [tuple(r.values()) for r in filled.query(sql, **limits).to_pylist()]  # type: ignore[misc]  # three columns

    assert rows() == [(1, 1, A), (1, 2, A), (1, 3, B), (2, 1, A), (2, 2, B)]
    assert rows(tenants=[B]) == [(1, 3, B), (2, 2, B)]
    assert rows(tenants=[]) == []
    assert rows(first=NOW - 2, last=NOW) == [(1, 3, B), (2, 1, A)]
    filled.compact()
    assert rows(tenants=[B]) == [(1, 3, B), (2, 2, B)]
    joined = "SELECT count(*) n FROM network n JOIN dns d ON n.tenant = d.tenant AND n.line = d.line"
    assert filled.query(joined).to_pylist() == [{"n": 2}]


def test_an_answer_that_was_cut_says_so(filled: Store) -> None:
    table = filled.query("SELECT line FROM network ORDER BY event_time DESC", limit=2)
    assert (table.num_rows, truncated(table)) == (2, True)
    table = filled.query("SELECT line FROM network", limit=5)
    assert (table.num_rows, truncated(table)) == (5, False)


def test_a_query_that_takes_too_long_is_stopped(filled: Store) -> None:
    with pytest.raises(QueryError, match=r"did not end within 0\.5 s"):
        filled.query("SELECT count(*) FROM range(1000000000) a, range(1000000000) b", seconds=0.5)


def test_a_process_that_does_not_stop_by_itself_is_killed(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "GRACE_SECONDS", 0.01)
    with pytest.raises(QueryError, match="was stopped"):
        filled.query("SELECT 1", seconds=0.01)


def test_a_query_that_needs_too_much_memory_is_refused(tmp_path: Any) -> None:
    with Store.open(tmp_path, create=True, memory="100MB", durable=False) as store:
        with pytest.raises(QueryError, match="memory"):
            store.query("SELECT list(md5(range::VARCHAR)) FROM range(20000000)")
        assert list((tmp_path / "spill").iterdir()) == []


def test_wrong_sql_is_answered_with_the_place(filled: Store) -> None:
    with pytest.raises(QueryError, match='"nothing" not found'):
        filled.query("SELECT nothing FROM network")
    with pytest.raises(QueryError, match="can't be used"):
        filled.query("FROM read_parquet('x')")
    with pytest.raises(QueryError, match="greater than 0"):
        filled.query("SELECT 1", limit=0)


def test_a_listed_file_that_is_missing_is_an_error_of_the_store(filled: Store) -> None:
    for path in (filled.home / "events").rglob("*.parquet"):
        path.unlink()
    with pytest.raises(StoreError, match=r"parquet: listed in the catalogue, but missing"):
        filled.query("SELECT count(line) FROM network")


def test_the_process_cannot_write_a_file_even_if_it_wanted_to(tmp_path: Any) -> None:
    program = (
        "from store import _isolated; import pathlib, sys\n"
        "_isolated._limit(5.0)\n"
        "try: pathlib.Path(sys.argv[1]).write_bytes(b'x')\n"
        "except OSError as e: print(e.errno)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "x")], capture_output=True, check=False)
    assert done.stdout.strip() == b"27" or done.returncode == -signal.SIGXFSZ


def test_the_process_answers_only_what_it_was_asked(store: Store) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-m", "store._isolated"], input=json.dumps({"seconds": 1}).encode(), capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stdout == b""


def test_half_width_kana_match_in_a_search_and_stay_as_they_are(store: Store) -> None:
    words = ["ﾌｧｲｱｳｫｰﾙ設定ＡＢＣ", "ファイアウォール設定abc", "別の語", None]
    commit(store, rows_of([NOW - n for n in range(4)], message=words))
    found = store.query(
        "SELECT message FROM network WHERE fold(message) LIKE '%' || fold('ファイアウォール設定ａｂｃ') || '%' ORDER BY line"
    )
    assert found["message"].to_pylist() == words[:2]
