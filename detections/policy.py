"""The flow policy between network zones (F01–F27) as data, and the verdict that it gives on a row.

`detections/flow_policy.toml` is a list of rows, evaluated in its order: the first whose zones, network model and
condition fit judges the flow. `deny`: may not be, whatever is registered; with `unless_registered`: what a registered
特定通信 allows is the exception. `cond`: may be where a registered 特定通信 fits. Where one is asked for and fits, the
decision is `allow`; else it stays as it is, and `policy_failed` says what does not fit. `allow`: may be.

A 特定通信 fits when the zones are those of the flow, src and dst lie in its prefixes, protocol and port are its own,
and the hardware address is, where both tell one (that of a router tells none). Of those that do not fit entirely the
one that fails least is named (then the smallest id), if src or dst fits; `expired` where it fits entirely but is not in
force.
"""

# ruff: noqa: RUF012 - pydantic copies the defaults of a model

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from core.zones import MODELS, UNKNOWN, ZONES
from detections.schema import Model, Parameter
from detections.vocabulary import ADDED

VERSION = 2
EVERY = "*"
FORBIDDEN = frozenset(name for name, added in ADDED.items() if added.needs in ("policy", "class"))
"""Columns that a condition of the policy can't ask: they depend on its answer."""


class Row(Model):
    """One row of the policy."""

    id: str = Field(pattern=r"^F[0-9]{2}[a-z]?$|^default$")
    src: list[str]
    """Zones, or "*"; UNKNOWN is a zone here and never meant by "*"."""
    dst: list[str]
    decision: Literal["allow", "cond", "deny"]
    unless_registered: bool = False
    """With deny: a registered 特定通信 that fits makes it allow."""
    where: str = "true"
    models: list[Literal["alpha", "alpha_prime", "beta", "beta_prime"]] = ["alpha", "alpha_prime", "beta", "beta_prime"]
    title_ja: str
    quote: str = ""
    visible: bool = True
    """False: no log shows it; the row stands here with the reason, and judges nothing."""
    why_invisible_ja: str = ""

    @model_validator(mode="after")
    def _zones(self) -> Self:
        for key, zones in (("src", self.src), ("dst", self.dst)):
            for zone in zones:
                if zone not in ZONES and zone not in (UNKNOWN, EVERY):
                    raise ValueError(f"{key}: no zone {zone!r}")
        if self.unless_registered and self.decision != "deny":
            raise ValueError('unless_registered: goes with decision = "deny"')
        if not self.visible and not self.why_invisible_ja:
            raise ValueError("why_invisible_ja: say why no log shows it")
        return self


class Policy(Model):
    """The whole table."""

    parameters: dict[str, Parameter] = {}
    rows: list[Row]

    @model_validator(mode="after")
    def _unique(self) -> Self:
        ids = [row.id for row in self.rows]
        defaults = {(row.decision, row.unless_registered) for row in self.rows if row.id == "default"}
        if len(defaults) > 1:
            raise ValueError("rows: those called default have to decide alike")
        if twice := sorted({i for i in ids if ids.count(i) > 1 and i != "default"}):
            raise ValueError(f"rows: {twice[0]} stands twice; split it as {twice[0]}a, {twice[0]}b")
        return self

    def logic(self) -> dict[str, Any]:
        """What its version is made of."""
        kept = {"id", "src", "dst", "decision", "unless_registered", "where", "models", "visible"}
        return {"parameters": self.parameters, "rows": [row.model_dump(mode="json", include=kept) for row in self.rows]}

    def decision(self) -> tuple[str, str]:
        """Two SQL expressions over a row: which row of the policy judges it, and that row's decision."""
        rows = [row for row in self.rows if row.visible]
        if not rows:
            return "CAST(NULL AS VARCHAR)", "CAST(NULL AS VARCHAR)"
        # By the zone that it comes from: a flow is then asked only what can be of it, in the same order.
        which = " ".join(f"WHEN '{zone}' THEN {self._first(rows, zone)}" for zone in (*ZONES, UNKNOWN))
        what = " ".join(f"WHEN '{row.id}' THEN '{row.decision}'" for row in {r.id: r for r in rows}.values())
        return f"CASE src_zone {which} END", f"CASE policy_row {what} END"

    def asks(self) -> str:
        """SQL over `policy_row`: whether the register of 特定通信 is asked."""
        asking = {row.id for row in self.rows if row.visible and (row.decision == "cond" or row.unless_registered)}
        return f"coalesce(policy_row IN {_list(sorted(asking))}, false)" if asking else "false"

    @staticmethod
    def _first(rows: Sequence[Row], zone: str) -> str:
        """SQL: the first row that fits a flow from a zone."""
        tests = []
        for row in rows:
            if zone not in row.src and (EVERY not in row.src or zone == UNKNOWN):
                continue
            fits = [f"dst_zone <> '{UNKNOWN}'" if EVERY in row.dst else f"dst_zone IN {_list(row.dst)}"]
            if len(row.models) < len(MODELS):
                fits.append(f"model IN {_list(row.models)}")
            if row.where != "true":
                fits.append(f"({row.where}\n)")
            tests.append(f"WHEN {' AND '.join(fits)} THEN '{row.id}'")
        return f"CASE {' '.join(tests)} END" if tests else "CAST(NULL AS VARCHAR)"


def _list(words: list[Any]) -> str:
    return "(" + ", ".join(f"'{word}'" for word in words) + ")"
