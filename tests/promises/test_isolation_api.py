"""Promise 7 over HTTP: no key of one body reaches anything of another, over every route there is.

The routes come from the application itself, so a new one is tried without anybody thinking of it. Each is asked with
every id of the other body and with filters that name it; no answer may hold a text of that body, an id of it must look
exactly like one that doesn't exist, and nothing that happens to it may change a byte of what its neighbour is told.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.app import create_app
from core import time
from core.settings import Settings
from store import Store, keys
from store import questions as q
from tests.api.prefecture import NOW, Body, Prefecture, a_case, an_alert, commit, detected, prefecture, write

ROOT = Path(__file__).resolve().parents[2]
OURS = {"Origin": "http://testserver"}
KNOWN_PARAMETERS = {"alert_id", "case_id", "delivery_id", "rule_id"}
SHOWN_TO_ALL = {"/v1/health", "/v1/rules", "/v1/rules/{rule_id}", "/v1/openapi.json", "/login", "/logout"}
"""Routes that hold nothing of any body."""


@pytest.fixture(scope="module")
def town() -> Iterator[tuple[Store, Prefecture, FastAPI]]:
    """A store with two bodies, and the application over it."""
    with Store.temporary() as store:
        made = prefecture(store)
        app = create_app(store, Settings(), clock=lambda: NOW)
        app.state.hinomi.readers.burst = app.state.hinomi.readers.rate = 1e9
        app.state.document = app.openapi()
        yield store, made, app


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """(method, path) of every route; a mount counts as GET of something below it."""
    found = []
    for context in iter_route_contexts(app.routes):
        if context.methods and context.path is not None:
            found += [(method, context.path) for method in sorted(context.methods - {"HEAD"})]
    found += [("GET", f"{route.path}/x") for route in app.routes if isinstance(route, Mount)]
    return sorted(found)


def api_client(store: Store, app: FastAPI, role: str, *tenants: str) -> TestClient:
    """A program with a key."""
    client = TestClient(app, follow_redirects=False)
    text = keys.create(store, name="isolated", role=role, tenants=tenants, now=NOW)
    client.headers["Authorization"] = f"Bearer {text}"
    client.post("/login", data={"key": text}, headers=OURS)  # the same reader as a browser: pages take the cookie
    return client


def ids_of(body: Body, parameter: str) -> list[str]:
    """Everything of a body that could stand for a parameter of a path."""
    own = {"alert_id": body.alerts, "case_id": body.cases, "delivery_id": body.deliveries, "rule_id": [body.mark]}
    return [*own[parameter], body.source, body.code]


def filters(body: Body) -> list[dict[str, Any]]:
    """Queries that name a body in every way that a query can."""
    return [
        {}, {"tenant": body.code}, {"tenant": [body.code], "total": "true", "limit": "500"}, {"total": "true"},
        {"entity": body.address}, {"text": body.mark}, {"text": body.address}, {"case": body.cases[0]},
        {"source": body.source}, {"assignee": f"{body.mark}-tanto"}, {"status": ["new", "closed"], "since": "2026-01-01T00:00:00Z"},
        {"state": ["live", "retracted", "frozen"]}, {"candidate": "true"}, {"group": "false"}, {"view": "todo", "q": body.mark},
        {"evidence": body.alerts[0]}, {"open": f"g:mass_access:{NOW}"}, {"hours": "720"}, {"days": "400"}, {"next": "/cases"},
    ]  # fmt: skip


def asked(app: FastAPI, body: Body, own: Body) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every route with every id of a body, and of the reader's own, and every filter that names the body."""
    for method, path in routes(app):
        names = re.findall(r"{(\w+)(?::\w+)?}", path)
        assert set(names) <= KNOWN_PARAMETERS, f"{path}: teach this test what {names} means"
        readable = [body, own] if method == "GET" else [body]
        for values in itertools.product(*([i for b in readable for i in ids_of(b, name)] for name in names)):
            filled = path
            for name, value in zip(names, values, strict=True):
                filled = re.sub(rf"{{{name}(:\w+)?}}", value, filled)
            for query in filters(body) if method == "GET" else [{}]:
                if understood(app, path, query):
                    yield method, filled, query


def understood(app: FastAPI, path: str, query: dict[str, Any]) -> bool:
    """Whether a route looks at these parameters; a page may look at any."""
    operation = app.state.document["paths"].get(path, {}).get("get")
    return operation is None or set(query) <= {p["name"] for p in operation.get("parameters", ())}


def tell(client: TestClient, method: str, path: str, query: dict[str, Any], body: Body) -> Any:
    """Ask; a POST says something that would change a case."""
    if method == "GET":
        return client.get(path, params=query)
    said = {"version": 1, "status": "closed", "comment": "isolated"}
    if path.startswith("/v1/cases/triage"):
        said = {"status": "closed", "cases": [{"id": case, "version": 1} for case in body.cases]}  # type: ignore[dict-item]  # any JSON
    if path.startswith("/v1/"):
        return client.post(path, json=said)
    form = {
        "csrf": "x",
        "version": "1",
        "status": "closed",
        "case": [f"{case}:1" for case in body.cases],
        "key": "hnm_x",
    }
    return client.post(path, data=form, headers=OURS)


def leaks(answer: Any, body: Body, *echoed: str) -> list[str]:
    """Texts of a body that an answer holds, those left out that the question itself said."""
    content = answer.content + b" ".join(f"{k}: {v}".encode() for k, v in answer.headers.items())
    return [s for s in body.secrets if s.encode() in content and not any(s in one for one in echoed)]


