"""The lines of `hinomi bench` of firewalls and routers, one function a format: times in, lines out."""

from __future__ import annotations

from zlib import crc32

import numpy as np

from cli._bench_text import Ints, columns, inside_pool, outside_pool, pick, stamps

_SERVICES = {443: "HTTPS", 80: "HTTP", 53: "DNS", 445: "SMB", 123: "NTP", 25: "SMTP", 389: "LDAP", 137: "udp/137",
             5355: "udp/5355", 3389: "RDP", 8443: "tcp/8443", 161: "SNMP"}  # fmt: skip
_SHARES = (0.3, 0.12, 0.12, 0.1, 0.04, 0.02, 0.03, 0.12, 0.08, 0.02, 0.02, 0.03)
"""Of the connections, in the order of the services."""
_PORTS = ("443", "80", "53", "445", "25", "123", "3389", "8443")
_UDP = {53, 123, 137, 5355, 161}
_APPS = ("HTTPS.BROWSER", "Microsoft.365", "Windows.Update", "DNS", "NTP", "SMB", "Google.Services", "LDAP", "Zoom")


def fortinet_fortigate(rng: np.random.Generator, times: Ints) -> list[str]:
    """Traffic of a FortiGate, six in ten denied."""
    n = len(times)
    ports = rng.choice(list(_SERVICES), n, p=_SHARES)
    sent = rng.lognormal(8, 2, n).astype(np.int64)
    got = rng.lognormal(9, 2, n).astype(np.int64)
    rows = zip(
        times.tolist(), stamps(times, "%Y-%m-%d time=%H:%M:%S"), pick(rng, inside_pool(1), n, 0.6),
        pick(rng, outside_pool(), n, 0.7), ports.tolist(), *columns(rng, n, 16_384, 1 << 32, 100, 900), sent.tolist(),
        got.tolist(), strict=True,
    )  # fmt: skip
    out = []
    for t, at, src, dst, port, low, number, k, n_, up, down in rows:
        proto, service, mac_ = 17 if port in _UDP else 6, _SERVICES[port], crc32(src.encode()) & 0xFFFFFF
        local, hw = k >= 85, f"02:00:5e:{mac_ >> 16:02x}:{mac_ >> 8 & 255:02x}:{mac_ & 255:02x}"
        begin = (
            f'date={at} devname="fw-honcho" devid="FGT60F0000000001" eventtime={t}{number % 1000:03d} tz="+0900" '
            f'logid="{"0001000014" if local else "0000000013"}" type="traffic" '
            f'subtype="{"local" if local else "forward"}" level="notice" vd="root" srcip={src} '
            f'srcname="PC-{mac_ % 9000:04d}" srcport={49152 + low} srcintf="lan{1 + k % 3}" srcintfrole="lan" '
            f'dstip={dst} dstport={port} dstintf="{"root" if local else "lgwan"}" dstintfrole="wan" '
            f'srccountry="Reserved" dstcountry="Japan" sessionid={number} proto={proto} '
        )
        end = f'osname="Windows" mastersrcmac="{hw}" srcmac="{hw}" srcserver=0'
        if k < 60 or local:
            out.append(
                f'{begin}action="deny" policyid=0 policytype="policy" service="{service}" trandisp="noop" '
                f'duration=0 sentbyte=0 rcvdbyte=0 sentpkt=0 rcvdpkt=0 appcat="unscanned" crscore=30 craction=131072 '
                f'crlevel="high" {end}'
            )
        else:
            action = ("close", "close", "accept", "client-rst", "server-rst", "timeout")[n_ % 6]
            out.append(
                f'{begin}action="{action}" policyid={1 + n_ % 60} policytype="policy" '
                f'poluuid="c1d2a0e6-0000-51ee-8000-00005e0053{n_ % 60:02x}" policyname="業務用 {n_ % 60}" '
                f'service="{service}" trandisp="snat" transip=198.51.100.7 transport={1024 + low} appid={40000 + n_} '
                f'app="{_APPS[n_ % 9]}" appcat="Web.Client" duration={1 + k * n_ % 700} sentbyte={up} rcvdbyte={down} '
                f"sentpkt={1 + up // 800} rcvdpkt={down // 1100} {end}"
            )
    return out


