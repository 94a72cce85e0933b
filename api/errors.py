"""Errors as HTTP: one place where each becomes a problem (RFC 9457, application/problem+json)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import HinomiError

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger("hinomi.api")


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    place: list[str | int] = Field(description="Where: query, path or body, and the name.")
    detail: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field("about:blank", description="about:blank: the status says it.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The status code.")
    detail: str = Field("", description="What happened, and what to do.")
    instance: str = Field("", description="The path that was asked for.")
    errors: list[Fault] = Field([], description="Where the request could not be understood: each fault.")


class Unauthenticated(HTTPException):
    """No key, or one that doesn't hold."""

    def __init__(self) -> None:
        super().__init__(401, "a key is needed: Authorization: Bearer hnm_…", {"WWW-Authenticate": "Bearer"})


class TooMany(HTTPException):
    """More requests than the client may make."""

    def __init__(self, seconds: float) -> None:
        super().__init__(429, "too many requests; wait a little", {"Retry-After": str(max(1, round(seconds + 0.5)))})


def problem(
    request: Request,
    status: int,
    detail: str = "",
    *,
    errors: list[Fault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer for a status."""
    body = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, instance=request.url.path, errors=errors or []
    )
    content = body.model_dump(exclude_defaults=True) | {"type": "about:blank"}
    return JSONResponse(content, status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def status_of(error: Exception) -> tuple[int, str, Mapping[str, str]]:
    """Status, detail and headers of an error that was raised on purpose; 500 without a word of any other."""
    if isinstance(error, StarletteHTTPException):
        phrase = HTTPStatus(error.status_code).phrase
        return error.status_code, "" if error.detail == phrase else str(error.detail), error.headers or {}
    if isinstance(error, HinomiError):
        # What is wrong with the store is for its operator: it may name files, and goes to the log.
        return error.status, str(error) if error.status < 500 else "the store can't be used now", {}
    return 500, "", {}


def faults(error: RequestValidationError) -> list[Fault]:
    """What is wrong with a request, without the values it sent: they may be secrets."""
    return [Fault(place=list(one["loc"]), detail=str(one["msg"])) for one in error.errors()]


def answer(request: Request, error: Exception) -> Response:
    """Any error as a problem."""
    if isinstance(error, RequestValidationError):
        return problem(request, 422, "the request could not be understood", errors=faults(error))
    status, detail, headers = status_of(error)
    if status >= 500:
        log.error("%s %s: %s", request.method, request.url.path, error, exc_info=error)
    return problem(request, status, detail, headers=headers)


Handler = Callable[[Request, Exception], Response]


class Faults:
    """Answers what nobody foresaw, and stands inside of what adds headers and counts."""

    def __init__(self, app: ASGIApp, handler: Handler) -> None:
        self.app, self.handler = app, handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; an error becomes an answer unless one has begun."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as e:
            if begun:
                raise
            response = await run_in_threadpool(self.handler, Request(scope), e)
            await response(scope, receive, send)


def install(app: FastAPI, handler: Handler, *others: type[Exception]) -> None:
    """Answer every error of an application in this one way."""
    for kind in (StarletteHTTPException, RequestValidationError, HinomiError, *others):
        app.add_exception_handler(kind, handler)
    app.add_middleware(Faults, handler=handler)
