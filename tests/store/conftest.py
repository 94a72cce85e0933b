"""Stores on SQLite, and on PostgreSQL where it is installed; a database of its own for each test."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    """A store that doesn't fsync."""
    with Store.temporary() as store:
        yield store


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def catalogue_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of an empty catalogue: "" is SQLite in the data directory."""
    if request.param == "sqlite":
        yield ""
        return
    server = sa.make_url(request.getfixturevalue("postgresql_url"))
    name = f"test_{uuid.uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def opened(tmp_path: Path, catalogue_url: str) -> Iterator[Callable[[], Store]]:
    """Opens the same data directory on either database, as often as asked for: each as another process would."""
    stores: list[Store] = []

    def open_again() -> Store:
        stores.append(Store.open(tmp_path / "home", catalogue=catalogue_url, create=True, durable=False))
        return stores[-1]

    yield open_again
    for store in stores:
        store.close()


@pytest.fixture
def either(opened: Callable[[], Store]) -> Store:
    """A store on either database."""
    return opened()
