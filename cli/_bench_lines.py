"""The lines of `hinomi bench` of servers and of a sensor, one function a format: times in, lines out."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from cli._bench_text import (
    BODIES,
    Ints,
    agents,
    columns,
    domains,
    hosts,
    inside_pool,
    outside_pool,
    paths,
    pick,
    queries,
    stamps,
)


def apache(rng: np.random.Generator, times: Ints) -> list[str]:
    """Apache's combined format."""
    n = len(times)
    status = pick(rng, ("200", "304", "404", "301", "302", "403", "206", "500", "401"), n, 1.6)
    method = pick(rng, ("GET",) * 22 + ("POST", "POST", "HEAD", "OPTIONS"), n, 0)
    size, user, from_ = columns(rng, n, 400_000, 300, 10)
    referers = pick(rng, hosts(), n)
    rows = zip(
        pick(rng, outside_pool(), n, 0.8), stamps(times, "%d/%b/%Y:%H:%M:%S +0900"), method, pick(rng, paths(), n),
        queries(rng, n), status, size, user, from_, referers, pick(rng, paths(), n), pick(rng, agents(), n),
        strict=True,
    )  # fmt: skip
    site = "https://www.city.example.lg.jp"
    return [
        f'{ip} - {"-" if u else f"kanri{u}"} [{at}] "{m} {p}{q} HTTP/1.1" {s} {"-" if s == "304" else z} '
        f'"{"-" if f < 3 else site + back if f < 8 else f"https://{host}/search{q}"}" "{agent}"'
        for ip, at, m, p, q, s, z, u, f, host, back, agent in rows
    ]


def squid(rng: np.random.Generator, times: Ints) -> list[str]:
    """Squid's native format: half of it tunnels."""
    n = len(times)
    results = (
        "TCP_TUNNEL/200", "TCP_MISS/200", "TCP_MISS/304", "TCP_DENIED/403", "TCP_MEM_HIT/200", "TCP_MISS/302",
        "TCP_REFRESH_UNMODIFIED/304", "TCP_MISS_ABORTED/000", "TCP_DENIED/407", "TCP_HIT/200", "TCP_MISS/404",
        "TCP_MISS/503", "NONE_NONE/400",
    )  # fmt: skip
    types = ("text/html", "image/png", "application/javascript", "image/jpeg", "text/css", "application/json", "-")
    rows = zip(
        times.tolist(), rng.lognormal(5, 2, n).astype(np.int64).tolist(), pick(rng, inside_pool(BODIES), n, 0.6),
        pick(rng, results, n, 1.4), rng.lognormal(8.5, 1.6, n).astype(np.int64).tolist(), pick(rng, hosts(), n),
        pick(rng, paths(), n), queries(rng, n), pick(rng, outside_pool(), n, 0.7), pick(rng, types, n),
        *columns(rng, n, 9_000, 12), strict=True,
    )  # fmt: skip
    out = []
    for t, took, ip, result, size, host, path, query, server, kind, user, port in rows:
        begin = f"{t // 1_000_000}.{t // 1000 % 1000:03d} {min(took, 9_999_999):6d} {ip} {result} {size}"
        way = "HIER_NONE/-" if "DENIED" in result or "HIT" in result or result[0] == "N" else f"HIER_DIRECT/{server}"
        who = "-" if user > 1500 else f"shokuin{user:04d}"
        if result == "TCP_TUNNEL/200":
            out.append(f"{begin} CONNECT {host}:{443 if port else 8443} {who} {way} -")
        elif result == "NONE_NONE/400":
            out.append(f"{begin} NONE error:invalid-request {who} {way} text/html")
        else:
            out.append(f"{begin} {'GET' if user % 9 else 'POST'} http://{host}{path}{query} {who} {way} {kind}")
    return out


