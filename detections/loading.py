"""Reads rules, traffic classes and the flow policy from their files, checks every expression, and fingerprints them.

Whatever lies in the directory is loaded; nothing is listed. Problems are collected and reported together, each with
file and key.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from core.columns import EventClass
from core.errors import QueryError, RuleError
from detections import classes, facts, policy
from detections.classes import TrafficClass
from detections.policy import Policy
from detections.rule import Rule
from detections.schema import Model, problems
from detections.vocabulary import ADDED, ALWAYS, CLASSED, checker, registers, vocabulary
from store.expressions import Expressions, expressions

SHIPPED = Path(__file__).parent
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Reading:
    """A rule as it reads one of its inputs."""

    rule: Rule
    """With the layers of this input alone."""
    columns: frozenset[str]
    """Every column that has to be read or made, traffic classes' and the policy's included."""
    named: frozenset[str]
    """The columns that the rule itself and its facts name."""


@dataclass(frozen=True)
class Producer:
    """A rule that is ready to run: what it names, what makes it due, and how far its cells reach."""

    rule: Rule
    readings: Mapping[str, Reading]
    """By event class, one for each of its inputs."""
    reads: frozenset[str]
    """Classes of touches that make its cells due."""
    fingerprint: str
    text: str
    """What the fingerprint is the hash of, as canonical JSON."""


@dataclass(frozen=True)
class Pack:
    """Rules, traffic classes and flow policy that belong together."""

    rules: Mapping[str, Rule]
    classes: tuple[TrafficClass, ...]
    policy: Policy
    producers: Mapping[str, Producer] = field(default_factory=dict)
    _columns: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)
    """Answers of `class_columns`: finding them checks every expression of every class."""

    def only(self, ids: Iterable[str]) -> Pack:
        """The same with these rules alone; RuleError where one is missing."""
        wanted = list(ids)
        if unknown := sorted(set(wanted) - set(self.rules)):
            raise RuleError(f"no rule {unknown[0]!r}; known are {', '.join(self.rules)}")
        keep = {i: self.rules[i] for i in self.rules if i in wanted}
        return Pack(keep, self.classes, self.policy, {i: self.producers[i] for i in keep}, self._columns)

    def classes_of(self, event_class: str) -> list[TrafficClass]:
        """The traffic classes of an input, in the order of evaluation."""
        return classes.ordered([c for c in self.classes if event_class in c.input])

    def class_columns(self, event_class: str) -> frozenset[str]:
        """The columns that an input's traffic classes name, the policy's included."""
        if event_class not in self._columns:
            used = self.classes_of(event_class)
            self._columns[event_class] = _class_columns(used, self.policy, EventClass(event_class))
        return self._columns[event_class]


def load(directory: Path | None = None, *, shipped_classes: bool = True) -> Pack:
    """Rules of a directory (None: those shipped), with the classes and the flow policy beside them or shipped.

    A directory holds `*.toml`, or `rules/`, `classes/` and `flow_policy.toml`.

    Raises:
        RuleError: All that is wrong, one line for each key.
    """
    home, rules_at = _places(directory)
    classes_at = home / "classes" if (home / "classes").is_dir() else SHIPPED / "classes"
    policy_at = home / "flow_policy.toml" if (home / "flow_policy.toml").exists() else SHIPPED / "flow_policy.toml"
    wrong: list[str] = []
    rules = _rules(rules_at, wrong)
    for path, rule in rules.items():
        wrong += [f"{path}: id: {rule.id!r} is not the name of the file"] * (rule.id != path.stem)
        wrong += _check_rule(path, rule)
    found = []
    for path in sorted(classes_at.glob("*.toml")) if shipped_classes or classes_at.parent == home else ():
        if one := _read(path, TrafficClass, wrong):
            wrong += [f"{path}: name: {one.name!r} is not the name of the file"] * (one.name != path.stem)
            wrong += _check_class(path, one)
            found.append(one)
    table = (_read(policy_at, Policy, wrong) if policy_at.exists() else None) or Policy(rows=[])
    wrong += _check_policy(policy_at, table)
    wrong += _check_names({rule.id: rule for rule in rules.values()})
    if wrong:
        raise RuleError("\n".join(wrong))
    return pack(rules.values(), found, table)


def texts(directory: Path | None = None) -> dict[str, Rule]:
    """The rules alone, by id, for who only tells of alerts: their expressions are not looked at (a second's work).

    Raises:
        RuleError: A file that is no rule.
    """
    wrong: list[str] = []
    found = _rules(_places(directory)[1], wrong)
    if wrong:
        raise RuleError("\n".join(wrong))
    return {rule.id: rule for rule in found.values()}


def _places(directory: Path | None) -> tuple[Path, Path]:
    """The home of a pack, and where its rules are."""
    home = directory or SHIPPED
    if not home.is_dir():
        raise RuleError(f"{home}: no such directory")
    return home, home / "rules" if (home / "rules").is_dir() else home


def _rules(folder: Path, wrong: list[str]) -> dict[Path, Rule]:
    paths = sorted(path for path in folder.glob("*.toml") if path.name != "flow_policy.toml")
    return {path: rule for path in paths if (rule := _read(path, Rule, wrong))}


def pack(rules: Iterable[Rule], traffic_classes: Iterable[TrafficClass], table: Policy) -> Pack:
    """Rules made ready to run with these classes and this policy."""
    made = {r.id: r for r in rules}
    bare = Pack(made, tuple(classes.ordered(list(traffic_classes))), table)
    return Pack(made, bare.classes, table, {i: _producer(r, bare) for i, r in made.items()}, bare._columns)


def _producer(rule: Rule, bare: Pack) -> Producer:
    readings = {name: _reading(rule, bare, EventClass(name)) for name in rule.inputs}
    named = frozenset[str]().union(*(r.columns for r in readings.values()))
    logic: dict[str, Any] = {"rule": rule.logic(), "facts": facts.VERSION}
    if classed := [name for name, reading in readings.items() if reading.columns & CLASSED]:
        used = classes.ordered([c for c in bare.classes if set(classed) & set(c.input)])
        logic["classes"] = [classes.VERSION, *(c.logic() for c in used)]
    if any(ADDED[c].needs == "policy" for c in named if c in ADDED):
        logic["policy"] = [policy.VERSION, bare.policy.logic()]
    text = json.dumps(logic, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    reads = frozenset({*rule.inputs, *registers(named)})
    return Producer(rule, readings, reads, hashlib.sha256(text.encode()).hexdigest(), text)


def _reading(rule: Rule, bare: Pack, event_class: EventClass) -> Reading:
    mine = rule.reading(event_class, _lacking(rule, event_class))
    checks = checker(event_class)
    named: set[str] = set(ALWAYS)
    for text, boolean in mine.expressions().values():
        named |= checks.check(text, boolean=boolean, parameters=rule.parameters).columns
    if rule.unclassed:
        named.add("noise")
    if rule.entity_type == "identity":
        named.add("identity_type")
    columns = named | (bare.class_columns(event_class) if named & CLASSED else frozenset())
    if any(ADDED[c].needs == "policy" for c in columns if c in ADDED):
        columns |= _policy_columns(bare.policy)
    return Reading(mine, frozenset(columns), frozenset(named))


def _lacking(rule: Rule, event_class: EventClass) -> frozenset[str]:
    """Values and counts that an input has no columns for; none where it is the only one."""
    if len(rule.inputs) == 1:
        return frozenset()
    optional = {k: found for k, found in rule.expressions().items() if k.startswith(("values.", "counts."))}
    checks, lacking = checker(event_class), set()
    for key, (text, boolean) in optional.items():
        try:
            checks.check(text, boolean=boolean, parameters=rule.parameters)
        except QueryError:
            lacking.add(key)
    return frozenset(lacking)


def _class_columns(used: Iterable[TrafficClass], table: Policy, event_class: EventClass) -> frozenset[str]:
    named: set[str] = set()
    for one in used:
        plain = checker(event_class, classed=False)
        for text, boolean in one.expressions().values():
            named |= plain.check(text, boolean=boolean, parameters=one.parameters).columns
        rich = _with_aggregates(one, event_class)
        for text in (*one.conditions().values(), classes.guard(one)):
            named |= rich.check(text, boolean=True, parameters=one.parameters).columns
        named -= set(one.aggregates)
    if any(ADDED[c].needs == "policy" for c in named if c in ADDED):
        named |= _policy_columns(table)
    return frozenset(named)


def _policy_columns(table: Policy) -> frozenset[str]:
    checks = checker(EventClass.NETWORK, classed=False)
    named = {
        "src_zone",
        "dst_zone",
        "model",
        "src_ip",
        "src_addr",
        "src_mac_own",
        "dst_ip",
        "dst_addr",
        "protocol",
        "dst_port",
    }
    for row in table.rows:
        named |= checks.check(row.where, boolean=True, parameters=table.parameters).columns
    return frozenset(named)


def _with_aggregates(one: TrafficClass, event_class: EventClass) -> Expressions:
    own = dict(vocabulary(event_class, classed=False))
    return expressions((*own.items(), *((name, "int64") for name in one.aggregates)))


def _read(path: Path, model: type[M], wrong: list[str]) -> M | None:
    try:
        return model.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        wrong.append(f"{path}: no TOML: {e}")
    except OSError as e:
        wrong.append(f"{path}: {e.strerror}")
    except ValidationError as e:
        wrong.append(str(problems(path, e)))
    return None


def _checked(
    path: Path, checks: Expressions, found: Mapping[str, tuple[str, bool]], given: Mapping[str, Any]
) -> list[str]:
    wrong = []
    for key, (text, boolean) in found.items():
        try:
            checks.check(text, boolean=boolean, parameters=given)
        except QueryError as e:
            wrong.append(f"{path}: {key}: {e}")
    return wrong


def _check_rule(path: Path, rule: Rule) -> list[str]:
    inputs = [EventClass(name) for name in rule.inputs]
    lacking = {name: _lacking(rule, name) for name in inputs}
    nowhere = frozenset.intersection(*lacking.values())
    wrong: list[str] = []
    for name in inputs:
        mine = rule.reading(name, lacking[name] - nowhere).expressions()
        wrong += [w for w in _checked(path, checker(name), mine, rule.parameters) if w not in wrong]
    return wrong


def _check_class(path: Path, one: TrafficClass) -> list[str]:
    wrong = []
    for name in one.input:
        event_class = EventClass(name)
        wrong += _checked(path, checker(event_class, classed=False), one.expressions(), one.parameters)
        conditions = {key: (text, True) for key, text in one.conditions().items()}
        clash = sorted(set(one.aggregates) & set(dict(vocabulary(event_class))))
        if clash:
            wrong.append(f"{path}: aggregates.{clash[0]}: is a column already")
        else:
            wrong += _checked(path, _with_aggregates(one, event_class), conditions, one.parameters)
    return wrong


def _check_policy(path: Path, table: Policy) -> list[str]:
    wrong = []
    checks = checker(EventClass.NETWORK, classed=False)
    for row in table.rows:
        try:
            named = checks.check(row.where, boolean=True, parameters=table.parameters).columns
        except QueryError as e:
            wrong.append(f"{path}: rows.{row.id}.where: {e}")
        else:
            if asked := sorted(named & policy.FORBIDDEN):
                wrong.append(f"{path}: rows.{row.id}.where: {asked[0]} depends on the policy's own answer")
    return wrong


def _check_names(rules: Mapping[str, Rule]) -> list[str]:
    wrong, codes = [], dict[str, str]()
    for rule in rules.values():
        other = codes.setdefault(rule.code, rule.id)
        wrong += [f"{rule.id}: code: {rule.code} is that of {other}"] * (other != rule.id)
        wrong += [f"{rule.id}: former_ids: {old} is a rule" for old in rule.former_ids if old in rules]
    return wrong
