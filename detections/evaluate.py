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
from core.columns import COUNT_QUALITIES, OUTCOMES
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


MARK = """CREATE OR REPLACE TEMP TABLE mark
    (id BIGINT, g INTEGER, t BIGINT, layer INTEGER, fires BOOLEAN, measure BIGINT)"""
"""What is evidence, by layer."""


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
    if not _select(session, rule):
        return {}
    session.run(MARK)
    for number in range(len(rule.layers)):
        session.run(_marks(rule, number))
    if not session.sql("SELECT count(*) AS n FROM mark")["n"][0].as_py():
        return {}
    session.bind("due", due)
    return _Facts(session, rule).read()


def _entity(rule: Rule) -> dict[str, str]:
    kind = "identity_type" if rule.entity_type == "identity" else f"'{rule.entity_type}'"
    return {"et": kind} | {f"e{i}": f"coalesce(CAST(({text}\n) AS VARCHAR), '')" for i, text in enumerate(rule.entity)}


def _keys(rule: Rule) -> str:
    return ", ".join(("tenant", *_entity(rule)))


def _select(session: Session, rule: Rule) -> bool:
    """Make `selected`: the rows that any layer looks at, and `entity`: a number `g` for each body and entity in it.

    The wide table is read once for all layers. What layers mark is by numbers: texts are slow to sort and group.
    """
    flags: list[str] = []
    columns: dict[str, str] = {}
    for number, layer in enumerate(rule.layers):
        kind = kinds.kinds()[layer.kind]
        where = [f"({layer.where}\n)"] if layer.where != "true" else []
        if kind.windowed:
            where.append(f"NOT ({' AND '.join(f'({text}) IS NULL' for text in rule.entity)})")
        flags.append(" AND ".join(where) or "true")
        own = kind.columns(layer.own(rule.parameters))
        columns |= {f"l{number}": flags[-1]} | {f"l{number}_{name}": f"({text}\n)" for name, text in own.items()}
    tests = ["noise IS NULL"] if rule.unclassed else []
    tests += [f"({rule.where}\n)"] if rule.where != "true" else []
    tests += [f"({' OR '.join(f'({text})' for text in flags)})"] if "true" not in flags else []
    entity = _entity(rule)
    chosen = ", ".join(f"{text} AS {name}" for name, text in {**entity, **columns}.items())
    query = f"CREATE OR REPLACE TEMP TABLE selected AS SELECT id, tenant, t, {chosen} FROM rows WHERE {' AND '.join(tests) or 'true'}"
    session.run(query, bound(query, rule.parameters))
    session.run(f"""CREATE OR REPLACE TEMP TABLE entity AS
        SELECT CAST(row_number() OVER () AS INTEGER) AS g, * FROM (SELECT DISTINCT {_keys(rule)} FROM selected)""")
    return bool(session.sql("SELECT count(*) AS n FROM entity")["n"][0].as_py())


def _marks(rule: Rule, number: int) -> str:
    """SQL that marks the evidence of one layer."""
    layer = rule.layers[number]
    kind = kinds.kinds()[layer.kind]
    own = layer.own(rule.parameters)
    columns = "".join(f", l{number}_{name} AS {name}" for name in kind.columns(own))
    marks = kind.marks(own, "hit")
    return f"""INSERT INTO mark
        WITH hit AS MATERIALIZED (SELECT id, g, t{columns} FROM selected JOIN entity USING ({_keys(rule)}) WHERE l{number})
        SELECT id, g, t, {number}, fires, measure FROM ({marks})"""


