"""What the devices decided, in one table over all formats: a line, and (verdict, outcome, path) by its maker's meaning.

The lines stand beside each format's other tests. Here they are held against the same three columns, and counted.
"""

from __future__ import annotations

from collections import Counter

import pytest

from parsers import formats
from tests.parsers import (
    test_alaxala_acl,
    test_allied_telesis,
    test_alsi_intersafe,
    test_apache,
    test_bind,
    test_bluecoat_proxysg,
    test_cef_events,
    test_checkpoint,
    test_cisco_asa,
    test_cisco_ios,
    test_coredns,
    test_digitalarts_ifilter,
    test_digitalarts_mfilter,
    test_exchange_tracking,
    test_exim,
    test_fortinet_fortigate,
    test_haproxy,
    test_iis,
    test_infoblox_nios,
    test_juniper_screenos,
    test_juniper_srx,
    test_linux_netfilter,
    test_modsecurity,
    test_nec_ix,
    test_nginx,
    test_paloalto_panos,
    test_pf_filterlog,
    test_postfix,
    test_sendmail,
    test_snort_fast,
    test_sonicwall,
    test_squid,
    test_suricata_eve,
    test_unbound,
    test_watchguard_firebox,
    test_windows_dhcp,
    test_windows_dns,
    test_windows_security,
    test_yamaha_rtx,
    test_zeek,
    test_zscaler_nss,
)
from tests.parsers.making import decided

Decision = tuple[str | None, str | None, str | None]
_POSTFIX = "Oct  6 12:00:00 mx01 "

TABLE: dict[str, list[tuple[str, Decision]]] = {
    "alaxala_acl": test_alaxala_acl.DECISIONS,
    "allied_telesis": test_allied_telesis.DECISIONS,
    "alsi_intersafe": test_alsi_intersafe.DECISIONS,
    "apache": test_apache.DECISIONS,
    "bind": test_bind.DECISIONS,
    "bluecoat_proxysg": test_bluecoat_proxysg.DECISIONS,
    "cef": test_cef_events.LINES,
    "checkpoint": test_checkpoint.LINES,
    "cisco_asa": test_cisco_asa.DECISIONS,
    "cisco_ios": test_cisco_ios.DECISIONS,
    "digitalarts_ifilter": test_digitalarts_ifilter.DECISIONS,
    "digitalarts_mfilter": test_digitalarts_mfilter.DECISIONS,
    "exchange_tracking": test_exchange_tracking.DECISIONS,
    "exim": test_exim.DECISIONS,
    "coredns": test_coredns.DECISIONS,
    "fortinet_fortigate": test_fortinet_fortigate.LINES,
    "infoblox_nios": test_infoblox_nios.DECISIONS,
    "haproxy": test_haproxy.DECISIONS,
    "iis": test_iis.DECISIONS,
    "juniper_screenos": test_juniper_screenos.DECISIONS,
    "juniper_srx": test_juniper_srx.DECISIONS,
    "linux_netfilter": test_linux_netfilter.DECISIONS,
    "modsecurity": test_modsecurity.DECISIONS,
    "nec_ix": test_nec_ix.DECISIONS,
    "nginx": test_nginx.DECISIONS,
    "leef": test_cef_events.LEEF_LINES,
    "paloalto_panos": test_paloalto_panos.LINES,
    "pf_filterlog": test_pf_filterlog.DECISIONS,
    "postfix": [
        *((f"{_POSTFIX}postfix/{m[0]}[1]: {m[1]}", (m[3], m[4], None)) for m in test_postfix.MEANINGS),
        *((f"{_POSTFIX}{m[0]}[1]: {m[1]}", (m[3], None, None)) for m in test_postfix.FILTERS),
    ],
    "sendmail": test_sendmail.DECISIONS,
    "snort_fast": test_snort_fast.DECISIONS,
    "sonicwall": test_sonicwall.DECISIONS,
    "squid": [(test_squid.native(result), (*expected, None)) for result, expected in test_squid.RESULTS.items()],
    "suricata_eve": test_suricata_eve.DECISIONS,
    "unbound": test_unbound.DECISIONS,
    "watchguard_firebox": test_watchguard_firebox.DECISIONS,
    "windows_dhcp": test_windows_dhcp.DECISIONS,
    "windows_dns": test_windows_dns.DECISIONS,
    "windows_security": test_windows_security.DECISIONS,
    "yamaha_rtx": [(f"<189>{m[0]}", (m[2], m[4], None)) for m in test_yamaha_rtx.MEANINGS],
    "zeek": test_zeek.DECISIONS,
    "zscaler_nss": test_zscaler_nss.DECISIONS,
}

ONE_SIDED: dict[str, set[str | None]] = {"alaxala_acl": {"deny", None}}
"""Formats that never tell of one of the verdicts: an access list of ALAXALA logs what it drops."""


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_line_has_the_verdict_outcome_and_path_of_the_table(name: str) -> None:
    wrong = {line: (found, wanted) for line, wanted in TABLE[name] if (found := decided(name, line)) != wanted}
    assert wrong == {}


def test_every_format_is_in_the_table_with_all_verdicts() -> None:
    assert set(TABLE) == set(formats())
    for name, lines in TABLE.items():
        assert len({line for line, _ in lines}) == len(lines) >= 20, name
        assert {verdict for _, (verdict, _, _) in lines} == ONE_SIDED.get(name, {"allow", "deny", None}), name
    assert sum(map(len, TABLE.values())) >= 200


def test_the_table_has_every_outcome_and_path() -> None:
    outcomes, paths = (Counter(said[at] for lines in TABLE.values() for _, said in lines) for at in (1, 2))
    assert set(outcomes) == {None, "established", "attempted", "blocked_later", "success", "failure"}
    assert set(paths) == {None, "forward", "local_in", "local_out", "out_of_state"}
