"""A rule: one TOML file with everything that people read, the logic, and its own tests.

The logic (`Rule.logic`) alone makes the fingerprint; titles, runbooks and tests may change without a cell being
evaluated again. Expressions are SQL over one row (`detections.vocabulary`); numbers that a site may tune stand in
[parameters] and are bound as `$name`. See `detections/rules/lgwan_mass_access.toml` for every key in use.
"""

# ruff: noqa: E501 - SQL and tables read better unbroken
# ruff: noqa: RUF012 - pydantic copies the defaults of a model

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from detections import kinds
from detections.schema import Duration, Identifier, Model, Parameter, Test, merged

LEVELS = ("critical", "high", "medium", "low", "info")
PLACES = frozenset(
    "terminal entity section count attempts first last day dst_count destinations ports protocols peak layers line users".split()
)
"""What `sentence_ja` may name besides the rule's own values: see `detections.sentence`."""
NOTHING = "CAST(NULL AS VARCHAR)"
"""A value that rows of an input have not."""
GAP = 600_000_000
"""Where a rule has no window, evidence further apart than this (µs) is another episode."""
HOUR_GRAIN = 3_600_000_000
"""The widest window (µs) of a rule whose cells are hours."""

STANDARD = {
    "destinations": "dst_ip", "ports": "coalesce(protocol, '?') || coalesce('/' || dst_port, '')", "dst_zones": "dst_zone",
    "src_zones": "src_zone", "sources": '"source"', "devices": "device", "terminals": "src_terminal", "users": '"user"',
    "nat": "nat_src_ip || coalesce(':' || nat_src_port, '')", "macs": "src_mac || coalesce(' ' || mac_match, '')",
}  # fmt: skip
"""Values that every alert keeps; a rule's [values] may add others, or replace one by its name ("" leaves it out)."""


class Both(Model):
    """A second measure that has to hold for the same window."""

    column: str
    at_least: int | str


Input = Literal["network", "http", "dns", "email", "dhcp", "finding", "authentication", "system", "alerts"]


class Layer(Model):
    """One way to fire. A rule is the union of its layers; those of one name and different inputs are told as one."""

    name: Identifier = "main"
    title_ja: str = ""
    """For people who read which of several fired."""
    kind: str
    input: Input | None = None
    """What it reads, where that is not the rule's input: the rule's `where` is then not asked, its own alone."""
    where: str = "true"
    # What the kinds take; which belong to which is checked against the kind.
    window: Duration | str | None = None
    measure: str | None = None
    at_least: int | str | None = None
    distinct: list[str] | None = None
    and_distinct: Both | None = None

    def own(self, parameters: dict[str, Parameter]) -> Model:
        """The parameters of its kind, with `$name` replaced by the rule's parameter."""
        if self.kind not in kinds.kinds():
            raise ValueError(f"kind {self.kind!r} is none of {', '.join(kinds.kinds())}")
        given = self.model_dump(exclude={"name", "title_ja", "kind", "input", "where"}, exclude_none=True)
        for key in ("window", "at_least"):
            if key in given:
                given[key] = merged(parameters, given[key])
        if "and_distinct" in given:
            given["and_distinct"] = given["and_distinct"] | {
                "at_least": merged(parameters, given["and_distinct"]["at_least"])
            }
        return kinds.kinds()[self.kind].parameters.model_validate(given)


class When(Model):
    """Conditions of a severity line over the merged facts of the day; all have to hold. Empty: always holds."""

    layers: list[str] = []
    without_layers: list[str] = []
    min_count: int = 0
    min_attempts: int = 0
    min_lines: int = 0
    min_peak: int = 0
    peaks: dict[str, int] = {}
    """Name of a layer → its peak is at least so high."""
    min_episodes: int = 0
    min_hours: int = 0
    min_allow: int = 0
    min_deny: int = 0
    min_blocked_later: int = 0
    min_established: int = 0
    counts: dict[str, int] = {}
    """Name in [counts] → at least so many events."""
    distinct: dict[str, int] = {}
    """Name of values → at least so many different ones (up to 64)."""
    has: dict[str, list[str]] = {}
    """Name of values → one of these is among those kept."""


