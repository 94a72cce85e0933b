"""Bodies × five sources: who sends, who has gone silent, and which cases are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.registers import WATCHED_KINDS
from dashboards import wording
from dashboards.hostile import Shown, shown
from dashboards.visit import address
from store import questions as q

COUNTED = ("critical", "high", "medium", "low")
UNSETTLED = ("new", "evaluating", "in_progress", "watching", "incident")


@dataclass(frozen=True, slots=True)
class Cell:
    """One feed: `kind` is on, silent, waiting, planned or none; `word` is what is read."""

    kind: str
    icon: str
    unseen: str
    word: str


@dataclass(frozen=True, slots=True)
class Number:
    """Open cases of one severity; `href` leads to exactly these, and is empty for none."""

    code: str
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class Body:
    """One line of the matrix."""

    href: str
    name: Shown
    cells: tuple[Cell, ...]
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Context of the card: heads, lines, and the limits that have to be said under it."""

    title: str
    heads: tuple[str, ...]
    bodies: tuple[Body, ...]
    keys: tuple[Cell, ...]
    notes: tuple[str, ...]


def cell(feed: q.Feed | None, now: int) -> Cell:
    """How a feed stands, with the time since its last line."""
    if feed is None or feed.state == "unregistered":
        return Cell("none", "none", "", "未登録")
    if feed.state == "waiting" or feed.last_received is None:
        return Cell("waiting", "wait", "", "未受信")
    ago = wording.duration(now - feed.last_received)
    if feed.state == "silent":
        return Cell("silent", "silent", "", f"途絶 {ago}")
    if feed.state == "planned":
        return Cell("planned", "planned", "", "休止予定")
    return Cell("on", "on", "受信中 ", ago)


KEYS = {
    "on": Cell("on", "on", "", "受信中"),
    "silent": Cell("key", "silent", "", "途絶"),
    "planned": Cell("planned", "planned", "", "休止予定"),
    "waiting": Cell("waiting", "wait", "", "未受信"),
    "none": Cell("none", "none", "", "未登録"),
}


def cases_address(tenant: str, severity: str) -> str:
    """The list of the cases that one number counts."""
    query = {"tenant": (tenant,), "status": UNSETTLED}
    return address("/cases", query | ({"severity": (severity,)} if severity else {}))


def _notes(feeds: Mapping[tuple[str, str], q.Feed]) -> tuple[str, ...]:
    said = []
    deny_only = sum(1 for (_, kind), f in feeds.items() if kind == "lgwan_firewall" and f.deny_only)
    if deny_only:
        said.append(f"LGWAN用FWのうち {deny_only} 団体は拒否ログのみの受信です(許可の有無は判断できません)。")
    shared = [wording.SOURCE[k] for k in WATCHED_KINDS if any(f.shared for (_, kind), f in feeds.items() if kind == k)]
    if shared:
        said.append(f"{'・'.join(shared)}には共同利用のログ送信元があり、団体ごとの途絶は分かりません。")
    said.append("案件の数は、終了・非該当・遡及を除きます。")
    return tuple(said)


def matrix(
    bodies: Sequence[q.Body],
    feeds: Mapping[tuple[str, str], q.Feed],
    severities: Mapping[str, Mapping[str, int]],
    *,
    now: int,
) -> Matrix:
    """The card. The prefecture itself has a line where it has feeds or cases of its own."""
    lines = []
    used = set()
    for body in bodies:
        own = {kind: feeds.get((body.code, kind)) for kind in WATCHED_KINDS}
        found = severities.get(body.code, {})
        if (
            body.kind == "prefecture"
            and not found
            and all(f is None or f.state == "unregistered" for f in own.values())
        ):
            continue
        cells = tuple(cell(feed, now) for feed in own.values())
        used |= {c.kind for c in cells}
        numbers = tuple(
            Number(code, found.get(code, 0), cases_address(body.code, code) if found.get(code) else "")
            for code in COUNTED
        )
        lines.append(Body(cases_address(body.code, ""), shown(body.name), cells, numbers))
    keys = tuple(key for kind, key in KEYS.items() if kind in used)
    title = "団体別の受信状況と案件" if len(lines) > 1 else "受信状況と案件"
    return Matrix(title, tuple(wording.SOURCE[kind] for kind in WATCHED_KINDS), tuple(lines), keys, _notes(feeds))
