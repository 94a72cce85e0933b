"""An application over a prefecture of two bodies, and a client for each role."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from core.settings import Settings
from store import Store, keys
from tests.api.prefecture import NOW, Prefecture, prefecture

Client = Callable[..., TestClient]


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store."""
    with Store.temporary() as store:
        yield store


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def either(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An empty store for a module, on either database: questions are asked of both."""
    if request.param == "sqlite":
        with Store.temporary() as store:
            yield store
        return
    server = sa.make_url(request.getfixturevalue("postgresql_url"))
    name = f"test_{uuid.uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    url = server.set(database=name).render_as_string(hide_password=False)
    with Store.open(tmp_path_factory.mktemp("home"), catalogue=url, create=True, durable=False) as store:
        yield store
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def made(store: Store) -> Prefecture:
    """Two bodies in it."""
    return prefecture(store)


@pytest.fixture
def app(store: Store) -> FastAPI:
    """The application, in the prefecture's own time, with the rules that are shipped."""
    return create_app(store, Settings(), clock=lambda: NOW)


@pytest.fixture
def client(app: FastAPI, store: Store) -> Client:
    """Makes a client with a key of a role; without a role, one without a key."""

    def make(role: str = "", *tenants: str, **options: Any) -> TestClient:
        made = TestClient(app, **options)
        if role:
            text = keys.create(store, name=f"{role} of test", role=role, tenants=tenants, now=NOW)
            made.headers["Authorization"] = f"Bearer {text}"
        return made

    return make
