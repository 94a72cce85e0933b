"""ProxySG: what policy decided and what the network did, and fields that header lines name."""

from __future__ import annotations

import pytest

from parsers import format_called
from tests.parsers.making import decided, one, parse_all

_ALLOW, _LOST, _DENY, _NOTHING = (
    ("allow", "established", None), ("allow", "attempted", None), ("deny", None, None), (None, None, None),
)  # fmt: skip


def line(
    exception: str = "-", result: str = "OBSERVED", status: str = "200", action: str = "TCP_NC_MISS", virus: str = "-"
) -> str:
    return (
        f'2026-11-20 00:00:01 182 10.20.30.41 yamada - {exception} {result} "News" - {status} {action} GET text/html http'
        f' www.example.lg.jp 80 / - - "Mozilla/5.0" 10.1.1.8 18342 611 {virus}'
    )


DECISIONS = [
    (line(), _ALLOW),
    (line(action="TCP_HIT"), _ALLOW),
    (line(action="TCP_TUNNELED", result="PROXIED"), _ALLOW),
    (line(status="404"), _ALLOW),
    (line(status="503"), _LOST),
    (line(action="TCP_ERR_MISS", status="0"), _LOST),
    *(
        (line(exception, "DENIED", "503", "TCP_ERR_MISS"), _LOST)
        for exception in ("tcp_error", "dns_unresolved_hostname", "dns_server_failure", "gateway_error", "ssl_error")
    ),
    (line("policy_denied", "DENIED", "403", "TCP_DENIED"), _DENY),
    (line("policy_redirect", "DENIED", "302", "TCP_POLICY_REDIRECT"), _DENY),
    (line("content_filter_denied", "DENIED", "403", "TCP_DENIED"), _DENY),
    (line("authentication_failed", "DENIED", "407", "TCP_DENIED"), _DENY),
    (line("authentication_redirect_from_virtual_host", "DENIED", "307", "TCP_AUTH_REDIRECT"), _DENY),
    (line("authorization_failed", "DENIED", "403", "TCP_DENIED"), _DENY),
    (line("virus_detected", "DENIED", "403", "TCP_DENIED", "EICAR"), _DENY),
    (line("user_suspended", "DENIED", "403", "TCP_DENIED"), _DENY),
    (line(result="DENIED", status="403", action="TCP_DENIED"), _DENY),
    (line(result="DENIED", status="403", action="DENIED"), _DENY),
    (line("invalid_request", "DENIED", "400", "TCP_DENIED"), _NOTHING),
    (line("unsupported_protocol", "DENIED", "400", "TCP_ERR_MISS"), _NOTHING),
]


@pytest.mark.parametrize(("text", "expected"), DECISIONS)
def test_what_the_proxy_decided(text: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("bluecoat_proxysg", text) == expected


URLS = {
    "GET http www.example.lg.jp 80 /a ?b=c": "http://www.example.lg.jp/a?b=c",
    "GET http www.example.lg.jp 8080 /a -": "http://www.example.lg.jp:8080/a",
    "GET https www.example.lg.jp 443 / -": "https://www.example.lg.jp/",
    "CONNECT tcp www.example.lg.jp 443 / -": "www.example.lg.jp:443",
    "GET http 2001:db8::80 80 / -": "http://[2001:db8::80]/",
}


@pytest.mark.parametrize(("parts", "expected"), URLS.items(), ids=URLS)
def test_the_parts_make_a_url(parts: str, expected: str) -> None:
    head = b"#Software: SGOS 7.3\n#Fields: c-ip cs-method cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query\n"
    answer = parse_all(format_called("bluecoat_proxysg"), head + b"10.20.30.41 " + parts.encode() + b"\n")[-1]
    assert answer["url"] == expected


def test_the_appliance_is_nobodys_destination() -> None:
    answer = one("bluecoat_proxysg", line())
    assert (answer.get("dst_ip"), answer["dst_host"], answer["dst_port"]) == (None, "www.example.lg.jp", 80)
    head = b"#Fields: c-ip s-ip r-ip s-action s-hierarchy s-supplier-name\n"
    found = parse_all(
        format_called("bluecoat_proxysg"),
        head + b"10.20.30.41 10.1.1.8 192.0.2.82 TCP_MISS DIRECT x\n10.20.30.41 10.1.1.8 - TCP_MISS DIRECT 192.0.2.83\n"
        b"10.20.30.41 10.1.1.8 - TCP_MISS PARENT 10.1.1.9\n",
    )
    assert [answer.get("dst_ip") for answer in found[1:]] == ["192.0.2.82", "192.0.2.83", None]


def test_a_virus_makes_a_finding() -> None:
    answer = one("bluecoat_proxysg", line("virus_detected", "DENIED", "403", "TCP_DENIED", '"EICAR test"'))
    assert (answer["class"], answer["signature"], answer["url_host"]) == ("finding", "EICAR test", "www.example.lg.jp")


def test_a_quoted_value_moves_no_other() -> None:
    lure = line().replace("Mozilla/5.0", "x 203.0.113.9 200 DENIED")
    assert one("bluecoat_proxysg", lure)["bytes_in"] == 18342
    assert decided("bluecoat_proxysg", lure) == _ALLOW
