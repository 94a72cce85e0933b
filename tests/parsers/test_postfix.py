"""Postfix: what its words mean, and what a sender cannot make them say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.making import meaning
from tests.parsers.making import one as answer


def one(message: str, program: str = "postfix/smtpd[1]") -> dict[str, Any]:
    """The row of one message of a program, under an ordinary header."""
    return answer("postfix", f"Oct  6 12:00:00 mx01 {program}: {message}")


C = "mail.example.com[192.0.2.25]"
TAIL = "from=<a@example.net> to=<b@example.lg.jp> proto=ESMTP helo=<h>"
FROM = f"{C}: 554 5.7.1 <b@example.lg.jp>: denied; {TAIL}"
HEAD = f"header X: y from {C}; {TAIL}"
SENT = "1A2B3C: to=<b@example.lg.jp>, relay=mx[192.0.2.1]:25, delay=1, delays=1/0/0/0"


# program, message, class, verdict, outcome, action, status
MEANINGS = [
    ("smtpd", f"connect from {C}", "email", None, None, "connect", None),
    ("smtpd", f"1A2B3C: client={C}", "email", None, None, "client", None),
    ("smtpd", f"1A2B3C: client={C}, sasl_method=PLAIN, sasl_username=u", "email", None, "success", "client", None),
    ("smtpd", f"NOQUEUE: reject: RCPT from {FROM}", "email", "deny", None, "reject", "rejected"),
    ("smtpd", f"NOQUEUE: reject: RCPT from {C}: 450 4.2.0 later; {TAIL}", "email", "deny", None, "reject", "rejected"),
    ("smtpd", f"NOQUEUE: reject_warning: RCPT from {FROM}", "email", None, None, "reject_warning", None),
    ("smtpd", f"NOQUEUE: discard: RCPT from {FROM}", "email", "deny", None, "discard", "discarded"),
    ("smtpd", f"NOQUEUE: hold: RCPT from {FROM}", "email", None, None, "hold", "held"),
    ("smtpd", f"NOQUEUE: filter: RCPT from {FROM}", "email", None, None, "filter", None),
    ("smtpd", f"1A2B3C: milter-reject: DATA from {FROM}", "email", "deny", None, "milter-reject", "rejected"),
    ("cleanup", f"1A2B3C: milter-reject: END-OF-MESSAGE from {FROM}", "email", "deny", None, "milter-reject", "rejected"),
    ("cleanup", f"1A2B3C: milter-hold: END-OF-MESSAGE from {FROM}", "email", None, None, "milter-hold", "held"),
    ("cleanup", f"1A2B3C: reject: {HEAD}: 5.7.1 no", "email", "deny", None, "reject", "rejected"),
    ("cleanup", f"1A2B3C: warning: {HEAD}", "email", None, None, "warning", None),
    ("cleanup", f"1A2B3C: discard: {HEAD}", "email", "deny", None, "discard", "discarded"),
    ("smtpd", f"warning: {C}: SASL LOGIN authentication failed: no", "authentication", "deny", "failure", "authentication failed", None),
    ("smtpd", f"warning: Connection rate limit exceeded: 9 from {C} for service smtp", "email", "deny", None, "Connection rate limit exceeded", None),
    ("smtpd", f"lost connection after AUTH from {C}", "email", None, None, "lost connection", None),
    ("postscreen", "PASS NEW [192.0.2.25]:4711", "email", "allow", None, "PASS NEW", None),
    ("postscreen", "PASS OLD [192.0.2.25]:4711", "email", "allow", None, "PASS OLD", None),
    ("postscreen", "ALLOWLISTED [192.0.2.25]:4711", "email", "allow", None, "ALLOWLISTED", None),
    ("postscreen", "DENYLISTED [192.0.2.25]:4711", "email", None, None, "DENYLISTED", None),
    ("postscreen", "PREGREET 5 after 0.1 from [192.0.2.25]:4711: EHLO", "email", None, None, "PREGREET", None),
    ("postscreen", "NOQUEUE: reject: CONNECT from [192.0.2.25]:4711: too many connections", "email", "deny", None, "reject", "rejected"),
    ("smtp", f"{SENT}, dsn=2.0.0, status=sent (250 ok)", "email", None, None, "sent", "sent"),
    ("smtp", f"{SENT}, dsn=5.1.1, status=bounced (no)", "email", None, None, "bounced", "bounced"),
    ("smtp", f"{SENT}, dsn=4.1.1, status=deferred (no)", "email", None, None, "deferred", "deferred"),
    ("qmgr", "1A2B3C: from=<a@example.net>, status=expired, returned to sender", "email", None, None, "expired", "expired"),
    ("qmgr", "1A2B3C: removed", "email", None, None, "removed", None),
    ("smtpd", f"NOQUEUE: proxy-accept: END-OF-MESSAGE: 250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4A1B2C3D4E; {TAIL}", "email", "allow", None, "proxy-accept", None),
    ("smtpd", f"NOQUEUE: proxy-reject: END-OF-MESSAGE: 554 5.7.0 Reject, id=1-1 - SPAM; {TAIL}", "email", "deny", None, "proxy-reject", "rejected"),
    ("qmgr", "warning: mail for [127.0.0.1]:10024 is using up 4001 of 4002 active queue entries", "email", None, None, None, None),
    ("master", "daemon started -- version 3.7.11, configuration /etc/postfix", "system", None, None, None, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("program", "message", "event_class", "verdict", "outcome", "action", "status"),
    MEANINGS,
    ids=[m[1][:60] for m in MEANINGS],
)
def test_verdict_outcome_and_status_follow_postfix_s_own_words(
    program: str,
    message: str,
    event_class: str,
    verdict: str | None,
    outcome: str | None,
    action: str | None,
    status: str | None,
) -> None:
    assert meaning(one(message, f"postfix/{program}[1]")) == (event_class, verdict, outcome, action, status)


FILTERS = [
    ("postgrey", "action=greylist, reason=new, client_address=192.0.2.25, sender=a@example.net", "email", "deny", None),
    ("postgrey", "action=pass, reason=client AWL, client_address=192.0.2.25", "email", "allow", None),
    ("policyd-spf", "550 5.7.23 Message rejected due to: SPF fail - not authorized", "email", "deny", "spf=fail"),
    ("policyd-spf", "Pass; identity=mailfrom; client-ip=192.0.2.25; helo=h", "email", None, "spf=pass"),
    ("policy-spf", "Policy action=550 Please see http://example.org/Why?s=mfrom;id=a@h;ip=192.0.2.25;r=mx", "email", "deny", None),
    ("policy-spf", ': Policy action=PREPEND Received-SPF: pass (h: x) receiver=mx; identity=mailfrom; envelope-from="a@h"; helo=h; client-ip=192.0.2.25', "email", None, "spf=pass"),
    ("clamav-milter", "Clean message 1A2B3C4 from <a@h> to <b@h> with subject 'x' message-id '<m@h>' date 'y'", "email", "allow", "clamav=clean"),
    ("clamav-milter", "Message 1A2B3C4 from <a@h> to <b@h> with subject 'x' message-id '<m@h>' date 'y' infected by Eicar", "finding", None, "clamav=infected"),
    ("opendkim", "1A2B3C: DKIM verification successful", "email", None, "dkim=pass"),
    ("opendkim", "1A2B3C: no signature data", "email", None, "dkim=none"),
    ("opendmarc", "1A2B3C: example.net fail", "email", None, "dmarc=fail"),
    ("amavis", "(1-1) Passed CLEAN {Relayed}, [192.0.2.25] <a@example.net> -> <b@example.lg.jp>, size: 9", "email", "allow", "CLEAN"),
    ("amavis", "(1-1) Blocked SPAM {Discarded}, [192.0.2.25] <a@example.net> -> <b@example.lg.jp>", "email", "deny", "SPAM"),
    ("amavis", "(1-1) Blocked INFECTED (Eicar) {Discarded}, [192.0.2.25] <> -> <b@example.lg.jp>", "finding", "deny", "INFECTED"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("program", "message", "event_class", "verdict", "said"), FILTERS, ids=[m[1][:50] for m in FILTERS]
)
def test_filters_beside_postfix(
    program: str, message: str, event_class: str, verdict: str | None, said: str | None
) -> None:
    row = one(message, f"{program}[1]")
    assert (row["class"], row.get("verdict"), row.get("spam_verdict")) == (event_class, verdict, said)


def test_a_virus_that_amavis_found_is_named() -> None:
    row = one(
        "(1-1) Blocked INFECTED (Eicar, Test) {Discarded}, [192.0.2.25] <a@example.net> -> <b@example.lg.jp>",
        "amavis[1]",
    )
    assert (row["signature"], row["finding_category"], row["disposition"]) == ("Eicar, Test", "virus", "Blocked")


def test_a_client_is_the_source_and_a_relay_the_destination() -> None:
    client, relay = one(f"connect from {C}"), one(f"{SENT}, dsn=2.0.0, status=sent (ok)", "postfix/smtp[1]")
    assert (client["src_ip"], client["src_host"], client.get("dst_ip")) == ("192.0.2.25", "mail.example.com", None)
    assert (relay["dst_ip"], relay["dst_port"], relay["dst_host"], relay.get("src_ip")) == ("192.0.2.1", 25, "mx", None)
    to = one("connect to mx.example.org[203.0.113.25]:25: Connection timed out", "postfix/smtp[1]")
    assert (to["dst_ip"], to["dst_port"], to.get("src_ip")) == ("203.0.113.25", 25, None)


def test_unknown_is_no_host_name() -> None:
    assert "src_host" not in one("connect from unknown[192.0.2.25]")
    assert not {"src_host", "src_ip"} & set(one("connect from unknown[unknown]"))


def test_the_null_sender_is_told_apart_from_no_sender() -> None:
    assert one("1A2B3C: from=<>, size=1, nrcpt=1 (queue active)", "postfix/qmgr[1]")["mail_from"] == "<>"
    assert "mail_from" not in one("1A2B3C: removed", "postfix/qmgr[1]")


def test_delays_are_milliseconds() -> None:
    row = one(
        "1A2B3C: to=<b@example.lg.jp>, relay=none, delay=0.29, delays=0/0/0/0, dsn=4.0.0, status=deferred (x)",
        "postfix/smtp[1]",
    )
    assert row["delay_ms"] == 290


@pytest.mark.parametrize(
    ("program", "stage", "app", "instance"),
    [
        ("postfix/smtpd[1]", "smtpd", None, None),
        ("postfix/submission/smtpd[1]", "smtpd", "submission", None),
        ("postfix-mx/smtpd[1]", "smtpd", None, "postfix-mx"),
        ("postfix-mx/smtps/smtpd[1]", "smtpd", "smtps", "postfix-mx"),
        ("mx-in/smtpd[1]", "smtpd", None, "mx-in"),
    ],
)
def test_instances_and_services_of_master_cf(program: str, stage: str, app: str | None, instance: str | None) -> None:
    row = one(f"connect from {C}", program)
    assert (row["stage"], row.get("app"), row.get("virtual_device")) == (stage, app, instance)


def test_a_program_of_another_system_is_kept_with_its_header() -> None:
    row = one("Started Session 4 of user root.", "systemd[1]")
    assert (row["class"], row["message"], row["device"]) == ("system", "Started Session 4 of user root.", "mx01")


def test_only_what_has_no_readable_structure_is_refused() -> None:
    assert answer("postfix", "hello world")["refused"] == "not a line of Postfix or of a filter beside it"


def test_a_quoted_address_forges_no_field_of_a_delivery() -> None:
    bad = '"x>, relay=evil[203.0.113.66]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 Ok)"@example.org'
    row = one(
        f"1A2B3C: to=<{bad}>, relay=mx[192.0.2.1]:25, delay=2, delays=0/0/0/2, dsn=5.0.0, status=bounced (no)",
        "postfix/smtp[1]",
    )
    assert (row["mail_to"], row["dst_ip"], row["status"], row["delay_ms"]) == (bad, "192.0.2.1", "bounced", 2000)


def test_a_quoted_address_forges_no_field_of_a_refusal() -> None:
    bad = '"a; from=<boss@example.lg.jp> to=<x@example.com> proto=ESMTP helo=<c>"@example.lg.jp'
    row = one(
        f"NOQUEUE: reject: RCPT from {C}: 550 5.1.1 <{bad}>: unknown; from=<m@example.net> to=<{bad}> proto=ESMTP helo=<real>"
    )
    assert (row["mail_from"], row["mail_to"], row["helo"]) == ("m@example.net", bad, "real")


def test_a_header_forges_no_client() -> None:
    forged = f"Subject: x from {C}; from=<ceo@example.lg.jp> to=<a@example.com> proto=ESMTP helo=<x>"
    row = one(f"1A2B3C: warning: header {forged} from unknown[203.0.113.66]; {TAIL}", "postfix/cleanup[1]")
    assert (row["src_ip"], row["mail_from"]) == ("203.0.113.66", "a@example.net")


def test_a_whole_log_line_inside_a_message_is_text() -> None:
    row = one(
        f"improper command pipelining after HELO from unknown[203.0.113.66]: Oct  6 12:00:00 mx01 postfix/smtpd[1]: connect from {C}"
    )
    assert (row["src_ip"], row["action"], row["event_code"]) == ("203.0.113.66", "improper command pipelining", "HELO")


@pytest.mark.parametrize(
    "message",
    [
        "1A2B3C: to=<b@example.lg.jp>, relay=mx[192.0.2.1]:25, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0",
        "1A2B3C: to=<b@example.lg.jp>, relay=mx[192.0.2.1]:25, del",
        "1A2B3C: to=<b@example.lg.jp>",
    ],
)
def test_a_delivery_cut_short_is_read_as_far_as_it_goes(message: str) -> None:
    row = one(message, "postfix/smtp[1]")
    assert (row["text_quality"], row["mail_to"], row["queue_id"]) == ("cut", "b@example.lg.jp", "1A2B3C")


def test_a_refusal_cut_short_is_still_a_refusal() -> None:
    row = one(f"NOQUEUE: reject: RCPT from {C}: 554 5.7.1 Service unavail")
    assert (row["verdict"], row["src_ip"], row["text_quality"]) == ("deny", "192.0.2.25", "cut")


WHOLE = [
    ("smtp", f"{SENT}, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 3C4D5E)"),
    ("qmgr", "1A2B3C: from=<a@example.net>, size=48213, nrcpt=12 (queue active)"),
    ("cleanup", "1A2B3C: message-id=<20261006083001.4711@mail.example.com>"),
    ("smtpd", f"NOQUEUE: reject: RCPT from {C}: 554 5.7.1 <b@example.lg.jp>: Relay access denied; {TAIL}"),
    ("smtpd", f"1A2B3C: client={C}, sasl_method=PLAIN, sasl_username=tanaka"),
    ("postscreen", "CONNECT from [203.0.113.41]:51234 to [192.0.2.10]:25"),
]


@pytest.mark.parametrize(("program", "message"), WHOLE, ids=[w[1][:30] for w in WHOLE])
def test_a_line_cut_anywhere_says_nothing_wrong(program: str, message: str) -> None:
    """`size=482` may be the beginning of `size=48213`."""
    names = (
        "src_ip",
        "dst_ip",
        "mail_from",
        "mail_to",
        "message_id",
        "size",
        "status",
        "dsn",
        "delay_ms",
        "verdict",
        "queue_id",
    )
    whole = one(message, f"postfix/{program}[1]")
    for end in range(1, len(message)):
        row = one(message[:end], f"postfix/{program}[1]")
        assert "class" in row
        for name in names:
            assert row.get(name) in (None, whole.get(name)), message[:end]


@pytest.mark.parametrize("header", ["<22>", ""])
def test_a_line_needs_no_header(header: str) -> None:
    row = answer("postfix", f"{header}postfix/smtpd[1]: connect from {C}")
    assert (row["src_ip"], row["stage"], row["time_quality"]) == ("192.0.2.25", "smtpd", "received")


def test_warnings_and_notes_of_a_message_have_its_queue_id() -> None:
    row = one("warning: 1A2B3C4: queue file size limit exceeded", "postfix/cleanup[1]")
    assert (row["queue_id"], row["severity"], row["message"]) == (
        "1A2B3C4",
        "warning",
        "queue file size limit exceeded",
    )
    row = one("1A2B3C4: SPF(mailfrom): example.com pass", "opendmarc[1]")
    assert (row["queue_id"], row["message"]) == ("1A2B3C4", "SPF(mailfrom): example.com pass")


def test_a_sender_in_received_spf_is_no_client() -> None:
    said = 'envelope-from="a"; helo=e; client-ip=192.0.2.66; "@h"; helo=pc; client-ip=203.0.113.9'
    row = one(
        f"Policy action=PREPEND Received-SPF: none (h: x) receiver=mx; identity=mailfrom; {said}", "policy-spf[1]"
    )
    assert (row["src_ip"], row["helo"]) == ("203.0.113.9", "pc")
