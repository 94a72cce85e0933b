"""API keys and what their holder may see: 256 random bits, kept as SHA-256, with a role and a scope of bodies.

A key reads `hnm_<prefix>_<secret>`. The prefix finds its row; the whole text is compared by its hash in constant time.
Argon2 would cost 97 ms a request and add nothing: there is nothing to guess in 256 random bits.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import RowMapping

from core import municipalities
from core.errors import InputError, NotFoundError
from store.questions_terms import Everyone, Readable, Tenants
from store.tables import keys, sessions

SESSION_US = 12 * 3_600_000_000
"""A browser stays logged in for one long shift."""

_KEY = re.compile(r"hnm_([0-9a-f]{8})_([A-Za-z0-9_-]{43})", re.ASCII)
_NO_KEY = "0" * 64


class Role(StrEnum):
    """What a key is for."""

    PREFECTURE = "prefecture"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    MUNICIPALITY = "municipality"
    METRICS = "metrics"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: the name and role of the key, and the bodies it may see."""

    name: str
    role: Role
    tenants: Tenants
    key: str

    @property
    def may_triage(self) -> bool:
        """Whether it may judge cases; auditors and bodies read only."""
        return self.role in (Role.PREFECTURE, Role.ANALYST)

    @property
    def whole(self) -> bool:
        """Whether it sees every body."""
        return self.tenants is Everyone.ALL

    @property
    def actor(self) -> str:
        """As it stands in logs: names may repeat, prefixes don't."""
        return f"{self.name} ({self.key})"


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is listed: never its secret. Times in µs UTC."""

    prefix: str
    name: str
    role: Role
    tenants: Tenants
    created: int
    expires: int | None
    revoked: int | None


@dataclass(frozen=True, slots=True)
class Login:
    """A browser that logged in: who, and the token that its forms carry."""

    reader: Reader
    csrf: str


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _scope(text: str) -> Tenants:
    codes = json.loads(text)
    return Everyone.ALL if codes == ["*"] else frozenset(codes)


def _reader(row: RowMapping) -> Reader:
    return Reader(row["name"], Role(row["role"]), _scope(row["tenants"]), row["prefix"])


def create(
    store: Readable, *, name: str, role: Role | str, tenants: Collection[str], now: int, expires: int | None = None
) -> str:
    """A new key; the text is returned once and kept nowhere.

    Args:
        store: Its catalogue takes the key.
        name: Of the person or program that holds it, as it will stand in logs.
        role: A municipality's key needs exactly the one body; metrics needs none.
        tenants: Codes of bodies; empty means every body of the prefecture, for the roles that may have that.
        now: µs UTC.
        expires: µs UTC, or None.

    Raises:
        InputError: A role without its scope, a wrong code, an expiry in the past.
    """
    try:
        role = Role(role)
    except ValueError as e:
        raise InputError(f"role {role!r} is none of {', '.join(Role)}") from e
    if not name.strip() or any(ord(c) < 32 for c in name):
        raise InputError("a key needs a name: whose is it?")
    codes = sorted({municipalities.checked(code) for code in tenants})
    if role is Role.MUNICIPALITY and len(codes) != 1:
        raise InputError("a municipality's key sees exactly one body: say --tenant CODE once")
    if role is Role.METRICS and codes:
        raise InputError("a key for metrics sees no body's data; leave --tenant out")
    if expires is not None and expires <= now:
        raise InputError("the expiry lies in the past")
    scope = codes or ([] if role is Role.METRICS else ["*"])
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    text = f"hnm_{prefix}_{secret}"
    with store.catalogue.write() as tx:
        tx.execute(insert(keys).values(
            prefix=prefix, sha256=_hash(text), name=name.strip(), role=str(role), tenants=json.dumps(scope),
            created=now, expires=expires, revoked=None,
        ))  # fmt: skip
    return text


def listed(store: Readable) -> tuple[Key, ...]:
    """Every key, oldest first."""
    with store.catalogue.read() as tx:
        rows = tx.execute(select(keys).order_by(keys.c.created, keys.c.prefix)).mappings().all()
    return tuple(
        Key(r["prefix"], r["name"], Role(r["role"]), _scope(r["tenants"]), r["created"], r["expires"], r["revoked"])
        for r in rows
    )


def revoke(store: Readable, prefix: str, *, now: int) -> None:
    """End a key and every browser that logged in with it; NotFoundError when there is none."""
    with store.catalogue.write() as tx:
        found = tx.execute(select(keys.c.revoked).where(keys.c.prefix == prefix)).one_or_none()
        if found is None:
            raise NotFoundError(f"no key begins with hnm_{prefix}")
        tx.execute(update(keys).where(keys.c.prefix == prefix, keys.c.revoked.is_(None)).values(revoked=now))
        tx.execute(delete(sessions).where(sessions.c.key == prefix))


def _holds(row: RowMapping, now: int) -> bool:
    return row["revoked"] is None and (row["expires"] is None or now < row["expires"])


def authenticate(store: Readable, text: str, *, now: int) -> Reader | None:
    """Who holds this key; None when it is unknown, revoked or expired, without saying which."""
    match = _KEY.fullmatch(text)
    if match is None:
        return None
    with store.catalogue.read() as tx:
        row = tx.execute(select(keys).where(keys.c.prefix == match[1])).mappings().one_or_none()
    same = hmac.compare_digest(_hash(text), row["sha256"] if row else _NO_KEY)
    return _reader(row) if row and same and _holds(row, now) else None


def log_in(store: Readable, reader: Reader, *, now: int) -> str:
    """Begin a browser's session; returns the secret for its cookie. Sessions that have ended are cleared away."""
    secret = secrets.token_urlsafe(32)
    with store.catalogue.write() as tx:
        tx.execute(delete(sessions).where(sessions.c.expires <= now))
        tx.execute(insert(sessions).values(
            sha256=_hash(secret), key=reader.key, csrf=secrets.token_urlsafe(32), created=now, expires=now + SESSION_US
        ))  # fmt: skip
    return secret


def session(store: Readable, secret: str, *, now: int) -> Login | None:
    """Who this cookie belongs to; None when its session or its key has ended."""
    statement = (
        select(keys, sessions.c.csrf)
        .join(sessions, sessions.c.key == keys.c.prefix)
        .where(sessions.c.sha256 == _hash(secret), sessions.c.expires > now)
    )
    with store.catalogue.read() as tx:
        row = tx.execute(statement).mappings().one_or_none()
    return Login(_reader(row), row["csrf"]) if row and _holds(row, now) else None


def log_out(store: Readable, secret: str) -> None:
    """End one browser's session."""
    with store.catalogue.write() as tx:
        tx.execute(delete(sessions).where(sessions.c.sha256 == _hash(secret)))
