"""Pages for browsers: who may see them, what a form does, and what is shown when something goes wrong.

What stands on a page is the business of `dashboards`; here is everything of HTTP around it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import dashboards
from api import errors
from api.browser import (
    COOKIE,
    Confirmed,
    Form,
    LoginNeeded,
    Posted,
    SignedIn,
    Visitor,
    first,
    forget,
    own_path,
    remember,
)
from api.errors import TooMany
from api.principals import READERS, client_of
from api.state import App, Hinomi
from api.triage import Judgement, end_of, judge, judge_all
from core.errors import ConflictError, HinomiError, InputError
from store import keys, trail
from store import questions as q
from store.keys import Login, Role

router = APIRouter()
log = logging.getLogger("hinomi.api")

_DATA = ("/v1/", "/metrics")
_SENT = frozenset({".css", ".js", ".svg", ".png", ".ico", ".woff2"})
_WRONG_KEY = "この鍵では入れません。鍵の文字列と有効期限を確かめてください。"
_CONFLICT = "ほかの人、または検知が先に更新しました。いまの内容を確かめて、もう一度記録してください。"


def show(
    app: Hinomi,
    request: Request,
    name: str,
    login: Login | None = None,
    *,
    path: Mapping[str, str] | None = None,
    params: Mapping[str, Sequence[str]] | None = None,
    form: Form | None = None,
    problem: str = "",
    status: int | None = None,
) -> HTMLResponse:
    """A page as `dashboards` draws it for this visit."""
    query = request.url.query
    visit = dashboards.Visit(
        reader=login.reader if login else None, now=app.clock(), path=path or {},
        params=parse_qs(query, keep_blank_values=True) if params is None else params, form=form or {},
        csrf=login.csrf if login else "", problem=problem, url=request.url.path + (f"?{query}" if query else ""),
        fragment=request.headers.get("hx-request") == "true" and "hx-boosted" not in request.headers,
        rules=app.rules, due=app.due(login.reader.tenants) if login else (),
    )  # fmt: skip
    rendered = dashboards.render(name, app.store, visit)
    return HTMLResponse(rendered.html, rendered.status if status is None else status)


@router.get("/")
def home(login: SignedIn) -> Response:
    """To the page that answers this reader's first question."""
    return RedirectResponse("/cases" if login.reader.role is Role.MUNICIPALITY else "/overview", 303)


@router.get("/overview")
def overview(app: App, request: Request, login: SignedIn) -> Response:
    """県全体."""
    return show(app, request, "overview", login)


@router.get("/cases")
def queue(app: App, request: Request, login: SignedIn) -> Response:
    """案件."""
    return show(app, request, "queue", login)


@router.get("/cases/{case_id}")
def case(app: App, request: Request, login: SignedIn, case_id: str) -> Response:
    """案件詳細."""
    return show(app, request, "case", login, path={"case_id": case_id})


# -------------------------------------------------------------------------------------------------------------- log-in


@router.get("/login")
def ask_key(app: App, request: Request, login: Visitor) -> Response:
    """The log-in page; who is in already goes on."""
    if login is not None:
        return RedirectResponse(own_path(request.query_params.get("next", "/")), 303)
    return show(app, request, "login")


@router.post("/login")
def log_in(app: App, request: Request, form: Posted) -> Response:
    """A key becomes a session; it is not kept."""
    reader = keys.authenticate(app.store, first(form, "key").strip(), now=app.clock())
    asked = {"next": [first(form, "next")]}
    if reader is None or reader.role not in READERS:
        if seconds := app.strangers.take(client_of(request)):
            raise TooMany(seconds)
        return show(app, request, "login", params=asked, form=asked, problem=_WRONG_KEY, status=401)
    secret = keys.log_in(app.store, reader, now=app.clock())
    trail.record(app.store, at=app.clock(), actor=reader.actor, act="login", subject=client_of(request))
    answer = RedirectResponse(own_path(first(form, "next")), 303)
    remember(answer, request, secret)
    return answer


@router.post("/logout")
def log_out(app: App, request: Request, login: SignedIn, form: Confirmed) -> Response:
    """The session ends, here and in the catalogue."""
    keys.log_out(app.store, request.cookies[COOKIE])
    trail.record(app.store, at=app.clock(), actor=login.reader.actor, act="logout", subject=client_of(request))
    answer = RedirectResponse("/login", 303)
    forget(answer, request)
    return answer


# --------------------------------------------------------------------------------------------------------------- forms


