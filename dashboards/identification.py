"""端末の特定: from what the log says to a terminal, as a chain of evidence. Several candidates stay several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import time
from dashboards import wording
from dashboards.hostile import Shown, shown
from detections import evidence
from store import questions as q

SHOWN = 4
"""Candidates that get a box of their own."""


@dataclass(frozen=True, slots=True)
class Step:
    """One box of the chain."""

    name: str
    value: Shown
    code: Shown
    note: Shown
    found: bool = False
    mono: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """What speaks for it, or is not known."""

    text: Shown
    icon: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Context of the card: `verdict` is 1台, 複数候補 or 不明."""

    verdict: str
    kind: str
    said: str
    steps: tuple[Step, ...]
    last: tuple[Step, ...]
    proofs: tuple[Proof, ...]


_NONE = shown("")


def _terminal(asset: Mapping[str, Any]) -> Step:
    said = (
        str(asset.get("section") or ""),
        str(asset.get("room") or ""),
        wording.ASSET.get(str(asset.get("kind")), ""),
        f"重要度 {wording.CRITICALITY[asset['criticality']]}"
        if asset.get("criticality") in wording.CRITICALITY
        else "",
    )
    name = str(asset.get("name") or asset.get("address") or "名前の記載なし")
    return Step("端末", shown(name), _NONE, shown("・".join(part for part in said if part)), found=True)


def _mac_proof(state: str) -> Proof:
    word = wording.MAC.get(state, "")
    return Proof(shown(word), "check" if state == "match" else "warn" if state == "mismatch" else "think")


def by_address(address: str, known: q.Identity, facts: evidence.Facts, body: str) -> Chain:
    """The chain of an address inside the body."""
    seen_macs = evidence.macs(facts)
    mac = shown("、".join(m.address for m in seen_macs[:2] if m.address))
    steps = [Step("ログの通信元", shown(address), mac, _NONE, mono=True)]
    if known.prefix:
        steps.append(
            Step(
                "所属する範囲",
                shown(f"{body} {wording.zone(known.zone)}"),
                shown(known.prefix),
                shown(known.prefix_name),
            )
        )
    else:
        steps.append(
            Step(
                "所属する範囲",
                shown("登録された範囲にない"),
                _NONE,
                shown("領域の台帳に、この通信元を含む範囲がありません"),
            )
        )
    number = len(known.assets)
    proofs = [_mac_proof(m.state) for m in dict.fromkeys(seen_macs) if m.state][:1]
    if not any(m.address for m in seen_macs) and not proofs:
        proofs.append(Proof(shown(wording.MAC["not_logged"]), "think"))
    nat = evidence.nat(facts)
    if nat:
        proofs.append(Proof(shown(f"変換後アドレス {nat.first(1)}"), "think"))
    last: tuple[Step, ...]
    said = ""
    if known.registered:
        said = f"端末台帳 {wording.count(known.registered)} 件"
        if known.recorded is not None:
            said += f"({wording.reiwa(time.day_of(known.recorded))}登録)"
    if number == 1:
        last = (_terminal(known.assets[0]),)
        verdict, kind = "1台", "good"
        proofs.append(Proof(shown("端末台帳の有効期間内"), "check"))
    elif number:
        last = tuple(_terminal(asset) for asset in known.assets[:SHOWN])
        verdict, kind = f"複数候補 {number} 台", "warn"
    elif known.registered:
        last = (Step("端末", shown("台帳に記載なし"), _NONE, shown("この通信元の端末は、端末台帳にありません")),)
        verdict, kind = "不明", "warn"
    else:
        last = (
            Step(
                "端末",
                shown("端末台帳なし"),
                _NONE,
                shown("この団体の端末台帳は登録されていません。アドレスと MAC で団体に確かめてください"),
            ),
        )
        verdict, kind = "不明", ""
    return Chain(verdict, kind, said, tuple(steps), last, tuple(proofs))


def other(entity: tuple[str, ...], entity_type: str, facts: evidence.Facts) -> Chain:
    """The chain of what is no address inside the body: said as far as the log goes, and no further."""
    value = "・".join(v for v in entity if v) or "不明"
    if entity == ("*",):
        number = evidence.entities(facts)
        said = f"{wording.count(number)} の通信元をひとつにまとめています" if number else ""
        step = Step("検知のまとまり", shown("多数の通信元"), _NONE, shown(said))
        return Chain("まとめ", "", "", (step,), (), ())
    name = evidence.ENTITY.get(entity_type, "") or "対象"
    step = Step(name, shown(value), _NONE, _NONE, mono=entity_type not in ("class", "user"))
    if entity_type == "nat":
        nat = evidence.nat(facts)
        last = Step(
            "端末",
            shown("団体の記録で特定"),
            _NONE,
            shown("下の原文の時刻、変換後のアドレスとポート、通信先を団体に伝えてください"),
        )
        proofs = (Proof(shown(f"変換後アドレス {nat.first(2)}"), "think"),) if nat else ()
        return Chain("不明", "", "", (step,), (last,), proofs)
    return Chain("", "", "", (step,), (), ())
