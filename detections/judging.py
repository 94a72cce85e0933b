"""What the flow policy and the traffic classes say of rows, as SQL over what registers say of them.

The classes' predicates over other rows are counted within a row's own body and JST hour; the policy's look at
registered 特定通信 is a join of the distinct flows that one may allow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from detections import references
from detections.classes import TrafficClass, guard
from detections.joins import Registers
from detections.loading import Pack
from detections.vocabulary import ADDED, CLASSED, steps
from store import Session


class Judged:
    """SQL over `base` with registers, policy and classes, as far as columns ask for them."""

    def __init__(self, session: Session, registers: Registers, pack: Pack, event_class: str) -> None:
        self._session = session
        self._registers = registers
        self._pack = pack
        self._event_class = event_class
        self.parameters: dict[str, Any] = {}

    def view(self, columns: frozenset[str]) -> str:
        """A sub-select, in parentheses, that has the columns of `base` and these."""
        needed = steps(columns)
        if not self._pack.classes_of(self._event_class):
            # No class reads rows of this kind: none of them has one, and nobody needs to ask the policy for that.
            needed = steps(columns - CLASSED)
        judged = bool(needed & {"policy", "class"})
        first = {c for c in columns if c in ADDED and ADDED[c].needs not in ("policy", "class", "")}
        text = self._registers.select(sorted(first | {"model", "src_mac_own"} if judged else first))
        if judged:
            text = self._policy(text)
        if "class" in needed:
            text = self._classes(text)
        elif columns & CLASSED:
            text = f"SELECT *, CAST(NULL AS VARCHAR) AS noise, CAST(NULL AS VARCHAR) AS traffic_class FROM ({text})"
        return f"({text})"

    def _policy(self, text: str) -> str:
        row, decision = self._pack.policy.decision()
        row = self._named(row, self._pack.policy.parameters, "policy")
        asks = self._pack.policy.asks()
        judged = f"SELECT *, {row} AS policy_row FROM ({text})"
        judged = f"SELECT *, {decision} AS row_decision, {asks} AS asks FROM ({judged})"
        table = references.flows(*self._registers.scope)
        none = "CAST(NULL AS VARCHAR)"
        if not len(table):
            answers = f"row_decision AS policy_decision, {none} AS policy_failed, {none} AS policy_flow"
            return f"SELECT * EXCLUDE (row_decision, asks), {answers} FROM ({judged})"
        self._registers.bind("flow", table)
        query = f"CREATE OR REPLACE TEMP TABLE by_policy AS {judged}"
        self._session.run(query, self.own_parameters(query))
        tuple_ = ", ".join(TUPLE)
        self._session.run(f"CREATE OR REPLACE TEMP TABLE asked AS SELECT DISTINCT {tuple_} FROM by_policy WHERE asks")
        self._session.run(FITTING)
        keys = " AND ".join(f"j.{k} IS NOT DISTINCT FROM x.{k}" for k in TUPLE)
        return f"""SELECT j.* EXCLUDE (row_decision, asks),
              CASE WHEN j.asks AND x.fits THEN 'allow' ELSE j.row_decision END AS policy_decision,
              CASE WHEN j.asks AND NOT x.fits THEN x.failed END AS policy_failed,
              CASE WHEN j.asks THEN x.flow END AS policy_flow
            FROM by_policy j LEFT JOIN fitting x ON {keys}"""

    def _classes(self, text: str) -> str:
        used = self._pack.classes_of(self._event_class)
        joins, names, text = self._aggregates(used, text)
        tests = []
        for one in used:
            condition = f"{guard(one)} AND ({one.where}\n) AND NOT coalesce(({one.unless}\n), false)"
            word = "NULL" if one.group == "never" else f"'{one.name}'"
            tests.append(f"WHEN {self._named(condition, one.parameters, one.name)} THEN {word}")
        noise = f"CASE {' '.join(tests)} END" if tests else "CAST(NULL AS VARCHAR)"
        groups = " ".join(f"WHEN '{c.name}' THEN '{c.group}'" for c in used if c.group != "never")
        group = f"CASE noise {groups} END" if groups else "CAST(NULL AS VARCHAR)"
        more = "".join(f", {n}" for n in names)
        return f"""SELECT *, {group} AS traffic_class FROM (SELECT *, CAST({noise} AS VARCHAR) AS noise
            FROM (SELECT r.*{more} FROM ({text}) r {" ".join(joins)}))"""

    def _aggregates(self, used: Sequence[TrafficClass], text: str) -> tuple[list[str], list[str], str]:
        """Count what classes ask about other rows.

        One table holds all numbers of the same keys and the same distinct value: to look a number up for every row
        costs more than to count it.

        Returns:
            The joins that look the numbers up, the columns that they give, and the select that they are joined to.
        """
        measures: dict[tuple[tuple[str, ...], str], list[str]] = {}
        looks: dict[tuple[tuple[tuple[str, ...], str], tuple[str, ...]], dict[str, int]] = {}
        for one in used:
            for name, a in one.aggregates.items():
                bins = (f"t // {a.bins}",) if a.bins else ()
                per = (*(self._renamed(k, one) for k in a.per), *bins)
                look = (*(self._renamed(k, one) for k in (a.look or a.per)), *bins)
                counted = (per, self._renamed(a.distinct, one) if a.distinct else "")
                where = measures.setdefault(counted, [])
                if (condition := self._renamed(a.where, one)) not in where:
                    where.append(condition)
                looks.setdefault((counted, look), {})[name] = where.index(condition)
        rows = "base"
        if any(re.search(rf"\b({_JOINED})\b", str((counted, where))) for counted, where in measures.items()):
            # Registers and policy are asked once, and not again by each of these tables.
            rows, query = "judged", f"CREATE OR REPLACE TEMP TABLE judged AS {text}"
            self._session.run(query, self.own_parameters(query))
            text = "SELECT * FROM judged"
        for n, ((per, distinct), conditions) in enumerate(measures.items()):
            query = f"CREATE OR REPLACE TEMP TABLE counted_{n} AS {_counting(rows, per, distinct, conditions)}"
            self._session.run(query, self.own_parameters(query))
        tables = {counted: f"counted_{n}" for n, counted in enumerate(measures)}
        joins, names = [], []
        for n, ((counted, look), wanted) in enumerate(looks.items()):
            keys = [f"g{n}.tenant = r.tenant", f"g{n}.hour = r.hour"]
            keys += [f"({expression}) IS NOT DISTINCT FROM g{n}.k{i}" for i, expression in enumerate(look)]
            joins.append(f"LEFT JOIN {tables[counted]} g{n} ON {' AND '.join(keys)}")
            names += [f"coalesce(g{n}.n{number}, 0) AS {name}" for name, number in wanted.items()]
        return joins, names, text

    def _renamed(self, text: str, one: TrafficClass) -> str:
        return self._named(text, one.parameters, one.name)

    def _named(self, text: str, parameters: Mapping[str, Any], owner: str) -> str:
        """The text with parameters under names of their own, since several files meet in one statement."""
        for name, value in sorted(parameters.items(), key=lambda item: -len(item[0])):
            if f"${name}" in text:
                text = text.replace(f"${name}", f"${owner}__{name}")
                self.parameters[f"{owner}__{name}"] = value
        return text

    def own_parameters(self, query: str) -> dict[str, Any]:
        """The parameters that a statement names."""
        return {name: value for name, value in self.parameters.items() if f"${name}" in query}


_JOINED = "|".join(name for name, added in ADDED.items() if added.needs)
"""The columns that `base` does not have, as an expression of `re`."""


def _counting(rows: str, per: Sequence[str], distinct: str, conditions: Sequence[str]) -> str:
    """SQL that counts in a table, by body, hour and keys, the rows of each condition: events, or different values."""
    keys = "".join(f", ({text}) AS k{i}" for i, text in enumerate(per))
    tests = [f"({text}\n)" for text in conditions]
    some = f"({' OR '.join(tests)})"
    group = ", ".join(("tenant", "hour", *(f"k{i}" for i in range(len(per)))))
    if not distinct:
        numbers = "".join(f", CAST(sum(events) FILTER ({test}) AS BIGINT) AS n{i}" for i, test in enumerate(tests))
        return f"SELECT tenant, hour{keys}{numbers} FROM {rows} WHERE {some} GROUP BY ALL"
    flags = "".join(f", bool_or({test}) AS b{i}" for i, test in enumerate(tests))
    numbers = "".join(f", count(*) FILTER (b{i}) AS n{i}" for i in range(len(tests)))
    some = f"{some} AND ({distinct}) IS NOT NULL"
    values = f"SELECT tenant, hour{keys}, ({distinct}) AS v{flags} FROM {rows} WHERE {some} GROUP BY ALL"
    return f"SELECT {group}{numbers} FROM ({values}) GROUP BY ALL"


TUPLE = ("tenant", "p", "src_zone", "dst_zone", "src_addr", "src_mac_own", "dst_addr", "protocol", "dst_port")
"""What a 特定通信 looks at."""


def _fitting() -> str:
    """SQL that makes `fitting`: for each flow in `asked` the 特定通信 that fits, or fails least.

    Candidates are those whose src or dst holds the flow's; one that has run out counts only where all else fits.
    """
    near = ("tenant", "p", "src_zone", "dst_zone")
    tuple_, pair = ", ".join(f"a.{k}" for k in TUPLE), ", ".join(near)
    zones = " AND ".join(f"f.{k} = e.{k}" for k in near)

    def within(end: str) -> str:
        ends = f"SELECT DISTINCT {pair}, {end}_addr FROM asked"
        holds = f"e.{end}_addr BETWEEN f.{end}_low AND f.{end}_high"
        same = " AND ".join(f"a.{k} = e.{k}" for k in (*near, f"{end}_addr"))
        return (
            f"SELECT {tuple_}, e.number FROM asked a JOIN (SELECT e.*, f.number FROM ({ends}) e"
            f" JOIN flow f ON {zones} AND {holds}) e ON {same}"
        )

    return f"""CREATE OR REPLACE TEMP TABLE fitting AS
