"""docs/reference.md says what the code says."""

from __future__ import annotations

from parsers import formats
from tests.architecture.reference import reference
from tests.parsers.making import ROOT

PAGE = ROOT / "docs" / "reference.md"


def test_the_reference_page_is_what_the_code_says(regen: bool) -> None:
    text = reference()
    if regen:
        PAGE.write_text(text, "utf-8")
    assert PAGE.read_text("utf-8") == text, (
        "pytest tests/architecture/test_reference.py --regen, and read the difference"
    )


def test_every_format_has_a_section() -> None:
    text = PAGE.read_text("utf-8")
    assert [name for name in formats() if f"\n### {name}\n" not in text] == []
