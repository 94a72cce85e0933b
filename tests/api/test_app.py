"""What holds for every operation: it documents itself, asks for a key, and fails in one way."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from api.app import create_app
from core.errors import StoreError
from core.settings import Settings
from store import Store
from tests.api.conftest import Client
from tests.api.prefecture import Prefecture

with Store.temporary() as _store:
    _APP = create_app(_store, Settings(), rules={})
DOCUMENT: dict[str, Any] = _APP.openapi()
OPERATIONS = [(path, verb) for path, verbs in DOCUMENT["paths"].items() for verb in verbs]
each_operation = pytest.mark.parametrize(("path", "verb"), OPERATIONS)


def is_problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"]
    return body


def test_every_route_is_in_the_document_or_is_a_page() -> None:
    routes = {c.path for c in iter_route_contexts(_APP.routes) if c.methods}
    pages = {p for p in routes if p is not None and not p.startswith(("/v1/", "/metrics"))}
    assert routes - pages == set(DOCUMENT["paths"])
    assert pages == {
        "/", "/overview", "/cases", "/cases/{case_id}", "/cases/triage", "/cases/{case_id}/triage", "/login", "/logout"
    }  # fmt: skip


@each_operation
def test_an_operation_documents_itself(path: str, verb: str) -> None:
    operation = DOCUMENT["paths"][path][verb]
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    assert set(operation["tags"]) <= {tag["name"] for tag in DOCUMENT["tags"]}
    assert all(p.get("description") for p in operation.get("parameters", ()))
    (success,) = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    assert success["description"]
    assert all(content["schema"] for content in success["content"].values())


@each_operation
def test_every_error_is_documented_as_a_problem(path: str, verb: str) -> None:
    responses = DOCUMENT["paths"][path][verb]["responses"]
    errors = {status: answer for status, answer in responses.items() if not status.startswith("2")}
    assert {"500", "503"} <= set(errors)
    for answer in errors.values():
        name = answer["$ref"].removeprefix("#/components/responses/")
        (media,) = DOCUMENT["components"]["responses"][name]["content"]
        assert media == "application/problem+json"
    if path != "/v1/health":
        assert {"401", "403", "429"} <= set(errors)
        assert DOCUMENT["paths"][path][verb]["security"] == [{"key": []}]


def test_the_document_has_no_loose_ends() -> None:
    text = json.dumps(DOCUMENT)
    assert "HTTPValidationError" not in text
    for reference in {part.split('"')[0] for part in text.split('"$ref": "')[1:]}:
        place: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    assert len({op["operationId"] for verbs in DOCUMENT["paths"].values() for op in verbs.values()}) == len(OPERATIONS)


@each_operation
def test_without_a_key_there_is_only_health(client: Client, path: str, verb: str) -> None:
    answer = client().request(verb, path, **({"json": {}} if verb == "post" else {}))
    if path == "/v1/health":
        assert answer.status_code == 200
        assert answer.json() == {"status": "ok"}
    else:
        is_problem(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("text", ["hnm_00000000_" + "A" * 43, "hnm_x", "Bearer", "é" * 9, ""])
def test_a_wrong_key_is_no_key(client: Client, text: str) -> None:
    headers = {"Authorization": b"Bearer " + text.encode()}
    is_problem(client().get("/v1/alerts", headers=headers), 401)


@each_operation
def test_a_key_for_metrics_sees_metrics_alone(client: Client, path: str, verb: str) -> None:
    answer = client("metrics").request(verb, path, **({"json": {}} if verb == "post" else {}))
    if path in ("/v1/health", "/metrics"):
        assert answer.status_code == 200
    else:
        is_problem(answer, 403)


def test_metrics_are_for_who_sees_every_body(client: Client, made: Prefecture) -> None:
    text = client("prefecture").get("/metrics").text
    assert 'hinomi_sources{state="receiving"} 3.0' in text
    assert "hinomi_lines_read_24h 16.0" in text
    for role, tenants in (("municipality", [made.one.code]), ("auditor", []), ("analyst", [])):
        is_problem(client(role, *tenants).get("/metrics"), 403)


def test_what_is_not_there_is_a_problem(client: Client) -> None:
    is_problem(client().get("/v1/nothing"), 404)
    is_problem(client().put("/v1/alerts"), 405)
    is_problem(client("prefecture").get("/v1/alerts/nobody"), 404)


def test_a_fault_says_where_and_not_what(client: Client) -> None:
    body = is_problem(client("prefecture").get("/v1/alerts", params={"limit": "secret", "severity": "wild"}), 422)
    assert {tuple(e["place"]) for e in body["errors"]} == {("query", "limit"), ("query", "severity", 0)}
    assert "secret" not in json.dumps(body)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"cursor": "AAAA"}, "cursor"),
        ({"cursor": "WyJyZXZpc2VkIiwxLCJhIl0"}, "another question"),
        ({"day_from": "2026-13-01"}, "no day"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_with_a_reason(client: Client, params: Any, said: str) -> None:
    assert said in is_problem(client("prefecture").get("/v1/alerts", params=params), 400)["detail"]


def test_a_body_that_is_too_long_is_not_read(client: Client) -> None:
    answer = client("prefecture").post(
        "/v1/cases/K-1/triage", content=b"x" * 70_000, headers={"content-type": "application/json"}
    )
    is_problem(answer, 413)


def test_a_broken_store_is_said_without_its_place(
    app: FastAPI, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise StoreError("/var/lib/hinomi/catalogue.db: disk I/O error")

    asking = client("prefecture", raise_server_exceptions=False)
    monkeypatch.setattr("store.questions.alerts", broken)
    assert "/var" not in json.dumps(is_problem(asking.get("/v1/alerts"), 503))


def test_a_fault_of_ours_is_said_without_a_word_of_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*_: Any, **__: Any) -> None:
        raise sqlite3.InternalError("secret")

    asking = client("prefecture", raise_server_exceptions=False)
    monkeypatch.setattr("store.questions.alerts", faulty)
    answer = asking.get("/v1/alerts")
    is_problem(answer, 500)
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_one_key_has_a_limit(app: FastAPI, client: Client) -> None:
    app.state.hinomi.readers.burst, app.state.hinomi.readers.rate = 3, 0.001
    asking, neighbour = client("auditor"), client("auditor")
    assert [asking.get("/v1/bodies").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = asking.get("/v1/bodies")
    is_problem(refused, 429)
    assert int(refused.headers["retry-after"]) >= 1
    assert neighbour.get("/v1/bodies").status_code == 200


def test_wrong_keys_from_one_address_have_a_limit(app: FastAPI, client: Client) -> None:
    app.state.hinomi.strangers.burst, app.state.hinomi.strangers.rate = 2, 0.001
    guess = {"Authorization": "Bearer hnm_00000000_" + "A" * 43}
    assert [client().get("/v1/bodies", headers=guess).status_code for _ in range(3)] == [401, 401, 429]
    assert client("auditor").get("/v1/bodies").status_code == 200


@pytest.mark.parametrize("path", ["/v1/health", "/v1/nothing", "/login", "/static/hinomi.css"])
def test_every_answer_keeps_a_browser_in_check(client: Client, path: str) -> None:
    headers = client().get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_nothing_is_fetched_for_the_documentation(client: Client) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert client().get(path).status_code == 404
    assert client("auditor").get("/v1/openapi.json").json() == json.loads(json.dumps(DOCUMENT))


def test_two_applications_share_nothing(store: Store) -> None:
    first, second = (create_app(store, Settings(), rules={}) for _ in range(2))
    TestClient(first).get("/v1/health")
    assert "show_health" in _scraped(first)
    assert "show_health" not in _scraped(second)


def _scraped(app: FastAPI) -> str:
    from prometheus_client import generate_latest

    return generate_latest(app.state.hinomi.meters.registry).decode()
