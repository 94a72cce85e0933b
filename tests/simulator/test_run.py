import hashlib
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from core.errors import InputError
from core.time import JST, parse_instant
from simulator import Summary, simulate
from tests.simulator.conftest import Lines, read


def digests(out: Path) -> dict[str, str]:
    return {
        str(p.relative_to(out)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(out.rglob("*"))
        if p.is_file()
    }


def small(out: Path, **more: int) -> dict[str, str]:
    simulate(out, municipalities=5, days=2, seed=3, scale=0.1, **more)
    return digests(out)


def test_the_same_arguments_give_the_same_bytes_on_any_number_of_processes(tmp_path: Path) -> None:
    first = small(tmp_path / "a", processes=1)
    assert first == small(tmp_path / "b", processes=2)
    assert len(first) == 2 * (5 + 4) + 5 + 1


def test_the_bytes_depend_neither_on_the_zone_nor_on_the_hash_seed(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from simulator import simulate; "
        "simulate(Path(sys.argv[1]), municipalities=5, days=2, seed=3, scale=0.1, processes=1)"
    )
    for n, zone in enumerate(("America/New_York", "Asia/Kathmandu")):
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": str(n + 1), "LC_ALL": "C"}
        subprocess.run([sys.executable, "-c", script, str(tmp_path / str(n))], check=True, env=environment)
    assert digests(tmp_path / "0") == digests(tmp_path / "1") == small(tmp_path / "here", processes=1)


def test_another_seed_gives_another_prefecture(tmp_path: Path) -> None:
    made = [simulate(tmp_path / str(n), municipalities=1, days=1, seed=n, scale=0.1, processes=1) for n in (1, 2)]
    assert made[0].lines != made[1].lines


def test_the_summary_counts_what_is_in_the_files(prefecture: Summary, lines: Lines) -> None:
    assert prefecture.lines == sum(n for n, _ in prefecture.sources.values())
    for source, (count, size) in prefecture.sources.items():
        assert len(lines(source)) == count
        assert sum(len(line.encode()) + 1 for line in lines(source)) == size
    assert sorted(prefecture.sources) == sorted(p.name for p in (prefecture.out / "logs").iterdir())
    assert all(path.is_file() for path in prefecture.files)


def test_some_files_are_zipped_and_each_holds_one_day(prefecture: Summary) -> None:
    names = {p.name for p in (prefecture.out / "logs").rglob("*.log*")}
    assert names == {"20261118.log", "20261119.log", "20261118.log.gz", "20261119.log.gz"}
    for path in (prefecture.out / "logs" / "fw-aoba").iterdir():
        day = f"{path.name[:4]}-{path.name[4:6]}-{path.name[6:8]}"
        assert all(f"date={day} " in line for line in read(path))


def test_a_file_arrived_shortly_after_its_day(prefecture: Summary) -> None:
    path = prefecture.out / "logs" / "proxy" / "20261118.log"
    assert path.stat().st_mtime == parse_instant("2026-11-19T00:05:00", JST) / 1e6


def test_nothing_is_written_after_until(tmp_path: Path) -> None:
    until = parse_instant("2026-11-19T12:00:00+09:00")
    made = simulate(tmp_path, municipalities=2, days=3, scale=0.1, until=until, processes=1)
    assert {p.name[:8] for p in (tmp_path / "logs").rglob("*.log*")} == {"20261118", "20261119"}
    last = read(tmp_path / "logs" / "fw-aoba" / "20261119.log")[-1]
    assert "time=11:5" in last
    assert made.lines > 0


def test_a_closed_day_is_quiet(tmp_path: Path) -> None:
    open_, closed = (
        simulate(tmp_path / f"{d}", municipalities=1, days=1, scale=0.3, start=d, processes=1)
        for d in (date(2026, 11, 20), date(2026, 11, 22))
    )
    assert closed.classes["N14"] < open_.classes["N14"] / 5


@pytest.mark.parametrize(
    "wrong", [{"municipalities": 0}, {"municipalities": 121}, {"days": 0}, {"scale": 0.0}, {"seed": -1}], ids=str
)
def test_arguments_out_of_range_are_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(InputError, match="municipalities"):
        simulate(tmp_path, **wrong)  # type: ignore[arg-type]  # one of them is a float
    assert not list(tmp_path.iterdir())


def test_more_than_ten_bodies_get_their_cases_too(tmp_path: Path) -> None:
    made = simulate(tmp_path, municipalities=20, days=1, scale=0.02, processes=1)
    assert len(made.sources) == 24
    assert made.cases["alert"] >= 78
