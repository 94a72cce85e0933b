"""Rules: what is looked for, and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.principals import Who
from api.shapes_custody import RuleOut
from api.state import App
from core.errors import NotFoundError
from detections.rule import Rule

router = APIRouter(prefix="/rules", tags=["rules"])
_SAME = [
    name for name in RuleOut.model_fields if name not in ("layers", "severity", "parameters")
]  # fmt: skip


def _shown(rule: Rule) -> RuleOut:
    return RuleOut(
        **{name: getattr(rule, name) for name in _SAME},
        parameters=dict(rule.parameters),
        layers=[layer.model_dump(mode="json", exclude_none=True) for layer in rule.layers],
        severity=[line.model_dump(mode="json", exclude_defaults=True) for line in rule.severity],
    )


@router.get("", summary="List rules")
def list_rules(app: App, who: Who) -> list[RuleOut]:
    """Every rule in force, by id: what it looks for, the clause it serves, its numbers, and what to do."""
    return [_shown(app.rules[name]) for name in sorted(app.rules)]


@router.get("/{rule_id}", summary="One rule")
def one_rule(
    app: App, who: Who, rule_id: Annotated[str, Path(description="Id of the rule.", max_length=64)]
) -> RuleOut:
    """One rule."""
    if rule_id not in app.rules:
        raise NotFoundError(f"no rule {rule_id}")
    return _shown(app.rules[rule_id])
