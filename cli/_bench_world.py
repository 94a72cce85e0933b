"""The prefecture of `hinomi bench`: 40 bodies, their networks, and a feed for each format and each body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli._bench_text import BODIES, body_code, domains
from core.registers import Entry, entry
from simulator.prefecture import PREFECTURE, PREFECTURE_CODE

if TYPE_CHECKING:
    from store import Store

INTERFACES = {"lan1": "LGC", "lan2": "MNU", "lan3": "INC", "lgwan": "LGWAN", "LAN1": "LGC", "LAN2": "LGWAN"}
SIDES = ("LGC", "MNU", "INC")
LGWAN = "100.64.0.0/10"
"""LGWAN's plan is not public; the bench's stands where nobody else is."""
FIREWALLS = "bench-firewalls"
"""The feed by which the day of `bench detect` comes."""


def firewall(body: int) -> str:
    """Id of a body's own firewall."""
    return f"fw-{body + 1:03d}"


def records(bodies: int = BODIES) -> dict[str, list[dict[str, Any]]]:
    """The registers by their kind."""
    codes = [body_code(n) for n in range(bodies)]
    tenants = [{"code": PREFECTURE_CODE, "name": PREFECTURE, "body": "prefecture"}]
    tenants += [{"code": c, "name": f"見本{n + 1}市", "body": "municipality"} for n, c in enumerate(codes)]
    zones = [
        {"tenant": c, "prefix": prefix, "zone": zone}
        for n, c in enumerate(codes)
        for prefix, zone in (
            (f"10.{16 + n}.0.0/19", "LGC"), (f"10.{16 + n}.32.0/19", "MNU"), (f"10.{16 + n}.64.0/19", "INC"),
            *((f"10.{16 + n}.{32 * z + f}.0/24", side) for z, side in enumerate(SIDES) for f in range(4)),
            (f"2001:db8:{n + 1:x}::/48", "LGC"), (LGWAN, "LGWAN"),
        )
    ]  # fmt: skip
    zones.append({"tenant": PREFECTURE_CODE, "prefix": "192.0.2.0/24", "zone": "SECC"})
    common = {"tenant": PREFECTURE_CODE, "timezone": "Asia/Tokyo", "encoding": "utf-8", "transport": "file"}
    networks = {f"10.{16 + n}.0.0/16": c for n, c in enumerate(codes)}
    names = dict(zip(domains(), codes, strict=False))
    fixed: dict[str, Any] = {"body_by": "fixed", "tenant": codes[0], "interfaces": INTERFACES}
    by_format: dict[str, dict[str, Any]] = {
        "apache": {"kind": "web", "body_by": "fixed", "tenant": codes[0]},
        "fortinet_fortigate": {"kind": "lgwan_firewall", **fixed},
        "squid": {"kind": "proxy", "body_by": "address", "bodies": networks},
        "bind": {"kind": "dns", "body_by": "dns_zone", "bodies": names},
        "postfix": {"kind": "mail", "body_by": "mail_domain", "bodies": names},
        "nginx": {"kind": "web", "body_by": "fixed", "tenant": codes[0]},
        "suricata_eve": {"kind": "sensor", "body_by": "fixed", "tenant": codes[0]},
        **{
            name: {"kind": "lgwan_firewall", **fixed}
            for name in ("yamaha_rtx", "paloalto_panos", "cisco_asa", "juniper_srx")
        },
    }
    sources = [{**common, "id": f"bench-{f}", "format": f, **more} for f, more in by_format.items()]
    device = {"kind": "lgwan_firewall", "format": "fortinet_fortigate", "deny_only": True, **fixed}
    sources += [{**common, **device, "id": firewall(n), "tenant": c} for n, c in enumerate(codes)]
    sources.append({**common, **device, "id": FIREWALLS})
    return {"tenants": tenants, "sources": sources, "zones": zones}


def register(store: Store, more: dict[str, list[dict[str, Any]]] | None = None, bodies: int = BODIES) -> None:
    """Import them, and `more` of the same form."""
    for kind, found in {**records(bodies), **(more or {})}.items():
        entries: list[Entry] = [entry(kind, r, where="bench", recorded=1) for r in found]
        store.register(kind, entries, actor="bench")
