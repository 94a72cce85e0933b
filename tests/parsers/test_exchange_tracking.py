"""Exchange message tracking: what its events mean, whatever version writes them, and what a sender cannot make it say."""

from __future__ import annotations

from typing import Any

import pytest

from parsers import format_called
from parsers.exchange_tracking import _EVENTS
from tests.parsers.making import one, parse_all

_PLACES = {"client-ip": 1, "client-hostname": 2, "server-ip": 3, "server-hostname": 4, "source-context": 5, "source": 7,
           "event-id": 8, "internal-message-id": 9, "message-id": 10, "recipient-address": 12, "recipient-status": 13,
           "message-subject": 18, "sender-address": 19, "return-path": 20, "original-client-ip": 24, "custom-data": 26}  # fmt: skip


def line(event: str, source: str = "SMTP", **fields: str) -> str:
    """A line of Exchange 2016 and later, as it comes without its `#Fields:`."""
    values = [""] * 30
    given = {"event-id": event, "source": source, "recipient-address": "b@example.lg.jp", "internal-message-id": "7"}
    for name, value in (given | {name.replace("_", "-"): value for name, value in fields.items()}).items():
        values[_PLACES[name]] = '"' + value.replace('"', '""') + '"' if set(value) & set(',"') else value
    values[0] = "2026-10-05T23:30:00.123Z"
    return ",".join(values)


# event, source, verdict, status
MEANINGS = [
    ("RECEIVE", "SMTP", None, None),
    ("RECEIVE", "STOREDRIVER", None, None),
    ("SUBMIT", "STOREDRIVER", None, None),
    ("SEND", "SMTP", None, "sent"),
    ("DELIVER", "STOREDRIVER", None, "sent"),
    ("DUPLICATEDELIVER", "STOREDRIVER", None, "sent"),
    ("DEFER", "QUEUE", None, "deferred"),
    ("FAIL", "ROUTING", None, "bounced"),
    ("FAIL", "SMTP", None, "bounced"),
    ("FAIL", "AGENT", "deny", "rejected"),
    ("BADMAIL", "PICKUP", None, "bounced"),
    ("DROP", "AGENT", "deny", "discarded"),
    ("POISONMESSAGE", "QUEUE", None, "held"),
    ("MODERATORAPPROVE", "APPROVAL", "allow", None),
    ("MODERATORREJECT", "APPROVAL", "deny", "rejected"),
    ("MODERATIONEXPIRE", "APPROVAL", "deny", "rejected"),
    ("EXPAND", "ROUTING", None, None),
    ("RESOLVE", "ROUTING", None, None),
    ("REDIRECT", "ROUTING", None, None),
    ("TRANSFER", "ROUTING", None, None),
    ("DSN", "DSN", None, None),
    ("HAREDIRECT", "SMTP", None, None),
    ("AGENTINFO", "AGENT", None, None),
    ("NEWINSOMEVERSION", "SMTP", None, None),
]
DECISIONS = [(line(event, source), (verdict, None, None)) for event, source, verdict, _ in MEANINGS]


@pytest.mark.parametrize(("event", "source", "verdict", "status"), MEANINGS)
def test_verdict_and_status_follow_the_event(event: str, source: str, verdict: str | None, status: str | None) -> None:
    row = one("exchange_tracking", line(event, source))
    assert (row["class"], row.get("verdict"), row.get("status"), row["action"]) == ("email", verdict, status, event)
    assert (row["queue_id"], row["stage"]) == ("7", source.lower())


@pytest.mark.parametrize("event", sorted(_EVENTS))
def test_every_event_of_the_manual_is_read(event: str) -> None:
    row = one("exchange_tracking", line(event))
    assert (row["class"], row["action"], row["mail_to"]) == ("email", event, "b@example.lg.jp")


@pytest.mark.parametrize(
    ("event", "source", "device"),
    [("RECEIVE", "SMTP", "EX02"), ("SEND", "SMTP", "EX01"), ("DEFER", "SMTP", "EX01"), ("DELIVER", "STOREDRIVER", "EX01"),
     ("FAIL", "ROUTING", "EX02")],
)  # fmt: skip
def test_the_device_is_the_server_that_writes(event: str, source: str, device: str) -> None:
    assert (
        one("exchange_tracking", line(event, source, client_hostname="EX01", server_hostname="EX02"))["device"]
        == device
    )


@pytest.mark.parametrize(
    ("client", "original", "src_ip"),
    [("10.0.0.1", "192.0.2.25", "192.0.2.25"), ("10.0.0.9", "192.0.2.25", "10.0.0.9"), ("10.0.0.1", "", "10.0.0.1")],
)
def test_the_source_is_the_client_of_the_front_end(client: str, original: str, src_ip: str) -> None:
    row = one("exchange_tracking", line("RECEIVE", client_ip=client, server_ip="10.0.0.1", original_client_ip=original))
    assert row["src_ip"] == src_ip


def test_the_answer_of_the_next_server_is_the_message() -> None:
    answer = "250 2.6.0 <m@h> [InternalId=7001, Hostname=EX02] 9 bytes in 0.1, 4 KB/sec Queued mail for delivery"
    row = one(
        "exchange_tracking",
        line("SEND", source_context=f"08DE;{answer};ClientSubmitTime:", recipient_status="250 2.1.5 Ok"),
    )
    assert (row["message"], row["dsn"]) == (answer, "2.6.0")


def test_what_the_malware_agent_found_is_a_finding() -> None:
    data = "S:AMA=SUM|v=1|action=b|error=|atch=1;S:AMA=EV|engine=M|v=1|sig=1.3|name=EICAR|file=invoice.zip"
    row = one("exchange_tracking", line("AGENTINFO", "AGENT", custom_data=data))
    told = ("class", "finding_category", "signature", "file_name", "disposition")
    assert [row[name] for name in told] == ["finding", "virus", "EICAR", "invoice.zip", "b"]
    clean = one("exchange_tracking", line("AGENTINFO", "AGENT", custom_data=data.replace("v=1", "v=0")))
    assert clean["class"] == "email"


def test_a_subject_is_no_other_column() -> None:
    row = one(
        "exchange_tracking", line("RECEIVE", message_subject='x","a@h","<>",,DELIVER', sender_address="s@example.net")
    )
    assert (row["subject"], row["mail_from"], row["action"]) == ('x","a@h","<>",,DELIVER', "s@example.net", "RECEIVE")


def test_fields_hold_from_their_line_on() -> None:
    data = b"#Fields: date-time,event-id,recipient-address\n2026-10-05T23:30:00Z,SEND,a@h;b@h\n"
    data += b"#Fields: date-time,recipient-address,event-id\n2026-10-05T23:30:00Z,c@h,FAIL\n"
    found: list[dict[str, Any]] = parse_all(format_called("exchange_tracking"), data, size=60)
    assert [(row["action"], row["mail_to"]) for row in found if "class" in row] == [
        ("SEND", "a@h,b@h"),
        ("FAIL", "c@h"),
    ]
