"""Transactions: gapless seqs in order of visibility, nothing half, plain words when the database can't be used."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import Exit, StoreError
from store import Store, tables
from store.catalogue import Catalogue, canonical


def acts(store: Store) -> list[int]:
    with store.catalogue.read() as tx:
        return list(tx.execute(sa.select(tables.acts.c.seq).order_by(tables.acts.c.seq)).scalars())


def test_a_transaction_that_fails_gives_its_seq_back(either: Store) -> None:
    with either.catalogue.write() as tx:
        assert tx.seq("register") == 1
    with pytest.raises(RuntimeError), either.catalogue.write() as tx:  # noqa: PT012 - what fails is the transaction
        assert tx.seq("register") == 2
        raise RuntimeError
    with either.catalogue.write() as tx:
        assert tx.seq("register") == 2
    assert acts(either) == [1, 2]


def test_seqs_become_visible_in_order_while_many_take_them(opened: Callable[[], Store]) -> None:
    store = opened()
    gaps: list[list[int]] = []
    stop = threading.Event()

    def watch() -> None:
        other = opened()
        while not stop.is_set():
            seen = acts(other)
            if seen != list(range(1, len(seen) + 1)):
                gaps.append(seen)

    def take(other: Store, seed: int) -> None:
        for n in range(20):
            try:
                with other.catalogue.write() as tx:
                    tx.newest()  # a read before the write: a deferred transaction would fail here
                    tx.seq("register")
                    if (n + seed) % 3 == 0:
                        raise RuntimeError
            except RuntimeError:
                pass

    watcher = threading.Thread(target=watch)
    takers = [threading.Thread(target=take, args=(opened(), seed)) for seed in range(4)]
    watcher.start()
    for thread in takers:
        thread.start()
    for thread in takers:
        thread.join()
    stop.set()
    watcher.join()
    assert gaps == []
    expected = sum((n + seed) % 3 != 0 for seed in range(4) for n in range(20))
    assert acts(store) == list(range(1, expected + 1))


def test_a_reader_sees_one_state_throughout(opened: Callable[[], Store]) -> None:
    store, other = opened(), opened()
    with store.catalogue.read() as reader:
        assert reader.newest() == 0
        with other.catalogue.write() as tx:
            tx.seq("register")
        assert reader.newest() == 0
        assert reader.execute(sa.select(sa.func.count()).select_from(tables.acts)).scalar() == 0
    assert acts(store) == [1]


def test_what_an_act_says_is_kept_as_canonical_json(either: Store) -> None:
    with either.catalogue.write() as tx:
        tx.seq("register", actor="山田", detail={"b": 1, "a": "火"}, at=7)
    with either.catalogue.read() as tx:
        row = tx.execute(sa.select(tables.acts)).one()
    assert (row.seq, row.kind, row.at, row.actor, row.detail) == (1, "register", 7, "山田", '{"a":"火","b":1}')


def test_a_catalogue_of_a_newer_version_is_refused(opened: Callable[[], Store]) -> None:
    store = opened()
    with store.catalogue.write() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"version 9999, this program knows only up to .*newer Hinomi") as caught:
        opened()
    assert caught.value.exit == Exit.STORE
    with store.catalogue.read() as tx:
        assert tx.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == "9999"


def test_a_catalogue_of_an_older_version_is_upgraded_only_by_who_writes(tmp_path: Path) -> None:
    Store.open(tmp_path, create=True).close()
    with sqlite3.connect(tmp_path / "catalogue.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            connection.execute(f'DROP TABLE "{name}"')
    connection.close()
    with pytest.raises(StoreError, match="there is no catalogue here yet"):
        Store.open(tmp_path)
    Store.open(tmp_path, create=True).close()
    Store.open(tmp_path).close()


def test_where_there_is_no_store_none_is_made_by_looking(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store here yet"):
        Store.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_an_unknown_kind_of_database_is_refused() -> None:
    with pytest.raises(StoreError, match="only SQLite and PostgreSQL"):
        Catalogue("mysql://somewhere/db")


@pytest.mark.postgresql
def test_a_password_is_in_no_message() -> None:
    catalogue = Catalogue("postgresql://hinomi:secret@localhost:1/nothing")
    with pytest.raises(StoreError) as caught, catalogue.read():
        pass
    catalogue.close()
    assert "secret" not in str(caught.value)
    assert "localhost:1/nothing" in str(caught.value)


def test_a_catalogue_that_is_no_database_is_a_plain_message(tmp_path: Path) -> None:
    Store.open(tmp_path, create=True).close()
    for leftover in tmp_path.glob("catalogue.db*"):
        leftover.unlink()
    (tmp_path / "catalogue.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match=r"catalogue\.db: file is not a database"):
        Store.open(tmp_path)


def test_canonical_json_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical({"b": [1, {"y": 1, "x": "火"}], "a": None}) == canonical(
        {"a": None, "b": [1, {"x": "火", "y": 1}]}
    )
