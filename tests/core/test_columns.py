"""The one table of columns."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest

from core.columns import COLUMNS, EventClass, arrow_schema, columns_of, polars_schema


def test_a_column_stands_once_with_a_meaning() -> None:
    names = [c.name for c in COLUMNS]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", n) for n in names)
    assert all(c.meaning and c.classes for c in COLUMNS)


@pytest.mark.parametrize("event_class", list(EventClass))
def test_schemas_agree_on_names_and_order(event_class: EventClass) -> None:
    names = [c.name for c in columns_of(event_class)]
    assert arrow_schema(event_class).names == names == list(polars_schema(event_class))
    assert arrow_schema(event_class).field("event_time").type == pa.timestamp("us")


def test_a_finding_holds_what_the_device_saw_of_web_names_and_mail() -> None:
    finding = {c.name for c in columns_of(EventClass.FINDING)}
    assert {"url", "qname", "mail_from", "signature"} <= finding


def test_a_connection_holds_what_was_asked_for_but_not_how_it_was_answered() -> None:
    connection = {c.name for c in columns_of(EventClass.NETWORK)}
    assert {"url", "url_host", "qname", "qtype"} <= connection
    assert not {"method", "status", "rcode", "signature"} & connection
