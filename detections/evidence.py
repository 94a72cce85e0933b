"""What an alert's facts say, read for people: JSON that detections/facts.py documents, full of hostile values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, Any]

ENTITY = {
    "user": "利用者", "forwarded": "転送元アドレス", "nat": "団体の出口", "address": "通信元", "server": "サーバ",
    "vhost": "公開サイト", "domain": "ドメイン", "device": "機器", "class": "除外した通信", "other": "",
}  # fmt: skip
"""Types of entities, as people call them."""


@dataclass(frozen=True, slots=True)
class Values:
    """Distinct values of the evidence, the earliest first. `more`: there were more than are kept."""

    items: tuple[str, ...] = ()
    more: bool = False

    def __bool__(self) -> bool:
        return bool(self.items)

    @property
    def number(self) -> str:
        """How many: 61, or 64 以上."""
        return f"{len(self.items):,}{' 以上' if self.more else ''}"

    def of(self, unit: str) -> str:
        """How many of what: 61 台, 64 台以上."""
        return f"{len(self.items):,} {unit}{'以上' if self.more else ''}"

    def first(self, limit: int = 2) -> str:
        """The first few: 445/tcp・3389/tcp ほか."""
        rest = len(self.items) > limit or self.more
        return "・".join(self.items[:limit]) + (" ほか" if rest else "")


def values(facts: Facts, *names: str) -> Values:
    """The first of these values that the rule keeps."""
    kept = facts.get("values") or {}
    for name in names:
        found = kept.get(name)
        if found and found.get("list"):
            return Values(tuple(str(v) for v in found["list"]), bool(found.get("more")))
    return Values()


def destinations(facts: Facts) -> Values:
    """Whom it was about to reach."""
    return values(facts, "destinations")


def ports(facts: Facts) -> Values:
    """By which means: 445/tcp. The rules keep them as protocol/port; on screens the number stands first."""
    found = values(facts, "ports")
    return Values(tuple(port(v) for v in found.items), found.more)


def port(value: str) -> str:
    """tcp/445 as it stands on screens: 445/tcp."""
    protocol, slash, port = value.partition("/")
    return f"{port}/{protocol}" if slash and port.isdigit() else protocol if slash and not port else value


def to(facts: Facts) -> str:
    """Destination in a few words: 203.0.113.77 443/tcp, 24 台・6 ポート."""
    where, how = destinations(facts), ports(facts)
    if not where:
        return how.first(1)
    if len(where.items) == 1 and not where.more:
        return f"{where.items[0]} {how.first(1)}".strip()
    if len(how.items) > 2:
        return f"{where.of('台')}・{how.of('ポート')}"
    return f"{where.of('台')} {how.first(1)}".strip()


@dataclass(frozen=True, slots=True)
class Terminal:
    """An entry of the terminal register (端末台帳); what it does not say is empty."""

    name: str
    section: str
    room: str
    kind: str
    criticality: str
    address: str
    contact: str


def _listed(facts: Facts, name: str) -> list[Mapping[str, Any]]:
    found = facts.get(name) or {}
    return [entry for entry in found.get("list") or () if isinstance(entry, Mapping)]


def terminals(facts: Facts) -> tuple[Terminal, ...]:
    """The terminals that fit the source of the evidence: none, one or several."""
    made = (Terminal(**{n: str(e.get(n) or "") for n in Terminal.__slots__}) for e in _listed(facts, "terminals"))
    return tuple(dict.fromkeys(made))


def identified(entity_type: str, facts: Facts) -> tuple[Terminal, ...]:
    """The terminals that an entity may be. Where the entity is no address, terminals are members, not candidates."""
    return terminals(facts) if entity_type == "address" else ()


@dataclass(frozen=True, slots=True)
class Mac:
    """A hardware address, and what the register says of it: match, mismatch, not_logged, behind_router, or nothing."""

    address: str
    state: str


def macs(facts: Facts) -> tuple[Mac, ...]:
    """The hardware addresses of the source."""
    return tuple(Mac(str(e.get("mac") or ""), str(e.get("match") or "")) for e in _listed(facts, "macs"))


def nat(facts: Facts) -> Values:
    """The source after translation: address:port."""
    found = facts.get("nat") or {}
    return Values(tuple(str(v) for v in found.get("list") or ()), bool(found.get("more")))


SHOWN_APART = frozenset({"destinations", "ports", "dst_zones", "src_zones", "sources", "devices"})


def others(facts: Facts) -> dict[str, Values]:
    """What the rule keeps beyond what every alert shows, by its own names."""
    kept = facts.get("values") or {}
    return {name: found for name in kept if name not in SHOWN_APART and (found := values(facts, name))}


def attempts(facts: Facts) -> int | None:
    """Attempts, where they differ from lines."""
    made = facts.get("attempts")
    return int(made) if made else None


def verdicts(facts: Facts) -> dict[str, int]:
    """Verdict → rows."""
    found = facts.get("verdicts") or {}
    return {str(k): int(v) for k, v in found.items() if v and k != "none"}


def outcomes(facts: Facts) -> dict[str, int]:
    """Outcome → rows."""
    return {str(k): int(v) for k, v in (facts.get("outcomes") or {}).items() if v}


def layers(facts: Facts) -> tuple[str, ...]:
    """The ways in which the rule fired."""
    return tuple(str(name) for name in facts.get("layers") or ())


def peak(facts: Facts, layer: str) -> int:
    """The greatest value that a window of the layer reached; 0 where nothing is measured."""
    return int((facts.get("peaks") or {}).get(layer) or 0)


def severity_line(facts: Facts) -> str:
    """The line of the severity table that held."""
    return str(facts.get("severity_line") or "")


def episodes(facts: Facts) -> int:
    """Into how many bursts the evidence falls; 0 where one goes on from the day before."""
    return int(facts.get("episodes") or 0)


def entities(facts: Facts) -> int:
    """How many entities an alert stands for, where they are too many to be kept apart."""
    return int(facts.get("entities") or 0)
