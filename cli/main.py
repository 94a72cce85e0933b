"""The command `hinomi`: finds its commands in this package and imports only the one that is called.

A command is a module of `cli` beside this one; its name (`_` written `-`) is the command's. It exposes

    def command(...) -> None      a function as typer wants it, for `hinomi NAME …`; or
    app = typer.Typer(...)        for `hinomi NAME SUBCOMMAND …` (`rules list|check|test`); `app` wins

and the first sentence of its docstring is its line in `hinomi --help`, read without importing it: a module may import
whatever it needs at its top. Modules with a leading `_` are no commands.

Data goes to stdout, talk to stderr (`typer.echo(..., err=True)`). A command that found something (findings, refusals,
gaps) ends with `raise typer.Exit(Exit.FINDINGS)`. Errors that a person can mend are raised as `core.errors.HinomiError`
and come out here as one line, `hinomi: what, where, what to do`, with the error's exit code; an exception that nobody
foresaw comes out with its trace and 70. An interrupt is 130. A reader who goes away (`| head`) is no error.
"""

from __future__ import annotations

import ast
import importlib
import os
import pkgutil
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import typer
import typer.core
from typer.main import get_command

from core.errors import Exit, HinomiError

_HERE = Path(__file__).parent
_UsageError = cast("type[Exception]", typer.BadParameter.__mro__[2])
"""The base of all of click's own errors, from whichever copy of click typer uses."""


def _names() -> dict[str, str]:
    """Command → module, by name."""
    found = (m.name for m in pkgutil.iter_modules([str(_HERE)]) if not m.name.startswith("_") and m.name != "main")
    return {name.replace("_", "-"): name for name in sorted(found)}


def _summary(module: str) -> str:
    """First line of a module's docstring, without importing it."""
    text = ast.get_docstring(ast.parse((_HERE / f"{module}.py").read_text("utf-8"))) or ""
    return text.split("\n", 1)[0].rstrip(".")


class Commands(typer.core.TyperGroup):
    """The group of all commands. (`ctx: Any`: typer brings its own copy of click, older ones don't.)"""

    listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands that there are."""
        return list(_names())

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The list of commands, without importing any."""
        self.listing = True
        super().format_help(ctx, formatter)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name: imported, or for the list only described."""
        module = _names().get(cmd_name)
        if module is None:
            return None
        if self.listing:
            return typer.core.TyperCommand(cmd_name, short_help=_summary(module))
        loaded = _loaded(module)
        app: typer.Typer | None = getattr(loaded, "app", None)
        if app is None:
            app = typer.Typer(add_completion=False, rich_markup_mode=None)
            app.command(help=loaded.__doc__)(loaded.command)
        made = get_command(app)
        made.name = cmd_name
        return made


def _loaded(module: str) -> ModuleType:
    return importlib.import_module(f"cli.{module}")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"hinomi {version('hinomi')}")
        raise typer.Exit


app = typer.Typer(cls=Commands, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def _main(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Hinomi 火の見: log analysis for the security clouds of Japanese municipalities."""


def run(arguments: list[str] | None = None) -> int:
    """Runs one command and gives its exit code."""
    group = get_command(app)
    try:
        # Not group.main(): that one has its own opinions on broken pipes and interrupts.
        with group.make_context("hinomi", list(sys.argv[1:] if arguments is None else arguments)) as context:
            result: Any = group.invoke(context)
        sys.stdout.flush()
    except HinomiError as error:
        _say(str(error))
        return int(error.exit)
    except typer.Exit as error:
        return int(error.exit_code)
    except _UsageError as error:
        error.show()  # type: ignore[attr-defined]  # every error of click has it
        return int(Exit.USAGE)
    except (KeyboardInterrupt, typer.Abort):
        _say("interrupted")
        return int(Exit.INTERRUPTED)
    except BrokenPipeError:
        # The reader has what it wanted; without this, Python complains once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(Exit.OK)
    except Exception:  # noqa: BLE001  the last border: a bug shows its trace and has its own exit code
        traceback.print_exc()
        return int(Exit.INTERNAL)
    return int(result) if isinstance(result, int) else int(Exit.OK)


def _say(message: str) -> None:
    sys.stderr.write(f"hinomi: {message}\n")


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run())
