"""DuckDB as Hinomi uses it: in memory, one connection for one reader, nothing fetched, every time in UTC."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb


def connect(*, threads: int, memory: str, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A fresh in-memory database.

    Args:
        threads: Threads at most.
        memory: Limit, e.g. 3GB.
        spill: Directory for what doesn't fit; without one a query that needs more fails.
    """
    config: dict[str, Any] = {
        "autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "threads": str(threads),
        "memory_limit": memory, "temp_directory": str(spill) if spill else "", "python_enable_replacements": "false",
        "preserve_insertion_order": "false",
    }  # fmt: skip
    connection = duckdb.connect(":memory:", config=config)
    # Not in the configuration: there it would make DuckDB look for an extension.
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")  # stdout is data
    return connection


def quoted(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def name(identifier: str) -> str:
    """A name as an identifier of SQL."""
    return '"' + identifier.replace('"', '""') + '"'
