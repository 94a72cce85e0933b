"""Expressions written by us in TOML (rules, traffic classes, flow policy), taken apart and bound before they run.

DuckDB's own parser says which columns, parameters and functions an expression names, so that a misspelt column is an
error with its place and not an empty result. An expression is a function of one row: subqueries, windows, aggregates
and functions whose answer depends on anything but their arguments are refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from core.errors import QueryError

_TYPES = {
    "timestamp[us]": "TIMESTAMP", "dictionary": "VARCHAR", "string": "VARCHAR", "int64": "BIGINT", "int32": "INTEGER",
    "uint16": "USMALLINT", "bool": "BOOLEAN", "binary[16]": "BLOB", "list": "VARCHAR[]",
}  # fmt: skip
_REFUSED = {"SUBQUERY": "a subquery", "WINDOW": "a window", "STAR": "*", "LAMBDA": "a lambda", "DEFAULT": "DEFAULT"}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that binds: its text, and the columns and parameters that it names."""

    text: str
    columns: frozenset[str]
    parameters: frozenset[str]


class Expressions:
    """Checks expressions over one table of columns."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        """Columns: name → type in the words of `core.columns` (and `list` for a list of text)."""
        self._columns = dict(columns)
        self._checked: dict[tuple[str, bool, str], Expression] = {}
        self._connection = _connection()
        body = ", ".join(f'"{name}" {_TYPES[kind]}' for name, kind in columns.items())
        self._connection.execute(f"CREATE TABLE row ({body})")

    def check(self, text: str, *, boolean: bool, parameters: Mapping[str, Any] | None = None) -> Expression:
        """The expression, taken apart.

        Args:
            text: SQL of one expression over the columns.
            boolean: Whether it has to be a condition; else any value.
            parameters: Values of the parameters `$name` that it may use.

        Raises:
            QueryError: It does not parse or bind, or names what it must not.
        """
        given = dict(parameters or {})
        # Rules, classes and policy are checked together: the same texts come many times.
        key = (text, boolean, repr(sorted(given.items())))
        if key not in self._checked:
            self._checked[key] = self._check(text, given, boolean=boolean)
        return self._checked[key]

    def _check(self, text: str, given: Mapping[str, Any], *, boolean: bool) -> Expression:
        named = self._names(text)
        if unknown := sorted(named.columns - set(self._columns)):
            raise QueryError(f"no column {unknown[0]!r}")
        if unknown := sorted(named.parameters - set(given)):
            raise QueryError(f"no parameter ${unknown[0]}")
        query = f"SELECT ({text}\n) AS answer FROM row WHERE ({text}\n) IS NOT NULL"
        try:
            answer = self._connection.execute(query, {name: given[name] for name in named.parameters})
        except duckdb.Error as e:
            raise QueryError(str(e).splitlines()[0]) from e
        assert answer.description is not None  # noqa: S101 - says what can not be otherwise
        if boolean and str(answer.description[0][1]) not in ("BOOLEAN", "bool"):
            raise QueryError(f"a condition is needed, not {answer.description[0][1]}")
        return named

    def _names(self, text: str) -> Expression:
        answer = self._connection.execute("SELECT json_serialize_sql(?)", [f"SELECT {text}\n"]).fetchone()
        assert answer is not None  # noqa: S101 - says what can not be otherwise
        tree = json.loads(answer[0])
        if tree.get("error"):
            raise QueryError(tree.get("error_message", "no SQL expression"))
        statements = tree["statements"]
        node = statements[0]["node"]
        if len(statements) != 1 or len(node.get("select_list", ())) != 1 or node["from_table"]["type"] != "EMPTY":
            raise QueryError("one expression is needed")
        columns, parameters = set(), set()
        for part in _nodes(node["select_list"][0]):
            kind = part["class"]
            if kind in _REFUSED:
                raise QueryError(f"an expression can't hold {_REFUSED[kind]}")
            if kind == "COLUMN_REF":
                if len(part["column_names"]) != 1:
                    raise QueryError(f"no column {'.'.join(part['column_names'])!r}")
                columns.add(part["column_names"][0])
            elif kind == "PARAMETER":
                parameters.add(part["identifier"])
            elif kind == "FUNCTION" and part["function_name"] not in _pure():
                raise QueryError(
                    f"function {part['function_name']} is unknown, or its answer is not fixed by its arguments"
                )
        return Expression(text, frozenset(columns), frozenset(parameters))


@cache
def expressions(columns: tuple[tuple[str, str], ...]) -> Expressions:
    """The checker of a table, made once."""
    return Expressions(dict(columns))


def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        config={
            "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
            "enable_external_access": "false", "threads": "1", "memory_limit": "256MB",
        }
    )  # fmt: skip


@cache
def _pure() -> frozenset[str]:
    """Scalar functions whose answer depends on their arguments alone, and DuckDB's macros over them."""
    with _connection() as connection:
        rows = connection.execute(
            "SELECT function_name, function_type, bool_and(coalesce(stability, 'CONSISTENT') = 'CONSISTENT')"
            " FROM duckdb_functions() WHERE function_type IN ('scalar', 'macro') GROUP BY ALL"
        ).fetchall()
    names = {name for name, kind, pure in rows if pure and kind == "scalar"}
    macros = {"nullif", "split_part"}
    never = {"getenv", "current_setting", "getvariable", "error", "time_bucket"}
    return frozenset((names | macros) - never)


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        if "class" in tree:
            yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)
