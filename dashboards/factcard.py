"""事実: what the log says of a case, without judging it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboards import caserow, wording
from dashboards.hostile import Shown, shown
from dashboards.visit import RuleWords
from detections import evidence
from store import questions as q


@dataclass(frozen=True, slots=True)
class Fact:
    """One cell: `wide` ones take two columns, `mono` sets the note in the type of raw lines."""

    name: str
    value: Shown
    note: Shown
    unit: str = ""
    wide: bool = False
    mono: bool = False


def _zones(facts: evidence.Facts, name: str) -> str:
    return "・".join(wording.zone(code) for code in evidence.values(facts, name).items)


def _who(alert: q.Alert) -> Fact:
    facts = alert.facts
    fitting = evidence.identified(alert.entity_type, facts)
    macs = [m.address for m in evidence.macs(facts) if m.address]
    address = "・".join(v for v in alert.entity if v and v != "*")
    name = evidence.ENTITY.get(alert.entity_type) or "通信元"
    if len(fitting) == 1 and fitting[0].name:
        return Fact("通信元端末", shown(fitting[0].name), shown(" / ".join([address, *macs[:1]])), wide=True, mono=True)
    value = "多数の通信元" if alert.entity == ("*",) else address
    if alert.entity_type == "class":
        value = wording.CLASS.get(value, value)
    return Fact(name, shown(value), shown("・".join(macs[:2])), wide=True, mono=True)


def _where(facts: evidence.Facts) -> Fact | None:
    where, how = evidence.destinations(facts), evidence.ports(facts)
    if not where and not how:
        return None
    zones = _zones(facts, "dst_zones")
    name = f"通信先({zones})" if zones else "通信先"
    if len(where.items) == 1:
        return Fact(name, shown(where.items[0]), shown(how.first(4)), wide=True, mono=True)
    note = "、".join(part for part in (where.first(1), how.first(4)) if part)
    return Fact(name, shown(where.of("台")), shown(note), wide=True, mono=True)


def facts(alert: q.Alert, sources: Mapping[str, q.Source], repaired: int | None) -> tuple[Fact, ...]:
    """The card of one alert.

    Args:
        alert: Whose facts they are.
        sources: Feeds by id.
        repaired: How many of the lines that are shown hold bytes that are no text; None where no line is shown.
    """
    f = alert.facts
    made = [_who(alert)]
    if where := _where(f):
        made.append(where)
    lines, attempts = f.get("lines"), evidence.attempts(f)
    said = [f"試行 {wording.count(attempts)} 回"] if attempts and attempts != alert.count else []
    said += [f"{wording.count(int(lines))} 行"] if lines and lines != alert.count else []
    made.append(Fact("件数", shown(wording.count(alert.count)), shown("・".join(said)), unit="件"))
    verdicts = evidence.verdicts(f)
    words = "・".join(wording.VERDICT.get(v, v) for v in verdicts) or wording.VERDICT.get(alert.verdict, "")
    outcomes = "・".join(wording.OUTCOME.get(o, o) for o in evidence.outcomes(f))
    made.append(Fact("判定・結果", shown(words), shown(outcomes)))
    src, dst = _zones(f, "src_zones"), _zones(f, "dst_zones")
    if src or dst:
        made.append(Fact("領域", shown(src or "領域不明"), shown(f"→ {dst}" if dst else "")))
    if number := evidence.episodes(f):
        made.append(Fact("区切り", shown(wording.count(number)), shown("間をおいて続いたまとまりの数"), unit="回"))
    feeds = [sources[name] for name in evidence.values(f, "sources").items if name in sources]
    names = list(dict.fromkeys(wording.SOURCE.get(s.kind, s.kind) for s in feeds)) or list(
        evidence.values(f, "sources").items[:2]
    )
    devices = evidence.values(f, "devices").first(2)
    if names:
        made.append(
            Fact("ログ送信元", shown("・".join(names)), shown(devices or "・".join(s.id for s in feeds[:2])), mono=True)
        )
    counted = str(f.get("count_quality") or "exact")
    if counted != "exact" and counted in wording.COUNT_QUALITY:
        word, note = wording.COUNT_QUALITY[counted]
        made.append(Fact("件数の確からしさ", shown(word), shown(note)))
    quality = str(f.get("time_quality") or "")
    if quality in wording.TIME_QUALITY:
        word, note = wording.TIME_QUALITY[quality]
        made.append(Fact("時刻の確からしさ", shown(word), shown(note)))
    if f.get("deny_only"):
        made.append(Fact("受信の種類", shown("拒否ログのみ"), shown("許可の有無は判断できません")))
    if repaired:
        made.append(Fact("文字の修復", shown(wording.count(repaired)), shown("不正なバイトを \\xNN で表示"), unit="行"))
    return tuple(made)


KEPT = {
    "users": "利用者", "members": "該当する端末", "policies": "通信の決まりの行", "failed": "一致しない項目",
    "signatures": "機器の検知名", "vhosts": "公開サイト", "names": "名前", "reasons": "検知のしかた",
    "rules": "機器の規則", "initiators": "通信を始めた側", "clients": "接続元", "paths": "閲覧先のパス",
    "agents": "ブラウザー等の名乗り", "statuses": "応答コード", "types": "問い合わせの種別", "apps": "アプリケーション",
    "register": "端末台帳の有無", "conflicts": "領域の食い違い", "mismatches": "登録と違う項目",
    "entries": "特定通信の登録",
}  # fmt: skip
MANY = 12


def others(facts: evidence.Facts) -> tuple[tuple[str, Shown], ...]:
    """What else the rule kept, and the members of an aggregate; names without a word of ours stay as they are."""
    made = [(KEPT.get(name, name), shown(found.first(MANY))) for name, found in evidence.others(facts).items()]
    terminals = evidence.terminals(facts)
    if len(terminals) > 1:
        named = [" ".join(part for part in (t.section, t.name or t.address) if part) for t in terminals]
        rest = f" ほか {len(named) - MANY} 台" if len(named) > MANY else ""
        made.append(("端末台帳にある端末", shown("・".join(named[:MANY]) + rest)))
    return tuple(made)


def limit(rule: RuleWords | None, alert: q.Alert) -> str:
    """What a feed of denied packets can't show here; empty where the feed shows all."""
    if not alert.facts.get("deny_only"):
        return ""
    return "許可の有無は判断できません。" + (rule.deny_only_ja if rule else "")


def summary(row: q.CaseRow, alerts: int, now: int) -> str:
    """The line under the sentence: how many, from when to when."""
    said = f"{wording.count(row.count)} 件、{wording.stretch(row.first_seen, row.last_seen, now)}。"
    if alerts > 1:
        said += f"{alerts} 日分の検知からなる案件です。"
    word, days = caserow.chain(row.continuity, row.days, row.previous_last_day)
    return said + (f"{word}({days})。" if days and row.continuity == "recurring" else "")
