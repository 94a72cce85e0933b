"""見本県 in a store, made once: the tests of this folder only read it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from dashboards import Visit
from store import Store
from store.keys import Everyone, Reader, Role
from tests.dashboards import prefecture, prefecture_cases
from tests.dashboards.made import NOW
from tests.dashboards.prefecture import BODIES
from tests.dashboards.rulebook import RULES

ANALYST = Reader("佐藤", Role.ANALYST, Everyone.ALL, "0a1b2c3d")
AUDITOR = Reader("監査", Role.AUDITOR, Everyone.ALL, "2a1b2c3d")
TOWN = Reader("高橋", Role.MUNICIPALITY, frozenset({BODIES["川上町"]}), "1a1b2c3d")


@dataclass(frozen=True)
class Made:
    """The store, and the cases in it by body and entity."""

    store: Store
    cases: dict[str, str]

    def visit(self, reader: Reader = ANALYST, case: str = "", **changes: object) -> Visit:
        """A visit at NOW."""
        path = {"case_id": self.cases[case]} if case else {}
        return Visit(reader, NOW, path=path, csrf="token", rules=RULES, **changes)


@pytest.fixture(scope="session")
def made() -> Iterator[Made]:
    """The prefecture at NOW."""
    with Store.temporary() as store:
        yield Made(store, fill(store, NOW))


def fill(store: Store, now: int) -> dict[str, str]:
    """Put the whole prefecture into a store; body and entity → case id."""
    prefecture.registers(store, now)
    prefecture.arrivals(store, now)
    prefecture.hours(store, now)
    return prefecture_cases.cases(store, now, prefecture.lines(store, now))
