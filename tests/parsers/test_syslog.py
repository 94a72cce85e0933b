"""The syslog header: who wrote a line and when, and where the message begins."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from core.time import iso
from parsers import Chunk
from parsers._lines import lines_of
from parsers._syslog import read_header
from parsers._views import strings
from tests.parsers.making import TOKYO, one


def header(line: str, kind: Literal["program", "host", "none"] = "program", not_a_host: str = "") -> dict[str, Any]:
    """What is not missing in the header of a line."""
    lines = lines_of(Chunk(b"\n" + line.encode() + b"\nanother line\n"), "utf-8")
    read = read_header(lines, TOKYO, kind, not_a_host)
    made = {name.removeprefix("syslog_"): column[1] for name, column in read.columns.items() if column[1] is not None}
    if read.times.valid[1]:
        made["time"] = iso(int(read.times.us[1]))
    return made | {"body": strings(lines.text, lines.body, lines.end)[1], "readable": bool(read.readable[1])}


_TEN = "2026-11-20T01:00:00Z"
PROGRAM: dict[str, dict[str, Any]] = {
    # RFC 3164
    "Nov 20 10:00:00 mail postfix/smtpd[7533]: connect": {"time": _TEN, "host": "mail", "program": "postfix/smtpd", "pid": "7533", "body": "connect"},
    "Nov  2 10:00:00 mail CRON[1]: x": {"time": "2026-11-02T01:00:00Z", "host": "mail", "program": "CRON", "pid": "1", "body": "x"},
    "Nov 2 10:00:00 mail CRON[1]: x": {"time": "2026-11-02T01:00:00Z", "host": "mail", "program": "CRON", "pid": "1", "body": "x"},
    "<30>Nov 20 10:00:00 mail named: x": {"time": _TEN, "host": "mail", "program": "named", "body": "x", "severity": "informational", "facility": "3"},
    "<30> Nov 20 10:00:00 mail named: x": {"time": _TEN, "host": "mail", "program": "named", "body": "x", "severity": "informational", "facility": "3"},
    "Nov 20 10:00:00 kernel: [12.3] IN=eth0": {"time": _TEN, "program": "kernel", "body": "[12.3] IN=eth0"},
    "Nov 20 10:00:00 (squid-1)[33]: y": {"time": _TEN, "program": "(squid-1)", "pid": "33", "body": "y"},
    "Nov 20 10:00:00 proxy su(pam_unix)[9]: y": {"time": _TEN, "host": "proxy", "program": "su(pam_unix)", "pid": "9", "body": "y"},
    "Nov 20 10:00:00 2001:db8::1 prog: y": {"time": _TEN, "host": "2001:db8::1", "program": "prog", "body": "y"},
    "Nov 20 10:00:00 host last message repeated 3 times": {"time": _TEN, "host": "host", "body": "last message repeated 3 times"},
    "Nov 20 10:00:00 host a: b: c": {"time": _TEN, "host": "host", "program": "a", "body": "b: c"},
    "Nov 20 10:00:00.123 host a: b": {"time": "2026-11-20T01:00:00.123000Z", "host": "host", "program": "a", "body": "b"},
    "Nov 20 10:00:00 UTC host a: b": {"time": "2026-11-20T10:00:00Z", "host": "host", "program": "a", "body": "b"},
    "Nov 20 10:00:00 JST host a: b": {"time": _TEN, "host": "host", "program": "a", "body": "b"},
    "Nov 20 10:00:00 host": {"time": _TEN, "host": "host", "body": ""},
    "Nov 20 10:00:00 市役所 a: b": {"time": _TEN, "host": "市役所", "program": "a", "body": "b"},
    # with a year
    "Apr 15 2013 09:36:50: %ASA-4-106023: Deny": {"time": "2013-04-15T00:36:50Z", "body": "%ASA-4-106023: Deny", "readable": False},
    "Apr 24 2013 16:00:28 FW01 : %ASA-6-106100: x": {"time": "2013-04-24T07:00:28Z", "host": "FW01", "body": "%ASA-6-106100: x"},
    "Apr 24 16:00:28 2013 FW01 a: x": {"time": "2013-04-24T07:00:28Z", "host": "FW01", "program": "a", "body": "x"},
    # ISO time stamps
    "2026-11-20T10:00:00.123456+09:00 host named[1]: x": {"time": "2026-11-20T01:00:00.123456Z", "host": "host", "program": "named", "pid": "1", "body": "x"},
    "<30>2026-11-20T10:00:00+09:00 host x y": {"time": _TEN, "host": "host", "body": "x y", "severity": "informational", "facility": "3"},
    # Solaris
    "Nov 20 10:00:00 mx sendmail[9]: [ID 801593 mail.info] x": {"time": _TEN, "host": "mx", "program": "sendmail", "pid": "9", "body": "x"},
    "Nov 20 10:00:00 mx sendmail[9]: [ID x mail.info] x": {"time": _TEN, "host": "mx", "program": "sendmail", "pid": "9", "body": "[ID x mail.info] x"},
    # RFC 5424
    "<134>1 2026-11-20T01:00:00Z cp CheckPoint 1231 ID47 - hello": {"time": _TEN, "host": "cp", "program": "CheckPoint", "pid": "1231", "body": "hello", "severity": "informational", "facility": "16"},
    '<134>1 2026-11-20T01:00:00Z cp prog - - [a@1 k="v \\"] ="][b c="]"] hello': {"time": _TEN, "host": "cp", "program": "prog", "body": "hello", "severity": "informational", "facility": "16"},
    '<134>1 2026-11-20T01:00:00Z cp prog - - [a@1 k="]"][b@2 c="x] y"] hello]': {"time": _TEN, "host": "cp", "program": "prog", "body": 'hello]', "severity": "informational", "facility": "16"},
    '<134>1 2026-11-20T01:00:00Z cp prog - - [a@1 k="v"]': {"time": _TEN, "host": "cp", "program": "prog", "body": '', "severity": "informational", "facility": "16"},
    '<134>1 2026-11-20T01:00:00Z cp prog - - [a@1 k="C:\\\\"] C:\\': {"time": _TEN, "host": "cp", "program": "prog", "body": 'C:\\', "severity": "informational", "facility": "16"},
    '<134>1 2026-11-20T01:00:00Z cp prog - - [a@1 k="v"] "it" [b c="d"]': {"time": _TEN, "host": "cp", "program": "prog", "body": '"it" [b c="d"]', "severity": "informational", "facility": "16"},
    "<134>1 2026-11-20T01:00:00Z cp prog - - - \ufeffhello": {"time": _TEN, "host": "cp", "program": "prog", "body": "hello", "severity": "informational", "facility": "16"},
    "<134>1 - - - - - -": {"body": "", "severity": "informational", "facility": "16", "readable": False},
    "1 2026-11-20T01:00:00Z cp prog - - - hello": {"time": _TEN, "host": "cp", "program": "prog", "body": "hello"},
    # a priority alone
    "<13> [INSPECT] LAN2": {"body": "[INSPECT] LAN2", "severity": "notice", "facility": "1", "readable": False},
    "<189>date=2026-11-20": {"body": "date=2026-11-20", "severity": "notice", "facility": "23", "readable": False},
    "<13><189>date=2026-11-20": {"body": "date=2026-11-20", "severity": "notice", "facility": "23", "readable": False},
    "<13> <30>Nov 20 10:00:00 mail named: x": {"time": _TEN, "host": "mail", "program": "named", "body": "x", "severity": "informational", "facility": "3"},
    "<30><Event a": {"body": "<Event a", "severity": "informational", "facility": "3", "readable": False},
    "<30><999>x": {"body": "<999>x", "severity": "informational", "facility": "3", "readable": False},
    "<0>x": {"body": "x", "severity": "emergency", "facility": "0", "readable": False},
    "<191>x": {"body": "x", "severity": "debug", "facility": "23", "readable": False},
    # no header: everything is the message
    **{line: {"body": line, "readable": False} for line in (
        "<192>x", "<1x>y", "<>x", "<13", "<1234>x", "plain words here", "28-Sep-2026 18:00:01.123 client 10.0.0.9#1053",
        "[Fri Nov 20 10:00:00.902022 2026] [core:error] [pid 35708]", "1795136400.123 180 10.0.0.5 TCP_MISS/200",
        "2026-11-20T10:00:00+09:00 client @0x7f8a 10.0.0.1#53: query", "2026-11-20T10:00:00.123Z queries: info: client",
        "Nov 31 10:00:00 host a: b", "Nov 20 10:61:00 host a: b", "Nov", "N", "2026", "2026-11-20",
    )},
    # words that are no host
    "Nov 20 10:00:00 date=2026-11-20 time=10:00:00": {"time": _TEN, "body": "date=2026-11-20 time=10:00:00", "readable": False},
    ' {"a": 1}': {"body": '{"a": 1}', "readable": False},
    'Nov 20 10:00:00 ids01 suricata[7]:  {"a": 1}': {"time": _TEN, "host": "ids01", "program": "suricata", "pid": "7", "body": '{"a": 1}'},
    'Nov 20 10:00:00 {"a": 1}': {"time": _TEN, "body": '{"a": 1}', "readable": False},
    "Nov 20 10:00:00 %ASA-6-302013: x": {"time": _TEN, "body": "%ASA-6-302013: x", "readable": False},
}  # fmt: skip
HOST: dict[str, dict[str, Any]] = {
    "Nov 20 10:00:00 192.0.2.1  [INSPECT] LAN2[out]": {
        "time": _TEN,
        "host": "192.0.2.1",
        "body": "[INSPECT] LAN2[out]",
    },
    "Nov 20 10:00:00 rtx LAN1: link up": {"time": _TEN, "host": "rtx", "body": "LAN1: link up"},
    "2026/11/20 10:00:00: PP[01] Rejected": {"time": _TEN, "body": "PP[01] Rejected", "readable": False},
    "2026-11-20T10:00:00+09:00 rtx PP[01] Rejected": {"time": _TEN, "host": "rtx", "body": "PP[01] Rejected"},
    "Nov 20 10:00:00 isa1 isi1 date=2026-11-20": {"time": _TEN, "host": "isa1", "body": "isi1 date=2026-11-20"},
}


@pytest.mark.parametrize(("line", "expected"), PROGRAM.items(), ids=PROGRAM)
def test_a_header_with_host_and_program(line: str, expected: dict[str, Any]) -> None:
    assert header(line) == {"readable": True} | expected


@pytest.mark.parametrize(("line", "expected"), HOST.items(), ids=HOST)
def test_a_header_of_an_appliance_has_no_program(line: str, expected: dict[str, Any]) -> None:
    assert header(line, "host") == {"readable": True} | expected


@pytest.mark.parametrize(
    ("line", "kind", "expected"),
    [
        ("Nov 20 10:00:00 client @0x7f query", "program", {"time": _TEN, "body": "client @0x7f query"}),
        ("Nov 20 10:00:00 debug 3: x", "program", {"time": _TEN, "body": "debug 3: x"}),
        ("Nov 20 10:00:00 client2 x", "program", {"time": _TEN, "host": "client2", "body": "x"}),
        ("Nov 20 10:00:00 client: x", "program", {"time": _TEN, "program": "client", "body": "x"}),
        ("2026-11-20T10:00:00+09:00 client x", "host", {"time": _TEN, "body": "client x"}),
        # An ISO time without priority, host and program is the message's own.
        ("2026-11-20T10:00:00+09:00 debug 3: x", "program",
         {"body": "2026-11-20T10:00:00+09:00 debug 3: x", "readable": False}),
        ("<30>2026-11-20T10:00:00+09:00 client x", "program",
         {"time": _TEN, "body": "client x", "severity": "informational", "facility": "3"}),
    ],
)  # fmt: skip
def test_a_word_with_which_messages_of_a_format_begin_is_no_host(
    line: str, kind: Literal["program", "host"], expected: dict[str, Any]
) -> None:
    assert header(line, kind, "^(?:client|debug)$") == {"readable": True} | expected


@pytest.mark.parametrize(
    "data", ['[a@1 k="v"]x', '[a@1 k="v"', '[a@1 k="v] x', '[a@1 k="v"][b', '[a@1 k="v\\"] x', "x", "", "-x", "\t-"]
)
def test_a_header_whose_structured_data_does_not_end_is_none(data: str) -> None:
    line = f"1 2026-11-20T01:00:00Z cp prog - - {data}"
    assert header(f"<134>{line}") == {"body": line, "severity": "informational", "facility": "16", "readable": False}


def test_where_the_structured_data_stands() -> None:
    begin = "<134>1 2026-11-20T01:00:00Z cp prog - - "
    data = ['[a@1 k="]"]', '[a@1 k="\\"]"][b c="d"]', "", "[a]"]
    text = [f"{begin}{part or '-'} x" for part in data] + ["no header"]
    lines = lines_of(Chunk("".join(line + "\n" for line in text).encode()), "utf-8")
    read_header(lines, TOKYO, "program")
    assert lines.data is not None
    assert [lines.text[a:b].tobytes().decode() for a, b in zip(*lines.data, strict=True)] == [*data, ""]


def test_where_none_is_looked_for_none_is_found() -> None:
    line = "<30>Nov 20 10:00:00 mail named: x"
    assert header(line, "none") == {"body": line, "readable": False}


def test_a_header_is_read_alike_whatever_stands_around_it() -> None:
    every = [*PROGRAM]
    lines = lines_of(Chunk("".join(line + "\n" for line in every).encode()), "utf-8")
    read = read_header(lines, TOKYO, "program")
    bodies = strings(lines.text, lines.body, lines.end)
    for i, line in enumerate(every):
        alone = header(line)
        assert bodies[i] == alone["body"]
        for name in ("host", "program", "pid", "severity", "facility"):
            assert read.columns[f"syslog_{name}"][i] == alone.get(name)
        assert bool(read.times.valid[i]) == ("time" in alone)


@pytest.mark.parametrize("kind", ["program", "host"])
def test_neighbours_that_begin_alike_are_each_read_as_alone(kind: Literal["program", "host"]) -> None:
    """Lines of the same second differ where the stamp, the host or the program ends, or in their length."""
    fronts = (
        "Nov 20 10:00:00",
        "Nov 20 2026 10:00:00",
        "<30>Nov 20 10:00:00.123",
        "2026-11-20T10:00:00+09:00",
        "x" * 24,
    )
    hosts = (
        "",
        " fw",
        " fw-honcho-01",
        " fw-honcho-02",
        " fw-honcho-02:",
        " %ASA-6-302013:",
        " 10.16.0.1",
        " 10.16.0.1,",
    )
    ends = (
        "",
        " ",
        " : x",
        ": x",
        " named[1]: x",
        " named[12]: x",
        " named: x",
        " JST x",
        " 2026 x",
        " k=v: x",
        "=1 x",
    )
    lines = [f"{front}{host}{end}" for front in fronts for host in hosts for end in ends]
    together = lines_of(Chunk("\n".join([*lines, *(line for line in lines for _ in range(2))]).encode()), "utf-8")
    read = read_header(together, TOKYO, kind)
    bodies = strings(together.text, together.body, together.end)
    for row, line in enumerate([*lines, *(line for line in lines for _ in range(2))]):
        alone = lines_of(Chunk(line.encode()), "utf-8")
        expected = read_header(alone, TOKYO, kind)
        assert {name: values[row] for name, values in read.columns.items()} == {
            name: values[0] for name, values in expected.columns.items()
        }, line
        assert (read.times.valid[row], read.readable[row]) == (expected.times.valid[0], expected.readable[0]), line
        assert not expected.times.valid[0] or read.times.us[row] == expected.times.us[0], line
        assert bodies[row] == strings(alone.text, alone.body, alone.end)[0], line


LOST = [
    "rsyslogd: imuxsock lost 38 messages from pid 1234 due to rate-limiting",
    "rsyslogd[811]: imjournal: 236 messages lost due to rate-limiting (20000 allowed within 600 seconds)",
    "rsyslogd-2177: imuxsock begins to drop messages from pid 2011 due to rate-limiting",
    "systemd-journald[511]: Suppressed 5321 messages from named.service",
    "journal: Missed 12 kernel messages",
    "kernel: net_ratelimit: 55 callbacks suppressed",
]


@pytest.mark.parametrize("format_", ["bind", "fortinet_fortigate"])
@pytest.mark.parametrize("text", LOST)
def test_a_collector_that_lost_lines_says_so_whatever_the_format(format_: str, text: str) -> None:
    """The header of the one has a program, that of the other only a host."""
    assert one(format_, f"Nov 20 14:00:01 ns1 {text}")["operation"] == "log_loss"
    assert "operation" not in one(format_, f"Nov 20 14:00:01 ns1 sshd[1]: {text}")
    assert "operation" not in one(format_, "Nov 20 14:00:01 ns1 rsyslogd: start")


@pytest.mark.parametrize("host", ["mx a[1]: ", "mx a: "])
@pytest.mark.parametrize(
    ("text", "body", "times"),
    [
        ("message repeated 3 times: [ connect]", "connect", 3),
        ("message repeated 1 times: [connect]", "connect", 1),
        ("message repeated 12 times: [ cut off", "cut off", 12),
        ("message repeated 2 times: [ a[1]]", "a[1]", 2),
    ],
)
def test_a_message_that_the_syslog_daemon_counted_is_read_as_itself(
    host: str, text: str, body: str, times: int
) -> None:
    row = one("postfix", f"Nov 20 10:00:00 {host}{text}")
    quality = "aggregated" if times > 1 else "exact"
    assert (row["message"], row["event_count"], row["count_quality"]) == (body, times, quality)


@pytest.mark.parametrize("text", ["message repeated x times: [ a]", "message repeated 2 times", "message of a friend"])
def test_what_only_begins_like_it_is_a_message(text: str) -> None:
    row = one("postfix", f"Nov 20 10:00:00 mx a: {text}")
    assert (row["message"], row["event_count"]) == (text, 1)


def test_a_count_is_multiplied_by_how_often_its_message_came() -> None:
    line = "%ASA-4-106100: access-list out denied tcp outside/192.0.2.1(1) -> inside/10.0.0.1(2) hit-cnt 5 300-second interval [0x0, 0x0]"
    row = one("cisco_asa", f"Nov 20 10:00:00 fw : message repeated 3 times: [ {line}]")
    assert (row["event_count"], row["count_quality"], row["dst_port"]) == (15, "aggregated", 2)


def test_the_line_before_that_came_again_is_counted_by_its_header() -> None:
    row = one("postfix", "Nov 20 10:00:00 mx last message repeated 7 times")
    assert (row["class"], row["operation"], row["event_count"], row["count_quality"]) == (
        "system",
        "repeated",
        7,
        "aggregated",
    )
