"""Samples in, golden files out: what a format reads in its own samples, for people to read in a diff."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core import columns
from parsers import format_called
from tests.parsers.making import ROOT, SAMPLES, parse_all, readable

SAYS = ("class", "stage", "action", "event_code", "operation", "signature", "service")
"""Columns that tell one form of message from another; interfaces, protocols and addresses are none."""
FORMS = {"bind": 60, "cisco_asa": 130, "cisco_ios": 50, "postfix": 60, "yamaha_rtx": 40}
VOCABULARIES = {
    "verdict": columns.VERDICTS, "outcome": columns.OUTCOMES, "path": columns.PATHS,
    "time_quality": columns.TIME_QUALITIES, "count_quality": columns.COUNT_QUALITIES,
    "text_quality": columns.TEXT_QUALITIES,
}  # fmt: skip
_IDS = [f"{path.parent.name}/{path.stem}" for path in SAMPLES]


@pytest.mark.parametrize("sample", SAMPLES, ids=_IDS)
def test_a_sample_is_read_as_its_golden_file_says(sample: Path, regen: bool) -> None:
    golden = ROOT / "tests" / "golden" / sample.parent.name / f"{sample.stem}.jsonl"
    found = parse_all(format_called(sample.parent.name), sample.read_bytes())
    text = "".join(json.dumps(readable(answer), ensure_ascii=False) + "\n" for answer in found)
    if regen:
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize("name", VOCABULARIES)
def test_golden_files_use_several_words_of_a_vocabulary_and_no_other(name: str) -> None:
    used = {
        json.loads(line).get(name)
        for path in (ROOT / "tests" / "golden").rglob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    }
    assert len(used - {None}) > 1
    assert used - {None} <= set(VOCABULARIES[name])


@pytest.mark.parametrize("sample", SAMPLES, ids=_IDS)
def test_a_sample_is_short_enough_to_be_read(sample: Path) -> None:
    assert sample.read_bytes().count(b"\n") <= 30


@pytest.mark.parametrize(("name", "wanted"), FORMS.items(), ids=FORMS)
def test_golden_files_show_enough_forms_of_messages(name: str, wanted: int) -> None:
    rows = [
        json.loads(line)
        for path in (ROOT / "tests" / "golden" / name).glob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    forms = {tuple(row.get(column) for column in SAYS) for row in rows if "class" in row}
    assert len(forms) >= wanted