_REFUSALS = (
    "554 5.7.1 Service unavailable; Client host [{0}] blocked using bl.example.org",
    "550 5.1.1 <{1}>: Recipient address rejected: User unknown in relay recipient table",
    "450 4.7.25 Client host rejected: cannot find your hostname, [{0}]",
)
_BASE32 = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PEOPLE = tuple(f"{name}{n or ''}" for name in ("tanaka", "sato", "suzuki", "soumu", "info", "zeimu", "yamada", "ito",
                "keiri", "kikaku", "webmaster", "noreply", "support") for n in range(40))  # fmt: skip


def postfix(rng: np.random.Generator, times: Ints) -> list[str]:
    """A relay: six lines for a message from connect to removed, and what it refuses."""
    n = len(times) // 6
    begun = times[np.sort(rng.integers(0, len(times), n))]
    spans = np.minimum(rng.lognormal(0.5, 1, n) * 1e6, 9e8).astype(np.int64)
    a, b, c = columns(rng, n, 1 << 40, 1 << 30, 1000)
    rows = zip(
        begun.tolist(), spans.tolist(), a, b, c, pick(rng, hosts(), n, 0.8), pick(rng, outside_pool(), n, 0.7),
        pick(rng, _PEOPLE, n, 0.4), pick(rng, domains(), n, 0.3), pick(rng, _PEOPLE, n, 0.4), strict=True,
    )  # fmt: skip
    said: list[tuple[int, str]] = []
    for t, span, x, y, z, host, ip, to, domain, who in rows:
        server, there, back = f"{host}[{ip}]", f"{to}@{domain}", f"{who}@{host}"
        smtpd, out = f"postfix/smtpd[{2000 + x % 900}]", f"postfix/smtp[{3000 + y % 900}]"
        said.append((t, f"{smtpd}: connect from {server}"))
        if z < 150:
            why = _REFUSALS[z % 3].format(ip, there)
            ends = f"from=<{back}> to=<{there}> proto=ESMTP helo=<{host}>"
            said.append((t, f"{smtpd}: NOQUEUE: reject: RCPT from {server}: {why}; {ends}"))
            said.append((t + 40_000, f"{smtpd}: disconnect from {server} ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4"))
            continue
        q = "4" + "".join(_BASE32[x >> s & 31] for s in (35, 30, 25, 20, 15, 10, 5)) + "z" + _BASE32[x & 31]
        said.append((t, f"{smtpd}: {q}: client={server}"))
        said.append((t + 9_000, f"postfix/cleanup[{1000 + y % 50}]: {q}: message-id=<{x:x}.{y}@{host}>"))
        size = 1500 + y % 900_000
        said.append((t + 12_000, f"postfix/qmgr[1187]: {q}: from=<{back}>, size={size}, nrcpt=1 (queue active)"))
        relay = f"mail.{domain}[10.16.0.25]"
        code, told = "2.0.0", f"sent (250 2.0.0 Ok: queued as {y:X})"
        if z < 180:
            no = f"550 5.1.1 <{there}>: Recipient address rejected: User unknown (in reply to RCPT TO command)"
            code, told = "5.1.1", f"bounced (host {relay} said: {no})"
        elif z < 220:
            code, told = "4.4.1", f"deferred (connect to {relay}:25: Connection timed out)"
        parts = f"{span / 4e6:.2f}/0.01/{span / 4e6:.2f}/{span / 2e6:.2f}"
        ends = f"relay={relay}:25, delay={span / 1e6:.2f}, delays={parts}, dsn={code}, status={told}"
        said.append((t + span, f"{out}: {q}: to=<{there}>, {ends}"))
        said.append((t + span, f"postfix/qmgr[1187]: {q}: removed"))
    said.sort(key=lambda one: one[0])
    when = stamps(np.array([t for t, _ in said], np.int64), "%b %e %H:%M:%S")
    return [f"{at} relay01 {text}" for at, (_, text) in zip(when, said, strict=True)]


