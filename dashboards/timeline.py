"""When what happened to a case: its clock, the revisions of its facts, and what people did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards import wording
from dashboards.hostile import Shown, shown
from detections import evidence
from store import questions as q

TIMES = frozenset({"first_seen", "last_seen"})
SYSTEM = "hinomi"
"""Whose acts are the system's own."""
FACTS = {
    "count": "件数",
    "count_quality": "件数の確からしさ",
    "first_seen": "初回",
    "verdicts": "判定",
    "outcomes": "結果",
    "layers": "検知のしかた",
    "severity_line": "重要度",
    "deny_only": "拒否ログのみ",
    "terminals": "端末",
    "macs": "MAC",
    "nat": "変換後アドレス",
    "entities": "通信元の数",
}
"""Facts whose change is worth a word; the others change with every line that comes."""
VALUES = {
    "destinations": "通信先",
    "ports": "方式",
    "dst_zones": "通信先の領域",
    "src_zones": "通信元の領域",
    "users": "利用者",
    "sources": "ログ送信元",
}
MATERIAL = {
    "new": "検知",
    "recurring": "再燃のため再確認",
    "severity": "重要度が上がったため再確認",
    "allowed": "初めての許可のため再確認",
    "zone": "初めての領域のため再確認",
    "port": "初めての方式のため再確認",
    "peer": "初めての通信先のため再確認",
    "tenfold": "件数が10倍を超えたため再確認",
    "late": "着手前の証拠のため再確認",
    "expired": "静観の期限が過ぎたため再確認",
    "withdrawn": "システムが取り下げ: 確認",
}
ACTS = {
    "count": "件数",
    "lines": "行",
    "attempts": "試行",
    "carried": "前日からの繰越し",
    "first_seen": "初回",
    "last_seen": "最終",
    "episodes": "区切り",
    "peak": "最大",
    "severity": "重要度",
    "verdict": "判定",
    "verdicts": "判定",
    "outcomes": "結果",
    "layers": "検知のしかた",
    "destinations": "通信先",
    "ports": "方式",
    "dst_zones": "通信先の領域",
    "src_zones": "通信元の領域",
    "sources": "ログ送信元",
    "devices": "機器",
    "terminals": "端末",
    "users": "利用者",
    "nat": "変換後アドレス",
    "macs": "MAC",
    "state": "状態",
    "samples": "代表の行",
}
MATERIAL = {
    "severity": "重要度が上がったため再確認",
    "allow": "初めての許可のため再確認",
    "late": "着手前の証拠のため再確認",
    "recurring": "再燃のため再確認",
    "break": "再燃のため再確認",
    "count": "件数が10倍を超えたため再確認",
    "zone": "初めての領域のため再確認",
    "port": "初めての方式のため再確認",
    "peer": "初めての通信先のため再確認",
    "spread": "通信先が2倍を超えたため再確認",
    "new": "検知",
}
ACTS = {
    "status": "状態",
    "assign": "担当",
    "comment": "コメント",
    "notify": "通報",
    "join": "案件の統合",
    "returned": "一覧に戻った",
    "seen": "確認",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One hour of the clock; `next` is what runs."""

    name: str
    value: str
    note: Shown
    was: str = ""
    next: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One fact before and after."""

    name: str
    before: Shown
    after: Shown


@dataclass(frozen=True, slots=True)
class Version:
    """One revision of an alert."""

    word: str
    when: str
    changes: tuple[Change, ...]
    note: Shown
    late: bool


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a person, or of the system."""

    when: str
    who: Shown
    what: Shown
    detail: Shown
    comment: Shown


def _late(revisions: Iterable[q.Revision]) -> int | None:
    """When the first line was thought to be, before late ones came; None where it has always been the same."""
    for revision in sorted(revisions, key=lambda r: (r.at, r.revision)):
        pair = revision.changes.get("first_seen")
        if isinstance(pair, (list, tuple)) and len(pair) == 2 and isinstance(pair[0], int) and isinstance(pair[1], int):
            return pair[0]
    return None


def clock(
    row: q.CaseRow, revisions: Sequence[q.Revision], log: Sequence[q.LogEntry], received: int | None, now: int
) -> tuple[Step, ...]:
    """発生 受信 検知 着手 通報. What has no time yet is what runs; nothing is written in its place."""

    def at(instant: int) -> str:
        return wording.moment(instant, now, seconds=True)

    was = _late(revisions)
    steps = [Step("発生", at(row.first_seen), shown("から改訂" if was else ""), was=at(was) if was else "")]
    if received is not None:
        steps.append(Step("受信", at(received), shown("最初の行")))
    after = (
        f"受信から {wording.exact_duration(row.opened - received)}"
        if received is not None and row.opened >= received
        else ""
    )
    steps.append(Step("検知", at(row.opened), shown(after)))
    if row.taken is not None:
        taker = next((e.actor for e in reversed(log) if e.act == "status" and e.actor != SYSTEM), row.assignee)
        steps.append(Step("着手", wording.moment(row.taken, now), shown(taker.split(" (")[0])))
    elif row.status == "new":
        steps.append(Step("着手", "未着手", shown(""), next=True))
    if row.notified is not None:
        note = ""
        if row.due is not None:
            hour = wording.moment(row.due, now)
            late = row.notified - row.due
            note = f"期限 {hour} に間に合い" if late <= 0 else f"期限 {hour} を {wording.duration(late)} 超過"
        steps.append(Step("通報", wording.moment(row.notified, now), shown(note)))
    elif row.due is not None and row.status not in ("closed", "dismissed"):
        left = row.due - now
        word = f"残り {wording.duration(left)}" if left >= 0 else f"{wording.duration(-left)} 超過"
        steps.append(
            Step("通報", "未通報", shown(f"期限 {wording.moment(row.due, now)}({word})"), next=not steps[-1].next)
        )
    return tuple(steps)


def _value(name: str, value: Any, now: int) -> str:
    if name in TIMES and isinstance(value, int):
        return wording.moment(value, now, seconds=True)
    if isinstance(value, bool) or value is None:
        return {True: "あり", False: "なし", None: "なし"}[value]
    if isinstance(value, int):
        return wording.count(value)
    if name == "count_quality":
        return wording.COUNT_QUALITY.get(str(value), (str(value), ""))[0]
    if isinstance(value, Mapping) and "list" in value:
        found = [evidence.port(_entry(v)) if name == "ports" else _entry(v) for v in value["list"]]
        more = "以上" if value.get("more") else ""
        unit = "台" if name in ("destinations", "terminals") else "件"
        return f"{len(found)} {unit}{more}" if len(found) > 3 or more else "・".join(found) or "なし"
    if isinstance(value, Mapping):
        words = wording.VERDICT | wording.OUTCOME
        said = (f"{words.get(k, k)} {_value('', v, now)}" for k, v in value.items() if v and k != "none")
        return "・".join(said) or "なし"
    if isinstance(value, (list, tuple)):
        return "・".join(str(v) for v in value) or "なし"
    return str(value)


def _entry(value: Any) -> str:
    """A terminal by its name, a hardware address by itself, anything else as it is written."""
    if isinstance(value, Mapping):
        return str(value.get("name") or value.get("mac") or value.get("address") or "")
    return str(value)


def _changes(revision: q.Revision, now: int) -> tuple[Change, ...]:
    """What changed; of the rule's values each by itself."""
    found: list[tuple[str, str, Any, Any]] = []
    for name, pair in revision.changes.items():
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            continue
        if name in FACTS:
            found.append((FACTS[name], name, *pair))
        elif name == "values":
            before, after = (side if isinstance(side, Mapping) else {} for side in pair)
            found += [(VALUES[n], n, before.get(n), after.get(n)) for n in VALUES if before.get(n) != after.get(n)]
    order = [*FACTS.values(), *VALUES.values()]
    return tuple(
        Change(word, shown(_value(name, before, now)), shown(_value(name, after, now)))
        for word, name, before, after in sorted(found, key=lambda c: order.index(c[0]))
        if _value(name, before, now) != _value(name, after, now)
    )


def versions(revisions: Sequence[q.Revision], now: int) -> tuple[Version, ...]:
    """The revisions, newest first; the first one is the detection itself."""
    made = []
    for revision in sorted(revisions, key=lambda r: (r.at, r.revision), reverse=True):
        causes = [cause for cause in revision.material.split(",") if cause]
        note = "、".join(MATERIAL.get(cause, cause) for cause in causes)
        if revision.state == "retracted":
            note = "システムが取り下げ: 確認"
        elif not note:
            note = "検知" if revision.revision == 1 else "継続(重要な変化なし)"
        made.append(
            Version(
                f"第{revision.revision}版",
                wording.moment(revision.at, now),
                _changes(revision, now),
                shown(note),
                "late" in causes,
            )
        )
    return tuple(made)


def acts(log: Sequence[q.LogEntry], now: int) -> tuple[Act, ...]:
    """What was done, newest first."""
    made = []
    for entry in log:
        before, after = wording.STATUS.get(entry.before, entry.before), wording.STATUS.get(entry.after, entry.after)
        if entry.act == "returned":
            causes = [cause for cause in entry.comment.split(",") if cause]
            said, comment = "、".join(MATERIAL.get(c, c) for c in causes) or after, ""
        else:
            said, comment = (
                (f"{before or '—'} → {after or '—'}" if entry.act in ("status", "assign") else after),
                entry.comment,
            )
        made.append(
            Act(
                wording.moment(entry.at, now),
                shown("火の見" if entry.actor == SYSTEM else entry.actor.split(" (")[0]),
                shown(ACTS.get(entry.act, entry.act)),
                shown(said),
                shown(comment),
            )
        )
    return tuple(made)
