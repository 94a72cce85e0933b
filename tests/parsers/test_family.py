"""What every format has in common, whichever it is; a new format is picked up by itself."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import parsers
from core.columns import columns_of
from core.errors import UnknownFormatError
from parsers import Chunk, chosen, format_called, formats, parse, recognise
from tests.parsers.making import ROOT, SAMPLES, TOKYO, alone, context_of, parse_all, without_place

NAMES = sorted(formats())
_ALWAYS = (
    "line",
    "offset",
    "length",
    "format",
    "text_quality",
    "event_time",
    "time_quality",
    "event_count",
    "count_quality",
)


def samples_of(name: str) -> list[Path]:
    return [sample for sample in SAMPLES if sample.parent.name == name]


@pytest.mark.parametrize("name", NAMES)
def test_a_format_has_a_story_a_manual_and_samples(name: str) -> None:
    log_format = formats()[name]
    story = importlib.import_module(f"parsers.{name}").__doc__ or ""
    assert log_format.name == name
    assert log_format.title
    assert log_format.reference.startswith("https://")
    assert "Reference:" in story
    assert "Not read:" in story
    assert "Time:" in story
    assert samples_of(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_format_has_japanese_text_in_its_samples(name: str) -> None:
    text = b"".join(sample.read_bytes() for sample in samples_of(name)).decode(formats()[name].encoding, "replace")
    assert any("\u3040" <= letter <= "\u9fff" for letter in text)


def test_the_registry_holds_the_modules_that_are_no_machinery() -> None:
    found = {m.name for m in pkgutil.iter_modules(parsers.__path__) if not m.name.startswith("_")}
    assert set(formats()) == found


def test_an_unknown_format_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UnknownFormatError, match=r"'fortigate'.*fortinet_fortigate, .*squid"):
        format_called("fortigate")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_sample_is_recognised_as_its_own_format(sample: Path) -> None:
    # Lines that are there to be refused say nothing of a format; those that others need must stay.
    log_format = format_called(sample.parent.name)
    kept = [
        line
        for line, answer in zip(
            sample.read_bytes().split(b"\n"), parse_all(log_format, sample.read_bytes()), strict=False
        )
        if "class" in answer or ((log_format.learn or log_format.record) and "skipped" in answer)
    ]
    ranked = recognise(b"\n".join(kept) + b"\n", context_of(log_format))
    assert chosen(ranked).name == sample.parent.name


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_no_format_takes_another_formats_sample_for_its_own(sample: Path) -> None:
    shares = {one.name: share for one, share in recognise(sample.read_bytes(), TOKYO)}
    assert shares.pop(sample.parent.name) > 0.5
    assert {name: share for name, share in shares.items() if share >= 0.2} == {}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_each_line_alone_gives_the_same_answer_as_in_its_file(sample: Path) -> None:
    log_format = format_called(sample.parent.name)
    data = sample.read_bytes()
    together = parse_all(log_format, data)
    if log_format.record:
        return  # its records are of several lines
    apart = alone(log_format, data.removesuffix(b"\n").split(b"\n"))
    assert [without_place(a) for a in apart] == [without_place(a) for a in together]
    if log_format.learn:
        return  # what its header lines say holds for those behind them
    reverse = parse_all(log_format, b"".join(line + b"\n" for line in reversed(data.removesuffix(b"\n").split(b"\n"))))
    assert [without_place(a) for a in reversed(reverse)] == [without_place(a) for a in together]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: f"{p.parent.name}/{p.stem}")
@pytest.mark.parametrize("size", [100, 777])
def test_where_chunks_are_cut_changes_nothing(sample: Path, size: int) -> None:
    log_format = format_called(sample.parent.name)
    data = sample.read_bytes()
    assert parse_all(log_format, data, size=size) == parse_all(log_format, data)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_rows_hold_filled_columns_of_their_class_only(sample: Path) -> None:
    log_format = format_called(sample.parent.name)
    parsed, _ = parse(log_format, Chunk(sample.read_bytes()), context_of(log_format), {})
    for event_class, df in parsed.rows.items():
        names = [column.name for column in columns_of(event_class) if column.set_by != "ingest"]
        assert set(df.columns) <= set(names)
        assert all(df[name].null_count() < df.height for name in df.columns)
        assert all(df[name].null_count() == 0 for name in _ALWAYS)
        assert df["format"].unique().to_list() == [log_format.name]
        assert df["line"].is_sorted()


@pytest.mark.parametrize("name", NAMES)
def test_the_state_goes_through_and_is_json(name: str) -> None:
    log_format = formats()[name]
    _, state = parse(log_format, Chunk(samples_of(name)[0].read_bytes()), context_of(log_format), {})
    assert json.loads(json.dumps(state)) == state


def test_lines_of_no_format_are_recognised_as_none() -> None:
    with pytest.raises(UnknownFormatError, match="no format reads these lines"):
        chosen(recognise(b"once upon a time\nthere was a watchtower\n", TOKYO))


def test_two_formats_that_read_the_same_lines_are_not_guessed_between() -> None:
    squid, fortigate = format_called("squid"), format_called("fortinet_fortigate")
    with pytest.raises(UnknownFormatError, match=r"more than one format.*squid 90%, fortinet_fortigate 80%"):
        chosen([(squid, 0.9), (fortigate, 0.8)])
    assert chosen([(squid, 0.9), (fortigate, 0.5)]) is squid


def test_samples_use_documentation_addresses() -> None:
    allowed = ("10.", "192.168.", "172.16.", "127.0.0.1", "192.0.2.", "198.51.100.", "203.0.113.", "233.252.0.", "0.0.0.",
               "2001:db8:", "ff02:", "fe80:", "::", "169.254.", "255.255.255.255", "224.0.0.", "239.")  # fmt: skip
    for sample in SAMPLES:
        if sample.parent.name not in ("squid", "fortinet_fortigate"):
            continue
        for answer in parse_all(format_called(sample.parent.name), sample.read_bytes()):
            for key in ("src_ip", "dst_ip", "nat_src_ip", "nat_dst_ip", "lease_ip"):
                assert str(answer.get(key, "10.")).startswith(allowed), (sample, answer[key])


def test_samples_lie_beside_a_format() -> None:
    assert {path.name for path in (ROOT / "sample_logs").iterdir()} <= set(NAMES)


_IMPORTS = """
import sys
from parsers import Chunk, formats, parse
from tests.parsers.making import SAMPLES, context_of
for sample in SAMPLES:
    one = formats()[sample.parent.name]
    parse(one, Chunk(sample.read_bytes()), context_of(one), {})
print(sorted({"pandas", "sklearn", "duckdb", "sqlalchemy", "pyarrow.parquet"} & set(sys.modules)))
"""


def test_parsing_imports_only_what_it_needs() -> None:
    # pandas alone costs a worker a third of a second, and comes along with some functions of Arrow.
    done = subprocess.run([sys.executable, "-c", _IMPORTS], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[]\n"
