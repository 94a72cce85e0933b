"""What registers say of the rows of `base`, joined to them as SQL.

`Registers` makes, for the columns that somebody asks for, a select over `base` with the joins that those need and no
others. The look-up tables are made once, from the distinct values of the rows, and are small.
"""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from core import time
from detections import references
from detections.references import Period, References
from detections.vocabulary import steps
from store import Session

if TYPE_CHECKING:
    from detections.rows import Part

ATTEMPT_US = 30_000_000
"""A denied TCP packet of the same 5-tuple within this bin is a retransmission (TCP tries three times in 21 s)."""
SHARED_BY = 4
"""A hardware address seen with so many addresses in a day is that of a router."""


class Registers:
    """SQL over `base`, with what a set of columns needs joined to it."""

    def __init__(
        self, session: Session, part: Part, periods: Sequence[Period], refs: References,
        own: frozenset[str], shared_macs: pa.Table | None, lost: pa.Table | None,
    ) -> None:  # fmt: skip
        self._session = session
        self._part = part
        self._periods = periods
        self._refs = refs
        self._own = own
        self._shared = shared_macs
        self._lost = lost
        self._made: set[str] = set()

    # ------------------------------------------------------------------------------------------------ plain look-ups

    @property
    def scope(self) -> tuple[References, Sequence[str], Sequence[Period]]:
        """What the look-up tables are made from."""
        return self._refs, self._part.tenants, self._periods

    def select(self, columns: Sequence[str]) -> str:
        """A select that has the columns of `base` and these."""
        kinds = steps(columns)
        kinds |= {"router"} if "mac" in kinds else set()
        joins: list[str] = []
        expressions: dict[str, str] = {}
        for kind, make in self._makers.items():
            if kind in kinds:
                more, found = make()
                joins += more
                expressions |= found
        chosen = ", ".join(f'{expressions[c]} AS "{c}"' for c in columns)
        return f"SELECT b.rowid AS id, b.*{', ' if chosen else ''}{chosen} FROM base b {' '.join(joins)}"

    @cached_property
    def _makers(self) -> Mapping[str, Callable[[], tuple[list[str], dict[str, str]]]]:
        return {
            "attempts": self._attempts, "losses": self._losses, "source": self._source, "body": self._body,
            "network": self._network, "terminal": self._terminal, "router": self._router, "mac": self._mac,
            "flows": self._flows,
        }  # fmt: skip

    def _attempts(self) -> tuple[list[str], dict[str, str]]:
        denied = "verdict = 'deny' AND protocol = 'tcp'"
        if self.new("repetition"):
            # Which of several rows of one time is the first is decided by content; place decides between equals.
            content = ", ".join(f'"{c}"' for c in sorted(self._own - {"batch", "line"}))
            tuple_ = ("tenant", "src_ip", "src_port", "dst_ip", "dst_port", f"t // {ATTEMPT_US}")
            keys = ", ".join(f"{text} AS k{i}" for i, text in enumerate(tuple_))
            same = " AND ".join(f"b.k{i} IS NOT DISTINCT FROM s.k{i}" for i in range(len(tuple_)))
            self._session.run(f"""CREATE OR REPLACE TEMP TABLE repetition AS
                WITH several AS (SELECT {keys} FROM base WHERE {denied} GROUP BY ALL HAVING count(*) > 1)
                SELECT id FROM (SELECT b.id, row_number() OVER
                    (PARTITION BY {", ".join(f"b.k{i}" for i in range(len(tuple_)))} ORDER BY t, events, hash({content}), batch, line) AS n
                  FROM (SELECT rowid AS id, *, {keys} FROM base WHERE {denied}) b JOIN several s ON {same})
                WHERE n > 1""")
        told = f"CASE WHEN {denied} AND events <= 1 AND f.id IS NOT NULL THEN 0 ELSE events END"
        return ["LEFT JOIN repetition f ON f.id = b.rowid"], {"attempts": told}

    def _losses(self) -> tuple[list[str], dict[str, str]]:
        if not self._lost:
            return [], {"log_lost": "false"}
        self.bind("loss", self._lost)
        # Where one of both doesn't name its device, it may be the same.
        same = "b.device IS NULL OR list_contains(loss.devices, b.device) OR list_contains(loss.devices, '')"
        minute = f"b.t // {time.MINUTE_US}"
        return [
            f'LEFT JOIN loss ON loss.tenant = b.tenant AND loss."source" = b."source" AND loss.minute = {minute}'
        ], {"log_lost": f"loss.minute IS NOT NULL AND ({same})"}

    def bind(self, name: str, table: pa.Table) -> None:
        """Bind an Arrow table, once."""
        if self.new(f"bound {name}"):
            self._session.bind(name, table)

    def new(self, name: str) -> bool:
        """Whether this is asked for the first time."""
        if name in self._made:
            return False
        self._made.add(name)
        return True

    def _source(self) -> tuple[list[str], dict[str, str]]:
        self.bind("feed", references.feeds(self._refs, self._part.tenants, self._periods))
        user = 'CASE WHEN b.user_domain IS NULL THEN b."user" ELSE b.user_domain || \'\\\' || b."user" END'
        forwarded = "false"
        if "forwarded_for" in self._own:
            forwarded = "coalesce(feed.trusted, false) AND b.forwarded_for IS NOT NULL"
        return ['LEFT JOIN feed ON feed."source" = b."source" AND feed.p = b.p'], {
            "identity": f'CASE WHEN b."user" IS NOT NULL THEN {user} ELSE b.src_ip END',
            "identity_type": f"""CASE WHEN b."user" IS NOT NULL THEN 'user' WHEN {forwarded} THEN 'forwarded'
                WHEN coalesce(feed.nat, false) THEN 'nat' ELSE 'address' END""",
            "source_kind": "feed.kind", "source_deny_only": "coalesce(feed.deny_only, false)",
        }  # fmt: skip

    def _body(self) -> tuple[list[str], dict[str, str]]:
        self.bind("body", references.bodies(self._refs, self._part.tenants, self._periods))
        return ["LEFT JOIN body ON body.tenant = b.tenant AND body.p = b.p"], {
            "model": "coalesce(body.model, 'alpha')", "outbound_mail": "coalesce(body.mail, false)",
        }  # fmt: skip

    def _network(self) -> tuple[list[str], dict[str, str]]:
        table = references.networks(self._refs, self._part.tenants, self._periods)
        if not len(table):
            return [], {
                "src_known": "CAST(NULL AS BOOLEAN)",
                "dst_known": "CAST(NULL AS BOOLEAN)",
                "dst_broadcast": "false",
            }
        self.bind("prefix", table)
        if self.new("placed"):
            self._session.run(f"""CREATE OR REPLACE TEMP TABLE placed AS
                SELECT a.tenant, a.p, a.addr, bool_or(a.addr BETWEEN n.low AND n.high) AS known,
                  bool_or(n.broadcast IS NOT DISTINCT FROM a.addr) AS broadcast
                FROM ({self._addresses()}) a JOIN prefix n ON n.tenant = a.tenant AND n.p = a.p GROUP BY ALL""")
        joins = [
            f"LEFT JOIN placed {x} ON {x}.tenant = b.tenant AND {x}.p = b.p AND {x}.addr = b.{end}_addr"
            for x, end in (("ps", "src"), ("pd", "dst"))
        ]
        return joins, {
            "src_known": "ps.known", "dst_known": "pd.known", "dst_broadcast": "coalesce(pd.broadcast, false)",
        }  # fmt: skip

    def _addresses(self) -> str:
        return (
            "SELECT DISTINCT tenant, p, src_addr AS addr FROM base WHERE src_addr IS NOT NULL"
            " UNION SELECT DISTINCT tenant, p, dst_addr FROM base WHERE dst_addr IS NOT NULL"
        )

    # ---------------------------------------------------------------------------------------------- terminal register

    def _assets(self) -> bool:
        """Make `found`: (tenant, p, addr) → the entries of the longest prefix; whether there is a register at all."""
        table = references.terminals(self._refs, self._part.tenants, self._periods)
        if not len(table):
            return False
        self.bind("asset", table)
        if self.new("found"):
            self._session.run(f"""CREATE OR REPLACE TEMP TABLE found AS
                WITH address AS ({self._addresses()}),
                hit AS (SELECT a.tenant, a.p, a.addr, s.length, s.key FROM address a JOIN asset s
                    ON s.tenant = a.tenant AND s.p = a.p AND s.low = a.addr WHERE s.length = 128
                  UNION ALL SELECT a.tenant, a.p, a.addr, s.length, s.key FROM address a JOIN asset s
                    ON s.tenant = a.tenant AND s.p = a.p AND a.addr BETWEEN s.low AND s.high WHERE s.length < 128)
                SELECT tenant, p, addr, key FROM (SELECT *, max(length) OVER (PARTITION BY tenant, p, addr) AS longest FROM hit)
                WHERE length = longest""")
            self._session.run("""CREATE OR REPLACE TEMP TABLE terminal AS
                SELECT f.tenant, f.p, f.addr, min(f.key) AS key, count(*) AS n FROM found f GROUP BY ALL""")
            # The hardware address tells which of several entries for one address it was.
            self._session.run("""CREATE OR REPLACE TEMP TABLE sender AS
                SELECT r.tenant, r.p, r.addr, r.mac,
                  coalesce(min(f.key) FILTER (a.mac = r.mac), min(f.key)) AS key,
                  bool_or(a.mac IS NOT NULL) AS has_mac, bool_or(a.mac IS NOT DISTINCT FROM r.mac AND r.mac IS NOT NULL) AS same
                FROM (SELECT DISTINCT tenant, p, src_addr AS addr, src_mac AS mac FROM base WHERE src_addr IS NOT NULL) r
                JOIN found f ON f.tenant = r.tenant AND f.p = r.p AND f.addr = r.addr
                JOIN asset a ON a.tenant = f.tenant AND a.p = f.p AND a.key = f.key GROUP BY ALL""")
            self._session.run("CREATE OR REPLACE TEMP TABLE registered AS SELECT DISTINCT tenant, p FROM asset")
        return True

    _SENDER = "LEFT JOIN sender s ON s.tenant = b.tenant AND s.p = b.p AND s.addr = b.src_addr AND s.mac IS NOT DISTINCT FROM b.src_mac"
    _REGISTERED = "LEFT JOIN registered reg ON reg.tenant = b.tenant AND reg.p = b.p"

    def _terminal(self) -> tuple[list[str], dict[str, str]]:
        texts = (
            "src_name",
            "src_section",
            "src_kind",
            "src_criticality",
            "src_terminal",
            "dst_name",
            "dst_kind",
            "dst_criticality",
        )
        lists = ("src_services", "dst_services")
        if not self._assets():
            none = dict.fromkeys(texts, "CAST(NULL AS VARCHAR)") | dict.fromkeys(lists, "CAST([] AS VARCHAR[])")
            unasked = dict.fromkeys(("src_registered", "dst_registered"), "CAST(NULL AS BOOLEAN)")
            return [], none | unasked | {"terminal_register": "false"}
        joins = [
            self._SENDER,
            "LEFT JOIN asset sa ON sa.tenant = s.tenant AND sa.p = s.p AND sa.key = s.key",
            "LEFT JOIN terminal d ON d.tenant = b.tenant AND d.p = b.p AND d.addr = b.dst_addr",
            "LEFT JOIN asset da ON da.tenant = d.tenant AND da.p = d.p AND da.key = d.key",
            self._REGISTERED,
        ]
        known = "CASE WHEN reg.tenant IS NOT NULL THEN {}.addr IS NOT NULL END"
        return joins, {
            "terminal_register": "reg.tenant IS NOT NULL", "src_registered": known.format("s"),
            "dst_registered": known.format("d"), "src_name": "sa.name", "src_section": "sa.section",
            "src_kind": "sa.kind", "src_criticality": "sa.criticality", "src_terminal": "sa.shown",
            "src_services": "coalesce(sa.services, CAST([] AS VARCHAR[]))",
            "dst_name": "da.name", "dst_kind": "da.kind", "dst_criticality": "da.criticality",
            "dst_services": "coalesce(da.services, CAST([] AS VARCHAR[]))",
        }  # fmt: skip

    def _router(self) -> tuple[list[str], dict[str, str]]:
        empty = {"tenant": pa.array([], pa.string()), "day": pa.array([], pa.int64()), "mac": pa.array([], pa.string())}
        self.bind("shared", pa.table(empty) if self._shared is None else self._shared)
        day = f"(b.t + {time.JST_OFFSET_US}) // {time.DAY_US}"
        joins = [f"LEFT JOIN shared sh ON sh.tenant = b.tenant AND sh.mac = b.src_mac AND sh.day = {day}"]
        if not self._assets():
            return joins, {"src_mac_own": "CASE WHEN sh.mac IS NULL THEN b.src_mac END"}
        if self.new("hardware"):
            self._session.run("""CREATE OR REPLACE TEMP TABLE hardware AS
                SELECT tenant, p, mac, bool_or(coalesce(kind, '') = 'router') AS router FROM asset WHERE mac IS NOT NULL GROUP BY ALL""")
        joins.append("LEFT JOIN hardware h ON h.tenant = b.tenant AND h.p = b.p AND h.mac = b.src_mac")
        own = "CASE WHEN sh.mac IS NULL AND NOT coalesce(h.router, false) THEN b.src_mac END"
        return joins, {"src_mac_own": own}

    def _mac(self) -> tuple[list[str], dict[str, str]]:
        if not self._assets():
            shared = "CASE WHEN sh.mac IS NOT NULL THEN 'behind_router' END"
            return [], {"src_mac_registered": "CAST(NULL AS BOOLEAN)", "mac_match": shared}
        joins = [
            self._SENDER.replace(" s ", " m ").replace("s.", "m."),
            self._REGISTERED.replace(" reg ", " mreg ").replace("reg.", "mreg."),
        ]
        return joins, {
            "src_mac_registered": "CASE WHEN mreg.tenant IS NOT NULL AND b.src_mac IS NOT NULL THEN h.mac IS NOT NULL END",
            "mac_match": """CASE WHEN b.src_mac IS NULL THEN CASE WHEN mreg.tenant IS NOT NULL THEN 'not_logged' END
                WHEN m.same THEN 'match' WHEN sh.mac IS NOT NULL OR h.router THEN 'behind_router'
                WHEN m.has_mac OR h.mac IS NOT NULL THEN 'mismatch' END""",
        }  # fmt: skip

    # --------------------------------------------------------------------------------------------------- 特定通信

    def _flows(self) -> tuple[list[str], dict[str, str]]:
        self.bind("flow_body", references.bodies_with_flows(self._refs, self._part.tenants, self._periods))
        joins = ["LEFT JOIN flow_body fb ON fb.tenant = b.tenant AND fb.p = b.p"]
        return joins, {"flow_register": "fb.tenant IS NOT NULL"}
