"""The columns that a rule or traffic class may name: those of its event class, and what the engine adds to each row.

An added column says what it is derived from: `reads` are the register kinds whose import changes it (a rule that
names it is due when they change), `needs` the steps of `detections.rows` that compute it. Nothing is computed
unasked.
"""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from core.columns import EventClass, columns_of
from store.expressions import Expressions, expressions

GROUPS = ("never", "local", "self", "reply", "health", "config")
"""Groups of traffic classes in the order of evaluation; `never` keeps a row out of every class."""
CLASSES = GROUPS[1:]


@dataclass(frozen=True, slots=True)
class Added:
    """A column that the engine adds to each row."""

    name: str
    type: str
    meaning: str
    needs: str = ""
    reads: tuple[str, ...] = ()


# fmt: off
ADDED: Mapping[str, Added] = {
    a.name: a
    for a in (
        Added("t", "int64", "event_time in µs since 1970 UTC"),
        Added("hour", "int64", "JST hour as a count of hours since 1970"),
        Added("jst_hour", "int64", "Hour of the day in Japan, 0–23"),
        Added("weekday", "int64", "Day of the week in Japan, 0 = Monday"),
        Added("events", "int64", "event_count, 1 where it is empty"),
        Added("attempts", "int64", "Attempts: a denied TCP line counts where it is the first of its 5-tuple in 30 s "
              "(and wherever it stands for several events); any other line its event_count", "attempts"),
        Added("log_lost", "bool", "In this minute the device said that it dropped or rate-limited log lines: counts are lower bounds", "losses", ("log_loss",)),
        # Who it was
        Added("identity", "string", "The best identity: user, else forwarded-for address, else src_ip", "source", ("sources",)),
        Added("identity_type", "string", "user | forwarded | nat | address (nat: 団体の出口, by which the body was found)", "source", ("sources",)),
        # The feed
        Added("source_kind", "string", "lgwan_firewall | proxy | mail | dns | web | sensor | host", "source", ("sources",)),
        Added("source_deny_only", "bool", "The source sends denied packets only", "source", ("sources",)),
        # The body
        Added("model", "string", "Network model in force: alpha | alpha_prime | beta | beta_prime (alpha where none is registered)", "body", ("tenants",)),
        Added("outbound_mail", "bool", "The body permits Internet mail from LGC (F21)", "body", ("tenants",)),
        # Networks
        Added("src_known", "bool", "src_ip lies in a registered prefix of the body; empty where the body registered none", "network", ("zones",)),
        Added("dst_known", "bool", "dst_ip likewise", "network", ("zones",)),
        Added("dst_broadcast", "bool", "dst_ip is the last address of a registered prefix of the body", "network", ("zones",)),
        # Terminal register (端末台帳)
        Added("terminal_register", "bool", "The body has a terminal register in force", "terminal", ("assets",)),
        Added("src_registered", "bool", "src_ip stands in it", "terminal", ("assets",)),
        Added("src_name", "string", "Host name of src in it", "terminal", ("assets",)),
        Added("src_section", "string", "Section of src in it", "terminal", ("assets",)),
        Added("src_kind", "string", "Kind of src in it: pc | server | router | printer | scanner | monitor | iot", "terminal", ("assets",)),
        Added("src_criticality", "string", "Criticality of src in it: low | normal | high | disaster", "terminal", ("assets",)),
        Added("src_services", "list", "What src serves by it: list_contains(src_services, 'dns')", "terminal", ("assets",)),
        Added("src_terminal", "string", "Its entry as JSON: address, name, section, room, kind, criticality, contact", "terminal", ("assets",)),
        Added("dst_registered", "bool", "dst_ip stands in it", "terminal", ("assets",)),
        Added("dst_name", "string", "Host name of dst in it", "terminal", ("assets",)),
        Added("dst_kind", "string", "Kind of dst in it", "terminal", ("assets",)),
        Added("dst_criticality", "string", "Criticality of dst in it", "terminal", ("assets",)),
        Added("dst_services", "list", "What dst serves by it", "terminal", ("assets",)),
        Added("src_mac_registered", "bool", "src_mac stands in it, at whatever address; empty where not logged", "mac", ("assets",)),
        Added("src_mac_own", "string", "src_mac, empty where it is a router's: registered as router, or seen with ≥ 4 addresses of the body "
              "that day", "router", ("assets", "mac")),
        Added("mac_match", "string", "match | mismatch | not_logged | behind_router, of src_ip and src_mac against it; empty where src_ip "
              "has no hardware address in it. behind_router (a router's, as above) is told without a register too", "mac", ("assets", "mac")),
        # Register of 特定通信
        Added("flow_register", "bool", "The body has a 特定通信 in force", "flows", ("flows",)),
        # Flow policy (F01–F27)
        Added("policy_row", "string", "Row of the flow policy that judges this flow; empty where none does", "policy", ("tenants", "flows")),
        Added("policy_decision", "string", "allow | cond | deny: allow also where a registered 特定通信 fits that the row asks for; "
              "cond where none does and the row only sets that condition", "policy", ("tenants", "flows")),
        Added("policy_failed", "string", "Where a registered 特定通信 fits in part, what does not: src, mac, dst, protocol, port (joined by +), "
              "or expired. A router's hardware address says nothing of the sender: as if not logged", "policy", ("tenants", "flows")),
        Added("policy_flow", "string", "The 特定通信 that fits, in full or in part", "policy", ("tenants", "flows")),
        # Traffic classes
        Added("noise", "string", "Traffic class by name (file in detections/classes/); empty: none", "class"),
        Added("traffic_class", "string", "Its group: local | self | reply | health | config; empty: none", "class"),
    )
}
# fmt: on

ALWAYS = frozenset(
    (
        "tenant event_time event_count verdict outcome src_ip dst_ip src_port dst_port protocol batch line"
        " received_time time_quality count_quality log_lost source device src_mac user src_zone dst_zone events attempts source_deny_only"
    ).split()
)
"""Columns that facts need of every row."""
CLASSED = frozenset({"noise", "traffic_class"})
"""Columns that traffic classes answer, and so can't ask."""


@cache
def vocabulary(event_class: EventClass, *, classed: bool = True) -> tuple[tuple[str, str], ...]:
    """Name and type of every column that an expression over this class may name.

    Args:
        event_class: What it reads.
        classed: False for traffic classes themselves and the flow policy.
    """
    own = {c.name: c.type for c in columns_of(event_class)}
    added = {a.name: a.type for a in ADDED.values() if classed or a.name not in CLASSED}
    return tuple({**own, **added}.items())


def checker(event_class: EventClass, *, classed: bool = True) -> Expressions:
    """What checks expressions over a class."""
    return expressions(vocabulary(event_class, classed=classed))


def steps(columns: Iterable[str]) -> frozenset[str]:
    """The steps that compute these columns."""
    return frozenset(ADDED[c].needs for c in columns if c in ADDED) - {""}


def registers(columns: Iterable[str]) -> frozenset[str]:
    """The classes of touches, besides events, that change these columns."""
    return frozenset(kind for c in columns if c in ADDED for kind in ADDED[c].reads)
