"""Browsers: log-in by key, a cookie that scripts can't read, forms that only our own pages can send."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.browser import COOKIE, own_path
from store import Store, keys, tables
from tests.api.conftest import Client
from tests.api.prefecture import NOW, Prefecture

OURS = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def visit(app: FastAPI, store: Store) -> Any:
    """Logs a browser in with a key of a role; its `csrf` is what its pages carry."""

    def log_in(role: str, *tenants: str) -> Any:
        text = keys.create(store, name=f"{role} of test", role=role, tenants=tenants, now=NOW)
        browser = TestClient(app, follow_redirects=False)
        assert browser.post("/login", data={"key": text, "next": ""}, headers=OURS).status_code == 303
        with store.catalogue.read() as tx:
            browser.csrf = tx.execute(sa.select(tables.sessions.c.csrf)).scalars().all()[-1]  # type: ignore[attr-defined]  # rides along
        return browser

    return log_in


@pytest.mark.parametrize("path", ["/", "/overview", "/cases", "/cases?view=mine&q=a", "/cases/K-2611-0001"])
def test_nobody_sees_a_page_without_logging_in(client: Client, path: str) -> None:
    answer = client(follow_redirects=False).get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2F")
    page = client().get(path)
    assert page.status_code == 200
    assert 'name="key"' in page.text


def test_the_cookie_is_for_this_server_alone(client: Client, app: FastAPI, store: Store) -> None:
    text = keys.create(store, name="a", role="analyst", tenants=(), now=NOW)
    for scheme, secure in (("http", False), ("https", True)):
        browser = TestClient(app, base_url=f"{scheme}://testserver", follow_redirects=False)
        answer = browser.post("/login", data={"key": text}, headers={"Origin": f"{scheme}://testserver"})
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/" in cookie
        assert ("Secure" in cookie) is secure
        assert text not in cookie
    with store.catalogue.read() as tx:
        kept = [str(row) for row in tx.execute(sa.select(tables.sessions))]
    assert not any(cookie.split(";")[0].removeprefix(f"{COOKIE}=") in row for row in kept)


def test_a_wrong_key_is_refused_on_the_page(client: Client, store: Store) -> None:
    metrics = keys.create(store, name="m", role="metrics", tenants=(), now=NOW)
    for text in ("", "hnm_00000000_" + "A" * 43, metrics):
        answer = client().post("/login", data={"key": text, "next": "/cases"}, headers=OURS)
        assert answer.status_code == 401
        assert "この鍵では入れません" in answer.text
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("role", ["prefecture", "analyst", "auditor", "municipality"])
def test_each_role_sees_its_pages(visit: Any, made: Prefecture, role: str) -> None:
    browser = visit(role, *([made.one.code] if role == "municipality" else []))
    first = browser.get("/")
    assert first.headers["location"] == ("/cases" if role == "municipality" else "/overview")
    for path in (
        "/overview",
        "/cases",
        f"/cases/{made.one.cases[0]}",
        f"/cases/{made.one.cases[0]}?evidence={made.one.alerts[0]}",
    ):
        page = browser.get(path)
        assert page.status_code == 200, page.text
        assert page.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?![^>]*\b(src|type=\"application/json\"))|\son\w+=|\sstyle=", page.text)
    assert browser.get("/login").headers["location"] == "/"


def test_pages_leave_no_trace_of_another_body(visit: Any, made: Prefecture) -> None:
    browser = visit("municipality", made.one.code)
    own = f"/cases/{made.one.cases[0]}"
    paths = [
        "/overview",
        "/cases",
        own,
        f"/cases?tenant={made.other.code}&view=closed",
        f"{own}?evidence={made.other.alerts[0]}",
    ]
    for path in paths:
        text = browser.get(path).text
        told = [s for s in made.other.secrets if s in text and s not in path]
        assert told == [], path
    answers = [browser.get(f"/cases/{case}") for case in (*made.other.cases, "K-2611-9999")]
    assert {a.status_code for a in answers} == {404}
    assert len({a.text.replace(c, "") for a, c in zip(answers, (*made.other.cases, "K-2611-9999"), strict=True)}) == 1


def test_a_judgement_by_form(visit: Any, made: Prefecture, client: Client) -> None:
    browser, case = visit("analyst"), made.one.cases[0]
    assert browser.csrf in browser.get(f"/cases/{case}").text
    said = {"csrf": browser.csrf, "version": "1", "status": "in_progress", "assignee": "佐藤", "comment": "電話した"}
    answer = browser.post(f"/cases/{case}/triage", data=said, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case}")
    again = browser.post(f"/cases/{case}/triage", data=said, headers=OURS)
    assert again.status_code == 409
    assert "先に更新しました" in again.text
    row = client("auditor").get(f"/v1/cases/{case}").json()
    assert (row["status"], row["assignee"], row["version"]) == ("in_progress", "佐藤", 2)


def test_a_form_that_repeats_what_stands_judges_nothing(visit: Any, made: Prefecture, client: Client) -> None:
    browser, case = visit("analyst"), made.one.cases[0]
    said = {"csrf": browser.csrf, "version": "1", "status": "new", "assignee": "KOUNO-tanto", "comment": "見た"}
    assert browser.post(f"/cases/{case}/triage", data=said, headers=OURS).status_code == 303
    log = client("auditor").get(f"/v1/cases/{case}").json()["log"]
    assert [entry["act"] for entry in log] == ["comment", "comment"]


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"status": "dismissed"}, "理由"),
        ({"status": "watching"}, "期限"),
        ({"status": "watching", "until": "2020-01-01"}, "過去"),
        ({}, "変更がない"),
        ({"version": "x", "comment": "a"}, "入力"),
    ],
)
def test_a_form_that_is_not_whole_says_so_in_japanese(
    visit: Any, made: Prefecture, said: dict[str, str], word: str
) -> None:
    browser = visit("analyst")
    form = {"csrf": browser.csrf, "version": "1", **said}
    answer = browser.post(f"/cases/{made.one.cases[0]}/triage", data=form, headers=OURS)
    assert answer.status_code == 422
    assert word in answer.text


def test_several_cases_at_once(visit: Any, made: Prefecture, client: Client) -> None:
    browser = visit("prefecture")
    chosen = [f"{made.one.cases[0]}:1", f"{made.other.cases[0]}:9"]
    form = {"csrf": browser.csrf, "case": chosen, "status": "evaluating", "next": "/cases?view=todo"}
    answer = browser.post("/cases/triage", data=form, headers=OURS)
    assert answer.status_code == 409
    assert f"1 件は記録していません({made.other.cases[0]})" in answer.text
    form["case"] = [f"{made.other.cases[0]}:1"]
    answer = browser.post("/cases/triage", data=form, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases?view=todo")
    found = client("auditor").get("/v1/cases").json()["items"]
    assert {c["status"] for c in found} == {"evaluating"}
    assert (
        browser.post("/cases/triage", data={"csrf": browser.csrf, "status": "closed"}, headers=OURS).status_code == 422
    )


@pytest.mark.parametrize("role", ["auditor", "municipality"])
def test_who_only_reads_has_no_form(visit: Any, made: Prefecture, role: str) -> None:
    browser = visit(role, *([made.one.code] if role == "municipality" else []))
    path = f"/cases/{made.one.cases[0]}"
    assert f'action="{path}/triage"' not in browser.get(path).text
    form = {"csrf": browser.csrf, "version": "1", "status": "closed"}
    assert browser.post(f"{path}/triage", data=form, headers=OURS).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_a_form_from_elsewhere_does_nothing(
    visit: Any, made: Prefecture, client: Client, headers: dict[str, str]
) -> None:
    browser, case = visit("analyst"), made.one.cases[0]
    for path in (f"/cases/{case}/triage", "/cases/triage", "/logout", "/login"):
        form = {"csrf": browser.csrf, "version": "1", "status": "closed", "case": f"{case}:1"}
        assert browser.post(path, data=form, headers=headers).status_code == 403
    assert client("auditor").get(f"/v1/cases/{case}").json()["version"] == 1
    assert browser.get("/cases").status_code == 200


@pytest.mark.parametrize("token", ["", "wrong", "鍵"])
def test_a_form_without_the_token_of_its_session_does_nothing(visit: Any, made: Prefecture, token: str) -> None:
    browser = visit("analyst")
    form = {"csrf": token, "version": "1", "status": "closed"}
    answer = browser.post(f"/cases/{made.one.cases[0]}/triage", data=form, headers=OURS)
    assert answer.status_code == 403
    other = visit("analyst")
    form["csrf"] = other.csrf
    assert browser.post(f"/cases/{made.one.cases[0]}/triage", data=form, headers=OURS).status_code == 403


def test_a_form_is_a_form(visit: Any, made: Prefecture) -> None:
    browser = visit("analyst")
    path = f"/cases/{made.one.cases[0]}/triage"
    assert browser.post(path, json={"status": "closed"}, headers=OURS).status_code == 415
    kind = {"content-type": "application/x-www-form-urlencoded", **OURS}
    assert browser.post(path, content=b"a=\xff", headers=kind).status_code == 400
    assert browser.post(path, content=b"&".join(b"a=1" for _ in range(3000)), headers=kind).status_code == 400
    assert browser.post(path, content=b"a=" + b"x" * 70_000, headers=kind).status_code == 413


def test_logging_out_ends_the_session_everywhere(visit: Any, app: FastAPI) -> None:
    browser = visit("analyst")
    stolen = browser.cookies[COOKIE]
    assert browser.post("/logout", data={"csrf": browser.csrf}, headers=OURS).headers["location"] == "/login"
    assert browser.get("/cases").status_code == 303
    thief = TestClient(app, cookies={COOKIE: stolen}, follow_redirects=False)
    assert thief.get("/cases").status_code == 303


def test_a_session_ends_with_its_shift_and_with_its_key(visit: Any, app: FastAPI, store: Store) -> None:
    browser = visit("analyst")
    assert browser.get("/cases").status_code == 200
    app.state.hinomi.clock = lambda: NOW + keys.SESSION_US
    assert browser.get("/cases").status_code == 303
    app.state.hinomi.clock = lambda: NOW
    keys.revoke(store, keys.listed(store)[-1].prefix, now=NOW)
    assert browser.get("/cases").status_code == 303


def test_the_cookie_opens_no_door_of_the_api(visit: Any) -> None:
    browser = visit("prefecture")
    assert browser.get("/v1/alerts").status_code == 401
    assert browser.get("/metrics").status_code == 401


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/cases?view=mine", "/cases?view=mine"),
        ("/cases?q=端末", "/cases?q=%E7%AB%AF%E6%9C%AB"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("", "/"),
    ],
)
def test_it_goes_on_only_to_paths_of_ours(asked: str, given: str) -> None:
    assert own_path(asked) == given


def test_errors_are_pages_for_people(visit: Any, client: Client) -> None:
    for browser in (visit("analyst"), client()):
        answer = browser.get("/nothing/here")
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert "見つかりません" in answer.text
    answer = visit("analyst").get("/cases?after=broken")
    assert answer.status_code in (200, 400)


def test_static_files_are_ours_alone(client: Client) -> None:
    browser = client()
    fresh = browser.get("/static/hinomi.css")
    assert fresh.status_code == 200
    assert fresh.headers["cache-control"] == "no-cache"
    assert browser.get("/static/hinomi.css", headers={"If-None-Match": fresh.headers["etag"]}).status_code == 304
    assert "immutable" in browser.get("/static/hinomi.css?v=1").headers["cache-control"]
    for path in (
        "/static/vendor/SHA256SUMS",
        "/static/",
        "/static/..%2f__init__.py",
        "/static/../../etc/passwd",
        "/static/none.css",
    ):
        assert browser.get(path).status_code in (404, 405), path


def test_logins_are_on_record(visit: Any, store: Store) -> None:
    browser = visit("analyst")
    browser.post("/logout", data={"csrf": browser.csrf}, headers=OURS)
    with store.catalogue.read() as tx:
        acts = tx.execute(sa.select(tables.audit.c.act).order_by(tables.audit.c.id)).scalars().all()
    assert acts == ["login", "logout"]
