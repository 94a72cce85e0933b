"""What else a pf firewall writes: packets as tcpdump prints them, and the daemons of pfSense and OPNsense.

The expressions of the daemons match `program: message`, so that no daemon can speak for another. What a client names
itself stands in the middle of a message and is read up to the last place where it may end.
"""

from __future__ import annotations

_V4 = r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+"
_V6 = r"[0-9A-Fa-f]*:[0-9A-Fa-f:]*(?:%[0-9A-Za-z.]*?)?"


def _end(name: str) -> str:
    return rf"(?:(?P<{name}4>{_V4})|(?P<{name}6>{_V6}))(?:\.(?P<{name}_port>[0-9A-Za-z_-]+))?"


PACKET = (
    r"^(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+ |[0-9]{9,10}\.[0-9]+ )?(?: *[0-9:]+\.[0-9]+ )?"
    r"rule (?P<rule>[0-9A-Za-z_./:-]+)/(?:[0-9]+)?\((?P<reason>[a-z-]+)\):? (?:\[[^\]]*\]:? )?"
    r"(?P<action>[a-z-]+) (?P<way>in|out) on (?P<interface>[^ :]+):"
    rf" (?:\((?P<header>.*?proto [A-Za-z0-9-]+ \([0-9]+\).*?)\) )?(?:IP6? )?{_end('src')} > {_end('dst')}: ?"
    r"(?P<rest>.*)$"
)
"""tcpdump on pflog0: rule number or anchor.number, why, what, where, and the packet in tcpdump's words."""

TCP_FLAGS = r"^(?:Flags \[([^\]]*)\]|([SFRPEWU.]+) (?:\[|[0-9]+:[0-9]+|ack|win))"
"""The flags as FreeBSD's and OpenBSD's tcpdump print them."""

_IP = r"[0-9A-Fa-f:.]+"
_MAC = r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}"
_CLIENT = rf"(?P<lease_mac>{_MAC})(?: \((?P<lease_name>.*)\))? via (?P<interface>[^ :]+)(?::? .*)?"
_PEER = rf"(?:(?P<user>[^ ]*)/)?(?P<src_ip>{_IP}):(?P<src_port>[0-9]+) "