def bind(rng: np.random.Generator, times: Ints) -> list[str]:
    """Queries as named writes them with time, category and severity."""
    n = len(times)
    types = pick(rng, ("A", "AAAA", "PTR", "HTTPS", "MX", "TXT", "SRV", "NS", "SOA"), n)
    outside = np.flatnonzero(rng.random(n) < 0.4)
    own = zip(columns(rng, n, 5000)[0], pick(rng, domains(), n, 0.5), strict=True)
    names = [f"{'www' if p % 3 else f'h{p}'}.{d}" for p, d in own]
    for i, host in zip(outside.tolist(), pick(rng, hosts(), len(outside)), strict=True):
        names[i] = host
    rows = zip(
        stamps(times, "%d-%b-%Y %H:%M:%S"), (times // 1000 % 1000).tolist(), pick(rng, inside_pool(BODIES), n, 0.6),
        names, types, pick(rng, ("+E(0)K", "+", "-E(0)DK", "+E(0)DC", "-", "+E(0)TK", "+SE(0)"), n, 1.2),
        *columns(rng, n, 1 << 16, 1 << 20), strict=True,
    )  # fmt: skip
    return [
        f"{at}.{ms:03d} queries: info: client @0x7f{o:05x}5490 {ip}#{port} ({name}): query: {name} IN {kind} {flags} "
        "(192.0.2.53)"
        for at, ms, ip, name, kind, flags, port, o in rows
    ]


def nginx(rng: np.random.Generator, times: Ints) -> list[str]:
    """nginx's combined format behind the header of a syslog server."""
    heads = stamps(times, "%b %e %H:%M:%S web01 nginx: ")
    return [head + line for head, line in zip(heads, apache(rng, times), strict=True)]


_SEEN = ("dns", "dns", "flow", "flow", "flow", "http", "tls", "alert")


def suricata_eve(rng: np.random.Generator, times: Ints) -> list[str]:
    """EVE: flows, names, requests, TLS and alerts."""
    n = len(times)
    rows = zip(
        times.tolist(), stamps(times, "%Y-%m-%dT%H:%M:%S"), pick(rng, _SEEN, n, 0), pick(rng, inside_pool(1), n, 0.6),
        pick(rng, outside_pool(), n, 0.7), pick(rng, hosts(), n), pick(rng, paths(), n), pick(rng, agents(), n),
        *columns(rng, n, 16_384, 1 << 50, 90_000, 900_000), strict=True,
    )  # fmt: skip
    out = []
    for t, at, kind, src, dst, host, path, agent, port, flow, up, down in rows:
        begin = {
            "timestamp": f"{at}.{t % 1_000_000:06d}+0900", "flow_id": flow, "in_iface": "ens5", "event_type": kind,
            "src_ip": src, "src_port": 49152 + port, "dest_ip": dst, "dest_port": 53 if kind == "dns" else 443,
            "proto": "UDP" if kind == "dns" else "TCP",
        }  # fmt: skip
        if kind == "dns":
            more: dict[str, Any] = {
                "dns": {"type": "query", "id": port, "rrname": host, "rrtype": "A", "tx_id": 0, "opcode": 0}
            }
        elif kind == "flow":
            counts = {"pkts_toserver": up // 800, "pkts_toclient": down // 900, "bytes_toserver": up}
            more = {"app_proto": "tls", "flow": {**counts, "bytes_toclient": down, "state": "closed", "age": up % 600}}
        elif kind == "http":
            told = {"hostname": host, "url": path, "http_user_agent": agent, "http_method": "GET", "status": 200}
            more = {"tx_id": 0, "http": {**told, "protocol": "HTTP/1.1", "length": down}}
        elif kind == "tls":
            more = {"tls": {"sni": host, "version": "TLS 1.3", "subject": f"CN={host}", "issuerdn": "CN=Example CA"}}
        else:
            told = {"action": "allowed", "gid": 1, "signature_id": 2_000_000 + up, "rev": 3, "severity": 1 + up % 3}
            more = {"alert": {**told, "signature": f"ET POLICY example {up % 900}", "category": "Policy Violation"}}
        out.append(json.dumps({**begin, **more}, separators=(",", ":")))
    return out
