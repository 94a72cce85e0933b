"""The isolated process: reads one request from stdin, answers in Arrow on stdout, or says why not on stderr.

It is started by `store.isolation`, never imported. Order matters: limits of the process, then what the statement is and
names, then the rows it may see, then nothing outside can be reached any more, then the statement runs.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

from core.columns import EventClass
from store import duck
from store.datasets import dataset
from store.views import VIEWS

FUNCTIONS = frozenset({"range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree"})
"""Table functions that read nothing but their arguments."""
LINES = "lines of "
"""Before the name of a view: the rows that it reads, which no statement can name."""
_ADDRESS_SPACE = 16 << 30


class Refused(Exception):
    """The statement is not run; the message is for the person who wrote it."""


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    _limit(float(request["seconds"]))
    try:
        answer = _answered(request)
    except Refused as e:
        _stop(str(e))
    except duckdb.InterruptException:
        _stop(f"the query did not end within {request['seconds']:g} s and was stopped")
    except (duckdb.OutOfMemoryException, MemoryError, pa.ArrowMemoryError) as e:
        _stop(f"the query needs more memory than it may have ({request['memory']}): {_first(e)}")
    except (duckdb.Error, pa.ArrowException, OSError, ValueError) as e:
        _stop(_first(e))
    with pa.ipc.new_stream(sys.stdout.buffer, answer.schema) as stream:
        stream.write_table(answer)
    sys.stdout.buffer.flush()
    _leave(0)


def _leave(status: int) -> NoReturn:
    # Not sys.exit: threads of DuckDB that still read a dataset when Python winds up abort the process.
    os._exit(status)


def _limit(seconds: float) -> None:
    """No file can be written, no core dumped, and neither time nor memory be taken without end."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    processor = int(seconds * 8) + 30
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))


def _answered(request: Mapping[str, Any]) -> pa.Table:
    sql, limit = str(request["sql"]), int(request["limit"])
    connection = duck.connect(threads=int(request["threads"]), memory=str(request["memory"]))
    for name in sorted(named(connection, sql)):
        _bind(connection, name, request)
    connection.create_function("fold", folded, ["VARCHAR"], "VARCHAR", type=PythonUDFType.ARROW)
    connection.execute("SET preserve_insertion_order = true")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    timer = threading.Timer(float(request["seconds"]), connection.interrupt)
    timer.daemon = True
    timer.start()
    relation = connection.sql(sql)
    if relation is None:
        raise Refused("the statement gives no rows; only one SELECT is answered")
    table = relation.limit(limit + 1).to_arrow_table()
    timer.cancel()
    more = table.num_rows > limit
    return table.slice(0, limit).replace_schema_metadata({"hinomi.truncated": "1" if more else "0"})


def folded(texts: pa.ChunkedArray) -> pa.Array:
    """Texts made alike for a search (NFKC, case): half-width kana match full-width ones. Nothing stored is changed."""
    values = [unicodedata.normalize("NFKC", t).casefold() if t is not None else None for t in texts.to_pylist()]
    return pa.array(values, pa.string())


def _bind(connection: duckdb.DuckDBPyConnection, name: str, request: Mapping[str, Any]) -> None:
    """Make a class or a view readable under its name."""
    view = VIEWS.get(name)
    margin = view.margin if view else 0
    first, last = request["first"], request["last"]
    rows = dataset(
        view.event_class if view else EventClass(name), [(Path(path), seq) for path, seq in request["files"][name]],
        tenants=request["tenants"], first=None if first is None else first - margin,
        last=None if last is None else last + margin,
    )  # fmt: skip
    if view is None:
        connection.register(name, rows)
        return
    lines = f"{LINES}{name}"
    connection.register(lines, rows)
    times = [] if first is None else [f"last_time >= make_timestamp({int(first)})"]
    times += [] if last is None else [f"first_time < make_timestamp({int(last)})"]
    text = f'WITH line AS (SELECT * FROM "{lines}"), answer AS ({view.sql}) SELECT * FROM answer'
    connection.execute(f"CREATE TEMP VIEW {name} AS {text} WHERE {' AND '.join(times) or 'true'}")


def named(connection: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    """The event classes and views that a statement names.

    Raises:
        Refused: It is not exactly one SELECT, or reads something else than events.
    """
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as e:
        raise Refused(_first(e)) from e
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        kinds = ", ".join(s.type.name for s in statements) or "nothing"
        raise Refused(f"only one SELECT is answered; this is {kinds}")
    (text,) = connection.execute("SELECT json_serialize_sql($1)", [statements[0].query]).fetchall()[0]
    tree = json.loads(text)
    if tree.get("error"):
        raise Refused(f"only one SELECT is answered: {tree.get('error_message', 'this is none')}")
    within = {entry["key"] for node in _nodes(tree) for entry in _entries(node)}
    classes = {str(c) for c in EventClass} | set(VIEWS)
    found = set()
    for node in _nodes(tree):
        kind = node.get("type")
        if kind == "TABLE_FUNCTION":
            function = str(node.get("function", {}).get("function_name", "")).lower()
            if function not in FUNCTIONS:
                raise Refused(f"{function}() can't be used: a query reads events only, no files and no settings")
        elif kind == "BASE_TABLE":
            table, schema, catalog = (str(node.get(n, "")) for n in ("table_name", "schema_name", "catalog_name"))
            if not schema and not catalog and table.lower() in classes:
                found.add(table.lower())
            elif schema or catalog or table not in within:
                shown = ".".join(part for part in (catalog, schema, table) if part)
                raise Refused(f"there is no table {shown}; there are {', '.join(sorted(classes))}")
        elif kind in ("SHOW_REF", "COLUMN_DATA"):
            raise Refused("only a SELECT over events is answered")
    return found


def _nodes(tree: Any) -> Iterator[Mapping[str, Any]]:
    """Every object of a parsed statement."""
    held = [tree]
    while held:
        node = held.pop()
        if isinstance(node, dict):
            yield node
            held.extend(node.values())
        elif isinstance(node, list):
            held.extend(node)


def _entries(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The common table expressions that a part of a statement defines."""
    defined = node.get("cte_map")
    return list(defined.get("map", [])) if isinstance(defined, dict) else []


def _first(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def _stop(message: str) -> NoReturn:
    sys.stderr.write(json.dumps({"message": message}) + "\n")
    sys.stderr.flush()
    _leave(1)


if __name__ == "__main__":
    main()
