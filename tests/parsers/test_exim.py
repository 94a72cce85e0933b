"""Exim: what its flags and words mean, and what a client cannot make them say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.making import meaning
from tests.parsers.making import one as answer


def one(message: str) -> dict[str, Any]:
    """The row of one message under Exim's own time."""
    return answer("exim", f"2026-10-06 12:00:00 {message}")


Q = "1uAb2C-0003dE-4f"
C = "H=mail.example.com (pc) [192.0.2.25]:4025 I=[192.0.2.10]:25"
TO = "R=dnslookup T=remote_smtp H=mx.example.org [192.0.2.80]"

# message, class, verdict, outcome, action, status
MEANINGS = [
    (f"{Q} <= a@example.net {C} P=esmtp S=1 id=1@h", "email", None, None, "<=", None),
    (f"{Q} <= a@example.net {C} P=esmtpa A=plain:tanaka S=1", "email", None, "success", "<=", None),
    (f"{Q} (= a@example.net {C} P=esmtp S=1", "email", None, None, "(=", None),
    (f'{Q} => b@example.org {TO} C="250 2.0.0 ok"', "email", None, None, "=>", "sent"),
    (f"{Q} -> b@example.org {TO}", "email", None, None, "->", "sent"),
    (f"{Q} >> b@example.org {TO}", "email", None, None, ">>", "sent"),
    (f"{Q} *> b@example.org {TO}", "email", None, None, "*>", None),
    (f"{Q} ** b@example.org {TO}: 550 5.1.1 no", "email", None, None, "**", "bounced"),
    (f"{Q} == b@example.org R=dnslookup T=remote_smtp defer (110): Connection timed out", "email", None, None, "==", "deferred"),
    (f"{Q} => :blackhole: <b@example.lg.jp> R=aliases", "email", "deny", None, "=>", "discarded"),
    (f"{Q} => blackhole (DATA ACL discarded recipients): no", "email", "deny", None, "=>", "discarded"),
    (f"{Q} ** b@example.org: Unrouteable address", "email", None, None, "**", "bounced"),
    (f"{C} F=<a@h> A=plain:tanaka rejected RCPT <b@example.org>: no", "email", "deny", None, "rejected", "rejected"),
    ("rejected HELO from (p_c) [192.0.2.25]:1: syntactically invalid argument(s): p_c", "email", "deny", None, "rejected", "rejected"),
    ("rejected from <a@h> H=(pc) [192.0.2.25]: message too big: read=2 max=1", "email", "deny", None, "rejected", "rejected"),
    ("unqualified recipient rejected: <b> H=(pc) [192.0.2.25]", "email", "deny", None, "rejected", "rejected"),
    ("login authenticator failed for H=(pc) [192.0.2.25]:1: 535 no (set_id=u)", "authentication", "deny", "failure", "authenticator failed", None),
    ("pid 812: SIGHUP received: re-exec daemon", "system", None, None, "SIGHUP received", None),
    (f"{Q} Completed QT=3s", "email", None, None, "Completed", None),
    (f"{Q} Message is frozen", "email", None, None, "Message is frozen", "held"),
    (f"{C} F=<a@h> rejected RCPT <b@example.org>: relay not permitted", "email", "deny", None, "rejected", "rejected"),
    (f"{C} F=<a@h> temporarily rejected RCPT <b@example.org>: later", "email", "deny", None, "temporarily rejected", "rejected"),
    (f"{C} F=<a@h> discarded by RCPT ACL: no", "email", "deny", None, "discarded", "discarded"),
    (f"{C} rejected EHLO or HELO x: no", "email", "deny", None, "rejected", "rejected"),
    (f'{C} rejected connection in "connect" ACL: no', "email", "deny", None, "rejected", "rejected"),
    (f"{C} dropped by 'connect' ACL: no", "email", "deny", None, "dropped", "rejected"),
    (f"{C} sender verify fail for <a@h>: no", "email", None, None, "sender verify fail", None),
    (f"{C} Warning: x", "email", None, None, "Warning", None),
    ("login authenticator failed for (pc) [192.0.2.25]: 535 no (set_id=u)", "authentication", "deny", "failure", "authenticator failed", None),
    (f'SMTP protocol error in "AUTH LOGIN" {C} AUTH command used when not advertised', "email", None, None, "protocol error", None),
    (f'SMTP protocol synchronization error (input sent): rejected connection from {C} input="x"', "email", "deny", None, "rejected", "rejected"),
    ("SMTP call from [192.0.2.25] dropped: too many nonmail commands", "email", "deny", None, "dropped", "rejected"),
    ("SMTP connection from (pc) [192.0.2.25] closed by DROP in ACL", "email", "deny", None, "closed by DROP in ACL", None),
    ("SMTP connection from (pc) [192.0.2.25] closed by QUIT", "email", None, None, "closed by QUIT", None),
    ("refused connection from H=[192.0.2.25] (host_reject_connection)", "email", "deny", None, "refused", "rejected"),
    ("no MAIL in SMTP connection from (pc) [192.0.2.25] D=1s", "email", None, None, "no MAIL", None),
    (f"{Q} SA: Action: flagged as Spam but accepted: s=8 (x). From <a@h> (host=h [192.0.2.25]) for b@example.org", "email", "allow", None, "flagged as Spam but accepted", None),
    (f"{Q} SA: Action: silently tossed message: s=31 (x). From <a@h> (host=h [192.0.2.25]) for b@example.org", "email", "deny", None, "silently tossed message", "discarded"),
    ("exim 4.98 daemon started: pid=1, -q30m", "system", None, None, "daemon started", None),
]  # fmt: skip
DECISIONS = [(f"2026-10-06 12:00:00 {m[0]}", (m[2], m[3], None)) for m in MEANINGS]


