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


SENDMAIL = """\
Nov 19 08:00:01 mx02 sm-mta[11]: 5A5NU0aK020298: ruleset=check_rcpt, arg1=<x@example.org>, relay=mail.example.com [192.0.2.25], reject=550 5.7.1 <x@example.org>... Relaying denied
Nov 19 08:00:02 mx02 sm-mta[11]: 5A5NU0aK020298: from=<sender@example.com>, size=4711, class=0, nrcpts=3, msgid=<m2@mail.example.com>, proto=ESMTP, daemon=MTA, relay=mail.example.com [192.0.2.25]
Nov 19 08:00:04 mx02 sm-mta[12]: 5A5NU0aK020298: to=<a@city.aoba.example.lg.jp>,<b@city.aoba.example.lg.jp>, delay=00:00:02, xdelay=00:00:01, mailer=relay, pri=9, relay=relay03.example.lg.jp. [10.0.0.3], dsn=2.0.0, stat=Sent (5A5NU2bQ001177 Message accepted for delivery)
Nov 19 08:00:05 mx02 sm-mta[12]: 5A5NU0aK020298: to=<c@example.net>, delay=00:00:03, xdelay=00:00:02, mailer=esmtp, pri=9, relay=mx.example.net. [192.0.2.80], dsn=4.7.1, stat=Deferred: 450 4.7.1 later
Nov 19 08:20:05 mx02 sm-mta[13]: 5A5NU0aK020298: to=<c@example.net>, delay=00:20:03, xdelay=00:00:02, mailer=esmtp, pri=9, relay=mx.example.net. [192.0.2.80], dsn=2.0.0, stat=Sent (ok)
Nov 19 08:30:00 mx02 sm-mta[14]: 5A5O00cd020310: from=<>, size=99, class=0, nrcpts=1, proto=ESMTP, daemon=MTA, relay=[198.51.100.9]
Nov 19 08:30:01 mx02 sm-mta[14]: 5A5O00cd020310: to=<c@example.net>, delay=00:00:01, mailer=esmtp, pri=9, relay=mx.example.net., dsn=4.4.1, stat=Deferred: Connection refused
""".splitlines()  # fmt: skip
SENDMAIL_RELAY = """\
Nov 19 08:00:04 relay03 sendmail[21]: 5A5NU2bQ001177: from=<sender@example.com>, size=4900, class=0, nrcpts=2, msgid=<m2@mail.example.com>, proto=ESMTP, daemon=MTA, relay=mx02 [10.0.0.1]
Nov 19 08:00:04 relay03 sendmail[21]: 5A5NU2bQ001177: to=a, delay=00:00:00, mailer=local, pri=9, dsn=2.0.0, stat=Sent
""".splitlines()  # fmt: skip

EXIM = """\
2026-11-19 09:00:00 1uAb2C-0003dE-4f <= sender@example.com H=mail.example.com (pc) [192.0.2.25] P=esmtpsa A=plain:tanaka S=4711 id=m3@mail.example.com
2026-11-19 09:00:01 1uAb2C-0003dE-4f => a@city.aoba.example.lg.jp R=dnslookup T=remote_smtp H=relay03.example.lg.jp [10.0.0.3] C="250 2.0.0 5A5NU2bQ001177 Message accepted for delivery" QT=1s
2026-11-19 09:00:02 1uAb2C-0003dE-4f == b@example.net R=dnslookup T=remote_smtp defer (110): Connection timed out
2026-11-19 09:30:02 1uAb2C-0003dE-4f ** b@example.net R=dnslookup T=remote_smtp H=mx.example.net [192.0.2.80]: 550 5.1.1 User unknown
2026-11-19 09:30:02 1uAb2C-0003dE-4f Completed
2026-11-19 09:31:00 1uAb3D-0003dF-5g <= <> H=(pc) [198.51.100.9] P=esmtp S=99
2026-11-19 09:31:01 1uAb3D-0003dF-5g => soumu <soumu@city.aoba.example.lg.jp> R=localuser T=local_delivery C="250 OK id=1uAb9Z-0003dA-0a"
""".splitlines()  # fmt: skip