class Severity(Model):
    """One line of the table; the first that holds wins."""

    when: When = When()
    level: Literal["critical", "high", "medium", "low", "info"]
    line_ja: str


class Benign(Model):
    """The simulator's figure for traffic without attack, beside the threshold."""

    seed: int | None = None
    peak: int | float | None = None
    alerts: int | None = None
    note: str = ""


class RuleTest(Test):
    """Rows in, alerts out, through the real engine."""

    about: Literal["fires", "near_miss", "edge", "late"]
    alerts: int | list[dict[str, Any]]
    """How many, or what is expected of each: entity (text or list), entity_type, day, severity, verdict, count, attempts,
    lines, carried, peak, episodes, layers, verdicts, outcomes, counts, values (name → exact list)."""


class Rule(Model):
    """A rule as its file says it."""

    id: Identifier
    former_ids: list[Identifier] = []
    code: str = Field(pattern=r"^[A-Z]{2,5}-[A-Z0-9]{1,4}$")
    title: str
    title_ja: str
    sentence_ja: str
    runbook: str
    runbook_ja: str
    action: Literal["delete_software", "isolate", "check_infection", "fix_setting", "ask"]
    action_ja: str
    clause: list[str] = Field(min_length=1)
    clause_quote: str
    function: Literal[
        "packet_monitoring",
        "port_control",
        "malware",
        "suspicious_mail",
        "suspicious_url",
        "log_monitoring",
        "tampering",
    ]
    nature: Literal["precursor", "violation", "intrusion", "fault", "misconfiguration"]
    attack: list[str] = []
    false_positives_ja: list[str] = Field(min_length=1)
    incident_class: int = Field(ge=1, le=6)
    deny_only: Literal["works", "reduced", "impossible"]
    deny_only_ja: str
    scope: Literal["tenant", "prefecture"] = "tenant"
    level: int = Field(0, ge=0, le=8)
    input: Input
    """What layers read that say nothing else."""
    unclassed: bool = True
    entity: list[str] = Field(min_length=1, max_length=3)
    entity_type: Literal["address", "identity", "user", "server", "vhost", "domain", "device", "class", "other"]
    """`identity` becomes user, forwarded, nat or address by what the row has; `class` is an aggregate of a traffic
    class."""
    where: str = "true"
    """Which rows of its own input."""
    parameters: dict[str, Parameter] = {}
    layers: list[Layer] = Field(min_length=1, max_length=32)
    values: dict[Identifier, str] = {}
    """Of several inputs one at least has to have the columns; rows of the others have no such value."""
    counts: dict[Identifier, str] = {}
    """As with values; rows of the others don't count."""
    severity: list[Severity] = Field(min_length=1)
    benign: Benign = Benign()
    tests: list[RuleTest] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ways = [(layer.name, layer.input or self.input) for layer in self.layers]
        if len(set(ways)) != len(ways):
            raise ValueError("layers: two of one input have the same name")
        names = [name for name, _ in ways]
        for layer in self.layers:
            kind = kinds.kinds().get(layer.kind)
            try:
                own = layer.own(self.parameters)
            except ValueError as e:
                raise ValueError(f"layers.{layer.name}: {_short(e)}") from e
            assert kind is not None  # noqa: S101 - says what can not be otherwise
            if kind.windowed and kind.window(own) > HOUR_GRAIN:
                raise ValueError(f"layers.{layer.name}.window: cells of an hour take windows up to 1h")
        if self.severity[-1].when != When():
            raise ValueError("severity: the last line needs no `when`, so that one always holds")
        for number, line in enumerate(self.severity, 1):
            when = line.when
            for key, named, known in (
                ("layers", {*when.layers, *when.without_layers}, set(names)),
                ("peaks", set(when.peaks), set(names)),
                ("counts", set(when.counts), set(self.counts)),
                ("distinct", set(when.distinct), set(self.kept)),
                ("has", set(when.has), set(self.kept)),
            ):
                if unknown := sorted(named - known):
                    raise ValueError(f"severity.{number}.when.{key}: no {unknown[0]!r} in this rule")
        places = PLACES | set(self.kept) | {f"{name}_count" for name in self.kept}
        if unknown := sorted(set(re.findall(r"\{([^}]*)\}", self.sentence_ja)) - places):
            raise ValueError(f"sentence_ja: no {{{unknown[0]}}}; known are {', '.join(sorted(places))}")
        if self.entity_type == "identity" and self.entity != ["identity"]:
            raise ValueError('entity_type "identity" goes with entity = ["identity"]')
        about = {test.about for test in self.tests}
        wanted = {"fires", "near_miss", "late"} | ({"edge"} if self.windowed else set())
        if missing := sorted(wanted - about):
            raise ValueError(f"tests: none is about {', '.join(missing)}")
        if self.scope == "prefecture" or "alerts" in self.inputs:
            raise ValueError("scope prefecture and input alerts are kept for a later version of the engine")
        return self

    @property
    def inputs(self) -> tuple[str, ...]:
        """The event classes that its layers read, sorted."""
        return tuple(sorted({layer.input or self.input for layer in self.layers}))

    def reading(self, event_class: str, lacking: Collection[str] = ()) -> Rule:
        """The rule as it reads one of its inputs: only the layers of that.

        Args:
            event_class: The input.
            lacking: Keys of `expressions` (values and counts) that it has no columns for: nothing, and never.
        """
        values = {name: NOTHING for name in self.kept if f"values.{name}" in lacking}
        counts = {name: "false" for name in self.counts if f"counts.{name}" in lacking}
        return self.model_copy(
            update={
                "input": event_class, "where": self.where if event_class == self.input else "true",
                "layers": [layer for layer in self.layers if (layer.input or self.input) == event_class],
                "values": self.values | values, "counts": self.counts | counts,
            }
        )  # fmt: skip

    @property
    def windowed(self) -> bool:
        """Whether a layer looks around itself."""
        return any(kinds.kinds()[layer.kind].windowed for layer in self.layers)

    @property
    def window(self) -> int:
        """The widest window (µs); where there is none, the gap that parts episodes."""
        return max((self.width(layer) for layer in self.layers), default=0) or GAP

    def width(self, layer: Layer) -> int:
        """The window of one layer (µs), 0 where its kind has none."""
        return kinds.kinds()[layer.kind].window(layer.own(self.parameters))

    @property
    def kept(self) -> dict[str, str]:
        """The values that its alerts keep: name → SQL."""
        return {name: text for name, text in {**STANDARD, **self.values}.items() if text}

    def expressions(self) -> dict[str, tuple[str, bool]]:
        """Every expression: key → (SQL, whether it is a condition)."""
        found = {"where": (self.where, True)}
        for layer in self.layers:
            found[f"layers.{layer.name}.where"] = (layer.where, True)
            own = layer.own(self.parameters)
            for name, text in kinds.kinds()[layer.kind].columns(own).items():
                found[f"layers.{layer.name}.{name}"] = (text, False)
        found |= {f"entity.{i + 1}": (text, False) for i, text in enumerate(self.entity)}
        found |= {f"values.{name}": (text, False) for name, text in self.kept.items()}
        return found | {f"counts.{name}": (text, True) for name, text in self.counts.items()}

    def logic(self) -> dict[str, Any]:
        """What the fingerprint is made of."""
        kept = (
            "id",
            "scope",
            "level",
            "input",
            "unclassed",
            "entity",
            "entity_type",
            "where",
            "parameters",
            "counts",
            "severity",
        )
        return {
            **{key: self.model_dump(mode="json")[key] for key in kept},
            "layers": [
                {"name": la.name, "input": la.input or self.input, "where": la.where, "kind": la.kind, "version": kinds.kinds()[la.kind].version,
                 **la.own(self.parameters).model_dump(mode="json")}
                for la in self.layers
            ],
            "values": self.kept,
        }  # fmt: skip


def _short(error: ValueError) -> str:
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        f"{'.'.join(map(str, e['loc']))}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()
    )
