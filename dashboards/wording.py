"""Words and figures for screens: Japanese times, durations and counts, and the glossary's words for codes.

Instants are µs since 1970 UTC and are shown in Japanese time. Nothing here reads the clock: what counts as today is
given by the caller.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from core import time, zones

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

WEEKDAYS = "月火水木金土日"
REIWA_BEGAN = date(2019, 5, 1)

SEVERITY = {"critical": "緊急", "high": "高", "medium": "中", "low": "低", "info": "情報"}
STATUS = {
    "new": "未着手", "evaluating": "評価中", "in_progress": "対応中", "watching": "静観",
    "incident": "事案化", "dismissed": "非該当", "closed": "終了",
}  # fmt: skip
REASON = {
    "benign": "正常通信", "misconfiguration": "設定不備", "false_positive": "誤検知", "registered_test": "診断・訓練",
}  # fmt: skip
NATURE = {
    "violation": "違反", "precursor": "予兆", "intrusion": "侵害", "fault": "障害", "misconfiguration": "設定不備",
}  # fmt: skip
CONTINUITY = {"new": "新規", "continuing": "継続", "recurring": "再燃", "retroactive": "遡及"}
SOURCE = {
    "lgwan_firewall": "LGWAN用FW", "proxy": "プロキシ", "mail": "メール", "dns": "外部DNS", "web": "Web",
    "sensor": "侵入検知", "host": "サーバー・端末",
}  # fmt: skip
VERDICT = {"allow": "許可", "deny": "拒否", "blocked_later": "許可後に遮断", "": "判定なし"}
OUTCOME = {
    "established": "成立", "attempted": "試行のみ", "blocked_later": "途中遮断", "success": "成功", "failure": "失敗",
}  # fmt: skip
TIME_QUALITY = {
    "exact": ("確実", ""), "zone_assumed": ("時差は登録による", "行に時差の記載なし"),
    "year_inferred": ("年は受信時刻による", "行に年の記載なし"), "received": ("受信時刻", "行に時刻の記載なし"),
    "implausible": ("受信時刻で代用", "機器の時刻がありえない値"),
}  # fmt: skip
COUNT_QUALITY = {
    "exact": ("正確", ""), "aggregated": ("まとめた行を含む", "速さは上限です"),
    "lower_bound": ("下限", "これ以上あったことを機器が知らせています(ログの欠落・抑制)"),
}  # fmt: skip
MAC = {
    "match": "MAC 一致", "mismatch": "MAC 不一致", "not_logged": "MAC の記録なし", "behind_router": "経路機器の MAC",
}  # fmt: skip
ASSET = {
    "pc": "事務用PC", "server": "サーバ", "router": "経路機器", "printer": "プリンタ・複合機", "scanner": "診断機器",
    "monitor": "監視機器", "iot": "IoT機器",
}  # fmt: skip
CRITICALITY = {"low": "低", "normal": "普通", "high": "高", "disaster": "災害時に必要"}
ROLE = {
    "prefecture": "都道府県", "analyst": "監視担当", "municipality": "団体", "auditor": "監査", "metrics": "計測",
}  # fmt: skip
CLASS = {
    "config": "設定不備", "reply": "戻りパケット", "local": "局所通信", "self": "機器宛て", "health": "監視・診断",
}  # fmt: skip
"""除外した通信: groups of traffic classes."""


def local(instant: int) -> datetime:
    """The instant in Japanese time."""
    return time.from_us(instant).astimezone(time.JST)


def machine(instant: int) -> str:
    """For `<time datetime>`: RFC 3339 in Japanese time."""
    return local(instant).isoformat()


def clock(instant: int) -> str:
    """14:32:10"""
    return local(instant).strftime("%H:%M:%S")


def minute(instant: int) -> str:
    """14:32"""
    return local(instant).strftime("%H:%M")


def short_day(day: date) -> str:
    """11/20"""
    return f"{day.month}/{day.day}"


def plain_day(day: date) -> str:
    """11月20日"""
    return f"{day.month}月{day.day}日"


def reiwa_year(day: date) -> str:
    """令和8年, 令和元年; before the era the western year."""
    if day < REIWA_BEGAN:
        return f"{day.year}年"
    year = day.year - 2018
    return f"令和{'元' if year == 1 else year}年"


def reiwa(day: date, *, weekday: bool = False) -> str:
    """令和8年11月20日, with (金) where asked."""
    return reiwa_year(day) + plain_day(day) + (f"({WEEKDAYS[day.weekday()]})" if weekday else "")


def moment(instant: int, now: int, *, seconds: bool = False) -> str:
    """An instant as short as today allows: 14:20, 11/18 14:20, 令和7年3月2日 14:20."""
    day, today = time.day_of(instant), time.day_of(now)
    hour = clock(instant) if seconds else minute(instant)
    if day == today:
        return hour
    if abs(day - today) < timedelta(days=300):
        return f"{short_day(day)} {hour}"
    return f"{reiwa(day)} {hour}"


def day_word(day: date, today: date) -> str:
    """本日, 昨日, 明日, or the date."""
    near = {0: "本日", -1: "昨日", 1: "明日"}.get((day - today).days)
    if near:
        return near
    return plain_day(day) if abs(day - today) < timedelta(days=300) else reiwa(day)


def stretch(first: int, last: int, now: int) -> str:
    """From first to last in a sentence: 本日 11:31:44 〜 14:20:41, 11月18日 09:12:01 〜 本日 14:20:41."""
    today, begun, ended = time.day_of(now), time.day_of(first), time.day_of(last)
    left = f"{day_word(begun, today)} {clock(first)}"
    if last == first:
        return left
    right = clock(last) if begun == ended else f"{day_word(ended, today)} {clock(last)}"
    return f"{left} 〜 {right}"


def span(first: int, last: int, now: int) -> tuple[str, str]:
    """First and last in two lines of a narrow column: 14:19 / –14:27; 11/18 / –14:22; 11/18 / 09:12–09:40."""
    today, begun, ended = time.day_of(now), time.day_of(first), time.day_of(last)
    if begun == ended == today:
        return (minute(first), f"–{minute(last)}") if minute(first) != minute(last) else (minute(first), "")
    if begun == ended:
        return short_day(begun), minute(first) if minute(first) == minute(last) else f"{minute(first)}–{minute(last)}"
    return short_day(begun), f"–{minute(last)}" if ended == today else f"–{short_day(ended)}"


def duration(length: int) -> str:
    """A length of time (µs) in its two greatest units: 3秒, 42分, 5時間12分, 2日3時間."""
    length = max(length, 0)
    if length < MINUTE:
        return f"{length // SECOND}秒"
    if length < HOUR:
        return f"{length // MINUTE}分"
    if length < DAY:
        hours, minutes = divmod(length // MINUTE, 60)
        return f"{hours}時間{minutes}分" if minutes else f"{hours}時間"
    days, hours = divmod(length // HOUR, 24)
    return f"{days}日{hours}時間" if hours and days < 3 else f"{days}日"


def exact_duration(length: int) -> str:
    """A length of time (µs) to the second: 5分19秒."""
    length = max(length, 0)
    if length >= HOUR:
        return duration(length)
    minutes, seconds = divmod(length // SECOND, 60)
    return f"{minutes}分{seconds}秒" if minutes and seconds else f"{minutes}分" if minutes else f"{seconds}秒"


def count(number: int) -> str:
    """148,688"""
    return f"{number:,}"


def zone(code: str) -> str:
    """領域 of a code; what is none of ours is unknown, and its text is not repeated."""
    return zones.ZONES.get(code, "領域不明")
