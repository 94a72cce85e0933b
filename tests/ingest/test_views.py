"""Views over lines of several batches, files and days: the delivery of a mail, and a connection."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from core.registers import Entry
from core.time import parse_instant
from ingest.deliver import deliver
from store import Store

RECEIVED = parse_instant("2026-11-20T23:00:00+09:00")
MX = """\
Nov 18 23:59:58 mx01 postfix/smtpd[11]: connect from mail.example.com[192.0.2.25]
Nov 18 23:59:58 mx01 postfix/smtpd[11]: 4AAA111111: client=mail.example.com[192.0.2.25], sasl_method=PLAIN, sasl_username=tanaka
Nov 18 23:59:58 mx01 postfix/cleanup[12]: 4AAA111111: message-id=<m1@mail.example.com>
Nov 18 23:59:59 mx01 postfix/qmgr[13]: 4AAA111111: from=<sender@example.com>, size=4711, nrcpt=2 (queue active)
Nov 19 00:00:00 mx01 postfix/smtp[14]: 4AAA111111: to=<soumu@city.aoba.example.lg.jp>, relay=relay02.example.lg.jp[10.0.0.2]:25, delay=2, delays=1/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 9BBB222222)
Nov 19 00:00:01 mx01 postfix/smtp[14]: 4AAA111111: to=<kaikei@city.aoba.example.lg.jp>, relay=none, delay=3, delays=1/0/2/0, dsn=4.4.1, status=deferred (connect to relay02.example.lg.jp[10.0.0.2]:25: Connection timed out)
Nov 19 01:10:00 mx01 postfix/qmgr[13]: 4AAA111111: from=<sender@example.com>, size=4711, nrcpt=2 (queue active)
Nov 19 01:10:01 mx01 postfix/smtp[15]: 4AAA111111: to=<kaikei@city.aoba.example.lg.jp>, relay=relay02.example.lg.jp[10.0.0.2]:25, delay=4203, delays=4202/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 9CCC333333)
Nov 19 01:10:01 mx01 postfix/qmgr[13]: 4AAA111111: removed
Nov 20 09:00:00 mx01 postfix/smtpd[16]: 4AAA111111: client=unknown[198.51.100.9]
Nov 20 09:00:00 mx01 postfix/qmgr[13]: 4AAA111111: from=<other@example.net>, size=99, nrcpt=1 (queue active)
Nov 20 09:00:01 mx01 postfix/smtp[17]: 4AAA111111: to=<x@example.org>, relay=none, delay=1, delays=0/0/1/0, dsn=5.4.4, status=bounced (Host or domain name not found)
""".splitlines()  # fmt: skip
RELAY = """\
Nov 19 00:00:00 relay02 postfix/smtpd[21]: 9BBB222222: client=mx01[10.0.0.1]
Nov 19 00:00:00 relay02 postfix/cleanup[22]: 9BBB222222: message-id=<m1@mail.example.com>
Nov 19 00:00:01 relay02 postfix/local[23]: 9BBB222222: to=<soumu@city.aoba.example.lg.jp>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered to mailbox)
Nov 19 00:00:01 relay02 postfix/qmgr[24]: 9BBB222222: removed
""".splitlines()  # fmt: skip


@pytest.fixture
def relays(store: Store) -> Store:
    feed = {"kind": "mail", "format": "postfix", "timezone": "Asia/Tokyo", "body_by": "fixed"}
    entries = [Entry("sources", "130001", name, {"id": name, **feed}) for name in ("mx", "relay")]
    store.register("sources", entries, "test")
    return store


def took_in(store: Store, source: str, lines: list[str], folder: Path, pieces: int, seed: int = 1) -> None:
    """The lines in so many files, which come in any order."""
    rng = random.Random(seed)  # noqa: S311 - a trial has to be repeatable
    cuts = sorted(rng.sample(range(1, len(lines)), pieces - 1))
    parts = [lines[a:b] for a, b in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
    rng.shuffle(parts)
    for n, part in enumerate(parts):
        file = folder / f"{source}-{seed}-{n}.log"
        file.write_text("".join(line + "\n" for line in part))
        assert deliver(store, source, file, received=RECEIVED).refused == 0


def asked(store: Store, sql: str, **limits: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = store.query(sql, **limits).to_pylist()
    return found


@pytest.mark.parametrize("seed", range(5))
def test_a_delivery_is_one_row_for_each_recipient_however_its_lines_came(
    relays: Store, tmp_path: Path, seed: int
) -> None:
    took_in(relays, "mx", MX, tmp_path, 4, seed)
    took_in(relays, "relay", RELAY, tmp_path, 2, seed)
    rows = asked(relays, "SELECT * FROM mail_deliveries WHERE device = 'mx01' ORDER BY first_time, mail_to DESC")
    told = ("client_ip", "user", "mail_from", "mail_to", "size", "message_id", "status", "dsn", "attempts", "finished")
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("192.0.2.25", "tanaka", "sender@example.com", "soumu@city.aoba.example.lg.jp", 4711, "m1@mail.example.com",
         "sent", "2.0.0", 1, True),
        ("192.0.2.25", "tanaka", "sender@example.com", "kaikei@city.aoba.example.lg.jp", 4711, "m1@mail.example.com",
         "sent", "2.0.0", 2, True),
        ("198.51.100.9", None, "other@example.net", "x@example.org", 99, None, "bounced", "5.4.4", 1, False),
    ]  # fmt: skip
    assert [row["recipients"] for row in rows] == [2, 2, 1]
    assert (rows[0]["next_queue_id"], rows[0]["next_source"], rows[0]["next_device"]) == (
        "9BBB222222",
        "relay",
        "relay02",
    )
    # The second hop of the second recipient was never received: its id is told, and nothing is invented.
    assert (rows[1]["next_queue_id"], rows[1]["next_source"]) == ("9CCC333333", None)


def test_a_delivery_is_whole_though_only_an_hour_of_it_was_asked_for(relays: Store, tmp_path: Path) -> None:
    took_in(relays, "mx", MX, tmp_path, 2)
    hour = parse_instant("2026-11-19T01:00:00+09:00")
    rows = asked(relays, "SELECT * FROM mail_deliveries", first=hour, last=hour + 3_600_000_000)
    assert sorted(row["mail_to"] for row in rows) == ["kaikei@city.aoba.example.lg.jp", "soumu@city.aoba.example.lg.jp"]
    assert {row["client_ip"] for row in rows} == {"192.0.2.25"}
    # The lines themselves are those of the hour alone.
    assert len(asked(relays, "SELECT line FROM email", first=hour, last=hour + 3_600_000_000)) == 3


def test_a_body_sees_no_delivery_of_another(relays: Store, tmp_path: Path) -> None:
    took_in(relays, "mx", MX, tmp_path, 2)
    assert asked(relays, "SELECT * FROM mail_deliveries", tenants=["131016"]) == []
    assert len(asked(relays, "SELECT * FROM mail_deliveries", tenants=["130001"])) == 3