def bound(query: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that a statement names; DuckDB refuses others."""
    return {n: v for n, v in parameters.items() if re.search(rf"\${n}(?![a-z0-9_])", query)}


def _ranks(words: Sequence[str]) -> str:
    return " ".join(f"WHEN '{word}' THEN {rank}" for rank, word in enumerate(words))


class _Facts:
    """The queries that make partial facts of `mark`, `entity` and `rows`."""

    def __init__(self, session: Session, rule: Rule) -> None:
        self._session = session
        self._rule = rule
        self._keys: dict[int, tuple[Any, ...]] = {}

    def read(self) -> dict[Key, Found]:
        rule = self._rule
        columns = {
            **{name: f'r."{name}"' for name in ("id", "t", "hour", "batch", "line")},
            "g": "m.g", "own": "d.hour IS NOT NULL", "fires": "m.fires", "attempts": "attempts",
            "received": "epoch_us(received_time)", "deny_only": "source_deny_only",
            "events": "events", "verdict": "verdict", "outcome": "outcome",
            "quality": f"CASE time_quality {_ranks(QUALITIES)} ELSE 0 END",
            "counted": f"CASE CASE WHEN log_lost THEN 'lower_bound' ELSE count_quality END {_ranks(COUNT_QUALITIES)} ELSE 0 END",
            **{f"c_{name}": f"coalesce(({text}\n), false)" for name, text in rule.counts.items()},
            **{f"v_{name}": f"CAST(({text}\n) AS VARCHAR)" for name, text in rule.kept.items()},
        }  # fmt: skip
        chosen = ", ".join(f"{text} AS {name}" for name, text in columns.items())
        query = f"""CREATE OR REPLACE TEMP TABLE evidence AS SELECT {chosen} FROM rows r
            JOIN (SELECT id, g, bool_or(fires) AS fires FROM mark GROUP BY id, g) m ON m.id = r.id
            LEFT JOIN due d ON d.tenant = r.tenant AND d.hour = r.hour"""
        self._session.run(query, bound(query, rule.parameters))
        for row in self._ask("SELECT * FROM entity WHERE g IN (SELECT g FROM evidence WHERE own)"):
            self._keys[row[0]] = row[1:]
        found = self._main()
        if found:
            for read in (self._samples, self._peaks, self._episodes, self._carried, self._values, self._places):
                read(found)
        self._session.run("DROP TABLE evidence; DROP TABLE selected; DROP TABLE entity")
        return found

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        table = self._session.sql(query)
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def _key(self, g: int, hour: int) -> Key:
        tenant, entity_type, *entity = self._keys[g]
        return Key(tenant, hour, entity_type, tuple(entity))

    def _main(self) -> dict[Key, Found]:
        verdict = "CASE WHEN outcome = 'blocked_later' THEN 'blocked_later' ELSE coalesce(verdict, 'none') END"
        flags = "".join(f", sum(events) FILTER (c_{name})" for name in self._rule.counts)
        outcomes = "".join(f", sum(events) FILTER (outcome = '{word}')" for word in OUTCOMES)
        rows = self._ask(f"""SELECT g, hour, bool_or(fires), sum(events), count(*), sum(attempts), min(t), max(t),
              max(quality), max(counted), bool_and(coalesce(deny_only, false)), min(received), max(received),
              count(*) FILTER (received - t > {LATE_US}), count(*) FILTER (received - t <= {PROMPT_US}),
              sum(events) FILTER ({verdict} = 'allow'), sum(events) FILTER ({verdict} = 'deny'),
              sum(events) FILTER ({verdict} = 'blocked_later'), sum(events) FILTER ({verdict} = 'none'){outcomes}{flags}
            FROM evidence WHERE own GROUP BY g, hour""")
        found = {}
        for g, hour, *rest in rows:
            fired, count, lines, attempts, first, last, quality, counted, deny_only, *received = rest[:13]
            rfirst, rlast, late, prompt = received
            numbers = [int(n or 0) for n in rest[13:]]
            words = dict(zip(("allow", "deny", "blocked_later", "none"), numbers, strict=False))
            ended = dict(zip(OUTCOMES, numbers[4:], strict=False))
            partial = Partial(
                int(count), lines, int(attempts), first=first, last=last, hours=int(fired), verdicts=words,
                outcomes={word: n for word, n in ended.items() if n},
                counts=dict(zip(self._rule.counts, numbers[4 + len(OUTCOMES) :], strict=True)),
                quality=quality, counted=counted, deny_only=deny_only, received_first=rfirst if rfirst is not None else 2**62,
                received_last=rlast if rlast is not None else -1, late=late, prompt=prompt,
            )  # fmt: skip
            found[self._key(g, hour)] = Found(partial, fired)
        return found

    def _samples(self, found: Mapping[Key, Found]) -> None:
        order = ", ".join((*(f'r."{name}"' for name in CONTENT), "e.batch", "e.line"))
        place = "struct_pack(t := e.t, b := e.batch, l := e.line)"
        ends = (
            ("first", "arg_min", "e.t = e.first"),
            ("firing", "arg_min", "e.fires AND e.t = e.firing"),
            ("last", "arg_max", "e.t = e.last"),
        )
        chosen = ", ".join(f"{best}({place}, row({order})) FILTER ({test})" for _, best, test in ends)
        for g, hour, *places_of in self._ask(f"""WITH edge AS (
              SELECT g, hour, min(t) AS first, max(t) AS last, min(t) FILTER (fires) AS firing FROM evidence WHERE own GROUP BY g, hour),
            near AS MATERIALIZED (SELECT e.g, e.hour, e.id, e.t, e.batch, e.line, e.fires, x.first, x.last, x.firing
              FROM evidence e JOIN edge x ON x.g = e.g AND x.hour = e.hour AND e.t IN (x.first, x.last, x.firing)),
            wide AS MATERIALIZED (SELECT * FROM rows WHERE id IN (SELECT id FROM near))
            SELECT e.g, e.hour, {chosen} FROM near e JOIN wide r ON r.id = e.id GROUP BY e.g, e.hour"""):
            found[self._key(g, hour)].partial.samples = {
                kind: tuple(p.values()) for (kind, _, _), p in zip(ends, places_of, strict=True) if p is not None
            }  # fmt: skip

    def _peaks(self, found: Mapping[Key, Found]) -> None:
        peaks = (
            f"SELECT g, t // {time.HOUR_US} AS hour, layer, max(measure) FROM mark WHERE fires GROUP BY g, hour, layer"
        )
        for g, hour, layer, peak in self._ask(peaks):
            # In the margins there is evidence of bodies and hours that are not due.
            if g in self._keys and (one := found.get(self._key(g, hour))):
                one.partial.peaks[self._rule.layers[layer].name] = peak

    def _episodes(self, found: Mapping[Key, Found]) -> None:
        # An episode can only begin with the first row of a bin as wide as the gap that parts episodes.
        gap = self._rule.window
        for g, hour, number in self._ask(f"""SELECT g, first // {time.HOUR_US}, count(*) FROM (
              SELECT g, first, own, lag(last) OVER (PARTITION BY g ORDER BY first) AS before FROM (
                SELECT g, t // {gap} AS bin, min(t) AS first, max(t) AS last, arg_min(own, t) AS own FROM evidence GROUP BY g, bin))
            WHERE own AND (before IS NULL OR first - before >= {gap}) GROUP BY ALL"""):
            found[self._key(g, hour)].partial.episodes = number

    def _carried(self, found: Mapping[Key, Found]) -> None:
        if not any((key.hour + 9) % 24 == 0 for key in found):
            return
        widths = " ".join(f"WHEN {n} THEN {self._rule.width(layer)}" for n, layer in enumerate(self._rule.layers))
        for (
            g,
            day,
            number,
        ) in self._ask(f"""WITH begun AS (SELECT e.g, e.hour, m.layer, min(e.t) AS t FROM mark m JOIN evidence e ON e.id = m.id
              WHERE m.fires AND e.own AND (e.hour + 9) % 24 = 0 GROUP BY e.g, e.hour, m.layer),
            held AS (SELECT DISTINCT e.g, f.hour AS day, e.id, e.events FROM begun f JOIN mark m ON m.layer = f.layer
              JOIN evidence e ON e.id = m.id AND e.g = f.g
              WHERE e.t < f.hour * {time.HOUR_US} AND e.t > f.t - CASE m.layer {widths} END)
            SELECT g, day, sum(events) FROM held GROUP BY g, day"""):
            found[self._key(g, day)].partial.carried = int(number)

    def _values(self, found: Mapping[Key, Found]) -> None:
        kept = list(self._rule.kept)
        if not kept:
            return
        each = " UNION ALL ".join(
            f"SELECT g, hour, {n} AS name, v_{name} AS v, min(t) AS t FROM evidence WHERE own AND v_{name} IS NOT NULL GROUP BY g, hour, v_{name}"
            for n, name in enumerate(kept)
        )
        for (
            g,
            hour,
            name,
            earliest,
        ) in self._ask(f"""SELECT g, hour, name, min(struct_pack(t := t, v := v), {KEPT + 1}) FROM ({each})
            GROUP BY g, hour, name"""):
            pairs = [(pair["t"], pair["v"]) for pair in earliest]
            found[self._key(g, hour)].partial.values[kept[name]] = (pairs[:KEPT], len(pairs) > KEPT)

    def _places(self, found: Mapping[Key, Found]) -> None:
        table = self._session.sql(
            "SELECT g, hour, list(batch) AS b, list(line) AS l FROM evidence WHERE own GROUP BY g, hour"
        )
        heads = zip(table["g"].to_pylist(), table["hour"].to_pylist(), strict=True)
        for n, (g, hour) in enumerate(heads):
            batch = table["b"][n].values.to_numpy(zero_copy_only=False)
            line = table["l"][n].values.to_numpy(zero_copy_only=False)
            found[self._key(g, hour)].places = places.pack(np.column_stack([batch, line]).astype(np.int64))
