"""Who asks: the holder of the key in the Authorization header, with a role and the bodies it may see."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.errors import TooMany, Unauthenticated
from api.state import App, Hinomi
from store import keys
from store.keys import Reader, Role

_bearer = HTTPBearer(
    auto_error=False, scheme_name="key", bearerFormat="hnm_<prefix>_<secret>",
    description="A key of `hinomi keys create`.",
)  # fmt: skip
_Given = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]

READERS = frozenset({Role.PREFECTURE, Role.ANALYST, Role.AUDITOR, Role.MUNICIPALITY})
"""Roles that see rows of bodies."""


def client_of(request: Request) -> str:
    """The address that a request came from; the server has put a believed proxy's client there already."""
    return request.client.host if request.client else "unknown"


def admitted(app: Hinomi, request: Request, text: str) -> Reader:
    """The holder of a key, within its limits.

    Raises:
        Unauthenticated: Unknown, revoked or expired, without saying which.
        TooMany: Too many requests of this key, or too many wrong keys from this address.
    """
    reader = keys.authenticate(app.store, text, now=app.clock()) if text else None
    if reader is None:
        if text and (seconds := app.strangers.take(client_of(request))):
            raise TooMany(seconds)
        raise Unauthenticated
    if seconds := app.readers.take(reader.key):
        raise TooMany(seconds)
    return reader


def _anyone(app: App, request: Request, given: _Given) -> Reader:
    return admitted(app, request, given.credentials if given else "")


def _reader(who: Annotated[Reader, Depends(_anyone)]) -> Reader:
    if who.role not in READERS:
        raise HTTPException(403, f"a key of the role {who.role} sees no rows")
    return who


def _judge(who: Annotated[Reader, Depends(_reader)]) -> Reader:
    if not who.may_triage:
        raise HTTPException(403, f"the role {who.role} reads and does not judge")
    return who


def _meter(who: Annotated[Reader, Depends(_anyone)]) -> Reader:
    if who.role not in (Role.METRICS, Role.PREFECTURE):
        raise HTTPException(403, f"the role {who.role} sees no metrics")
    return who


Who = Annotated[Reader, Depends(_reader)]
"""The reader of an operation that shows rows: its `tenants` go into every question."""
Judge = Annotated[Reader, Depends(_judge)]
"""Somebody who may judge cases."""
Meter = Annotated[Reader, Depends(_meter)]
"""Somebody who may see metrics, which count over all bodies."""