EXCHANGE = """\
#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,source,event-id,internal-message-id,message-id,recipient-address,recipient-status,total-bytes,message-subject,return-path,custom-data
2026-11-19T01:00:00.100Z,192.0.2.25,mail.example.com,10.0.1.11,EX01,,SMTP,RECEIVE,5001,<m4@mail.example.com>,a@city.aoba.example.lg.jp;all@city.aoba.example.lg.jp,,4711,Hello,sender@example.com,
2026-11-19T01:00:00.200Z,,,,EX01,,ROUTING,EXPAND,5001,<m4@mail.example.com>,b@city.aoba.example.lg.jp;c@example.net,,4711,Hello,sender@example.com,
2026-11-19T01:00:00.300Z,10.0.1.11,EX01,10.0.1.12,EX02,"08DE;250 2.6.0 <m4@h> [InternalId=7001, Hostname=EX02] Queued mail for delivery;ClientSubmitTime:",SMTP,SEND,5001,<m4@mail.example.com>,a@city.aoba.example.lg.jp;b@city.aoba.example.lg.jp,250 2.1.5 Ok;250 2.1.5 Ok,4900,Hello,sender@example.com,S:E2ELatency=0.251
2026-11-19T01:00:00.400Z,10.0.1.11,EX01,192.0.2.80,mx.example.net,,SMTP,DEFER,5001,<m4@mail.example.com>,c@example.net,451 4.7.0 later,4900,Hello,sender@example.com,
""".splitlines()  # fmt: skip
EXCHANGE_NEXT = """\
#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source,event-id,internal-message-id,message-id,recipient-address,total-bytes,return-path
2026-11-19T01:00:00.300Z,10.0.1.11,EX01,10.0.1.12,EX02,SMTP,RECEIVE,7001,<m4@mail.example.com>,a@city.aoba.example.lg.jp;b@city.aoba.example.lg.jp,4900,sender@example.com
2026-11-19T01:00:00.500Z,10.0.1.12,EX02,10.0.1.12,EX02,STOREDRIVER,DELIVER,7001,<m4@mail.example.com>,a@city.aoba.example.lg.jp;b@city.aoba.example.lg.jp,4900,sender@example.com
""".splitlines()  # fmt: skip

MFILTER = """\
19/Nov/2026:11:00:00,38,2026/11/19 10:59:58,soumu,10.16.4.42,tanaka@city.aoba.example.lg.jp,"x@example.org,y@example.org",0,0,2,2,0,0,"Thu, 19 Nov 2026 10:59:58 +0900",-,-,-,DATA+,738,<m5@pc0042>,0,-,,"",,0,0
19/Nov/2026:11:30:00,38,2026/11/19 10:59:58,soumu,10.16.4.42,tanaka@city.aoba.example.lg.jp,"x@example.org,y@example.org",0,0,2,8,0,0,"Thu, 19 Nov 2026 10:59:58 +0900",10.0.0.1,25,250 2.0.0 Ok: queued as 4AAA111111,DATA+,738,<m5@pc0042>,0,-,,"",,0,0
19/Nov/2026:11:31:00,39,2026/11/19 11:31:00,soumu,10.16.4.43,sato@city.aoba.example.lg.jp,x@example.org,0,0,2,2,0,0,"Thu, 19 Nov 2026 11:31:00 +0900",-,-,-,DATA+,99,-,0,-,,"",,0,0
""".splitlines()  # fmt: skip


@pytest.fixture
def relays(store: Store) -> Store:
    feed = {"kind": "mail", "timezone": "Asia/Tokyo", "body_by": "fixed"}
    formats = {
        "mx": "postfix", "relay": "postfix", "sendmail": "sendmail", "sendmail_relay": "sendmail", "exim": "exim",
        "exchange": "exchange_tracking", "exchange_next": "exchange_tracking", "mfilter": "digitalarts_mfilter",
    }  # fmt: skip
    entries = [Entry("sources", "130001", name, {"id": name, "format": kind, **feed}) for name, kind in formats.items()]
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


