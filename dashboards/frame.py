"""What stands around every page: bar, banner with the state of Hinomi itself, foot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core import time
from dashboards import wording
from dashboards.hostile import Shown, shown
from dashboards.visit import Visit
from store import Store
from store import questions as q
from store.keys import Role

BEHIND = 15 * wording.MINUTE
"""Detection that is further behind is said to be late; past four times this it counts as stopped."""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the main navigation."""

    href: str
    word: str
    current: bool
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Banner:
    """How Hinomi itself fares: `kind` is ok, warn or stop."""

    kind: str
    icon: str
    word: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """When the page was made."""

    day: str
    clock: str
    machine: str


@dataclass(frozen=True, slots=True)
class Frame:
    """Context of base.html. `links` is empty where nobody has signed in."""

    place: Shown
    links: tuple[Link, ...]
    stamp: Stamp
    reader: Shown
    role: str
    banner: Banner | None
    problem: Shown
    csrf: str
    label: str


def banner(health: q.Health, now: int) -> Banner:
    """The worst of receiving, detecting and notifying decides; each says how it stands."""
    kinds = []
    if not health.sources:
        received, kind = "ログ送信元の登録がありません", "warn"
    elif health.last_received is None:
        received, kind = "まだ1行も受信していません", "warn"
    elif health.silent >= health.sources:
        received = f"すべてのログ送信元が途絶({wording.duration(now - health.last_received)}前から)"
        kind = "stop"
    else:
        received, kind = f"最後の行 {wording.duration(now - health.last_received)}前", "ok"
    kinds.append(kind)
    detected, kind = _detection(health)
    kinds.append(kind)
    notified = f"期限超過 {health.overdue} 件" if health.overdue else "期限超過なし"
    kinds.append("warn" if health.overdue else "ok")
    worst = max(kinds, key=("ok", "warn", "stop").index)
    icon, word = {"ok": ("check", "正常"), "warn": ("warn", "注意"), "stop": ("silent", "停止")}[worst]
    return Banner(worst, icon, word, (("受信", received), ("検知", detected), ("通報", notified)))


def _detection(health: q.Health) -> tuple[str, str]:
    if health.last_run is None:
        return "まだ実行されていません", "warn"
    if health.last_run.error:
        return f"{wording.moment(health.last_run.started, health.now)} の実行が失敗しました", "stop"
    if health.failed:
        return f"失敗した評価 {wording.count(health.failed)} 件", "stop"
    if not health.due:
        return "評価待ちなし", "ok"
    lag = health.now - health.evaluated_to if health.evaluated_to is not None else 0
    word = f"最大{wording.duration(lag)}前まで評価済み"
    return word, "stop" if lag > 4 * BEHIND else "warn" if lag > BEHIND else "ok"


def place(bodies: Sequence[q.Body], *, whole: bool) -> str:
    """Whose cloud it is for those who see all of it, else the body, else nothing."""
    if whole:
        return next((f"{body.name} セキュリティクラウド" for body in bodies if body.kind == "prefecture"), "")
    return bodies[0].name if len(bodies) == 1 else ""


def links(visit: Visit, todo: int, current: str) -> tuple[Link, ...]:
    """The pages that this reader has."""
    whole = visit.reader is not None and visit.reader.whole
    return (
        Link("/overview", "県全体" if whole else "受信状況と案件", current == "overview"),
        Link("/cases", "案件", current == "cases", todo),
    )


def stamp(now: int) -> Stamp:
    """The instant of the page, in words."""
    return Stamp(wording.reiwa(time.day_of(now), weekday=True), wording.clock(now), wording.machine(now))


def bare(visit: Visit) -> Frame:
    """For pages before sign-in and for errors: nothing is asked of the store."""
    return Frame(shown(""), (), stamp(visit.now), shown(""), "", None, shown(visit.problem), visit.csrf, "")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A frame with the answers it was made of, so that a page needn't ask again."""

    frame: Frame
    health: q.Health
    views: Mapping[str, int]
    bodies: tuple[q.Body, ...]

    @property
    def names(self) -> dict[str, str]:
        """Code of a body → its name."""
        return {body.code: body.name for body in self.bodies}


def surroundings(store: Store, visit: Visit, current: str) -> Surroundings:
    """Three questions: health, views, bodies."""
    who = visit.who
    health = q.health(store, who.tenants, visit.due, now=visit.now)
    views = q.views(store, who.tenants, actor=who.name, now=visit.now)
    bodies = q.bodies(store, who.tenants, now=visit.now)
    frame = Frame(
        place=shown(place(bodies, whole=who.whole)),
        links=links(visit, views.get("todo", 0), current),
        stamp=stamp(visit.now),
        reader=shown(who.name),
        role=wording.ROLE.get(str(who.role), ""),
        banner=banner(health, visit.now),
        problem=shown(visit.problem),
        csrf=visit.csrf,
        label="機密性２" if who.role == Role.MUNICIPALITY else "機密性３",
    )
    return Surroundings(frame, health, views, bodies)
