"""Each line is one that its device could have written: the grammar of the manuals, one expression a form."""

import ipaddress
import re
from collections import Counter

import pytest

from simulator import Summary
from simulator.prefecture import bodies
from tests.simulator.conftest import Lines

IPV4 = r"(?:\d{1,3}\.){3}\d{1,3}"
PUBLIC_ALLOWED = [
    ipaddress.ip_network(n)
    for n in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",
        "198.18.0.0/15", "224.0.0.0/4", "127.0.0.0/8", "0.0.0.0/32", "255.255.255.255/32",
    )
]  # fmt: skip
MONTHS = "Nov"
FORTIGATE = re.compile(
    r'^(?:<189>)?date=2026-11-\d\d time=\d\d:\d\d:\d\d devname="[\w-]+" devid="\w{16}" eventtime=\d{19} tz="\+0900" '
    r'logid="\d{10}" type="(?:traffic|event|utm)" subtype="\w[\w-]*" (?:eventtype="\w+" )?level="\w+" vd="root" '
    r'(?:[a-z_]+=(?:"[^"]*"|[^\s"]+)(?: |$))+$'
)
YAMAHA = re.compile(
    rf"^{MONTHS} [ \d]\d \d\d:\d\d:\d\d {IPV4} (?:(?:LAN[1-4]|PP\[01\]) Rejected at (?:IN|OUT)\((?:\d+|default)\) filter: "
    rf"(?:(?:TCP|UDP) (?:{IPV4}:\d+ > {IPV4}:\d+|[0-9a-f:]+\.\d+ > [0-9a-f:]+\.\d+)|ICMP {IPV4} > {IPV4} : [a-z ]+)"
    rf"|Login succeeded for TELNET: {IPV4}|Logout from TELNET: {IPV4})$"
)
SQUID = re.compile(
    rf"^\d{{10}}\.\d{{3}} [ \d]{{5}}\d {IPV4} [A-Z_]+/\d{{3}} \d+ [A-Z]+ \S+ (?:-|[a-z0-9]+) (?:HIER_DIRECT/{IPV4}|HIER_NONE/-) \S+$"
)
POSTFIX = re.compile(
    rf"^{MONTHS} [ \d]\d \d\d:\d\d:\d\d relay01 postfix/(?:smtpd|smtp|cleanup|qmgr)\[\d+\]: "
    r"(?:connect from|disconnect from|lost connection after|warning: |NOQUEUE: reject: RCPT from|[0-9A-Za-z]{9,}: (?:client|message-id|from|to)=|[0-9A-Za-z]{9,}: removed)"
)
BIND = re.compile(
    r"^\d\d-Nov-2026 \d\d:\d\d:\d\d\.\d{3} (?:queries: info|security: info|security: error|update-security: error): "
    r"client @0x[0-9a-f]{12} [0-9a-f.:]+#\d+(?: \(\S+\))?: (?:query: \S+ IN [A-Z]+ [-+][A-Z()0-9]* \(192\.0\.2\.53\)"
    r"|query \(cache\) '\S+' denied \(allow-query-cache did not match\)|zone transfer '\S+/AXFR/IN' denied|update '\S+/IN' denied)$"
)
APACHE = re.compile(
    r'^[a-z0-9.]+:443 [0-9a-f.:]+ - - \[\d\d/Nov/2026:\d\d:\d\d:\d\d \+0900\] "GET \S+ HTTP/1\.1" \d{3} \d+ "[^"]*" "[^"]*"$'
)
FORMS = {"proxy": SQUID, "mail": POSTFIX, "dns": BIND, "web": APACHE} | {
    body.source: YAMAHA if body.yamaha else FORTIGATE for body in bodies(10, 0.1)
}


@pytest.mark.parametrize("source", FORMS)
def test_every_line_has_its_devices_form(source: str, lines: Lines) -> None:
    odd = [line for line in lines(source) if not FORMS[source].match(line)]
    assert not odd, odd[:3]


@pytest.mark.parametrize("source", FORMS)
def test_only_private_and_documentation_addresses_are_named(source: str, lines: Lines) -> None:
    found = {
        a for line in lines(source) for a in re.findall(rf"(?<![\d.]){IPV4}(?![\d.])", line.split('" "Mozilla')[0])
    }
    assert found
    odd = [a for a in found if not any(ipaddress.ip_address(a) in n for n in PUBLIC_ALLOWED)]
    assert not odd


def test_lines_are_in_the_order_of_time(lines: Lines) -> None:
    for source, at in (("fw-aoba", r"eventtime=(\d+)"), ("proxy", r"^([\d.]+)"), ("dns", r"^(\S+ \S+)")):
        stamps = [re.search(at, line)[1] for line in lines(source)]  # type: ignore[index]  # every line has one
        assert stamps == sorted(stamps)


def test_a_fortigate_line_has_each_key_once(lines: Lines) -> None:
    for line in lines("fw-aoba")[::50]:
        keys = re.findall(r'(?:^| )([a-z_]+)=(?:"[^"]*"|[^\s"]+)', line)
        assert len(keys) == len(set(keys)), line


def test_icmp_has_no_ports(lines: Lines) -> None:
    icmp = [line for line in lines("fw-aoba") if " proto=1 " in line]
    assert icmp
    assert not [line for line in icmp if "srcport=" in line]


def test_a_switch_hides_the_terminals_hardware_addresses(lines: Lines) -> None:
    def macs(source: str) -> Counter[str]:
        found = Counter[str]()
        pairs = {m.groups() for line in lines(source) if (m := re.search(r'srcip=(10\.\S+) .* srcmac="([^"]+)"', line))}
        for _, mac in pairs:
            found[mac] += 1
        return found

    assert max(macs("fw-sakuragaoka").values()) >= 20
    assert max(macs("fw-higashihama").values()) <= 2


def test_only_bodies_that_send_permits_have_allowed_sessions(lines: Lines) -> None:
    for body in bodies(10, 0.1):
        if not body.yamaha:
            allowed = [line for line in lines(body.source) if re.search(r'type="traffic".* action="(?!deny)', line)]
            assert bool(allowed) == body.permits, body.name


def test_refused_syns_are_sent_three_times(lines: Lines) -> None:
    tries = Counter(
        re.search(r"srcip=(\S+) srcport=(\d+) .*dstip=(\S+) ", line).groups()  # type: ignore[union-attr]  # every such line has them
        for line in lines("fw-kawakami")
        if 'service="HTTPS"' in line and 'dstintf="wan"' in line
    )
    assert tries
    assert sum(count == 3 for count in tries.values()) / len(tries) > 0.99


def test_the_proxy_sees_intermediate_addresses_only(lines: Lines, prefecture: Summary) -> None:
    seen = {line.split()[2] for line in lines("proxy")}
    assert len({".".join(a.split(".")[:3]) + f"/{int(a.split('.')[3]) >> 4}" for a in seen}) == 10
    assert all(a.startswith("172.31.") for a in seen)
    assert prefecture.sources["proxy"][0] > 1000
