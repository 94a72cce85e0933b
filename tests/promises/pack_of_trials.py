"""Rules, a traffic class and a flow policy for random trials: every kind, layers, two inputs, registers, numbers that bite often."""

from typing import Any

from detections.classes import TrafficClass
from detections.loading import Pack, pack
from detections.policy import Policy
from detections.rule import Rule

MINUTE = 60_000_000
PEOPLE: dict[str, Any] = {
    "title": "t", "title_ja": "試験", "sentence_ja": "{entity}", "runbook": "r", "runbook_ja": "r", "action": "ask",
    "action_ja": "a", "clause": ["MUN-D"], "clause_quote": "q", "function": "packet_monitoring", "nature": "precursor",
    "false_positives_ja": ["x"], "incident_class": 6, "deny_only": "works", "deny_only_ja": "d", "input": "network",
}  # fmt: skip
TESTS = [{"name": about, "about": about, "alerts": 0, "events": []} for about in ("fires", "near_miss", "edge", "late")]
LAST = {"level": "low", "line_ja": "その他"}


def a_rule(id: str, code: str, **logic: Any) -> Rule:
    return Rule.model_validate({"id": id, "code": code, **PEOPLE, "tests": TESTS, "severity": [LAST], **logic})


THRESHOLD = a_rule(
    "t_threshold", "TR-1", entity=["src_ip"], entity_type="address", where="verdict = 'deny'",
    layers=[{"name": "burst", "kind": "threshold", "window": "10m", "measure": "attempts", "at_least": 12}],
    severity=[{"when": {"min_peak": 25}, "level": "high", "line_ja": "多い"}, LAST],
    counts={"web": "dst_port = 80"},
)  # fmt: skip
SPREAD = a_rule(
    "t_spread", "TR-2", entity=["src_ip"], entity_type="address", unclassed=False,
    layers=[{"name": "fan", "kind": "spread", "window": "1h", "distinct": ["dst_ip", "protocol"], "at_least": 6,
             "and_distinct": {"column": "dst_port", "at_least": 3}}],
    severity=[{"when": {"distinct": {"destinations": 5}, "min_allow": 1}, "level": "critical", "line_ja": "許可あり"}, LAST],
)  # fmt: skip
LAYERS = a_rule(
    "t_layers", "TR-3", entity=["dst_ip", "dst_port"], entity_type="server",
    where="dst_port <> 137",
    layers=[
        {"name": "port", "kind": "match", "where": "dst_port = 4444"},
        {"name": "many", "kind": "threshold", "window": "90s", "measure": "events", "at_least": "$limit"},
        {"name": "sources", "kind": "spread", "window": "5m", "distinct": ["src_ip"], "at_least": 4},
    ],
    parameters={"limit": 30}, values={"mac_first": "split_part(src_mac, ':', 6)"},
    severity=[{"when": {"layers": ["port", "many"]}, "level": "high", "line_ja": "両方"}, LAST],
)  # fmt: skip
FLOWS = a_rule(
    "t_flows", "TR-4", entity=["identity"], entity_type="identity",
    where="policy_decision IN ('deny', 'cond') AND src_name IS DISTINCT FROM 'scanner'",
    layers=[{"name": "main", "kind": "match"}],
    values={"judged": "policy_row || ' ' || policy_decision || coalesce(' ' || policy_failed, '') || CASE WHEN flow_register THEN ' listed' ELSE '' END"},
    counts={"forbidden": "policy_decision = 'deny'"},
)  # fmt: skip
BOTH = a_rule(
    "t_both", "TR-5", entity=["src_ip"], entity_type="address", where="verdict = 'deny'",
    layers=[
        {"name": "fan", "kind": "spread", "window": "10m", "distinct": ["dst_ip"], "at_least": 4},
        {"name": "named", "kind": "match", "input": "finding", "where": "signature = 'worm'"},
        {"name": "often", "kind": "threshold", "input": "finding", "window": "1h", "measure": "events", "at_least": 3},
        {"name": "named", "kind": "match", "where": "dst_port = 4444"},
    ],
    values={"signatures": "signature"}, counts={"worms": "signature = 'worm'", "web": "dst_port = 80"},
    severity=[{"when": {"layers": ["fan", "named"]}, "level": "high", "line_ja": "両方"}, LAST],
)  # fmt: skip
RULES = (THRESHOLD, SPREAD, LAYERS, FLOWS, BOTH)

NOISE = TrafficClass.model_validate({
    "name": "names", "number": "N01", "group": "local", "title_ja": "t", "reason_ja": "r", "until_ja": "u",
    "where": "protocol = 'udp' AND dst_port = 137 OR dst_broadcast", "unless": "name_targets >= 3 OR src_kind = 'server'",
    "aggregates": {"name_targets": {"where": "dst_port = 137", "per": ["src_ip"], "distinct": "dst_ip", "bins": "10m"}},
    "tests": [
        {"name": "a", "expect": "names", "events": []}, {"name": "b", "expect": "", "events": []},
    ],
})  # fmt: skip
POLICY = Policy.model_validate({
    "rows": [
        {"id": "F01", "src": ["MNU"], "dst": ["LGC"], "decision": "deny", "unless_registered": True, "title_ja": "t"},
        {"id": "F05", "src": ["MNU"], "dst": ["LGWAN"], "decision": "cond", "title_ja": "t"},
        {"id": "F12", "src": ["LGC"], "dst": ["LGWAN"], "decision": "allow", "where": "dst_port IN (53, 80)", "title_ja": "t"},
        {"id": "default", "src": ["LGC"], "dst": ["LGWAN"], "decision": "deny", "models": ["alpha"], "title_ja": "t"},
    ]
})  # fmt: skip


def trial_pack(*rules: Rule) -> Pack:
    return pack(rules or RULES, [NOISE], POLICY)