def yamaha_rtx(rng: np.random.Generator, times: Ints) -> list[str]:
    """Rejected packets and sessions, behind the header of a syslog server."""
    n = len(times)
    rows = zip(
        stamps(times, "%b %e %H:%M:%S"), stamps(times - 4_000_000, "%Y/%m/%d %H:%M:%S"),
        pick(rng, inside_pool(1), n, 0.6), pick(rng, outside_pool(), n, 0.7),
        pick(rng, ("443", "137", "53", "445", "80", "5355", "1900", "123", "3389", "22", "8443"), n, 0.9),
        *columns(rng, n, 64_000, 20, 100), strict=True,
    )  # fmt: skip
    out = []
    for at, begun, src, dst, port, low, rule, kind in rows:
        if (":" in src) != (":" in dst):
            dst = "2001:db8:80::5" if ":" in src else "198.51.100.80"
        mark = "." if ":" in src else ":"
        word = "UDP" if port in ("137", "53", "5355", "1900", "123") else "TCP"
        ends = f"{word} {src}{mark}{1024 + low} > {dst}{mark}{port}"
        if kind < 60:
            out.append(f"{at} rtx-soumu LAN{1 + rule % 2} Rejected at IN({101000 + rule}) filter: {ends}")
        elif kind < 64:
            out.append(f"{at} rtx-soumu PP[01] Rejected at IN(default) filter: ICMP {dst} > {src} : echo request")
        else:
            out.append(f"{at} rtx-soumu [INSPECT] LAN2[out][{101080 + rule}] {ends} ({begun})")
    return out


_ENDS = ("tcp-fin", "tcp-rst-from-client", "tcp-rst-from-server", "aged-out", "tcp-fin")


def paloalto_panos(rng: np.random.Generator, times: Ints) -> list[str]:
    """TRAFFIC of PAN-OS 10.2, half of it denied."""
    n = len(times)
    ports = rng.choice(list(_SERVICES), n, p=_SHARES)
    rows = zip(
        stamps(times, "%Y/%m/%d %H:%M:%S"), pick(rng, inside_pool(1), n, 0.6), pick(rng, outside_pool(), n, 0.7),
        ports.tolist(), *columns(rng, n, 16_384, 1 << 22, 100, 90_000, 900_000), strict=True,
    )  # fmt: skip
    out = []
    for at, src, dst, port, low, number, k, up, down in rows:
        if k < 50:
            kind, rule, app, action, ends, nat = (
                "drop",
                "interzone-default",
                "not-applicable",
                "deny",
                "policy-deny",
                "",
            )
            session, to, flags, sizes, packets = 0, "", "0x0", "70,70,0,1", "1,0"
        else:
            kind, rule, app, action, ends = "end", f"rule {k}", _SERVICES[port].lower(), "allow", _ENDS[k % 5]
            nat, session, to, flags = f"198.51.100.7,{dst}", number, "ethernet1/8", "0x400019"
            sizes, packets = f"{up + down},{up},{down},{2 + up // 800}", f"{1 + up // 800},{down // 1100}"
        out.append(
            f"1,{at},012345678901,TRAFFIC,{kind},2562,{at},{src},{dst},{nat or '0.0.0.0,0.0.0.0'},{rule},,,"
            f"{app},vsys1,trust,untrust,ethernet1/{1 + k % 4},{to},default,{at},{session},1,{49152 + low},{port},"
            f"{f'{1024 + low},{port}' if nat else '0,0'},{flags},{'udp' if port in _UDP else 'tcp'},{action},"
            f"{sizes},{at},{k % 60},any,,{7_000_000_000 + number},0x8000000000000000,10.0.0.0-10.255.255.255,Japan,,"
            f"{packets},{ends},0,0,0,0,,pa-honcho,from-policy,,,0,,0,,N/A,0,0,0,0,c1d2a0e6-0000-51ee-8000-00005e0053{k:02x},0,0,,,,,,,,"
        )
    return out


