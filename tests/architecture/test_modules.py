"""Every module says what it is, stays small enough to be read, and has a name that says what it holds."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, files, modules, parsed

LONGEST = 400
SAYS_NOTHING = {"utils", "util", "common", "helpers", "helper", "services", "models", "misc", "shared", "base"}
IGNORE = re.compile(r"#\s*(noqa|type:\s*ignore)\b(?P<rest>.*)")
WITH_REASON = re.compile(r"^(:\s*[A-Z]+[0-9]+(\s*,\s*[A-Z]+[0-9]+)*|\[[a-z0-9, -]+\])[\s#:,;()-]+\S.{7,}")

each_module = pytest.mark.parametrize("path", modules(), ids=str)


@each_module
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(parsed(path)), f"{path} has no docstring"


@each_module
def test_a_module_can_be_read_in_one_sitting(path: Path) -> None:
    lines = len((ROOT / path).read_text("utf-8").splitlines())
    assert lines <= LONGEST, f"{path} has {lines} lines: it holds two things"


@each_module
def test_a_name_says_what_is_inside(path: Path) -> None:
    assert not SAYS_NOTHING & {part.removesuffix(".py").strip("_") for part in path.parts}, f"what is in {path}?"


@each_module
def test_every_folder_of_modules_is_a_package(path: Path) -> None:
    assert (ROOT / path.parent / "__init__.py").exists(), (
        f"{path.parent}/__init__.py is missing: the wheel and mypy need it"
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_there(package: str) -> None:
    assert (ROOT / package / "__init__.py").exists()


@pytest.mark.parametrize("path", [path for path in files() if path.suffix == ".py"], ids=str)
def test_what_is_ignored_has_a_code_and_a_reason(path: Path) -> None:
    bare = []
    for token in tokenize.generate_tokens(io.StringIO((ROOT / path).read_text("utf-8")).readline):
        found = IGNORE.match(token.string) if token.type == tokenize.COMMENT else None
        if found and not WITH_REASON.match(found["rest"]):
            bare.append(f"{path}:{token.start[0]}: {token.string}")
    assert not bare, "write e.g. `# noqa: S603 - our own program` or `# type: ignore[arg-type]  # stubs lag behind`"
