"""IANA protocol keywords in lower case, and the other words in use for them."""

from __future__ import annotations

PROTOCOLS = {
    0: "hopopt", 1: "icmp", 2: "igmp", 3: "ggp", 4: "ipv4", 5: "st", 6: "tcp", 7: "cbt", 8: "egp", 9: "igp", 17: "udp",
    27: "rdp", 33: "dccp", 41: "ipv6", 43: "ipv6-route", 44: "ipv6-frag", 46: "rsvp", 47: "gre", 50: "esp", 51: "ah",
    55: "mobile", 57: "skip", 58: "ipv6-icmp", 59: "ipv6-nonxt", 60: "ipv6-opts", 77: "sun-nd", 88: "eigrp", 89: "ospf",
    94: "ipip", 97: "etherip", 98: "encap", 103: "pim", 108: "ipcomp", 112: "vrrp", 113: "pgm", 115: "l2tp", 123: "ptp",
    124: "isis", 132: "sctp", 133: "fc", 135: "mobility", 136: "udplite", 137: "mpls-in-ip",
}  # fmt: skip
"""Number → keyword (IANA protocol numbers, read 2026-11-20). 89 is OSPFIGP there; everyone writes ospf."""

_ALIASES = {
    "icmp6": "ipv6-icmp", "icmpv6": "ipv6-icmp", "ospfigp": "ospf", "ipsec-esp": "esp", "ipsec-ah": "ah",
    "ipencap": "ipv4", "6to4": "ipv6", "udp-lite": "udplite",
}  # fmt: skip


def protocol_of(text: str) -> str | None:
    """The keyword of a number or word; an unknown one as it is, in lower case. Null for an empty text."""
    word = text.strip().lower()
    if word.isascii() and word.isdigit() and int(word) <= 255:
        return PROTOCOLS.get(int(word), str(int(word)))
    return _ALIASES.get(word, word) or None
