"""One prefecture for all tests of the simulator: ten bodies, two days, a tenth of the size."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator import Summary, simulate

Lines = Callable[[str], list[str]]


def read(path: Path) -> list[str]:
    """The lines of a log file, unzipped."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    assert content.endswith(b"\n")
    return content.decode().split("\n")[:-1]


@pytest.fixture(scope="session")
def prefecture(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return simulate(tmp_path_factory.mktemp("prefecture"), seed=7, scale=0.1, processes=1)


@pytest.fixture(scope="session")
def lines(prefecture: Summary) -> Lines:
    """Lines of a source over all days."""
    kept: dict[str, list[str]] = {}

    def of(source: str) -> list[str]:
        if source not in kept:
            kept[source] = [
                line for path in sorted((prefecture.out / "logs" / source).iterdir()) for line in read(path)
            ]
        return kept[source]

    return of
