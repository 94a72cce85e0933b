"""Browsers: a session behind a cookie, and forms that only our own pages can send.

A session lasts a shift and is looked up on every request, so that a revoked key ends it at once. A form counts only
when the browser says that it comes from our own origin and when it carries the session's token.
"""

from __future__ import annotations

import hmac
from typing import Annotated
from urllib.parse import parse_qs, quote, urlsplit

from fastapi import Depends, HTTPException, Request, Response

from api.errors import TooMany
from api.state import App
from store import keys
from store.keys import Login

COOKIE = "hinomi_session"
Form = dict[str, list[str]]


class LoginNeeded(Exception):
    """Nobody has signed in; the log-in page knows where to go on."""


def _login(app: App, request: Request) -> Login | None:
    secret = request.cookies.get(COOKIE, "")
    login = keys.session(app.store, secret, now=app.clock()) if secret else None
    if login is not None and (seconds := app.readers.take(login.reader.key)):
        raise TooMany(seconds)
    return login


Visitor = Annotated[Login | None, Depends(_login)]
"""Who signed in, or nobody."""


def _signed_in(login: Visitor) -> Login:
    if login is None:
        raise LoginNeeded
    return login


SignedIn = Annotated[Login, Depends(_signed_in)]
"""Who signed in."""


async def _posted(request: Request) -> Form:
    """The fields of a form, from our own pages only."""
    fetched, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = urlsplit(origin).netloc == request.headers.get("host") if origin else False
    if fetched not in (None, "same-origin") or (origin and not own) or not (fetched or origin):
        raise HTTPException(403, "the form was not sent from a page of this server")
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise HTTPException(415, "a form is needed")
    try:
        text = (await request.body()).decode()
        return parse_qs(text, keep_blank_values=True, max_num_fields=2000, strict_parsing=False)
    except ValueError as e:
        raise HTTPException(400, "the form could not be understood") from e


Posted = Annotated[Form, Depends(_posted)]
"""What a form says."""


def _confirmed(login: SignedIn, form: Posted) -> Form:
    if not hmac.compare_digest(first(form, "csrf").encode(), login.csrf.encode()):
        raise HTTPException(403, "the form has expired; open the page again")
    return form


Confirmed = Annotated[Form, Depends(_confirmed)]
"""What a form of this session says."""


def first(form: Form, name: str) -> str:
    """The first value of a field; empty where there is none."""
    return form.get(name, [""])[0]


def own_path(text: str, otherwise: str = "/") -> str:
    """A path of this server to go on to; anything that could lead elsewhere becomes `otherwise`."""
    plain = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text
    return quote(text, safe="/?&=%:.,~+-_*@!$'();[]") if plain else otherwise


def remember(response: Response, request: Request, secret: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        COOKIE, secret, max_age=keys.SESSION_US // 1_000_000, path="/", httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip


def forget(response: Response, request: Request) -> None:
    """Take the session away from the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=request.url.scheme == "https")