WITH candidate AS ({within("src")} UNION {within("dst")}),
failing AS (SELECT {tuple_}, f.id, f.valid,
    NOT coalesce(a.src_addr BETWEEN f.src_low AND f.src_high, false) AS fs,
    coalesce(f.mac <> a.src_mac_own, false) AS fm,
    NOT coalesce(a.dst_addr BETWEEN f.dst_low AND f.dst_high, false) AS fd,
    f.protocol IS DISTINCT FROM a.protocol AS fp,
    NOT coalesce(a.dst_port BETWEEN f.port_low AND f.port_high, f.port_low = 0 AND f.port_high = 65535) AS fo
  FROM candidate a JOIN flow f ON f.number = a.number),
told AS (SELECT *, fs::INTEGER + fm::INTEGER + fd::INTEGER + fp::INTEGER + fo::INTEGER AS fails,
    concat_ws('+', CASE WHEN fs THEN 'src' END, CASE WHEN fm THEN 'mac' END, CASE WHEN fd THEN 'dst' END,
      CASE WHEN fp THEN 'protocol' END, CASE WHEN fo THEN 'port' END) AS failed FROM failing),
best AS (SELECT {", ".join(TUPLE)},
    min(row(CASE WHEN fails > 0 THEN 2 WHEN valid THEN 0 ELSE 1 END, fails, id, failed)) AS b
  FROM told WHERE valid OR fails = 0 GROUP BY ALL)
SELECT {", ".join(TUPLE)}, b[1] = 0 AS fits, CASE WHEN b[1] = 1 THEN 'expired' ELSE b[4] END AS failed, b[3] AS flow
FROM best"""


FITTING = _fitting()
