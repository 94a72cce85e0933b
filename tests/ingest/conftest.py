"""A store with a prefecture, one body and its feeds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.registers import Entry
from store import Store

PREFECTURE, BODY = "130001", "131016"


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.temporary() as store:
        store.register(
            "tenants",
            [
                Entry("tenants", PREFECTURE, PREFECTURE, {"code": PREFECTURE, "name": "見本県", "body": "prefecture"}),
                Entry("tenants", BODY, BODY, {"code": BODY, "name": "青葉市", "body": "municipality"}),
            ],
            "test",
        )
        proxy = {
            "id": "proxy", "kind": "proxy", "format": "squid", "timezone": "Asia/Tokyo", "body_by": "address",
            "bodies": {"10.250.1.0/24": BODY},
        }  # fmt: skip
        store.register("sources", [Entry("sources", PREFECTURE, "proxy", proxy)], "test")
        yield store
