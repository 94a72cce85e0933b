"""Registers from files: TOML or CSV, UTF-8 (with or without BOM) or CP932, checked whole before anything is taken."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import parsers
from core.errors import InputError, RegisterError
from core.registers import KINDS, Entry, entry
from ingest.resolve import zone_table

MAX_PROBLEMS = 20
"""Problems of a file that are reported at once."""


def read(kind: str, path: Path, *, recorded: int, tenant: str = "") -> list[Entry]:
    """The entries of a file.

    Args:
        kind: Name in core.registers.KINDS.
        path: `.toml` with tables `[[kind]]`, or `.csv` with a heading line (English names or the Japanese words).
        recorded: When the import is recorded (µs UTC).
        tenant: Body of the records that name none.

    Raises:
        InputError: The file can't be read.
        RegisterError: Up to MAX_PROBLEMS records that are wrong, each with its place.
    """
    entries: list[Entry] = []
    problems: list[str] = []
    for where, record in _records(kind, path):
        try:
            entries.append(entry(kind, record, where=where, recorded=recorded, tenant=tenant))
            if kind == "sources":
                _check_source(entries[-1], where)
        except RegisterError as e:
            problems.append(str(e))
    problems += _duplicates(kind, path, entries)
    if problems:
        more = len(problems) - MAX_PROBLEMS
        raise RegisterError("\n".join(problems[:MAX_PROBLEMS]) + (f"\n… and {more} more" if more > 0 else ""))
    return entries


def kind_of(file: Path) -> str | None:
    """Which register a file of a folder of registers is: what its name says before a hyphen; None for other files."""
    kind = file.stem.partition("-")[0]
    return kind if kind in KINDS and file.suffix in (".toml", ".csv") else None


def read_folder(folder: Path, *, recorded: int) -> dict[str, list[Entry]]:
    """Every register of a folder, in the order in which they are imported; empty where no file is one.

    Raises:
        InputError: No such folder, or a file that can't be read.
        RegisterError: Records that are wrong.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    entries: dict[str, list[Entry]] = {kind: [] for kind in KINDS}
    for file in sorted(folder.iterdir()):
        if kind := kind_of(file):
            entries[kind] += read(kind, file, recorded=recorded)
    return entries


def check(kind: str, entries: list[Entry]) -> None:
    """What can only be seen over all entries of a register together; raises RegisterError."""
    if kind == "zones":
        zone_table(entries)


def _records(kind: str, path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        raw = path.read_bytes()
    except OSError as e:
        raise InputError(f"{path}: {e.strerror}") from e
    text = _decode(path, raw)
    if path.suffix == ".toml":
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as e:
            raise InputError(f"{path}: {e}") from e
        if unknown := sorted(set(tables) - set(KINDS)):
            raise InputError(f"{path}: unknown table {unknown[0]!r}; known are {', '.join(KINDS)}")
        for n, record in enumerate(tables.get(kind, []), 1):
            yield f"{path}: {kind} {n}", record
    elif path.suffix == ".csv":
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        try:
            for record in reader:
                where = f"{path}:{reader.line_num}"
                if None in record:
                    raise RegisterError(f"{where}: more values than headings")
                yield where, record
        except csv.Error as e:
            raise InputError(f"{path}:{reader.line_num}: {e}") from e
    else:
        raise InputError(f"{path}: .toml or .csv is needed")


def _decode(path: Path, raw: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path}: neither UTF-8 nor CP932 text")


def _check_source(source: Entry, where: str) -> None:
    known = parsers.formats()
    if source.values["format"] not in known:
        raise RegisterError(f"{where}: format {source.values['format']!r} is none of {', '.join(known)}")
    log_format = known[source.values["format"]]
    options = source.values.get("options", {})
    if unknown := set(options) - set(log_format.options):
        there = ", ".join(log_format.options) or "none"
        raise RegisterError(
            f"{where}: {log_format.name} has no option {', '.join(sorted(unknown))}; there are: {there}"
        )
    try:
        log_format.check(options)
    except ValueError as error:
        raise RegisterError(f"{where}: {error}") from error


def _duplicates(kind: str, path: Path, entries: list[Entry]) -> list[str]:
    seen: dict[tuple[str, str, int], Entry] = {}
    problems = []
    for e in entries:
        same = seen.setdefault((e.tenant, e.key, e.valid_from), e)
        if same.canonical() != e.canonical():
            problems.append(f"{path}: {kind} {e.tenant} {e.key}: two entries that differ, valid from the same time")
    return problems