def test_sendmail_s_lines_of_several_recipients_are_a_row_each(relays: Store, tmp_path: Path) -> None:
    took_in(relays, "sendmail", SENDMAIL, tmp_path, 3)
    took_in(relays, "sendmail_relay", SENDMAIL_RELAY, tmp_path, 1)
    rows = asked(relays, "SELECT * FROM mail_deliveries WHERE device = 'mx02' ORDER BY first_time, mail_to")
    told = (
        "client_ip",
        "mail_from",
        "mail_to",
        "size",
        "status",
        "dsn",
        "delay_ms",
        "attempts",
        "finished",
        "next_device",
    )
    first = ("192.0.2.25", "sender@example.com")
    assert [tuple(row[name] for name in told) for row in rows] == [
        (*first, "a@city.aoba.example.lg.jp", 4711, "sent", "2.0.0", 2_000, 1, True, "relay03"),
        (*first, "b@city.aoba.example.lg.jp", 4711, "sent", "2.0.0", 2_000, 1, True, "relay03"),
        (*first, "c@example.net", 4711, "sent", "2.0.0", 1_203_000, 2, True, None),
        (*first, "x@example.org", 4711, "rejected", "5.7.1", None, 1, True, None),
        ("198.51.100.9", "<>", "c@example.net", 99, "deferred", "4.4.1", 1_000, 1, False, None),
    ]
    assert [(row["message_id"], row["recipients"], row["relay_ip"]) for row in rows[1:3]] == [
        ("m2@mail.example.com", 4, "10.0.0.3"), ("m2@mail.example.com", 4, "192.0.2.80"),
    ]  # fmt: skip


def test_exim_s_message_ends_with_completed(relays: Store, tmp_path: Path) -> None:
    took_in(relays, "exim", EXIM, tmp_path, 3)
    rows = asked(relays, "SELECT * FROM mail_deliveries ORDER BY first_time, mail_to")
    told = (
        "client_ip",
        "helo",
        "user",
        "mail_from",
        "mail_to",
        "size",
        "message_id",
        "status",
        "dsn",
        "attempts",
        "finished",
        "next_queue_id",
    )
    first = ("192.0.2.25", "pc", "tanaka", "sender@example.com")
    assert [tuple(row[name] for name in told) for row in rows] == [
        (*first, "a@city.aoba.example.lg.jp", 4711, "m3@mail.example.com", "sent", "2.0.0", 1, True, "5A5NU2bQ001177"),
        (*first, "b@example.net", 4711, "m3@mail.example.com", "bounced", "5.1.1", 2, True, None),
        ("198.51.100.9", "pc", None, "<>", "soumu@city.aoba.example.lg.jp", 99, None, "sent", None, 1, False,
         "1uAb9Z-0003dA-0a"),
    ]  # fmt: skip
    assert [(row["recipients"], row["relay_ip"], row["delay_ms"]) for row in rows[:2]] == [
        (2, "10.0.0.3", 1_000), (2, "192.0.2.80", None),
    ]  # fmt: skip


def test_exchange_s_events_are_deliveries_from_server_to_server(relays: Store, tmp_path: Path) -> None:
    took_in(relays, "exchange", EXCHANGE, tmp_path, 1)
    took_in(relays, "exchange_next", EXCHANGE_NEXT, tmp_path, 1)
    rows = asked(relays, "SELECT * FROM mail_deliveries ORDER BY device, mail_to")
    told = ("client_ip", "mail_to", "size", "subject", "status", "dsn", "delay_ms", "finished", "next_device")
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("192.0.2.25", "a@city.aoba.example.lg.jp", 4900, "Hello", "sent", "2.6.0", 251, False, "EX02"),
        ("192.0.2.25", "b@city.aoba.example.lg.jp", 4900, "Hello", "sent", "2.6.0", 251, False, "EX02"),
        ("192.0.2.25", "c@example.net", 4900, "Hello", "deferred", "4.7.0", None, False, None),
        ("10.0.1.11", "a@city.aoba.example.lg.jp", 4900, None, "sent", None, None, True, None),
        ("10.0.1.11", "b@city.aoba.example.lg.jp", 4900, None, "sent", None, None, True, None),
    ]
    assert {(row["message_id"], row["mail_from"]) for row in rows} == {("m4@mail.example.com", "sender@example.com")}


