"""Zscaler: what each feed decided, whichever way it is written, and whose addresses they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.parsers.making import decided, one


def feed(kind: str, **event: Any) -> str:
    return json.dumps({"sourcetype": f"zscalernss-{kind}", "event": {"time": "Fri Nov 20 00:00:01 2026", **event}})


def web(action: str, status: str = "200", **more: Any) -> str:
    return feed(
        "web", action=action, respcode=status, url="www.example.lg.jp/", cltip="192.0.2.1", proto="HTTPS", **more
    )


def firewall(action: str, inbytes: str = "5", **more: Any) -> str:
    return feed("fw", action=action, csip="10.20.30.42", cdip="192.0.2.83", cdport="443", inbytes=inbytes, **more)


def names(request: str, answer: str) -> str:
    return feed("dns", reqaction=request, resaction=answer, dns_req="www.example.lg.jp", clt_sip="10.20.30.43")


_ALLOW, _LOST, _DENY, _NOTHING, _ANSWER = (
    ("allow", "established", None), ("allow", "attempted", None), ("deny", None, None), (None, None, None),
    ("allow", None, None),
)  # fmt: skip

DECISIONS = [
    (web("Allowed"), _ALLOW),
    (web("Allowed", "404"), _ALLOW),
    (web("Allowed", "None"), _LOST),
    (web("Cautioned"), _ALLOW),
    (web("Blocked", "403"), _DENY),
    (web("Blocked", "403", threatname="EICAR"), _DENY),
    (web("Isolated"), _DENY),
    (firewall("Allow"), _ALLOW),
    (firewall("Allow", "0"), _LOST),
    (firewall("Allow due to insufficient app data"), _ALLOW),
    (firewall("Drop", "0"), _DENY),
    (firewall("Block/Drop", "0"), _DENY),
    (firewall("Block/Reset", "0"), _DENY),
    (firewall("Block/ICMP", "0"), _DENY),
    (firewall("IPS Drop", "0", threatname="x"), _DENY),
    (names("Allow", "Allow"), _ANSWER),
    (names("REQ_ACTION_ALLOW", "RES_ACTION_ALLOW"), _ANSWER),
    (names("Block", "None"), _DENY),
    (names("REQ_ACTION_BLOCK", "None"), _DENY),
    (names("Allow", "Block"), _DENY),
    (feed("edlp", actiontaken="allow", user="a"), _ANSWER),
    (feed("edlp", actiontaken="block", user="a"), _DENY),
    (feed("audit", action="SIGN_IN", category="LOGIN", result="SUCCESS"), (None, "success", None)),
    (feed("audit", action="SIGN_IN", category="LOGIN", result="FAILURE"), (None, "failure", None)),
    (feed("audit", action="UPDATE", category="FIREWALL_RESOURCE", result="SUCCESS"), _NOTHING),
    ("<114>Nov 20 09:00:09 [10.1.1.30] ZscalerNSS: connection to  192.0.2.9:443 lost", _NOTHING),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_what_zscaler_decided(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("zscaler_nss", line) == expected


def test_the_client_is_who_it_is_inside() -> None:
    answer = one("zscaler_nss", web("Allowed", cltintip="10.20.30.41", cltpubip="198.51.100.1"))
    assert (answer["src_ip"], answer["nat_src_ip"]) == ("10.20.30.41", "192.0.2.1")
    pairs = "action=Allowed\turl=www.example.lg.jp/\tClientIP=10.20.30.41\tclientpublicIP=192.0.2.1"
    answer = one("zscaler_nss", pairs)
    assert (answer["src_ip"], answer["nat_src_ip"]) == ("10.20.30.41", "192.0.2.1")


def test_translation_is_told_where_there_was_one() -> None:
    answer = one("zscaler_nss", firewall("Allow", ssip="192.0.2.1", ssport="40100", sdip="192.0.2.83", sdport="443"))
    assert (answer["nat_src_ip"], answer["nat_src_port"], answer.get("nat_dst_ip")) == ("192.0.2.1", 40100, None)
    answer = one("zscaler_nss", firewall("Allow", ssip="0.0.0.0", ssport="0", sdip="10.9.9.9", sdport="8443"))  # noqa: S104 - what the feed writes
    assert (answer.get("nat_src_ip"), answer["nat_dst_ip"], answer["nat_dst_port"]) == (None, "10.9.9.9", 8443)


def test_sessions_are_counted() -> None:
    answer = one("zscaler_nss", firewall("Allow", numsessions="7", aggregate="Yes"))
    assert (answer["event_count"], answer["count_quality"]) == (7, "aggregated")
    assert one("zscaler_nss", firewall("Allow", numsessions="1"))["count_quality"] == "exact"


def test_a_code_is_no_answer() -> None:
    line = feed("dns", reqaction="Allow", dns_req="x.example.com", dns_resp="NXDOMAIN", dns_reqtype="AAAA")
    answer = one("zscaler_nss", line)
    assert (answer["rcode"], answer.get("answers"), answer["qtype"]) == ("NXDOMAIN", None, "AAAA")


def test_a_value_cannot_be_another() -> None:
    lure = web("Blocked", "403", useragent='","action":"Allowed","cltip":"192.0.2.66')
    assert (one("zscaler_nss", lure)["verdict"], one("zscaler_nss", lure)["src_ip"]) == ("deny", "192.0.2.1")
    twice = lure.replace('"respcode"', '"action": "Allowed", "respcode"')
    assert one("zscaler_nss", twice)["verdict"] == "deny"


def test_values_between_commas_take_their_names_from_the_feed() -> None:
    given = '"%s{time}","%s{login}","%s{proto}","%s{eurl}","%s{action}","%d{reqsize}","%s{cip}","%s{sip}","%s{respcode}","%s{eua}"'
    line = '"Fri Nov 20 09:00:01 2026","yamada","HTTP","www.example.lg.jp/","Blocked","300","10.20.30.41","192.0.2.82","403","a,""b"'
    answer = one("zscaler_nss", line, options={"feed": given})
    expected = {
        "class": "http", "user": "yamada", "url_host": "www.example.lg.jp", "verdict": "deny", "bytes_out": 300,
        "src_ip": "10.20.30.41", "dst_ip": "192.0.2.82", "status": "403", "user_agent": 'a,"b',
    }  # fmt: skip
    assert {name: answer.get(name) for name in expected} == expected
    assert answer["event_time"].isoformat() == "2026-11-20T00:00:01"
    assert "refused" in one("zscaler_nss", line)
