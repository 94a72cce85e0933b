"""m-FILTER: what the numbers of its actions mean, its versions, and what a sender cannot make it say."""

from __future__ import annotations

import pytest

from tests.parsers.making import one


def smtp(*, columns: int = 69, **fields: str) -> str:
    """A line of the SMTP access log with so many columns."""
    values = {
        "time": "06/Oct/2026:08:30:05", "id": "101", "received": "2026/10/6 8:30:00", "group": "総務課",
        "client": "10.16.4.42", "sender": "a@city.aoba.example.lg.jp", "to": "b@example.org", "8": "0", "test": "0",
        "10": "2", "action": "0", "12": "0", "13": "0", "date": '"Tue, 06 Oct 2026 08:30:00 +0900"',
        "server": "10.0.0.2", "port": "25", "answer": "250 OK", "phase": "DATA+", "size": "738",
        "message": "<1@example.org>", "21": "0", "22": "-", "23": "", "24": '""', "25": "", "delay": "0", "27": "0",
    }  # fmt: skip
    rest = {53: "見積書.xlsx", 67: "見積書の送付"}
    made = [*(values | fields).values()]
    return ",".join(made + [rest.get(at, "0") for at in range(len(made), columns)])


def communication(action: str, delay: str) -> str:
    """A line of the communication log."""
    people = '7_0,a@example.net,"7_0,b@city.aoba.example.lg.jp,8_0,c@city.aoba.example.lg.jp",0,'
    return f"2026/10/06 08:30:07,06/Oct/2026:08:30:05,38,38_kVgK==,738,{action},{delay},7_0,受信,迷惑メール,%22-1%22,{people}"


# line, verdict, status, action
MEANINGS = [
    (smtp(), "allow", "sent", "送信"),
    (smtp(action="1"), "deny", "discarded", "削除"),
    (smtp(action="2"), None, "held", "保留"),
    (smtp(action="4"), "allow", "sent", "リレー"),
    (smtp(action="8"), "allow", "sent", "保留→送信"),
    (smtp(action="9"), "deny", "discarded", "保留→削除"),
    (smtp(action="7"), None, None, "7"),
    (smtp(delay="1"), None, "deferred", "送信"),
    (smtp(delay="2"), "allow", "sent", "送信"),
    (smtp(delay="3"), "deny", "discarded", "送信"),
    (smtp(delay="1", test="1", action="4"), "allow", "sent", "リレー"),
    (smtp(answer="550 5.1.1 no"), "allow", "bounced", "送信"),
    (smtp(answer="451 4.7.1 later"), "allow", "deferred", "送信"),
    (smtp(columns=38), "allow", "sent", "送信"),
    (smtp(columns=38, action="1"), "deny", "discarded", "削除"),
    (smtp(columns=54, action="2"), None, "held", "保留"),
    (communication("0", "0"), "allow", "sent", "送信"),
    (communication("1", "0"), "deny", "discarded", "削除"),
    (communication("2", "0"), None, "held", "保留"),
    (communication("0", "1"), None, "deferred", "送信"),
    (communication("9", "0"), "deny", "discarded", "保留→削除"),
]
DECISIONS = [(line, (verdict, None, None)) for line, verdict, _, _ in MEANINGS]


@pytest.mark.parametrize(("line", "verdict", "status", "action"), MEANINGS)
def test_verdict_and_status_follow_the_action(line: str, verdict: str | None, status: str | None, action: str) -> None:
    row = one("digitalarts_mfilter", line)
    assert (row.get("verdict"), row.get("status"), row["action"]) == (verdict, status, action)


@pytest.mark.parametrize(
    ("columns", "attachments", "subject"),
    [(38, None, None), (54, "見積書.xlsx", None), (69, "見積書.xlsx", "見積書の送付")],
)
def test_the_versions_differ_in_what_stands_behind(columns: int, attachments: str | None, subject: str | None) -> None:
    row = one("digitalarts_mfilter", smtp(columns=columns))
    assert (row.get("attachments"), row.get("subject")) == (attachments, subject)
    assert (row["queue_id"], row["src_ip"], row["dst_ip"], row["size"]) == ("101", "10.16.4.42", "10.0.0.2", 738)
    assert (row["message_id"], row["delay_ms"], row["rule"]) == ("1@example.org", 5_000, "総務課")
    assert row["text_quality"] == "clean"


def test_version_3_writes_cp932() -> None:
    row = one("digitalarts_mfilter", smtp(columns=38, group="表示ソ部"), encoding="cp932")
    assert (row["rule"], row["queue_id"], row["verdict"]) == ("表示ソ部", "101", "allow")


def test_recipients_stand_without_their_groups_in_the_communication_log() -> None:
    row = one("digitalarts_mfilter", communication("0", "0"))
    assert row["mail_to"] == "b@city.aoba.example.lg.jp,c@city.aoba.example.lg.jp"
    assert (row["mail_from"], row["rule"], row["delay_ms"]) == ("a@example.net", "受信/迷惑メール", 2_000)


def test_quoted_commas_are_no_columns_and_shifted_ones_are_not_believed() -> None:
    quoted = one("digitalarts_mfilter", smtp(sender='"""x,1""@example.net"'))
    assert (quoted["mail_from"], quoted["action"], quoted["text_quality"]) == ('"x,1"@example.net', "送信", "clean")
    shifted = one("digitalarts_mfilter", smtp(sender="x,y@example.net"))
    assert (shifted["src_ip"], shifted["queue_id"], shifted["text_quality"]) == ("10.16.4.42", "101", "cut")
    assert {"action", "verdict", "dst_ip", "mail_to", "message"} & set(shifted) == set()


def test_a_message_taken_by_pop_has_its_account() -> None:
    line = (
        '03/Aug/2026:11:32:55,1342,10.16.4.42,tanaka,"Mon, 03 Aug 2026 11:07:42 +0900",10.0.0.2,110,USR_BL,+OK,1456,x'
    )
    row = one("digitalarts_mfilter", line)
    told = ("stage", "user", "src_ip", "dst_ip", "dst_port", "rule", "message", "size")
    assert [row[name] for name in told] == ["pop", "tanaka", "10.16.4.42", "10.0.0.2", 110, "USR_BL", "+OK", 1456]
