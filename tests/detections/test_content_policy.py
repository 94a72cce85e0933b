"""The flow policy as data: F01–F58 complete, and what it answers for the flows that matter, model by model."""

from __future__ import annotations

import pytest

from core import time
from core.columns import EventClass
from detections import rows
from detections.loading import load
from detections.policy import Row
from detections.proving import TENANT, deliver, register
from detections.references import References
from store import Store

PACK = load()
ROWS = {row.id: row for row in PACK.policy.rows}
T0 = time.parse_instant("2026-11-16T09:00:00+09:00")
REGISTERS = {
    "assets": [
        {"address": "10.3.0.30", "kind": "server", "services": ["vdi"]},
        {"address": "10.3.0.25", "kind": "server", "services": ["mail"]},
        {"address": "10.1.0.25", "kind": "server", "services": ["mail"]},
        {"address": "10.1.0.20", "kind": "server", "services": ["update"]},
        {"address": "10.3.0.70", "kind": "server", "services": ["sanitiser"]},
    ],
    "flows": [
        {"id": "T1", "src_zone": "MNU", "src": "10.2.0.5/32", "src_mac": "00:00:5e:00:53:05", "dst_zone": "LGWAN",
         "dst": "198.51.100.40/32", "protocol": "tcp", "ports": "443"},
        {"id": "T2", "src_zone": "LGC", "src": "10.1.0.0/16", "dst_zone": "LGWAN", "dst": "198.51.100.30/32",
         "protocol": "tcp", "ports": "443"},
        {"id": "T3", "src_zone": "LGC", "src": "10.1.0.0/16", "dst_zone": "INET", "dst": "203.0.113.0/28",
         "protocol": "tcp", "ports": "443"},
        {"id": "T4", "src_zone": "LGC", "src": "10.1.0.0/16", "dst_zone": "LGWAN", "dst": "198.51.100.31/32",
         "protocol": "tcp", "ports": "8443"},
        {"id": "T5", "src_zone": "MNU", "src": "10.2.0.6/32", "dst_zone": "LGWAN", "dst": "198.51.100.41/32",
         "protocol": "tcp", "ports": "443", "valid_to": "2026-04-01T00:00:00+09:00"},
        {"id": "T6", "src_zone": "INC", "src": "10.3.0.60/32", "dst_zone": "LGC", "dst": "10.1.0.60/32",
         "protocol": "tcp", "ports": "443"},
    ],
}  # fmt: skip