def cisco_asa(rng: np.random.Generator, times: Ints) -> list[str]:
    """Connections built and torn down, translations, and packets that an access list denied."""
    n = len(times)
    rows = zip(
        stamps(times, "%b %d %Y %H:%M:%S"), pick(rng, inside_pool(1), n, 0.6), pick(rng, outside_pool(), n, 0.7),
        pick(rng, _PORTS, n, 0.9),
        *columns(rng, n, 60_000, 1 << 28, 100, 90_000), strict=True,
    )  # fmt: skip
    out = []
    for at, src, dst, port, low, number, k, size in rows:
        word = "UDP" if port in ("53", "123") else "TCP"
        begin = f"<166>{at} fw-asa01 : %ASA-"
        here, there = f"inside:{src}/{1024 + low}", f"outside:{dst}/{port}"
        if k < 40:
            text = (
                f'4-106023: Deny {word.lower()} src {here} dst {there} by access-group "inside_in" [0x{number:x}, 0x0]'
            )
        elif k < 60:
            text = (
                f"6-3020{13 if word == 'TCP' else 15}: Built outbound {word} connection {number} for {there} "
                f"({dst}/{port}) to {here} (198.51.100.7/{1024 + low})"
            )
        elif k < 80:
            took = f"duration 0:{k % 60:02d}:{size % 60:02d} bytes {size}{' TCP FINs' if word == 'TCP' else ''}"
            code = 14 if word == "TCP" else 16
            text = f"6-3020{code}: Teardown {word} connection {number} for {there} to {here} {took}"
        elif k < 95:
            text = f"6-305011: Built dynamic {word} translation from {here} to outside:198.51.100.7/{1024 + low}"
        else:
            ends = f"from {src}/{1024 + low} to {dst}/{port} flags RST on interface inside"
            text = f"6-106015: Deny TCP (no connection) {ends}"
        out.append(begin + text)
    return out


def juniper_srx(rng: np.random.Generator, times: Ints) -> list[str]:
    """Sessions closed and denied, as structured syslog."""
    n = len(times)
    rows = zip(
        times.tolist(), stamps(times, "%Y-%m-%dT%H:%M:%S"), pick(rng, inside_pool(1), n, 0.6),
        pick(rng, outside_pool(), n, 0.7), pick(rng, _PORTS, n, 0.9),
        *columns(rng, n, 60_000, 1 << 28, 100, 90_000), strict=True,
    )  # fmt: skip
    out = []
    for t, at, src, dst, port, low, number, k, size in rows:
        protocol, sport = 17 if port in ("53", "123") else 6, 1024 + low
        begin = f"<14>1 {at}.{t // 1000 % 1000:03d}+09:00 srx-honcho RT_FLOW - RT_FLOW_SESSION_"
        flow = (
            f'source-address="{src}" source-port="{sport}" destination-address="{dst}" destination-port="{port}" '
            'connection-tag="0" service-name="junos-https"'
        )
        rest = 'username="N/A" packet-incoming-interface="reth1.0"'
        if k < 50:
            out.append(
                f'{begin}DENY [junos@2636.1.1.1.2.129 {flow} protocol-id="{protocol}" icmp-type="0" '
                f'policy-name="deny-{k}" source-zone-name="trust" destination-zone-name="lgwan" application="UNKNOWN" '
                f'{rest} encrypted="No" reason="Denied by policy"]'
            )
        else:
            out.append(
                f'{begin}CLOSE [junos@2636.1.1.1.2.129 reason="TCP FIN" {flow} nat-source-address="198.51.100.7" '
                f'nat-source-port="{sport}" nat-destination-address="{dst}" nat-destination-port="{port}" '
                f'protocol-id="{protocol}" policy-name="out-{k}" source-zone-name="trust" '
                f'destination-zone-name="untrust" session-id="{number}" packets-from-client="{1 + size // 900}" '
                f'bytes-from-client="{size}" packets-from-server="{k}" bytes-from-server="{size * k}" '
                f'elapsed-time="{k}" application="SSL" {rest}]'
            )
    return out
