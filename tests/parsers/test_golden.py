"""Samples in, golden files out: what a format reads in its own samples, for people to read in a diff."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from parsers import format_called
from tests.parsers.making import ROOT, SAMPLES, parse_all, readable

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


@pytest.mark.parametrize("sample", SAMPLES, ids=_IDS)
def test_a_sample_is_short_enough_to_be_read(sample: Path) -> None:
    assert sample.read_bytes().count(b"\n") <= 30