INSIDE = {"MNU": "10.2.0.5", "LGC": "10.1.0.5", "INC": "10.3.0.5", "LGWAN": "198.51.100.30", "INET": "203.0.113.7"}
ANSWERS = [
    # src zone, dst zone, changes → row, decision, what failed (model alpha)
    ("MNU", "LGC", {}, "F01", "deny", None),
    ("LGC", "MNU", {}, "F02", "deny", None),
    ("MNU", "INC", {}, "F03", "deny", None),
    ("INC", "MNU", {}, "F03b", "deny", None),
    ("MNU", "INET", {}, "F04", "deny", None),
    ("MNU", "INET", {"dst_host": "fe2.update.microsoft.com"}, "F22", "deny", None),
    ("LGC", "INET", {"src_ip": "10.1.0.20"}, "F22b", "deny", None),
    ("LGC", "INET", {}, "F16", "deny", None),
    ("LGC", "INET", {"dst_ip": "203.0.113.77"}, "F16", "deny", None),
    ("MNU", "LGWAN", {"dst_ip": "198.51.100.40"}, "F05", "allow", None),
    ("MNU", "LGWAN", {"dst_ip": "198.51.100.40", "src_mac": "00:00:5e:00:53:99"}, "F05", "cond", "mac"),
    ("MNU", "LGWAN", {"dst_ip": "198.51.100.40", "src_ip": "10.2.0.77"}, "F05", "cond", "src"),
    ("MNU", "LGWAN", {"dst_ip": "198.51.100.44"}, "F05", "cond", "dst"),
    ("MNU", "LGWAN", {"dst_ip": "198.51.100.40", "dst_port": 80}, "F05", "cond", "port"),
    ("MNU", "LGWAN", {"dst_ip": "198.51.100.41", "src_ip": "10.2.0.6"}, "F05", "cond", "expired"),
    ("MNU", "LGWAN", {"dst_ip": "198.51.100.77", "src_ip": "10.2.0.77"}, "F05", "cond", None),
    ("MNU", "LGWAN", {"dst_ip": "198.51.100.40", "dst_port": 8443}, "F12", "cond", "port"),
    ("LGC", "LGWAN", {}, "F11", "allow", None),
    ("LGC", "LGWAN", {"dst_port": 445}, "F12", "cond", "port"),
    ("LGC", "LGWAN", {"dst_ip": "198.51.100.31", "dst_port": 8443}, "F12", "allow", None),
    ("LGC", "LGWAN", {"src_ip": "10.1.0.20", "dst_ip": "198.51.100.60"}, "F23", "cond", "dst"),
    ("MNU", "JUKI", {"dst_ip": "192.0.2.1"}, "F06", "cond", None),
    ("MNU", "DC", {"dst_ip": "192.0.2.1"}, "F07", "cond", None),
    ("MNU", "INSNET", {"dst_ip": "192.0.2.1"}, "F09", "cond", None),
    ("INC", "LGC", {"src_ip": "10.3.0.25", "dst_ip": "10.1.0.25", "dst_port": 25}, "F17", "allow", None),
    ("INC", "LGC", {"src_ip": "10.3.0.26", "dst_ip": "10.1.0.25", "dst_port": 25}, "F17b", "cond", None),
    ("INC", "LGC", {}, "F18", "deny", None),
    ("INC", "LGC", {"src_ip": "10.3.0.60", "dst_ip": "10.1.0.60"}, "F18", "allow", None),
    ("INC", "LGC", {"src_ip": "10.3.0.60", "dst_ip": "10.1.0.60", "dst_port": 80}, "F18", "deny", "port"),
    ("INC", "MNU", {"src_ip": "10.3.0.60", "dst_ip": "10.2.0.60"}, "F03b", "deny", None),
    ("INC", "LGC", {"src_ip": "10.3.0.70"}, "F20", "cond", None),
    ("LGC", "INC", {"dst_ip": "10.3.0.30", "dst_port": 4172}, "F19", "allow", None),
    ("LGC", "INC", {"dst_ip": "10.3.0.31", "dst_port": 4172}, "F19b", "cond", None),
    ("LGC", "INC", {"dst_port": 25}, "F18b", "deny", None),
    ("LGC", "INC", {"dst_port": 1433}, "F18b", "deny", None),
    ("VENDOR", "LGC", {"src_ip": "192.0.2.1"}, "F24", "cond", None),
    ("INET", "LGC", {}, "F27", "deny", None),
    ("INET", "INC", {"dst_ip": "10.3.0.30"}, "F26", "cond", None),
    ("INET", "INC", {}, None, None, None),
    ("INC", "INET", {}, "F36", "allow", None),
    ("INC", "LGWAN", {}, "default", "deny", None),
    ("GUEST", "LGC", {"src_ip": "192.0.2.1"}, "F49", "deny", None),
    ("UNKNOWN", "INET", {"src_ip": "192.0.2.1"}, None, None, None),
    ("MNU", "UNKNOWN", {"dst_ip": "192.0.2.1"}, None, None, None),
    ("LGC", "LGC", {"dst_ip": "10.1.9.9"}, None, None, None),
]  # fmt: skip


Answer = tuple[str | None, str | None, str | None]


