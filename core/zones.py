"""Network zones (領域) and the rule by which a row gets one: the interface first, then the longest prefix.

LGWAN's address plan is not public, so nothing is hard-coded; what no table answers is UNKNOWN, never INET.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.errors import RegisterError

ZONES: Mapping[str, str] = {
    "MNU": "マイナンバー利用事務系",
    "LGC": "LGWAN接続系",
    "INC": "インターネット接続系",
    "LGWAN": "LGWAN",
    "INET": "インターネット",
    "JUKI": "住民基本台帳ネットワーク",
    "MGMT-S": "管理系(マイナンバー利用事務系・LGWAN接続系)",
    "MGMT-I": "管理系(インターネット接続系)",
    "SECC": "自治体情報セキュリティクラウド",
    "DC": "データセンター",
    "INSNET": "保険者用ネットワーク・専用回線",
    "SAT": "衛星回線",
    "CARRIER": "通信キャリア",
    "VENDOR": "保守業者",
    "GUEST": "来庁者Wi-Fi",
    "WIFI": "職員Wi-Fi",
    "PRN": "プリンタ・複合機",
}
"""Code → words for screens (flow policy, segment codes)."""

UNKNOWN = "UNKNOWN"
MODELS = ("alpha", "alpha_prime", "beta", "beta_prime")
"""Network models α, α', β, β'; they select the variant of the flow policy."""

_FOREVER = 2**63 - 1


def checked_zone(text: str) -> str:
    """`text` as a zone code; RegisterError lists the codes."""
    if text not in ZONES:
        raise RegisterError(f"zone {text!r} is none of {', '.join(ZONES)}")
    return text


@lru_cache(maxsize=65536)
def address_bits(text: str) -> int:
    """An address as a 128-bit number, IPv4 mapped into ::ffff:0:0/96; ValueError when it is none."""
    address = ipaddress.ip_address(text)
    return int(address) | 0xFFFF_0000_0000 if address.version == 4 else int(address)


def prefix_bits(text: str) -> tuple[int, int]:
    """A prefix as (128-bit number, length of the mapped prefix 0–128); ValueError when host bits are set."""
    network = ipaddress.ip_network(text)
    if network.version == 4:
        return int(network.network_address) | 0xFFFF_0000_0000, network.prefixlen + 96
    return int(network.network_address), network.prefixlen


@dataclass(frozen=True, slots=True)
class Network:
    """One registered prefix of a body and the time in which it holds (µs, half-open)."""

    tenant: str
    prefix: str
    zone: str
    valid_from: int = 0
    valid_to: int = _FOREVER


class ZoneTable:
    """Answers which zone an address of a body lay in at a time, by the longest prefix then in force."""

    def __init__(self, networks: Iterable[Network]) -> None:
        """Raise RegisterError when one prefix has two zones at the same time."""
        self._prefixes: dict[str, dict[int, dict[int, list[Network]]]] = {}
        bounds: dict[str, set[int]] = {}
        for n in networks:
            bits, length = prefix_bits(n.prefix)
            same = self._prefixes.setdefault(n.tenant, {}).setdefault(length, {}).setdefault(bits, [])
            for other in same:
                if other.zone != n.zone and other.valid_from < n.valid_to and n.valid_from < other.valid_to:
                    raise RegisterError(
                        f"zones of {n.tenant}: {n.prefix} is {other.zone} and {n.zone} at the same time; end one first"
                    )
            same.append(n)
            bounds.setdefault(n.tenant, set()).update((n.valid_from, n.valid_to))
        self._bounds = {tenant: sorted(b) for tenant, b in bounds.items()}
        self._lengths = {tenant: sorted(p, reverse=True) for tenant, p in self._prefixes.items()}

    def bounds(self, tenant: str) -> list[int]:
        """The instants (µs) at which answers for a body may change, ascending."""
        return self._bounds.get(tenant, [])

    def edges(self, tenant: str) -> list[int]:
        """First addresses (128-bit numbers) of the stretches within which the answers for a body are one, ascending."""
        edges = {0}
        for length, networks in self._prefixes.get(tenant, {}).items():
            edges.update(networks)
            edges.update(bits + (1 << (128 - length)) for bits in networks)
        return sorted(edges - {1 << 128})

    def lookup(self, tenant: str, address: str, at: int) -> str:
        """The zone of an address text, UNKNOWN where no prefix holds it (or it is no address)."""
        if not address or tenant not in self._prefixes:
            return UNKNOWN
        try:
            return self.lookup_bits(tenant, address_bits(address), at)
        except ValueError:
            return UNKNOWN

    def lookup_bits(self, tenant: str, bits: int, at: int) -> str:
        """The same for an address as a 128-bit number."""
        prefixes = self._prefixes.get(tenant)
        if not prefixes:
            return UNKNOWN
        for length in self._lengths[tenant]:
            for network in prefixes[length].get(bits >> (128 - length) << (128 - length), ()):
                if network.valid_from <= at < network.valid_to:
                    return network.zone
        return UNKNOWN
