"""The OpenAPI document, with every error as it is really answered: application/problem+json."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from api.errors import MEDIA_TYPE, Problem

TAGS = [
    {"name": "alerts", "description": "What rules found (検知)."},
    {"name": "cases", "description": "What people work on (案件)."},
    {"name": "bodies", "description": "Bodies (団体) and their feeds (ログ送信元)."},
    {"name": "custody", "description": "Deliveries and their receipts (受信証明)."},
    {"name": "coverage", "description": "What detection has and has not yet seen."},
    {"name": "rules", "description": "Rules (検知規則)."},
    {"name": "operation", "description": "For who runs the server."},
]
DESCRIPTION = """Alerts, cases, custody and coverage of a 自治体情報セキュリティクラウド.

Every operation but `/v1/health` needs a key (`Authorization: Bearer hnm_…`), with a role and a scope of bodies. What
lies outside the scope is not there: another body's id and one that doesn't exist get the same 404. Times are RFC 3339
in UTC, days are JST. Errors are problem details (RFC 9457)."""

ERRORS = {
    "400": "The request makes no sense: a cursor of another question, a word that isn't known.",
    "401": "No key, or one that doesn't hold.",
    "403": "The key's role may not do this.",
    "404": "There is no such thing among what the key sees.",
    "409": "Somebody else was first: read it again.",
    "413": "The body is too long.",
    "422": "The request could not be understood; `errors` says where.",
    "429": "Too many requests; `Retry-After` says how long to wait.",
    "500": "A fault of the server; it is in its log.",
    "503": "The store can't be used now.",
}
ALWAYS = {"500", "503"}
WITH_KEY = {"401", "403", "429"}


def _errors_of(operation: dict[str, Any], verb: str) -> set[str]:
    places = {parameter["in"] for parameter in operation.get("parameters", ())}
    out = ALWAYS | (WITH_KEY if operation.get("security") else set())
    if places:
        out |= {"422"}
    if "query" in places:
        out |= {"400"}
    if "path" in places:
        out |= {"404"}
    if verb == "post":
        out |= {"400", "404", "409", "413", "422"}
    return out


def document(app: FastAPI) -> dict[str, Any]:
    """The document of an application."""
    made = get_openapi(
        title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes, tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )  # fmt: skip
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    shape = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
    schemas |= shape.pop("$defs", {}) | {"Problem": shape}
    components["responses"] = {
        f"problem{status}": {
            "description": description,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, description in ERRORS.items()
    }
    for operations in made["paths"].values():
        for verb, operation in operations.items():
            for status in sorted(_errors_of(operation, verb)):
                operation["responses"][status] = {"$ref": f"#/components/responses/problem{status}"}
    return made