@pytest.mark.parametrize("role", ["municipality", "analyst", "auditor"])
def test_no_route_tells_one_body_of_another(town: tuple[Store, Prefecture, FastAPI], role: str) -> None:
    store, made, app = town
    for one, other in (made.bodies, made.bodies[::-1]):
        client = api_client(store, app, role, one.code)
        tried = set()
        for method, path, query in asked(app, other, one):
            answer = tell(client, method, path, query, other)
            said = [path, str(query), *(other.cases if method == "POST" else [])]
            assert answer.status_code < 500, (method, path, query, answer.text)
            assert leaks(answer, other, *said) == [], (method, path, query)
            tried.add((method, path))
        assert len(tried) >= len(routes(app))
        assert q.case(store, q.Everyone.ALL, other.cases[0]).row.version == 1


def test_a_body_is_told_of_itself_over_the_same_routes(town: tuple[Store, Prefecture, FastAPI]) -> None:
    """The search above finds something where there is something to find."""
    store, made, app = town
    client = api_client(store, app, "municipality", made.one.code)
    silent = set()
    for method, path in routes(app):
        if method == "GET" and not path.endswith("/x"):
            names = re.findall(r"{(\w+)}", path)
            values = [re.sub(r"{\w+}", value, path) for value in ids_of(made.one, names[0])] if names else [path]
            if not any(leaks(client.get(value), made.one, value) for value in values):
                silent.add(path)
    assert silent - SHOWN_TO_ALL == {"/", "/metrics", "/v1/coverage", "/v1/denied", "/v1/status"}


def test_another_bodys_id_is_one_that_does_not_exist(town: tuple[Store, Prefecture, FastAPI]) -> None:
    store, made, app = town
    client = api_client(store, app, "municipality", made.one.code)
    compared = 0
    for method, path in routes(app):
        for name in re.findall(r"{(\w+)}", path):
            for known in ids_of(made.other, name)[:-2]:
                absent = "f" * len(known)
                there, nowhere = (
                    tell(client, method, path.replace(f"{{{name}}}", i), {}, made.other) for i in (known, absent)
                )
                assert there.status_code == nowhere.status_code in (403, 404), path
                assert there.text.replace(known, "ID") == nowhere.text.replace(absent, "ID"), path
                compared += 1
    assert compared >= 8


def test_nothing_that_happens_to_one_body_changes_what_another_is_told(town: tuple[Store, Prefecture, FastAPI]) -> None:
    store, made, app = town
    client = api_client(store, app, "municipality", made.one.code)

    def everything() -> dict[str, bytes]:
        app.state.hinomi._due.clear()
        out = {}
        for method, path in routes(app):
            if method == "GET" and path not in ("/metrics", "/v1/openapi.json"):
                for name in re.findall(r"{(\w+)}", path) or [""]:
                    for value in ids_of(made.one, name) if name else [""]:
                        for query in (f for f in filters(made.one) if understood(app, path, f)):
                            filled = path.replace(f"{{{name}}}", value)
                            out[f"{filled} {query}"] = client.get(filled, params=query).content
        return out

    before = everything()
    other = made.other
    seq, delivery, digest = commit(
        store, other.source, [f"{other.mark} more {n}".encode() for n in range(50)], [other.code] * 50,
        name=f"{other.mark}-2.log", columns={"src_ip": [other.address] * 50},
    )  # fmt: skip
    commit(
        store, made.shared, [f"{other.mark} shared {n}".encode() for n in range(3)], [other.code] * 3, name="kyodo-2.log",
        columns={"src_ip": [other.address] * 3},
    )  # fmt: skip
    other.deliveries.append(delivery)
    other.hashes.append(digest)
    other.address = "10.2.2.8"
    detected(store, other, seq, 1, 50, hours_ago=3)
    cases = [a_case(tenant=other.code, rule="flood", entity=f'["10.2.3.{n}"]') for n in range(60)]
    write(
        store, cases=cases,
        alerts=[an_alert(tenant=other.code, rule="flood", entity=c["entity"], case_id=c["id"]) for c in cases],
        counts=[{"hour": time.hour_of(NOW) - n, "tenant": other.code, "dst_zone": "LGWAN", "bin": "none", "name": "",
                 "rows": 9, "events": 9} for n in range(24)],
    )  # fmt: skip
    after = everything()
    assert [key for key, content in before.items() if content != after[key]] == []


def test_a_question_without_bodies_does_not_exist() -> None:
    said = {"coverage": "due", "legible": None, "view": None}
    for name in q.__all__:
        question = getattr(q, name)
        if inspect.isfunction(question) and name not in said:
            parameters = list(inspect.signature(question).parameters.values())
            assert [p.name for p in parameters[:2]] == ["store", "tenants"], name
            assert parameters[1].default is inspect.Parameter.empty, name


@pytest.mark.parametrize("path", sorted((ROOT / "api").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_question_of_a_route_is_asked_for_its_reader(path: Path) -> None:
    """Whoever asks says whose eyes it is for: the reader's own bodies. /metrics alone counts over all of them."""
    allowed = {"who.tenants", "login.reader.tenants", "reader.tenants", "tenants"}
    if path.name == "metrics.py":
        allowed |= {"everyone"}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "q"
            and node.func.attr in q.__all__
            and node.func.attr.islower()
            and node.func.attr not in ("coverage", "legible", "view")
        ):
            assert ast.unparse(node.args[1]) in allowed, f"{path}:{node.lineno}"
