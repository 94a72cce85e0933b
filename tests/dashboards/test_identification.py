"""端末の特定: one, several or none; several is never shown as one."""

from typing import Any

import pytest

from core import time
from dashboards.identification import by_address, other
from store import questions as q
from tests.dashboards.made import facts

ASSET = {"name": "KWK-SOMU-014", "section": "総務課", "room": "本庁舎2階", "kind": "pc", "criticality": "normal"}
RECORDED = time.parse_instant("2026-10-01T00:00:00+09:00")


def identity(*assets: dict[str, Any], registered: int = 2, prefix: str = "10.23.12.0/24") -> q.Identity:
    return q.Identity(
        "LGC" if prefix else "UNKNOWN", prefix, "総務課 2階" if prefix else "", assets, registered, RECORDED
    )


def macs(state: str | None) -> dict[str, Any]:
    return facts(macs={"list": [{"mac": "00:00:5e:00:53:1c", "match": state}], "more": False})


def test_one_terminal_is_the_end_of_the_chain() -> None:
    made = by_address("10.23.12.57", identity(ASSET), macs("match"), "川上町")
    assert (made.verdict, made.kind) == ("1台", "good")
    assert [s.value.text for s in made.steps] == ["10.23.12.57", "川上町 LGWAN接続系"]
    (last,) = made.last
    assert last.found
    assert (last.value.text, last.note.text) == ("KWK-SOMU-014", "総務課・本庁舎2階・事務用PC・重要度 普通")
    assert [p.text.text for p in made.proofs] == ["MAC 一致", "端末台帳の有効期間内"]
    assert made.said == "端末台帳 2 件(令和8年10月1日登録)"


def test_several_are_several_boxes() -> None:
    made = by_address("10.23.12.57", identity(ASSET, ASSET | {"name": "KWK-SOMU-015"}), facts(), "川上町")
    assert made.verdict == "複数候補 2 台"
    assert [s.value.text for s in made.last] == ["KWK-SOMU-014", "KWK-SOMU-015"]


def test_a_terminal_that_is_in_no_register() -> None:
    made = by_address("10.23.12.57", identity(), macs(None), "川上町")
    assert (made.verdict, made.last[0].value.text, made.last[0].found) == ("不明", "台帳に記載なし", False)


def test_a_body_without_a_register() -> None:
    made = by_address("10.23.12.57", identity(registered=0, prefix=""), facts(), "川上町")
    assert (made.last[0].value.text, made.said) == ("端末台帳なし", "")
    assert made.steps[1].value.text == "登録された範囲にない"
    assert [p.text.text for p in made.proofs] == ["MAC の記録なし"]


@pytest.mark.parametrize(
    ("state", "icon"), [("match", "check"), ("mismatch", "warn"), ("behind_router", "think"), ("not_logged", "think")]
)
def test_what_the_hardware_address_proves(state: str, icon: str) -> None:
    assert by_address("10.23.12.57", identity(ASSET), macs(state), "川上町").proofs[0].icon == icon


def test_a_translated_address_leads_to_the_bodys_own_records() -> None:
    made = other(("198.51.100.7",), "nat", facts(nat={"list": ["198.51.100.7:40312"], "more": False}))
    assert made.steps[0].name == "団体の出口"
    assert made.last[0].value.text == "団体の記録で特定"
    assert made.proofs[0].text.text == "変換後アドレス 198.51.100.7:40312"


def test_many_at_once_are_said_to_be_many() -> None:
    assert (
        other(("*",), "address", facts(entities=1_204)).steps[0].note.text == "1,204 の通信元をひとつにまとめています"
    )
