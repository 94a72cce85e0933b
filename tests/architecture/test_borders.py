"""Who may do what: the floors of the house, and the few acts that are kept to one place."""

import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, PROJECT, calls, imports, modules

CLOCKS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
}
CLOCK_READERS = {"cli", "api"}
CLOCK_MODULE = Path("core/time.py")

PARSERS_NEVER = {
    "open", "print", "input", "exec", "eval", "os", "io.open", "pathlib", "socket", "subprocess", "requests", "time",
    "polars.read_csv", "polars.scan_csv", "polars.read_ndjson", "polars.read_parquet", "polars.scan_parquet",
}  # fmt: skip
SEGMENT_READERS = {"pyarrow.parquet", "pyarrow.dataset"}


def within(name: str, forbidden: Iterable[str]) -> bool:
    """Whether a full name is one of these, or something inside it."""
    return any(name == one or name.startswith(f"{one}.") for one in forbidden)


def in_package(package: str) -> list[Path]:
    return [path for path in modules() if path.parts[0] == package]


def test_imports_only_go_down(capsys: pytest.CaptureFixture[str]) -> None:
    # In this process: the contracts of pyproject.toml, as `lint-imports` reads them.
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    before = list(sys.path)
    try:
        status = lint_imports(no_cache=True)
    finally:
        sys.path[:] = before
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_every_package_stands_on_a_floor() -> None:
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    standing = {package.strip() for layer in layers for package in layer.split("|")}
    assert standing == set(PACKAGES) == set(PROJECT["tool"]["importlinter"]["root_packages"])


@pytest.mark.parametrize("path", modules(), ids=str)
def test_the_clock_is_read_in_one_place(path: Path) -> None:
    if path == CLOCK_MODULE or path.parts[0] in CLOCK_READERS:
        return
    found = [f"{path}:{line}: {name}" for name, line in calls(path) if name in CLOCKS]
    assert not found, "take the time as an argument; only cli, api and core/time.py ask for it"


@pytest.mark.parametrize("path", in_package("parsers"), ids=str)
def test_a_parser_does_no_input_or_output(path: Path) -> None:
    found = [f"{path}:{line}: {name}" for name, line in (*calls(path), *imports(path)) if within(name, PARSERS_NEVER)]
    assert not found, "bytes come in, columns go out: no files, no clock, no store"


@pytest.mark.parametrize("path", [path for path in modules() if path.parts[0] != "store"], ids=str)
def test_only_store_opens_segments(path: Path) -> None:
    found = [f"{path}:{line}: {name}" for name, line in imports(path) if within(name, SEGMENT_READERS)]
    assert not found, "rows come from store, already filtered by body"
