"""The trail (操作記録): who did or read what, and when. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert

from core import time
from store.catalogue import canonical
from store.questions_terms import Readable
from store.tables import audit


def record(
    store: Readable,
    *,
    actor: str,
    act: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    at: int | None = None,
) -> None:
    """Add one row; what can't be recorded is not done, so a failure here is the caller's failure.

    Args:
        store: Where it happened.
        actor: Name and prefix of the key, as `Reader.actor` gives it.
        act: read_lines | triage | login | login_refused | logout | key_created | key_revoked.
        subject: Id of what was read or changed.
        detail: More, as JSON; never a secret.
        at: µs UTC; now when not given.
    """
    row = {"at": time.now_us() if at is None else at, "actor": actor, "act": act, "object": subject}
    with store.catalogue.write() as tx:
        tx.execute(insert(audit).values(**row, detail=canonical(detail or {})))
