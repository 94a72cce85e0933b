"""The command line as a whole: commands found by themselves, exit codes, one line for what a person can mend."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

import cli.main
from cli.main import run
from core.errors import Exit, HinomiError, StoreError

COMMANDS = sorted(path.stem for path in Path(cli.main.__file__).parent.glob("[a-z]*.py") if path.stem != "main")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., Any]], None]:
    """Puts a function in place of the command `parse`."""

    def put(function: Callable[..., Any]) -> None:
        def load(name: str) -> SimpleNamespace:
            assert name == "parse"
            return SimpleNamespace(__doc__="A test.", command=function)

        monkeypatch.setattr("cli.main._loaded", load)

    return put


def test_help_lists_every_command_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == Exit.OK
    printed = " ".join(capsys.readouterr().out.split())
    for name in COMMANDS:
        story = ast.get_docstring(ast.parse((Path(cli.main.__file__).parent / f"{name}.py").read_text("utf-8"))) or ""
        assert f"{name.replace('_', '-')} {' '.join(story.split()[:3])}" in printed


HEAVY = {"polars", "pyarrow", "numpy", "duckdb", "pandas", "sqlalchemy", "fastapi", "parsers"}


def loaded_by(*arguments: str) -> set[str]:
    code = f"import sys; from cli.main import run; run({[*arguments]}); print('\\n', sorted(sys.modules))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return set(ast.literal_eval(printed.splitlines()[-1].strip()))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_imports_nothing_heavy(name: str) -> None:
    # 0.3 s is what the help may take; polars and numpy alone take as long.
    loaded = loaded_by(name.replace("_", "-"), "--help")
    assert "cli.main" in loaded
    assert not loaded & HEAVY


def test_help_imports_no_command_and_nothing_heavy() -> None:
    loaded = loaded_by("--help")
    assert "cli.main" in loaded
    assert not loaded & (HEAVY | {"store", "ingest"})
    assert not {name for name in loaded if name.startswith("cli.")} - {"cli.main"}


@pytest.mark.parametrize("arguments", [["nonsense"], ["parse"], ["parse", "--nonsense", "squid", "x"], ["--nonsense"]])
def test_wrong_usage_is_2_and_says_so_on_stderr(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == Exit.USAGE
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Usage: hinomi" in printed.err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == Exit.OK
    assert capsys.readouterr().out.startswith("hinomi ")


ENDS = [
    (HinomiError("a.toml: no such thing; make one"), 2, "hinomi: a.toml: no such thing; make one\n"), (StoreError("disk full"), 3, "hinomi: disk full\n"),
    (KeyboardInterrupt(), 130, "hinomi: interrupted\n"), (typer.Exit(1), 1, ""), (typer.Exit(), 0, ""), (typer.Abort(), 130, "hinomi: interrupted\n"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "code", "said"), ENDS, ids=[type(error).__name__ for error, _, _ in ENDS])
def test_how_a_command_ends(
    error: BaseException, code: int, said: str, command: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise error

    command(fail)
    assert run(["parse"]) == code
    assert capsys.readouterr().err == said


def test_a_bug_is_70_with_its_trace(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a bug")

    command(fail)
    assert run(["parse"]) == Exit.INTERNAL
    printed = capsys.readouterr().err
    assert "Traceback" in printed
    assert "ZeroDivisionError: a bug" in printed


def test_a_command_may_give_its_exit_code_and_none_is_0(command: Any) -> None:
    command(lambda: 1)
    assert run(["parse"]) == 1
    command(lambda: None)
    assert run(["parse"]) == 0


def test_a_reader_who_goes_away_is_no_error(tmp_path: Path) -> None:
    log = tmp_path / "squid.log"
    log.write_bytes(
        b"1795136400.017    182 10.20.30.41 TCP_MISS/200 18342 GET http://www.example.lg.jp/ - HIER_NONE/- text/html\n"
        * 20_000
    )
    process = subprocess.Popen(
        [sys.executable, "-c", "from cli.main import main; main()", "parse", "squid", str(log)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr
    assert process.stdout.readline().startswith(b'{"line": 1,')
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 0
