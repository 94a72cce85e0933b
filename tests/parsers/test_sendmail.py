"""Sendmail: what its words mean, and what a sender cannot make them say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.making import meaning
from tests.parsers.making import one as answer


def one(message: str, program: str = "sm-mta[1]") -> dict[str, Any]:
    """The row of one message under an ordinary header."""
    return answer("sendmail", f"Oct  6 12:00:00 mx02 {program}: {message}")


Q = "5A5NU0aK020298"
C = "mail.example.com [192.0.2.25]"
TO = f"{Q}: to=<b@example.lg.jp>, delay=00:00:02, xdelay=00:00:01, mailer=esmtp, pri=1, relay=mx.example.org. [192.0.2.1]"

# message, class, verdict, outcome, action, status
MEANINGS = [
    (f"{Q}: from=<a@example.net>, size=1, class=0, nrcpts=1, msgid=<1@h>, proto=ESMTP, daemon=MTA, relay={C}", "email", None, None, "from", None),
    (f"{TO}, dsn=2.0.0, stat=Sent (ok)", "email", None, None, "Sent", "sent"),
    (f"{TO}, dsn=4.7.1, stat=Deferred: 450 4.7.1 later", "email", None, None, "Deferred", "deferred"),
    (f"{TO}, dsn=5.1.1, stat=User unknown", "email", None, None, "User unknown", "bounced"),
    (f"{TO}, dsn=4.4.7, stat=Message could not be delivered for 5 days", "email", None, None, "Message could not be delivered for 5 days", "bounced"),
    (f"{TO}, stat=queued", "email", None, None, "queued", "queued"),
    (f"{Q}: to=<b@example.lg.jp>, delay=00:00:00, mailer=esmtp, pri=1, quarantine=Held, stat=quarantined", "email", None, None, "quarantined", "held"),
    (f"{Q}: ruleset=check_rcpt, arg1=<b@example.org>, relay={C}, reject=550 5.7.1 <b@example.org>... Relaying denied", "email", "deny", None, "reject", "rejected"),
    (f"{Q}: ruleset=check_rcpt, arg1=<b@example.org>, relay={C}, reject=451 4.1.8 later", "email", "deny", None, "reject", "rejected"),
    (f"{Q}: ruleset=check_mail, arg1=<a@example.org>, discard", "email", "deny", None, "discard", "discarded"),
    (f"{Q}: ruleset=check_mail, arg1=<a@example.org>, quarantine=Held", "email", None, None, "quarantine", "held"),
    (f"{Q}: <b@example.lg.jp>... User unknown", "email", "deny", None, "User unknown", "rejected"),
    (f"{Q}: Milter: to=<b@example.lg.jp>, reject=451 4.7.1 Greylisting", "email", "deny", None, "reject", "rejected"),
    (f"{Q}: Milter: data, discard", "email", "deny", None, "discard", "discarded"),
    (f"{Q}: Milter: connect: host=h, addr=192.0.2.25, temp failing commands", "email", "deny", None, "temp failing commands", "rejected"),
    (f"{Q}: milter=clamav, action=eom, reject=554 5.7.1 infected", "email", "deny", None, "reject", "rejected"),
    (f"{Q}: milter=clamav, action=eom, tempfail", "email", "deny", None, "tempfail", "rejected"),
    (f"{Q}: milter=clamav, action=eom, accepted", "email", "allow", None, "accepted", None),
    (f"{Q}: milter=clamav, action=header, continue", "email", None, None, "continue", None),
    (f"{Q}: Milter accept: message", "email", "allow", None, "accept", None),
    (f"{Q}: Milter add: header: X-Spam-Status: No", "email", None, None, None, None),
    (f"AUTH=server, relay={C}, authid=tanaka, mech=PLAIN, bits=0", "authentication", "allow", "success", "AUTH", None),
    (f"AUTH=client, relay={C}, mech=PLAIN, bits=0", "authentication", None, "success", "AUTH", None),
    (f"{Q}: AUTH failure (LOGIN): user not found (-20), relay={C}", "authentication", "deny", "failure", "AUTH failure", None),
    (f"STARTTLS=server, relay={C}, version=TLSv1.3, verify=NOT, cipher=X, bits=256/256", "email", None, None, "STARTTLS", None),
    (f"{Q}: {C}: possible SMTP attack: command=AUTH, count=5", "email", None, None, "possible SMTP attack", None),
    (f"{Q}: {C} did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA", "email", None, None, "did not issue", None),
    (f"{Q}: {C}: vrfy root [rejected]", "email", "deny", None, "VRFY [rejected]", "rejected"),
    (f"{Q}: rejecting commands from {C} due to pre-greeting traffic after 2 seconds", "email", "deny", None, "rejecting commands", "rejected"),
    ("NOQUEUE: tcpwrappers (h, 192.0.2.25) rejection", "email", "deny", None, "rejection", "rejected"),
    (f"{Q}: lost input channel from {C} to MTA after rcpt", "email", None, None, "lost input channel", None),
    ("rejecting connections on daemon MTA: load average: 14", "system", None, None, "rejecting connections", None),
]  # fmt: skip
DECISIONS = [(f"Oct  6 12:00:00 mx02 sm-mta[1]: {m[0]}", (m[2], m[3], None)) for m in MEANINGS]


@pytest.mark.parametrize(
    ("message", "event_class", "verdict", "outcome", "action", "status"), MEANINGS, ids=[m[0][:70] for m in MEANINGS]
)
def test_verdict_outcome_and_status_follow_sendmail_s_own_words(
    message: str, event_class: str, verdict: str | None, outcome: str | None, action: str | None, status: str | None
) -> None:
    assert meaning(one(message)) == (event_class, verdict, outcome, action, status)


@pytest.mark.parametrize(
    ("message", "src_ip"),
    [
        (f'{Q}: from=<"a, size=1, relay=e [192.0.2.66]"@example.net>, size=7, class=0, nrcpts=1, relay=[203.0.113.7]', "203.0.113.7"),
        (f"{Q}: from=<a@h>, size=7, class=0, nrcpts=1, msgid=<x>, relay=e [192.0.2.66], proto=SMTP, relay=[203.0.113.7]", "203.0.113.7"),
        (f"{Q}: from=<a@h>, size=7, class=0, nrcpts=1, relay=[192.0.2.66]@h.example.net [203.0.113.7] (may be forged)", "203.0.113.7"),
        (f"{Q}: ruleset=check_rcpt, arg1=<x, relay=e [192.0.2.66], reject=2>, relay=[203.0.113.7], reject=550 no", "203.0.113.7"),
        (f"{Q}: ruleset=CheckSubject, arg1=x, relay=e [192.0.2.66], discard, relay=[203.0.113.7], reject=550 no", None),
        (f"{Q}: AUTH failure (LOGIN): no, user=x, relay=[192.0.2.66], relay=[203.0.113.7]", "203.0.113.7"),
        (f"{Q}: [203.0.113.7]: vrfy root [192.0.2.66]: possible SMTP attack [rejected]", "203.0.113.7"),
    ],
)  # fmt: skip
def test_what_a_client_writes_is_no_address_of_another(message: str, src_ip: str | None) -> None:
    assert one(message).get("src_ip") == src_ip


def test_a_doubtful_refusal_stays_a_refusal() -> None:
    row = one(
        f"{Q}: ruleset=CheckSubject, arg1=x, relay=e [192.0.2.66], quarantine=x, relay=[203.0.113.7], reject=550 no"
    )
    assert (row["verdict"], row["action"], row.get("mail_from")) == ("deny", "reject", None)


def test_recipients_of_one_delivery_stand_with_commas_between() -> None:
    row = one(
        f'{Q}: to=<a@example.org>,<"b>,<c"@example.org>,root, [more], delay=1+00:00:02, mailer=esmtp, stat=queued'
    )
    assert (row["mail_to"], row["delay_ms"]) == ('a@example.org,"b>,<c"@example.org,root', 86_402_000)


@pytest.mark.parametrize(
    "program", ["sendmail[1]", "sm-msp-queue[1]", "sm-acceptingconnections[1]", "smtpgate", "MTA[1]"]
)
def test_it_is_recognised_under_whatever_name_it_runs(program: str) -> None:
    assert one(f"{TO}, dsn=2.0.0, stat=Sent (ok)", program)["queue_id"] == Q


def test_another_program_s_line_is_kept_by_its_header() -> None:
    row = one("Server listening on 0.0.0.0 port 22.", "sshd[1]")
    assert (row["class"], row["message"]) == ("system", "Server listening on 0.0.0.0 port 22.")


def test_the_answer_holds_the_next_queue_id() -> None:
    row = one(f"{TO}, dsn=2.0.0, stat=Sent (5A5NU2bQ001177 Message accepted for delivery)")
    assert row["message"] == "5A5NU2bQ001177 Message accepted for delivery"
    assert (row["dst_ip"], row["dst_host"], row["delay_ms"]) == ("192.0.2.1", "mx.example.org", 2000)
