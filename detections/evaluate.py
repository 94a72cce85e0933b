"""Evaluates one rule over the table `rows`: which rows are evidence, and the partial facts of each hour that is due.

The kinds say which rows fire and which are evidence; facts stand once, here. Reading around the hours that are due
lets evidence, episodes and what is carried over midnight come out as if everything had been read.
"""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from core import time
from core.columns import OUTCOMES
from detections import kinds
from detections.facts import KEPT, QUALITIES, Partial, merge
from detections.rule import Rule
from store import Session, places

LATE_US = time.HOUR_US
"""A line received more than this after it happened is late."""
PROMPT_US = 48 * time.HOUR_US
"""An alert none of whose lines came within this is retroactive (遡及)."""
CONTENT = (
    "src_ip", "dst_ip", "protocol", "dst_port", "src_port", "verdict", "outcome", "events", "source", "device", "src_mac",
    "user", "src_zone", "dst_zone", "time_quality",
)  # fmt: skip
"""What decides between samples of one time; the place only where all of it is the same."""


@dataclass(frozen=True, slots=True)
class Key:
    """Whose facts: body, hour and entity."""

    tenant: str
    hour: int
    entity_type: str
    entity: tuple[str, ...]


@dataclass(slots=True)
class Found:
    """The partial facts of an hour, whether a row fired in it, and where the lines of its evidence lie."""

    partial: Partial
    fired: bool
    places: bytes = b""


def together(one: Found, other: Found) -> Found:
    """What the rows of two inputs say of the same hour and entity; of samples of one time the first one's stays."""
    partial = merge((one.partial, other.partial))
    fired = one.fired or other.fired
    partial.hours = int(fired)
    lines = np.concatenate([places.unpack(one.places), places.unpack(other.places)])
    return Found(partial, fired, places.pack(lines))


def evaluate(session: Session, rule: Rule, due: pa.Table) -> dict[Key, Found]:
    """The partial facts of a rule.

    Args:
        session: With the table `rows`, which covers the hours that are due and the margins around them.
        rule: The rule, as it reads the input of these rows.
        due: (tenant, hour): of which cells.

    Returns:
        One entry for each body, hour and entity with evidence; what is not in it has none.
    """
    session.run("CREATE OR REPLACE TEMP TABLE mark (id BIGINT, layer INTEGER, fires BOOLEAN, measure BIGINT)")
    for number in range(len(rule.layers)):
        query = _marks(rule, number)
        session.run(query, bound(query, rule.parameters))
    if not session.sql("SELECT count(*) AS n FROM mark")["n"][0].as_py():
        return {}
    session.bind("due", due)
    return _Facts(session, rule).read()


def _entity(rule: Rule) -> dict[str, str]:
    kind = "identity_type" if rule.entity_type == "identity" else f"'{rule.entity_type}'"
    return {"et": kind} | {f"e{i}": f"coalesce(CAST(({text}\n) AS VARCHAR), '')" for i, text in enumerate(rule.entity)}


def _marks(rule: Rule, number: int) -> str:
    """SQL that marks the evidence of one layer."""
    layer = rule.layers[number]
    kind = kinds.kinds()[layer.kind]
    own = layer.own(rule.parameters)
    where = [f"({text}\n)" for text in (rule.where, layer.where) if text != "true"]
    if rule.unclassed:
        where.insert(0, "noise IS NULL")
    if kind.windowed:
        where.append(f"NOT ({' AND '.join(f'({text}) IS NULL' for text in rule.entity)})")
    entity = _entity(rule)
    columns = {**entity, **{name: f"({text}\n)" for name, text in kind.columns(own).items()}}
    chosen = ", ".join(f"{text} AS {name}" for name, text in columns.items())
    marks = kind.marks(own, kinds.Selected("hit", tuple(entity)))
    return f"""INSERT INTO mark
        WITH hit AS MATERIALIZED (SELECT id, tenant, t, {chosen} FROM rows WHERE {" AND ".join(where) or "true"})
        SELECT id, {number}, fires, measure FROM ({marks})"""


