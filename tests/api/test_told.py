"""What the API says of an alert and a case to people: sentence, terminal, recommended action."""

from __future__ import annotations

from typing import Any

from store import Store
from tests.api.conftest import Client
from tests.api.prefecture import Prefecture, a_case, an_alert, write

TERMINAL = {"address": "10.1.1.77", "name": "KWK-SOMU-014", "section": "総務課"}
FACTS = {
    "count": 40, "attempts": 40, "first_seen": 1_795_147_200_000_000, "last_seen": 1_795_150_800_000_000,
    "values": {"dst_zones": {"list": ["LGWAN"], "more": False}, "destinations": {"list": ["203.0.113.1", "203.0.113.2"], "more": False}, "ports": {"list": ["tcp/6881"], "more": False}},
    "terminals": {"list": [TERMINAL], "more": False}, "macs": {"list": [{"mac": "00:00:5e:00:53:07", "match": "match"}], "more": False},
    "nat": {"list": ["198.51.100.7:40312"], "more": False}, "verdicts": {"allow": 0}, "outcomes": {}, "episodes": 1,
}  # fmt: skip
ENTITY = {"entity": '["10.1.1.77"]', "entity_type": "address"}


def told(answer: dict[str, Any]) -> None:
    assert answer["sentence_ja"] == (
        "総務課の端末 KWK-SOMU-014 が、ファイル交換ソフト(Winny 等)とみられる通信で 2 台に接続しようとしました"
        "(40回、13:00〜14:00、6881/tcp)。お願い: ソフトが入っていないか確認し、あれば削除して結果を知らせてください。"
    )
    assert answer["title_ja"] == "ファイル交換ソフト(注８(c))"
    assert answer["action"] == "delete_software"
    assert "削除してください" in answer["action_ja"]
    assert answer["facts"]["terminals"]["list"] == [TERMINAL]
    assert answer["facts"]["macs"]["list"] == [{"mac": "00:00:5e:00:53:07", "match": "match"}]
    assert answer["facts"]["nat"]["list"] == ["198.51.100.7:40312"]


def test_alerts_and_cases_are_told_wherever_they_are_answered(client: Client, made: Prefecture, store: Store) -> None:
    case = a_case(rule="lgwan_p2p", **ENTITY)
    # Its rule bore another name when it was found.
    alert = an_alert(rule="lgwan_p2p_signature", case_id=case["id"], facts=FACTS, **ENTITY)
    write(store, cases=[case], alerts=[alert])
    reader = client("analyst")
    told(reader.get(f"/v1/alerts/{alert['id']}").json())
    (listed,) = reader.get("/v1/alerts", params={"case": case["id"]}).json()["items"]
    told(listed)
    one = reader.get(f"/v1/cases/{case['id']}").json()
    told(one)
    told(one["chain"][0])
    (row,) = reader.get("/v1/cases", params={"rule": "lgwan_p2p"}).json()["items"]
    told(row)
    (entry,) = reader.get("/v1/queue", params={"rule": "lgwan_p2p"}).json()["items"]
    told(entry["case"])
    judged = reader.post(f"/v1/cases/{case['id']}/triage", json={"version": 1, "status": "evaluating"})
    told(judged.json())


def test_of_a_rule_that_is_gone_nothing_is_made_up(client: Client, made: Prefecture) -> None:
    answer = client("analyst").get(f"/v1/alerts/{made.one.alerts[0]}").json()
    assert (answer["title_ja"], answer["sentence_ja"], answer["action"], answer["action_ja"]) == ("", "", "", "")
