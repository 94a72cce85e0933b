"""Judging cases: the one way by which API and pages do it, with scope, compare-and-set and a record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from api.state import Hinomi
from core import time
from core.errors import ConflictError, HinomiError, InputError, NotFoundError
from store import cases, trail
from store import questions as q
from store.keys import Reader


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is decided; None leaves a thing as it is.

    `seen` decides anew what stands (「確認した」); `notified` says that the body was told (「通報した」).
    """

    status: str | None = None
    reason: str | None = None
    until: int | None = None
    assignee: str | None = None
    comment: str = ""
    seen: bool = False
    notified: bool = False


def end_of(text: str | None) -> int | None:
    """An end as µs: RFC 3339 with offset, or a JST day that is included. InputError for anything else."""
    if not text:
        return None
    try:
        if len(text) == 10:
            return time.day_start(date.fromisoformat(text)) + time.DAY_US
        return time.parse_instant(text)
    except (ValueError, OverflowError) as e:
        raise InputError(f"until: {text!r} is neither a day nor a time with offset") from e


def judge(app: Hinomi, who: Reader, case_id: str, version: int, said: Judgement) -> int:
    """Judge one case; returns its new version.

    Raises:
        NotFoundError: The reader sees no such case.
        ConflictError: Somebody else was first.
        InputError: Nothing is said, or something is missing with it.
    """
    before = q.case(app.store, who.tenants, case_id).row
    if said.seen and said.status is None:
        said = replace(
            said, status=before.status, reason=said.reason or before.reason or None, until=said.until or before.until
        )
    if said == Judgement():
        raise InputError("nothing is said: give a status, an assignee, a comment or that the body was notified")
    after = cases.triage(
        app.store, case_id, actor=who.name, now=app.clock(), version=version, status=said.status, reason=said.reason,
        until=said.until, assignee=said.assignee, comment=said.comment,
        notified=said.notified,
    )  # fmt: skip
    trail.record(app.store, at=app.clock(), actor=who.actor, act="triage", subject=case_id, detail={
        "version": version, "from": before.status, "to": said.status, "reason": said.reason, "until": said.until,
        "assignee": said.assignee, "comment": bool(said.comment), "notified": said.notified, "tenant": before.tenant,
    })  # fmt: skip
    return after


def judge_all(
    app: Hinomi, who: Reader, chosen: Iterable[tuple[str, int]], said: Judgement
) -> tuple[list[tuple[str, int]], list[tuple[str, HinomiError]]]:
    """Judge several cases alike, each on its own: those judged with their new versions, and those that aren't."""
    done: list[tuple[str, int]] = []
    failed: list[tuple[str, HinomiError]] = []
    for case_id, version in chosen:
        try:
            done.append((case_id, judge(app, who, case_id, version, said)))
        except (NotFoundError, ConflictError, InputError) as e:
            failed.append((case_id, e))
    return done, failed