def test_m_filter_s_message_is_held_and_then_sent(relays: Store, tmp_path: Path) -> None:
    took_in(relays, "mfilter", MFILTER, tmp_path, 2)
    rows = asked(relays, "SELECT * FROM mail_deliveries ORDER BY first_time, mail_to")
    told = (
        "client_ip",
        "mail_from",
        "mail_to",
        "size",
        "message_id",
        "status",
        "delay_ms",
        "attempts",
        "finished",
        "next_queue_id",
    )
    first = ("10.16.4.42", "tanaka@city.aoba.example.lg.jp")
    assert [tuple(row[name] for name in told) for row in rows] == [
        (*first, "x@example.org", 738, "m5@pc0042", "sent", 1_802_000, 2, True, "4AAA111111"),
        (*first, "y@example.org", 738, "m5@pc0042", "sent", 1_802_000, 2, True, "4AAA111111"),
        ("10.16.4.43", "sato@city.aoba.example.lg.jp", "x@example.org", 99, None, "held", 0, 1, False, None),
    ]


ASA = """\
<166>Nov 19 2026 23:59:50 fw01 : %ASA-6-302013: Built outbound TCP connection 77 for outside:192.0.2.80/443 (192.0.2.80/443) to inside:10.1.1.5/50001 (198.51.100.7/1024)
<166>Nov 20 2026 00:00:10 fw01 : %ASA-6-302013: Built inbound TCP connection 78 for outside:203.0.113.9/40000 (203.0.113.9/40000) to dmz:10.1.2.25/25 (198.51.100.25/25)
<166>Nov 20 2026 00:05:00 fw01 : %ASA-6-302014: Teardown TCP connection 77 for outside:192.0.2.80/443 to inside:10.1.1.5/50001 duration 0:05:10 bytes 48213 TCP FINs
<166>Nov 20 2026 09:00:00 fw01 : %ASA-6-302013: Built outbound TCP connection 77 for outside:192.0.2.81/80 (192.0.2.81/80) to inside:10.1.1.6/50002 (198.51.100.7/1025)
<166>Nov 20 2026 09:00:01 fw01 : %ASA-6-302014: Teardown TCP connection 76 for outside:192.0.2.82/443 to inside:10.1.1.7/50003 duration 48:00:00 bytes 99 TCP Reset-I
""".splitlines()  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_a_connection_is_built_and_torn_down_in_one_row(store: Store, tmp_path: Path, seed: int) -> None:
    feed = {"id": "fw", "kind": "lgwan_firewall", "format": "cisco_asa", "timezone": "Asia/Tokyo", "body_by": "fixed"}
    store.register("sources", [Entry("sources", "131016", "fw", feed)], "test")
    took_in(store, "fw", ASA, tmp_path, 3, seed)
    rows = asked(store, "SELECT * FROM connections ORDER BY last_time, session_id DESC")
    told = ("session_id", "src_ip", "dst_ip", "dst_port", "direction", "duration_ms", "lines")
    assert sorted(tuple(row[name] for name in told) for row in rows) == sorted([
        ("78", "203.0.113.9", "10.1.2.25", 25, "inbound", None, 1),
        ("77", "10.1.1.5", "192.0.2.80", 443, "outbound", 310_000, 2),
        # The number is used again, and a connection from before the first line is torn down.
        ("77", "10.1.1.6", "192.0.2.81", 80, "outbound", None, 1),
        ("76", "192.0.2.82", "10.1.1.7", 50003, "unknown", 172_800_000, 1),
    ])  # fmt: skip
    (whole,) = [row for row in rows if row["lines"] == 2]
    assert (whole["closed_time"] - whole["opened_time"]).total_seconds() == 310
    assert whole["message"] == "bytes 48213 TCP FINs"
    (only_end,) = [row for row in rows if row["session_id"] == "76"]
    assert only_end["opened_time"] is None