DAEMONS = {
    "lease": rf"dhcpd: (?P<action>DHCP(?:OFFER|ACK|NAK)) on (?P<lease_ip>{_IP}) to {_CLIENT}",
    "ask": rf"dhcpd: (?P<action>DHCPREQUEST) for (?P<lease_ip>{_IP})(?: \((?P<dst_ip>{_IP})\))? from {_CLIENT}",
    "discover": rf"dhcpd: (?P<action>DHCPDISCOVER) from {_CLIENT}",
    "end": rf"dhcpd: (?P<action>DHCP(?:RELEASE|DECLINE)) of (?P<lease_ip>{_IP}) from {_CLIENT}",
    "inform": rf"dhcpd: (?P<action>DHCPINFORM) from (?P<src_ip>{_IP}) via (?P<interface>[^ :]+).*",
    "informed": rf"dhcpd: (?P<action>DHCPACK) to (?P<lease_ip>{_IP}) \((?P<lease_mac>{_MAC})\) via "
    r"(?P<interface>[^ ]+)",
    "lease6": rf"dhcpd: (?P<action>(?:Advertise|Reply) NA): address (?P<lease_ip>{_IP}) to client with duid .*",
    "ask6": r"dhcpd: (?P<action>(?:Solicit|Request|Renew|Rebind|Release|Confirm|Decline|Information-request) message) "
    rf"from (?P<src_ip>{_IP}) port (?P<src_port>[0-9]+),.*",
    "kea": rf"kea-dhcp[46]: .*(?P<action>DHCP[46]_LEASE_(?:ALLOC|ADVERT|OFFER)) \[hwtype=[0-9]+ "
    rf"(?P<lease_mac>{_MAC})\].*: lease (?P<lease_ip>{_IP}) .*",
    "kea_end": rf"kea-dhcp[46]: .*(?P<action>DHCP[46]_RELEASE) \[hwtype=[0-9]+ (?P<lease_mac>{_MAC})\].*: "
    rf"address (?P<lease_ip>{_IP}) was released properly\.?",
    "dnsmasq": rf"dnsmasq-dhcp: (?:[0-9]+ )?(?P<action>DHCP[A-Z]+)\((?P<interface>[^)]+)\) (?:(?P<lease_ip>{_IP}) )?"
    rf"(?P<lease_mac>{_MAC})(?: (?P<lease_name>.*))?",
    "vpn_login": r"openvpn[^:]*: user '(?P<user>.*)' (?P<action>authenticated|could not authenticate)\.?",
    "vpn_peer": rf"openvpn[^:]*: {_PEER}(?:\[(?P<named>.*)\] )?(?P<action>Peer Connection Initiated) with .*",
    "vpn_refused": rf"openvpn[^:]*: {_PEER}(?P<action>TLS Auth Error): .*",
    "vpn_of": rf"openvpn[^:]*: {_PEER}(?P<message>.*)",
    "vpn_from": rf"openvpn[^:]*: (?P<message>.* from \[AF_INET6?\]\[?(?P<src_ip>{_IP}?)\]?:(?P<src_port>[0-9]+).*)",
    "vpn_lent": rf"openvpn[^:]*: .*openvpn server '[^']*' user '(?P<user>.*)' address '(?P<src_ip>{_IP})' - "
    r"(?P<action>connected|disconnected|connecting)",
    "web": r"(?:php-fpm|audit|configd\.py): (?:/[^ ]*: )?(?P<action>Successful login|webConfigurator authentication "
    r"error|Web GUI authentication error|User logged out|Session timed out) for (?:user )?'(?P<user>.*)' from:? "
    rf"(?P<src_ip>{_IP}).*",
    "web_audit": r"audit: user (?P<user>.*) (?P<action>authenticated successfully|could not authenticate|"
    r"failed authentication) for (?P<service>[^ ]+) .*",
    "changed": rf"php-fpm: (?P<object>/[^ ]*): Configuration Change: (?P<user>.*)@(?P<src_ip>{_IP}) (?P<message>.*)",
    "changed_audit": rf"audit: (?P<message>user (?P<user>.*)@(?P<src_ip>{_IP}) changed configuration to "
    r"(?P<object>[^ ]+).*)",
    "ssh": r"sshd(?:-session)?: (?P<action>Accepted|Failed) (?P<auth_method>[^ ]+) for (?:invalid user )?(?P<user>.*) "
    rf"from (?P<src_ip>{_IP}) port (?P<src_port>[0-9]+)(?: ssh2.*)?",
    "carp": r"kernel: (?P<message>(?:<[0-9]+>)?carp: (?P<object>[0-9]+@[^ :]+): (?P<old>[A-Z]+) -> (?P<new>[A-Z]+).*)",
    "arp": rf"kernel: (?P<message>arp: (?P<object>{_IP}) moved from (?P<old>{_MAC}) to (?P<new>{_MAC}) on .*)",
    "repeated": r"syslogd: (?P<message>last message repeated (?P<times>[0-9]+) times?)",
    "link": r"kernel: (?P<message>(?P<object>[0-9A-Za-z_.]+): link state changed to (?P<new>UP|DOWN))",
}
"""Messages of the daemons, in this order."""

DHCP = ("lease", "ask", "discover", "end", "inform", "informed", "lease6", "ask6", "kea", "kea_end", "dnsmasq")
LOGINS = {
    "vpn_login": ("openvpn", "vpn"), "vpn_peer": ("openvpn", "vpn"), "vpn_refused": ("openvpn", "vpn"),
    "vpn_lent": ("openvpn", "vpn"), "web": ("webgui", "administrator"), "web_audit": (None, None),
    "ssh": ("ssh", "administrator"),
}  # fmt: skip
"""Pattern → service and role."""
FAILED = r"(?i)could not|error|fail"
ENDED = "User logged out|Session timed out|disconnected|connecting"
OPERATIONS = {
    "vpn_of": "vpn", "vpn_from": "vpn", "changed": "config_change", "changed_audit": "config_change", "carp": "ha",
    "arp": "arp", "repeated": "repeated", "link": "link",
}  # fmt: skip
