"""The noise is what the catalogue says a town's deny feed holds, in its order of magnitude."""

from pathlib import Path

import pytest

from simulator import Summary, simulate
from simulator.noise import CLASSES

BANDS = {
    ("N01", "N02"): (25, 45),
    ("N13", "N14", "N15", "N16", "N17", "N18"): (15, 35),
    ("N22", "N23"): (10, 25),
    ("N11",): (0.5, 20),
    ("N19", "N28"): (3, 10),
    ("N24", "N25", "N26", "N27"): (2, 10),
    ("N09",): (1, 3),
    ("N21",): (1, 5),
    ("N29", "N16"): (1, 5),
    ("N03",): (0, 3), ("N04",): (0, 3), ("N05",): (0, 3), ("N06",): (0, 3), ("N07",): (0, 3), ("N08",): (0, 3),
    ("N10",): (0, 3), ("N12",): (0, 3), ("N20",): (0, 3), ("N30",): (0, 3), ("N31",): (0, 3), ("N42",): (0, 3),
}  # fmt: skip


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """The demo: its size is what the shares are about."""
    return simulate(tmp_path_factory.mktemp("full"))


@pytest.mark.parametrize("classes", BANDS, ids="+".join)
def test_a_class_has_its_share_of_the_noise(full: Summary, classes: tuple[str, ...]) -> None:
    low, high = BANDS[classes]
    share = 100 * sum(full.classes[c] for c in classes) / sum(full.classes.values())
    assert low <= share <= high


def test_noise_is_most_of_what_is_denied(full: Summary) -> None:
    assert 0.7 <= sum(full.classes.values()) / full.denied <= 0.97
    assert set(full.classes) == set(CLASSES)


def test_the_demo_has_its_size(full: Summary) -> None:
    assert 600_000 <= full.lines <= 1_200_000


def test_one_body_in_ten_sends_almost_nothing(full: Summary) -> None:
    firewalls = sorted((n, s) for s, (n, _) in full.sources.items() if s.startswith("fw-"))
    assert firewalls[0][1] == "fw-midorino"
    assert firewalls[0][0] < firewalls[1][0] / 10


def test_scale_multiplies(tmp_path: Path, full: Summary) -> None:
    half = simulate(tmp_path, scale=0.5)
    assert 0.4 < sum(half.classes.values()) / sum(full.classes.values()) < 0.6
    assert half.cases == full.cases
