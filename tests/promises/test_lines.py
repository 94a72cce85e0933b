"""Promise 1: every line is accounted for, whatever its bytes, in every format, by file and by command."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import parsers
from parsers import Context, chunks, parse

ROOT = Path(__file__).parents[2]
CONTEXT = Context(ZoneInfo("Asia/Tokyo"), 1763600500_000000)
HOSTILE = [
    b"", b"\x00", b"\xff\xfe\xfd", b'"', b'"""', b"'", b"\\", b"[", b"]", b"{", b"a=b", b'a="', b"\t", b" " * 500, b"\r", b"\x0b\x0c\x85",
    "\u2028行\u0085".encode(), "青葉市".encode("cp932"), b"\x1b[31m", b"<13>", b"<999>1 - - - - - -", b"Nov 20 09:00:00 ", b"%" * 300,
    b'x="' + b"y" * 70_000, b"z" * ((1 << 20) + 1), b"=" * 1000, b"\xe3\x81",
]  # fmt: skip


def content(name: str, seed: int, count: int) -> bytes:
    """Sample lines of a format, whole, cut, spoilt and glued, among hostile ones."""
    samples = [
        line for file in sorted((ROOT / "sample_logs" / name).glob("*.log")) for line in file.read_bytes().split(b"\n")
    ]
    assert samples, f"{name} has no sample lines"
    chance = random.Random(f"{name} {seed}")  # noqa: S311 - draws lines, no secret
    lines = []
    for _ in range(count):
        line = chance.choice(samples) if chance.random() < 0.8 else chance.choice(HOSTILE)
        match chance.randrange(6):
            case 0:
                line = line[: chance.randrange(len(line) + 1)]
            case 1 if line:
                at = chance.randrange(len(line))
                line = line[:at] + bytes([chance.randrange(256)]).replace(b"\n", b"?") + line[at + 1 :]
            case 2:
                line = line + b" " + chance.choice(samples)
        lines.append(line)
    return b"\n".join(lines) + b"\n" * chance.randrange(2)


def counted(data: bytes) -> int:
    return data.count(b"\n") + (data != b"" and not data.endswith(b"\n"))


@pytest.mark.parametrize("name", sorted(parsers.formats()))
@pytest.mark.parametrize("seed", range(3))
def test_each_line_gets_exactly_one_answer_and_its_place(name: str, seed: int) -> None:
    data = content(name, seed, 400)
    wanted, state, answered = parsers.formats()[name], {}, []
    for chunk in chunks([data], 50_000):
        parsed, state = parse(wanted, chunk, CONTEXT, state)
        frames = [*parsed.rows.values(), parsed.refused, parsed.skipped]
        places = [row for f in frames for row in f.select("line", "offset", "length").iter_rows()]
        assert len(places) == parsed.lines
        answered += places
    assert sorted(line for line, _, _ in answered) == list(range(1, counted(data) + 1))
    lines = data.split(b"\n")
    for line, offset, length in answered:
        assert data[offset : offset + length] == lines[line - 1].removesuffix(b"\r")


def test_the_command_answers_each_line_once_and_in_order(tmp_path: Path) -> None:
    data = content("squid", 7, 200)
    (tmp_path / "a.log").write_bytes(data)
    run = subprocess.run(
        [Path(sys.executable).with_name("hinomi"), "parse", "squid", tmp_path / "a.log"],
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    answers = [json.loads(x) for x in run.stdout.decode().split("\n") if x]
    assert [a["line"] for a in answers] == list(range(1, counted(data) + 1))
    assert run.returncode == 1
    assert all(("class" in a) + ("refused" in a) + ("skipped" in a) == 1 for a in answers)
    assert not any(c in run.stdout for c in b"\x00\x1b\x07")