def _said(form: Form) -> Judgement:
    """What a form decides; InputError in the words of the page."""
    status, reason = first(form, "status") or None, first(form, "reason") or None
    comment, assignee = first(form, "comment").strip(), form.get("assignee", [None])[0]
    if status == "dismissed" and not reason:
        raise InputError("非該当にするには、理由を選んでください。")
    if status == "watching" and not first(form, "until"):
        raise InputError("静観にするには、期限が必要です。")
    if len(comment) > 4000 or len(assignee or "") > 100:
        raise InputError("コメントまたは担当が長すぎます。")
    until = end_of(first(form, "until")) if status in ("watching", "dismissed") else None
    seen = first(form, "seen") == "1"
    told = first(form, "notified") == "1"
    return Judgement(status, reason, until, None if assignee is None else assignee.strip(), comment, seen, told)


def _changed(said: Judgement, row: q.CaseRow) -> Judgement:
    """A form sends what stands, too: only what differs is said."""
    same = said.status == row.status and not said.reason and said.until is None
    return Judgement(
        None if same else said.status, said.reason, said.until,
        None if said.assignee == row.assignee else said.assignee, said.comment, said.seen, said.notified,
    )  # fmt: skip


def _may(login: Login) -> None:
    if not login.reader.may_triage:
        raise HTTPException(403, "this role reads and does not judge")


def _words(error: HinomiError) -> str:
    text = str(error)
    if isinstance(error, ConflictError):
        return _CONFLICT
    if "past" in text:
        return "期限が過去になっています。"
    return text if not text.isascii() else "入力を確かめてください。変更がないか、足りない項目があります。"


@router.post("/cases/triage")
def triage_cases(app: App, request: Request, login: SignedIn, form: Confirmed) -> Response:
    """The same judgement on every chosen case; then back to the list."""
    _may(login)
    back = own_path(first(form, "next"), "/cases")
    problem, status = "", 422
    try:
        said = _said(form)
        chosen = [(name, int(version)) for name, _, version in (one.rpartition(":") for one in form.get("case", ()))]
        if not chosen:
            raise InputError("案件が選ばれていません。")
        _, failed = judge_all(app, login.reader, chosen, said)
        if failed:
            status = 409
            which = "、".join(name for name, _ in failed[:5]) + (" ほか" if len(failed) > 5 else "")
            problem = f"{len(failed)} 件は記録していません({which})。{_words(failed[0][1])}"
    except InputError as e:
        problem = _words(e)
    except ValueError:
        problem = "入力を確かめてください。"
    if not problem:
        return RedirectResponse(back, 303)
    asked = parse_qs(urlsplit(back).query, keep_blank_values=True)
    return show(app, request, "queue", login, params=asked, form=form, problem=problem, status=status)


@router.post("/cases/{case_id}/triage")
def triage_case(app: App, request: Request, login: SignedIn, form: Confirmed, case_id: str) -> Response:
    """A judgement on one case; then back to it."""
    _may(login)
    row = q.case(app.store, login.reader.tenants, case_id).row
    try:
        judge(app, login.reader, case_id, int(first(form, "version")), _changed(_said(form), row))
    except ConflictError as e:
        problem, status = _words(e), 409
    except InputError as e:
        problem, status = _words(e), 422
    except ValueError:
        problem, status = "入力を確かめてください。", 422
    else:
        return RedirectResponse(f"/cases/{row.id}", 303)
    return show(
        app, request, "case", login, path={"case_id": row.id}, params={}, form=form, problem=problem, status=status
    )


# -------------------------------------------------------------------------------------------------------------- static


class Static(StaticFiles):
    """Our own files: an address that carries a version is kept for a year, any other asked for anew."""

    def __init__(self) -> None:
        super().__init__(directory=dashboards.STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, if it is of a kind that pages use."""
        if not any(path.endswith(suffix) for suffix in _SENT):
            raise HTTPException(404)
        answer = await super().get_response(path, scope)
        versioned = b"v=" in scope.get("query_string", b"")
        answer.headers["cache-control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
        return answer


# -------------------------------------------------------------------------------------------------------------- errors

_BARE = (
    '<!doctype html><html lang="ja"><meta charset="utf-8"><title>火の見</title><p>いまは表示できません({status})。</p>'
)


def answer(request: Request, error: Exception) -> Response:
    """An error as this client reads it: a problem for programs, a page for people."""
    if request.url.path.startswith(_DATA) or request.url.path == "/v1":
        return errors.answer(request, error)
    app: Hinomi = request.app.state.hinomi
    if isinstance(error, LoginNeeded):
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?{urlencode({'next': asked})}" if request.method == "GET" else "/login", 303)
    status, _, headers = errors.status_of(error)
    if status >= 500:
        log.error("%s %s: %s", request.method, request.url.path, error, exc_info=error)
    try:
        page: Response = show(app, request, "error", path={"status": str(status)}, params={}, status=status)
    except HinomiError:
        page = HTMLResponse(_BARE.format(status=status), status)
    page.headers.update(headers)
    return page
