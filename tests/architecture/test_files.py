"""Files that are not code: what was taken over from others, what a reader is told, and what nobody should find."""

import hashlib
import re
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, files

VENDOR = ROOT / "dashboards/static/vendor"
SUMS = {
    name: digest for digest, name in (line.split() for line in (VENDOR / "SHA256SUMS").read_text("utf-8").splitlines())
}

# Where packages come from is for the machine to say: an address in a lock would bind everyone to it, and would stand
# in the way of a mirror or of a folder of wheels. Put together here, so that this file passes its own test.
REGISTRIES = re.compile(
    "|".join(
        re.escape(".".join(host))
        for host in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("proxy", "golang", "org"),
            ("unpkg", "com"),
            ("cdn", "jsdelivr", "net"),
            ("cdnjs", "cloudflare", "com"),
            ("fonts", "googleapis", "com"),
            ("extensions", "duckdb", "org"),
        )
    ).encode()
)


@pytest.mark.parametrize("name", sorted(SUMS))
def test_a_vendored_file_is_the_one_that_was_reviewed(name: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == SUMS[name]


def test_every_vendored_file_is_listed() -> None:
    assert {path.name for path in VENDOR.iterdir()} - {"SHA256SUMS"} == set(SUMS)


def test_no_file_names_a_registry() -> None:
    assert [str(path) for path in files() if REGISTRIES.search((ROOT / path).read_bytes())] == []


def test_every_pin_of_the_lock_has_its_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    blocks = [block for block in re.split(r"\n(?=[A-Za-z0-9])", lock) if "==" in block.split("\n")[0]]
    assert len(blocks) > 50
    assert [block.split("\n")[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in lock


def test_the_lock_has_its_sections_in_order() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert re.findall(r"^# == (\w+):", lock, re.M) == ["run", "build", "development"]


def test_the_readme_names_every_directory() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    directories = {path.parts[0] for path in files() if len(path.parts) > 1 and not path.parts[0].startswith(".")}
    assert [name for name in sorted(directories | set(PACKAGES)) if f"`{name}/`" not in page] == []


def test_texts_end_their_last_line() -> None:
    ours = {".py", ".md", ".toml", ".html", ".css", ".js", ".lock"}
    texts = [path for path in files() if path.suffix in ours and VENDOR not in (ROOT / path).parents]
    assert [str(path) for path in texts if (ROOT / path).read_bytes()[-1:] not in {b"\n", b""}] == []
    assert Path("Makefile") in files()
