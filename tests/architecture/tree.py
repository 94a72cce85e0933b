"""The tree as the tests of this folder see it: the packages, their modules, and the files that git knows."""

import ast
import builtins
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


@cache
def files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, under version control; relative to the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    return tuple(sorted(Path(name) for name in names if name and (ROOT / name).is_file()))


def modules() -> list[Path]:
    """The modules of our packages, tests left out."""
    return [path for path in files() if path.suffix == ".py" and path.parts[0] in PACKAGES]


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse((ROOT / path).read_text("utf-8"), str(path))


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """The full names that a module calls or passes on, through its own imports: ('datetime.datetime.now', line)."""
    tree = parsed(path)
    meaning: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                meaning[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            meaning |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute | ast.Name):
            continue
        parts: list[str] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        # A name that was not imported is a builtin, or a variable of the module's own, which may be called `time`.
        if isinstance(inner, ast.Name) and (inner.id in meaning or hasattr(builtins, inner.id)):
            yield ".".join([meaning.get(inner.id, inner.id), *reversed(parts)]), node.lineno


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """The modules and names that a module imports: ('pyarrow.parquet', line)."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