def asked(flows: list[tuple[str, str, dict[str, object]]], **body: object) -> list[Answer]:
    """Row, decision and what failed, for flows of a body with these fields."""
    events = [
        {"event_time": T0 + n, "protocol": "tcp", "dst_port": 443, "src_zone": src, "dst_zone": dst, "path": "forward",
         "src_ip": INSIDE.get(src, "192.0.2.1"), "dst_ip": INSIDE.get(dst, "192.0.2.2"),
         **({"src_mac": "00:00:5e:00:53:05"} if src == "MNU" else {}), "verdict": "allow", **changes}
        for n, (src, dst, changes) in enumerate(flows)
    ]  # fmt: skip
    with Store.temporary() as store:
        register(store, {**REGISTERS, "tenants": [body]})
        deliver(store, EventClass.NETWORK, events, name="flows")
        with store.snapshot() as snapshot, snapshot.session() as session:
            part = rows.Part(EventClass.NETWORK, (TENANT,), time.hour_of(T0), time.hour_of(T0))
            columns = PACK.class_columns("network") | {"policy_row", "policy_decision", "policy_failed"}
            rows.materialise(session, part, columns, PACK, References(snapshot))
            found = session.sql("SELECT policy_row, policy_decision, policy_failed FROM rows ORDER BY line").to_pylist()
    return [(row["policy_row"], row["policy_decision"], row["policy_failed"]) for row in found]


@pytest.fixture(scope="module")
def alpha() -> list[Answer]:
    return asked([(src, dst, changes) for src, dst, changes, *_ in ANSWERS], model="alpha")


@pytest.mark.parametrize(
    "number", range(len(ANSWERS)), ids=lambda n: f"{ANSWERS[n][0]}→{ANSWERS[n][1]} {ANSWERS[n][2] or ''}"
)
def test_the_row_that_judges_a_flow(alpha: list[Answer], number: int) -> None:
    assert alpha[number] == ANSWERS[number][3:]


@pytest.mark.parametrize(
    ("model", "row", "listed", "other"),
    [
        ("alpha", "F16", "deny", "deny"), ("alpha_prime", "F16b", "allow", "deny"),
        ("beta", "F16", "deny", "deny"), ("beta_prime", "F16", "deny", "deny"),
    ],
)  # fmt: skip
def test_the_model_decides_on_the_local_breakout(model: str, row: str, listed: str, other: str) -> None:
    flows: list[tuple[str, str, dict[str, object]]] = [
        ("LGC", "INET", {}), ("LGC", "INET", {"dst_ip": "203.0.113.77"}), ("MNU", "INET", {}),
    ]  # fmt: skip
    found = asked(flows, model=model)
    assert [f[:2] for f in found] == [(row, listed), (row, other), ("F04", "deny")]


def test_outbound_mail_is_a_switch_of_the_body() -> None:
    assert asked([("LGC", "INC", {"dst_port": 25})])[0][:2] == ("F18b", "deny")
    assert asked([("LGC", "INC", {"dst_port": 25})], outbound_mail=True)[0][:2] == ("F21", "allow")


def test_the_table_is_complete() -> None:
    assert {row[:3] for row in ROWS} - {"def"} == {f"F{n:02d}" for n in range(1, 59)}


@pytest.mark.parametrize("row", PACK.policy.rows, ids=lambda r: f"{r.id} {'→'.join((*r.src, *r.dst))}")
def test_every_row_has_a_quote_and_a_title(row: Row) -> None:
    assert row.quote
    assert row.title_ja


def test_rows_that_no_log_shows_say_why_and_judge_nothing() -> None:
    hidden = [row for row in PACK.policy.rows if not row.visible]
    assert {row.id for row in hidden} >= {"F08", "F10", "F13", "F14", "F15", "F25"}
    assert all(len(row.why_invisible_ja) >= 15 for row in hidden)
    assert not {row.id for row in hidden} & {answer[3] for answer in ANSWERS}


def test_every_visible_row_of_the_guideline_is_answered_by_some_flow_above() -> None:
    answered = {answer[3] for answer in ANSWERS} | {"F16b", "F21"}
    visible = {row.id for row in PACK.policy.rows if row.visible and row.id[1:3].isdigit() and int(row.id[1:3]) <= 27}
    assert visible <= answered


def test_only_what_is_forbidden_can_be_so_unless_registered() -> None:
    row = {"id": "F90", "src": ["LGC"], "dst": ["INC"], "title_ja": "t", "unless_registered": True}
    assert Row.model_validate({**row, "decision": "deny"}).unless_registered
    with pytest.raises(ValueError, match="unless_registered"):
        Row.model_validate({**row, "decision": "cond"})
