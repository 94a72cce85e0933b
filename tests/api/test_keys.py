"""Keys: shown once, kept as a hash, bounded by role, scope and time."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from core.errors import InputError, NotFoundError
from core.time import DAY_US
from store import Store, keys, tables
from store.questions import Everyone
from tests.api.prefecture import NOW, A, B


def test_a_key_is_kept_as_its_hash_alone(store: Store) -> None:
    text = keys.create(store, name="監視担当", role="analyst", tenants=(), now=NOW)
    assert re.fullmatch(r"hnm_[0-9a-f]{8}_[A-Za-z0-9_-]{43}", text)
    with store.catalogue.read() as tx:
        row = tx.execute(sa.select(tables.keys)).mappings().one()
    assert text.split("_", 2)[2] not in str(dict(row))
    reader = keys.authenticate(store, text, now=NOW)
    assert reader == keys.Reader("監視担当", keys.Role.ANALYST, Everyone.ALL, text.split("_")[1])
    assert reader.whole
    assert reader.may_triage


def test_a_key_that_differs_anywhere_is_none(store: Store) -> None:
    text = keys.create(store, name="a", role="auditor", tenants=(), now=NOW)
    for place in range(len(text)):
        other = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        assert keys.authenticate(store, other, now=NOW) is None
    for other in (text + "A", text[:-1], f" {text}", "", "é", "hnm__"):
        assert keys.authenticate(store, other, now=NOW) is None


def test_a_key_ends(store: Store) -> None:
    text = keys.create(store, name="a", role="auditor", tenants=(), now=NOW, expires=NOW + DAY_US)
    assert keys.authenticate(store, text, now=NOW + DAY_US - 1) is not None
    assert keys.authenticate(store, text, now=NOW + DAY_US) is None
    keys.revoke(store, text.split("_")[1], now=NOW + 5)
    keys.revoke(store, text.split("_")[1], now=NOW + 9)
    assert keys.authenticate(store, text, now=NOW + 6) is None
    assert keys.listed(store)[0].revoked == NOW + 5
    with pytest.raises(NotFoundError):
        keys.revoke(store, "00000000", now=NOW)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"role": "king"}, "none of"),
        ({"role": "municipality"}, "exactly one"),
        ({"role": "municipality", "tenants": [A, B]}, "exactly one"),
        ({"role": "metrics", "tenants": [A]}, "no body"),
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"expires": NOW}, "past"),
        ({"tenants": ["131017"]}, "check digit"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(store: Store, given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        keys.create(store, **{"name": "a", "role": "analyst", "tenants": (), "now": NOW, **given})
    assert keys.listed(store) == ()


def test_scope_is_what_was_given(store: Store) -> None:
    one = keys.authenticate(store, keys.create(store, name="a", role="municipality", tenants=[A], now=NOW), now=NOW)
    two = keys.authenticate(store, keys.create(store, name="a", role="analyst", tenants=[B, A], now=NOW), now=NOW)
    none = keys.authenticate(store, keys.create(store, name="a", role="metrics", tenants=(), now=NOW), now=NOW)
    assert one is not None
    assert two is not None
    assert none is not None
    assert (one.tenants, two.tenants, none.tenants) == (frozenset({A}), frozenset({A, B}), frozenset())
    assert not one.may_triage
