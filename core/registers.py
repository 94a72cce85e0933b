"""Registers (台帳): dated data about bodies, with one shape for all and one table of fields for each kind.

An entry says (kind, tenant, key) → values, valid in [valid_from, valid_to), approved by whom, from which document.
Of two entries with the same key and valid_from the later import replaces the earlier; that is how an error is corrected.
At any time the entry in force for a key is the one with the greatest valid_from whose span holds that time.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core import municipalities, time, zones
from core.errors import RegisterError

FOREVER = 2**63 - 1
ALWAYS = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One dated entry of a register. Times are µs UTC; `values` holds only the fields of its kind."""

    kind: str
    tenant: str
    key: str
    values: Mapping[str, Any]
    valid_from: int = ALWAYS
    valid_to: int = FOREVER
    approver: str = ""
    second_approver: str = ""
    document: str = ""

    def canonical(self) -> str:
        """The values as JSON with sorted keys: equal text, equal entry."""
        return json.dumps(self.values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind of register: the word in files, what it means, and how its text is checked."""

    name: str
    meaning: str
    check: Callable[[Any], Any]
    required: bool = False
    ja: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of register: its fields, and which of them make the key within a body."""

    name: str
    title: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    needs_approval: bool = False
    lint: Callable[[Mapping[str, Any]], str | None] = field(default=lambda values: None)


def _text(value: Any) -> str:
    text = str(value).strip()
    if any(ord(c) < 32 for c in text):
        raise ValueError("control characters")
    return text


def _one_of(*words: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if str(value).strip() not in words:
            raise ValueError(f"none of {', '.join(words)}")
        return str(value).strip()

    return check


def _prefix(value: Any) -> str:
    return str(ipaddress.ip_network(str(value).strip()))


def _mac(value: Any) -> str:
    digits = re.sub(r"[^0-9A-Fa-f]", "", str(value)).lower()
    if len(digits) != 12:
        raise ValueError("no hardware address of six bytes")
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def _ports(value: Any) -> str:
    """Ports and ranges in one form: "80,443,8000-8099"; empty = all."""
    out = []
    for part in re.split(r"[,\s]+", str(value).strip()):
        if part in ("", "*", "any"):
            continue
        low, _, high = part.partition("-")
        if not 0 <= int(low) <= int(high or low) <= 65535:
            raise ValueError(f"port {part}")
        out.append(part)
    return ",".join(out)


def _words(value: Any) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [_text(v) for v in value]
    return [w for w in re.split(r"[;,\s]+", str(value)) if w]


def _mapping(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError("a table of name = value")
    return {str(k): _text(v) for k, v in value.items()}


def _zone_name(value: Any) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (ZoneInfoNotFoundError, ValueError) as e:
        raise ValueError(f"no time zone {value!r}; e.g. Asia/Tokyo") from e


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}[
        str(value).lower()
    ]


def _interfaces(value: Any) -> dict[str, str]:
    return {name: zones.checked_zone(zone) for name, zone in _mapping(value).items()}


_zone = zones.checked_zone


def _lint_flow(v: Mapping[str, Any]) -> str | None:
    """What the guideline forbids to legalise by registering it (F02, F03, F04, F24)."""
    if v["src_zone"] == "MNU" and v["dst_zone"] in ("LGC", "INC", "INET"):
        return f"特定通信 from MNU to {v['dst_zone']} can't be registered (F01–F04)"
    if v["dst_zone"] == "MNU" and v["src_zone"] in ("LGC", "INC", "INET"):
        return f"特定通信 from {v['src_zone']} to MNU can't be registered (F02, F03)"
    if v["src_zone"] == "VENDOR" and v.get("line") not in ("閉域網", "LGWAN", "専用回線"):
        return "a maintenance vendor needs a closed line: 閉域網, LGWAN or 専用回線 (F24)"
    return None


WATCHED_KINDS = ("lgwan_firewall", "proxy", "mail", "dns", "web")
"""The five kinds of source that the guideline asks a security cloud to watch, of every body."""
SOURCE_KINDS = (*WATCHED_KINDS, "sensor", "host")
"""And what else sends logs: intrusion detection; servers and terminals."""

KINDS: Mapping[str, Kind] = {
    k.name: k
    for k in (
        Kind(
            "tenants", "団体", (
                Field("code", "6-digit code with check digit", municipalities.checked, True, "団体コード"),
                Field("name", "Name", _text, True, "団体名"),
                Field("body", "municipality | prefecture | union", _one_of("municipality", "prefecture", "union"), False, "種別"),
                Field("model", "Network model in force", _one_of(*zones.MODELS), False, "モデル"),
                Field("contact", "Whom to call", _text, False, "連絡先"),
                Field("outbound_mail", "Outbound Internet mail from LGC is permitted (F21)", _flag, False, "インターネットメール発信"),
            ), ("code",),
        ),
        Kind(
            "sources", "ログ送信元", (
                Field("id", "Name of the feed", _text, True),
                Field("kind", " | ".join(SOURCE_KINDS), _one_of(*SOURCE_KINDS), True),
                Field("format", "Log format", _text, True),
                Field("timezone", "Zone of its clock", _zone_name, True),
                Field("encoding", "Encoding of its text", _one_of("utf-8", "cp932", "euc_jp", "iso2022_jp")),
                Field("title", "Name for people", _text),
                Field("transport", "How it arrives", _one_of("file", "syslog", "https")),
                Field("line", "情報ハイウェイ, IP-VPN, インターネットVPN …", _text),
                Field("devices", "Devices of this feed (an HA pair is one source)", _words),
                Field("deny_only", "Only denied packets are sent", _flag),
                Field("interfaces", "Interface of the device → zone", _interfaces),
                Field("body_by", "How a row's body is found: fixed | address | vhost | mail_domain | dns_zone",
                      _one_of("fixed", "address", "vhost", "mail_domain", "dns_zone"), True),
                Field("bodies", "Prefix, virtual host, domain or zone → body", _mapping),
                Field("trusted_proxies", "Addresses whose forwarded-for is believed", _words),
                Field("options", "Options of the format", _mapping),
            ), ("id",),
        ),
        Kind(
            "zones", "領域", (
                Field("prefix", "Address prefix", _prefix, True, "アドレス範囲"),
                Field("zone", "Zone code", _zone, True, "領域"),
                Field("name", "What it is", _text, False, "名称"),
            ), ("prefix",),
        ),
        Kind(
            "assets", "端末・機器", (
                Field("address", "Address or prefix", _prefix, True, "IPアドレス"),
                Field("mac", "Hardware address", _mac, False, "MACアドレス"),
                Field("name", "Host name", _text, False, "端末名"),
                Field("section", "Section", _text, False, "課室"),
                Field("room", "Where it stands", _text, False, "設置場所"),
                Field("kind", "pc | server | router | printer | scanner | monitor | iot",
                      _one_of("pc", "server", "router", "printer", "scanner", "monitor", "iot"), False, "種別"),
                Field("services", "What a server serves: dns ntp mail proxy web update ad …", _words, False, "サービス"),
                Field("criticality", "low | normal | high | disaster", _one_of("low", "normal", "high", "disaster"), False, "重要度"),
                Field("contact", "Whom to call", _text, False, "連絡先"),
            ), ("address", "mac"),
        ),
        Kind(
            "flows", "特定通信", (
                Field("id", "Number in the register", _text, True, "番号"),
                Field("src_zone", "Zone of the initiator", _zone, True, "通信元領域"),
                Field("src", "Prefix of the initiator", _prefix, True, "通信元"),
                Field("src_mac", "Its hardware address", _mac, False, "通信元MAC"),
                Field("dst_zone", "Zone of the peer", _zone, True, "通信先領域"),
                Field("dst", "Prefix of the peer", _prefix, True, "通信先"),
                Field("protocol", "tcp | udp | icmp | …", _text, True, "プロトコル"),
                Field("ports", "Destination ports; empty = all", _ports, False, "ポート"),
                Field("peer", "What the peer is", _text, False, "相手"),
                Field("line", "LGWAN | 閉域網 | 専用回線 | …", _text, False, "回線"),
            ), ("id",), True, _lint_flow,
        ),
    )
}  # fmt: skip
"""The registers by the name that the command line uses."""

COMMON = {
    "tenant": "団体コード", "valid_from": "有効開始", "valid_to": "有効終了", "approver": "承認者",
    "second_approver": "訂正承認者", "document": "根拠文書",
}  # fmt: skip
"""Fields of every kind → their Japanese heading in CSV files."""


def _instant(value: Any, otherwise: int) -> int:
    if value in (None, ""):
        return otherwise
    return time.parse_instant(str(value), time.JST)


def entry(kind: str, record: Mapping[str, Any], *, where: str, recorded: int, tenant: str = "") -> Entry:
    """An entry from one record of a file, checked.

    Args:
        kind: Name in KINDS.
        record: Heading (English or Japanese) → value.
        where: File and line, for the message.
        recorded: When it is imported (µs UTC): an approval can't be valid before it, save as a correction that a
            second approver signs.
        tenant: Body where the record itself names none.

    Raises:
        RegisterError: With the place, the field and what was expected.
    """
    spec = KINDS[kind]
    headings = {f.ja: f.name for f in spec.fields if f.ja} | {ja: name for name, ja in COMMON.items()}
    given = {headings.get(str(k).strip(), str(k).strip()): v for k, v in record.items() if v is not None}
    known = {f.name for f in spec.fields} | set(COMMON)
    if unknown := sorted(set(given) - known):
        raise RegisterError(f"{where}: unknown field {unknown[0]!r}; known are {', '.join(sorted(known))}")
    values: dict[str, Any] = {}
    for f in spec.fields:
        raw = given.get(f.name)
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            if f.required:
                raise RegisterError(f"{where}: {f.name} is missing ({f.meaning})")
            continue
        try:
            values[f.name] = f.check(raw)
        except (ValueError, KeyError, RegisterError) as e:
            raise RegisterError(f"{where}: {f.name} = {raw!r}: {e}") from e
    try:
        start, end = _instant(given.get("valid_from"), ALWAYS), _instant(given.get("valid_to"), FOREVER)
    except ValueError as e:
        raise RegisterError(f"{where}: valid_from/valid_to: {e}") from e
    if start >= end:
        raise RegisterError(f"{where}: valid_to must lie after valid_from")
    owner = str(given.get("tenant") or values.get("code") or tenant)
    if owner or kind != "sources":
        try:
            owner = municipalities.checked(owner)
        except RegisterError as e:
            raise RegisterError(f"{where}: tenant: {e}") from e
    if problem := spec.lint(values):
        raise RegisterError(f"{where}: {problem}")
    approver, second = str(given.get("approver", "")).strip(), str(given.get("second_approver", "")).strip()
    if spec.needs_approval:
        if not approver:
            raise RegisterError(f"{where}: {spec.title} needs an approver")
        if start < recorded and not (second and second != approver):
            raise RegisterError(
                f"{where}: valid_from lies before the approval is recorded; a correction needs a second approver"
            )
    key = "|".join(str(values.get(k, "")) for k in spec.key)
    return Entry(kind, owner, key, values, start, end, approver, second, str(given.get("document", "")).strip())
