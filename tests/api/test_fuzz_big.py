"""Whatever is asked, the answer is one that the document names: never a fault of the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from core.settings import Settings
from store import Store, keys
from tests.api.prefecture import NOW, prefecture
from tests.api.test_app import DOCUMENT

GETS = [path for path, verbs in DOCUMENT["paths"].items() if "get" in verbs]
POSTS = [path for path, verbs in DOCUMENT["paths"].items() if "post" in verbs]
fuzzed = settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])

hostile = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", "0", "-1", "9" * 30, "1e9", "NaN", "null", "%", "_", "'", '"', "\\", "\x00", "../..", "131016", "10.1.1.5",
                     "2026-11-20", "2026-02-30", "0001-01-01", "9999-12-31", "2026-11-20T00:00:00Z", "0001-01-01T00:00:00+14:00",
                     "9999-12-31T23:59:59-12:00", "WyItbGFzdF9zZWVuIiwxLCJhIl0", "W10", "bnVsbA", "[]", "甲野", "\ud7ff\ue000"]),
    st.integers(-(2**70), 2**70).map(str),
    st.datetimes().map(lambda d: d.isoformat() + "Z"),
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[TestClient]:
    """A client that sees every body, of a store with something in it."""
    with Store.temporary() as store:
        made = prefecture(store)
        app = create_app(store, Settings(), clock=lambda: NOW)
        app.state.hinomi.readers.burst = app.state.hinomi.readers.rate = 1e9
        client = TestClient(app)
        text = keys.create(store, name="fuzz", role="prefecture", tenants=(), now=NOW)
        client.headers["Authorization"] = f"Bearer {text}"
        client.ids = {
            "alert_id": made.one.alerts[0],
            "case_id": made.one.cases[0],
            "delivery_id": made.one.deliveries[0],
        }  # type: ignore[attr-defined]  # rides along
        yield client


def words_of(schema: dict[str, Any]) -> list[str]:
    """The words that a parameter takes, where it takes words."""
    options = [schema, schema.get("items", {}), *schema.get("anyOf", [])]
    return [str(word) for option in options for word in option.get("enum", [])]


def queries(parameters: list[dict[str, Any]]) -> st.SearchStrategy[dict[str, list[str]]]:
    """Queries of known and unknown parameters, with values that fit and that don't."""
    fields = {
        p["name"]: st.lists(
            st.one_of(hostile, *([st.sampled_from(w)] if (w := words_of(p["schema"])) else [])), max_size=3
        )
        for p in parameters
        if p["in"] == "query"
    }
    return st.fixed_dictionaries({}, optional=fields | {"unknown": st.lists(hostile, max_size=1)})


def answered(answer: Any, path: str, verb: str) -> None:
    """The answer is documented, and what it says it is."""
    documented = DOCUMENT["paths"][path][verb]["responses"]
    assert answer.status_code < 500, answer.text
    assert str(answer.status_code) in documented, (answer.status_code, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
    if path != "/metrics":
        json.loads(answer.content)


@pytest.mark.parametrize("path", GETS)
@fuzzed
@given(data=st.data())
def test_any_query_is_answered(server: TestClient, path: str, data: st.DataObject) -> None:
    filled = path
    for name, known in server.ids.items():  # type: ignore[attr-defined]  # rides along
        filled = filled.replace(f"{{{name}}}", known)
    parameters = DOCUMENT["paths"][path]["get"].get("parameters", [])
    answered(server.get(filled.replace("{rule_id}", "none"), params=data.draw(queries(parameters))), path, "get")


@pytest.mark.parametrize("path", [path for path in GETS if "{" in path])
@fuzzed
@given(text=hostile.filter(lambda t: t not in ("", ".", "..", "../..")))
def test_any_id_is_answered(server: TestClient, path: str, text: str) -> None:
    from urllib.parse import quote

    start, _, rest = path.partition("{")
    answer = server.get(start + quote(text, safe="") + rest.partition("}")[2])
    if "/" not in text:
        answered(answer, path, "get")
    assert answer.status_code < 500


@pytest.mark.parametrize("path", POSTS)
@fuzzed
@given(data=st.data())
def test_any_body_is_answered(server: TestClient, path: str, data: st.DataObject) -> None:
    values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), hostile, st.lists(hostile, max_size=2))
    words = st.sampled_from(["new", "watching", "dismissed", "closed", "benign", "2026-11-30"])
    body = data.draw(st.one_of(
        st.dictionaries(st.sampled_from(["status", "reason", "until", "assignee", "comment", "version", "cases", "x"]),
                        st.one_of(values, words)),
        st.fixed_dictionaries({"version": st.integers(0, 9), "status": words, "until": st.one_of(words, hostile)}),
        values,
    ))  # fmt: skip
    filled = path.replace("{case_id}", "K-2611-9999")
    answered(server.post(filled, content=json.dumps(body), headers={"content-type": "application/json"}), path, "post")


@pytest.mark.parametrize("path", ["/cases", "/overview", "/login", "/cases/K-1", "/nothing"])
@fuzzed
@given(query=st.dictionaries(
    st.sampled_from(["view", "severity", "status", "nature", "tenant", "q", "hours", "after", "before", "group", "open", "next",
                     "evidence", "cursor", "rule", "verdict", "continuity", "sort", "x"]),
    st.lists(hostile, max_size=2),
))  # fmt: skip
def test_any_address_of_a_page_is_answered(server: TestClient, path: str, query: dict[str, list[str]]) -> None:
    browser = TestClient(server.app, follow_redirects=False)
    key = server.headers["Authorization"].removeprefix("Bearer ")
    browser.post("/login", data={"key": key}, headers={"Origin": "http://testserver"})
    answer = browser.get(path, params=query)
    assert answer.status_code in (200, 303, 400, 404), answer.text