@pytest.mark.parametrize(
    ("message", "event_class", "verdict", "outcome", "action", "status"), MEANINGS, ids=[m[0][:70] for m in MEANINGS]
)
def test_verdict_outcome_and_status_follow_exim_s_own_words(
    message: str, event_class: str, verdict: str | None, outcome: str | None, action: str | None, status: str | None
) -> None:
    assert meaning(one(message)) == (event_class, verdict, outcome, action, status)


@pytest.mark.parametrize(
    ("message", "src_ip"),
    [
        (f'{Q} <= "a H=e [192.0.2.66]:1 P=smtp S=1"@example.net H=(pc) [203.0.113.7] P=esmtp S=7', "203.0.113.7"),
        (f'{Q} <= a@h H=(pc) [203.0.113.7] P=esmtp S=7 id=1 T="x\\" H=e [192.0.2.66]"', "203.0.113.7"),
        ("H=(my old pc) [203.0.113.7] F=<a@h> rejected RCPT <b@h>: no", "203.0.113.7"),
        ("H=(x) [192.0.2.66] F=<v@h> y) [203.0.113.7] F=<a@h> rejected RCPT <b@h>: no", None),
        (f"{Q} <= a@h U=root P=local S=7 id=x H=e [192.0.2.66]", None),
        ('SMTP protocol error in "AUTH" H=(e) [192.0.2.66]" H=(pc) [203.0.113.7] AUTH not advertised', "203.0.113.7"),
        ('SMTP protocol synchronization error (x): rejected "A" H=[192.0.2.66] next input="" H=[203.0.113.7]', None),
        ('H=(pc) [203.0.113.7] F=<"x> rejected RCPT <y"@h> rejected RCPT <"a> H=[192.0.2.66]: b"@h>: no', "203.0.113.7"),
        ("login authenticator failed for (pc) [203.0.113.7]: 535 no (set_id=x) [192.0.2.66]: 235 (set_id=u)", "203.0.113.7"),
    ],
)  # fmt: skip
def test_what_a_client_writes_is_no_address_of_another(message: str, src_ip: str | None) -> None:
    assert one(message).get("src_ip") == src_ip


@pytest.mark.parametrize(
    "line",
    [
        f"2026-10-06 12:00:00 {Q} Completed",
        f"2026-10-06 12:00:00.123 +0900 [4711] {Q} Completed",
        f"Oct  6 12:00:00 mx03 exim[4711]: {Q} Completed",
        f"<22>Oct  6 12:00:00 mx03 exim4[4711]: 2026-10-06 12:00:00 {Q} Completed",
        f"mx03 exim[4711]: 2026-10-06 12:00:00 {Q} Completed",
    ],
)
def test_every_way_to_begin_a_line(line: str) -> None:
    row = answer("exim", line)
    assert (row["queue_id"], row["action"]) == (Q, "Completed")
    assert row["event_time"].isoformat()[:19] == "2026-10-06T03:00:00"


@pytest.mark.parametrize(
    ("said", "delay_ms"), [("QT=3s", 3_000), ("QT=1d2h3m4s", 93_784_000), ("QT=0.345s", 345), ("QT=x", None)]
)
def test_the_time_on_the_queue_is_the_delay(said: str, delay_ms: int | None) -> None:
    assert one(f'{Q} => b@example.org {TO} C="250 ok" {said}').get("delay_ms") == delay_ms


def test_headers_in_the_reject_log_are_skipped_and_an_application_s_line_is_kept() -> None:
    assert answer("exim", "P Received: from x")["skipped"] == "header of a refused message"
    assert answer("exim", "Envelope-from: <a@example.net>")["skipped"] == "header of a refused message"
    assert one("an application started")["message"] == "an application started"


def test_a_refusal_of_a_client_that_cannot_be_told_stays_a_refusal() -> None:
    row = one("H=(x) [192.0.2.66] F=<v@h> y) [203.0.113.7] F=<a@h> rejected RCPT <b@h>: no")
    assert (row["class"], row["verdict"], row["event_code"]) == ("email", "deny", "RCPT")