def bound(query: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that a statement names; DuckDB refuses others."""
    return {n: v for n, v in parameters.items() if re.search(rf"\${n}(?![a-z0-9_])", query)}


def _ranks() -> str:
    return " ".join(f"WHEN '{quality}' THEN {rank}" for rank, quality in enumerate(QUALITIES))


class _Facts:
    """The queries that make partial facts of `mark` and `rows`."""

    def __init__(self, session: Session, rule: Rule) -> None:
        self._session = session
        self._rule = rule
        self._entity = list(_entity(rule))
        self._group = ", ".join(["tenant", *self._entity])

    def read(self) -> dict[Key, Found]:
        rule, entity = self._rule, _entity(self._rule)
        columns = {
            **{name: f'r."{name}"' for name in ("id", "tenant", "t", "hour", "batch", "line")},
            **{f"o_{name}": f'r."{name}"' for name in CONTENT},
            **entity, "own": "d.hour IS NOT NULL", "fires": "m.fires", "attempts": "attempts",
            "received": "epoch_us(received_time)", "deny_only": "source_deny_only",
            "events": "events", "verdict": "verdict", "outcome": "outcome",
            "quality": f"CASE time_quality {_ranks()} ELSE 0 END",
            **{f"c_{name}": f"coalesce(({text}\n), false)" for name, text in rule.counts.items()},
            **{f"v_{name}": f"CAST(({text}\n) AS VARCHAR)" for name, text in rule.kept.items()},
        }  # fmt: skip
        chosen = ", ".join(f"{text} AS {name}" for name, text in columns.items())
        query = f"""CREATE OR REPLACE TEMP TABLE evidence AS SELECT {chosen} FROM rows r
            JOIN (SELECT id, bool_or(fires) AS fires FROM mark GROUP BY id) m ON m.id = r.id
            LEFT JOIN due d ON d.tenant = r.tenant AND d.hour = r.hour"""
        self._session.run(query, bound(query, rule.parameters))
        found = self._main()
        if found:
            for read in (self._peaks, self._episodes, self._carried, self._values, self._places):
                read(found)
        self._session.run("DROP TABLE evidence")
        return found

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        table = self._session.sql(query)
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def _key(self, row: Sequence[Any]) -> Key:
        """A row begins with the group's columns, then the hour."""
        n = len(self._entity)
        return Key(row[0], row[n + 1], row[1], tuple(row[2 : n + 1]))

    def _main(self) -> dict[Key, Found]:
        order = ", ".join(("t", *(f"o_{name}" for name in CONTENT), "batch", "line"))
        place = "struct_pack(t := t, b := batch, l := line)"
        verdict = "CASE WHEN outcome = 'blocked_later' THEN 'blocked_later' ELSE coalesce(verdict, 'none') END"
        flags = "".join(f", sum(events) FILTER (c_{name})" for name in self._rule.counts)
        outcomes = "".join(f", sum(events) FILTER (outcome = '{word}')" for word in OUTCOMES)
        rows = self._ask(f"""SELECT {self._group}, hour, bool_or(fires), sum(events), count(*), sum(attempts), min(t), max(t),
              max(quality), bool_and(coalesce(deny_only, false)), min(received), max(received),
              count(*) FILTER (received - t > {LATE_US}), count(*) FILTER (received - t <= {PROMPT_US}),
              arg_min({place}, row({order})), arg_min({place}, row({order})) FILTER (fires), arg_max({place}, row({order})),
              sum(events) FILTER ({verdict} = 'allow'), sum(events) FILTER ({verdict} = 'deny'),
              sum(events) FILTER ({verdict} = 'blocked_later'), sum(events) FILTER ({verdict} = 'none'){outcomes}{flags}
            FROM evidence WHERE own GROUP BY {self._group}, hour""")
        found = {}
        for row in rows:
            rest = row[len(self._entity) + 2 :]
            fired, count, lines, attempts, first, last, quality, deny_only, rfirst, rlast, late, prompt = rest[:12]
            samples = {
                kind: tuple(place.values())
                for kind, place in zip(("first", "firing", "last"), rest[12:15], strict=True)
                if place is not None
            }
            numbers = [int(n or 0) for n in rest[15:]]
            words = dict(zip(("allow", "deny", "blocked_later", "none"), numbers, strict=False))
            ended = dict(zip(OUTCOMES, numbers[4:], strict=False))
            partial = Partial(
                int(count), lines, int(attempts), first=first, last=last, hours=int(fired), verdicts=words,
                outcomes={word: n for word, n in ended.items() if n},
                counts=dict(zip(self._rule.counts, numbers[4 + len(OUTCOMES) :], strict=True)), samples=samples,
                quality=quality, deny_only=deny_only, received_first=rfirst if rfirst is not None else 2**62,
                received_last=rlast if rlast is not None else -1, late=late, prompt=prompt,
            )  # fmt: skip
            found[self._key(row)] = Found(partial, fired)
        return found

    def _peaks(self, found: Mapping[Key, Found]) -> None:
        group = ", ".join(f"e.{name}" for name in ("tenant", *self._entity))
        for (
            row
        ) in self._ask(f"""SELECT {group}, e.hour, m.layer, max(m.measure) FROM mark m JOIN evidence e ON e.id = m.id
            WHERE m.fires AND e.own GROUP BY {group}, e.hour, m.layer"""):
            found[self._key(row)].partial.peaks[self._rule.layers[row[-2]].name] = row[-1]

    def _episodes(self, found: Mapping[Key, Found]) -> None:
        for row in self._ask(f"""SELECT {self._group}, hour, count(*) FROM (SELECT *, lag(t) OVER (PARTITION BY {self._group} ORDER BY t) AS before
              FROM (SELECT DISTINCT {self._group}, hour, t, own FROM evidence))
            WHERE own AND (before IS NULL OR t - before >= {self._rule.window}) GROUP BY {self._group}, hour"""):
            found[self._key(row)].partial.episodes = row[-1]

    def _carried(self, found: Mapping[Key, Found]) -> None:
        if not any((key.hour + 9) % 24 == 0 for key in found):
            return
        widths = " ".join(f"WHEN {n} THEN {self._rule.width(layer)}" for n, layer in enumerate(self._rule.layers))
        group = ", ".join(f"e.{name}" for name in ("tenant", *self._entity))
        same = " AND ".join(f"e.{name} = f.{name}" for name in ("tenant", *self._entity))
        for row in self._ask(f"""WITH begun AS (SELECT {group}, e.hour, m.layer, min(e.t) AS t FROM mark m JOIN evidence e ON e.id = m.id
              WHERE m.fires AND e.own AND (e.hour + 9) % 24 = 0 GROUP BY {group}, e.hour, m.layer),
            held AS (SELECT DISTINCT {group}, f.hour AS day, e.id, e.events FROM begun f JOIN mark m ON m.layer = f.layer
              JOIN evidence e ON e.id = m.id AND {same}
              WHERE e.t < f.hour * {time.HOUR_US} AND e.t > f.t - CASE m.layer {widths} END)
            SELECT {self._group}, day, sum(events) FROM held GROUP BY {self._group}, day"""):
            found[self._key(row)].partial.carried = int(row[-1])

    def _values(self, found: Mapping[Key, Found]) -> None:
        kept = list(self._rule.kept)
        if not kept:
            return
        each = " UNION ALL ".join(
            f"SELECT {self._group}, hour, {n} AS name, v_{name} AS v, t FROM evidence WHERE own AND v_{name} IS NOT NULL"
            for n, name in enumerate(kept)
        )
        rows = self._ask(f"""SELECT {self._group}, hour, name, list(struct_pack(t := t, v := v) ORDER BY t, v) FROM (
              SELECT *, row_number() OVER (PARTITION BY {self._group}, hour, name ORDER BY t, v) AS n
              FROM (SELECT {self._group}, hour, name, v, min(t) AS t FROM ({each}) GROUP BY {self._group}, hour, name, v))
            WHERE n <= {KEPT + 1} GROUP BY {self._group}, hour, name""")
        for row in rows:
            pairs = [tuple(pair.values()) for pair in row[-1]]
            found[self._key(row)].partial.values[kept[row[-2]]] = (pairs[:KEPT], len(pairs) > KEPT)

    def _places(self, found: Mapping[Key, Found]) -> None:
        table = self._session.sql(
            f"SELECT {self._group}, hour, list(batch) AS b, list(line) AS l FROM evidence WHERE own GROUP BY {self._group}, hour"
        )
        heads = zip(*(table.column(i).to_pylist() for i in range(len(self._entity) + 2)), strict=True)
        for n, head in enumerate(heads):
            batch = table["b"][n].values.to_numpy(zero_copy_only=False)
            line = table["l"][n].values.to_numpy(zero_copy_only=False)
            found[self._key(head)].places = places.pack(np.column_stack([batch, line]).astype(np.int64))
