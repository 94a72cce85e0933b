"""What YAMAHA routers write: the regular expressions of their messages.

The common expressions are one-pass (at every byte there is only one way on): sessions and packets, nearly all of a log.
The rare ones read the same without ports or cut short, and everything else.
"""

from __future__ import annotations

_IF = r"[A-Z]+[0-9A-Z]*(?:\[[0-9A-Za-z]+\])?(?:[./][0-9]+)?(?:\([A-Za-z]+[0-9]*\))?"
_AT = r"(?:[0-9A-Fa-fx]*[.:]|<v6>\.)[0-9A-Za-z.:%_-]*"
"""An address with or without a port, or what somebody wrote in place of one (`xx.xx.xx.xx:80`)."""
_MAC = r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}"
_FILTER = r"(?P<action>Rejected|Passed) at (?P<way>IN|OUT)\((?P<rule>[^)]*)\)"

_HEAD = r"^(?P<place>[^ ]+ (?:Rejected|Passed) at (?:IN|OUT)\([^)]*\)) filter: "
_V4 = r"(?P<src_ip>[0-9.]+):(?P<src_port>[0-9A-Za-z_-]+) > (?P<dst_ip>[0-9.]+):(?P<dst_port>[0-9A-Za-z_-]+)"
_IPV6 = "[0-9A-Fa-f]*:[0-9A-Fa-f:]*"
_V6 = rf"(?P<{{0}}_ip>{_IPV6})(?:%[0-9A-Za-z]+)?\.(?P<{{0}}_port>[0-9A-Za-z_-]+)"
_BOTH = rf"{_V6.format('src')} > {_V6.format('dst')}"
_SESSION = r"^\[INSPECT\] (?P<place>[^ ]+) (?P<protocol>[0-9A-Z]+) "

COMMON: tuple[tuple[bool, str], ...] = (
    (True, rf"{_SESSION}{_V4} \((?P<start>[^)]*)\)$"),
    (True, rf"{_SESSION}{_BOTH} \((?P<start>[^)]*)\)$"),
    (False, rf"{_HEAD}(?P<protocol>[0-9A-Za-z]+) {_V4}$"),
    (False, rf"{_HEAD}(?P<protocol>[0-9A-Za-z]+) {_BOTH}$"),
    (False, rf"{_HEAD}(?P<protocol>[0-9A-Za-z]+) (?P<src_ip>[0-9.]+) > (?P<dst_ip>[0-9.]+) : (?P<app>.*)$"),
    (False, rf"{_HEAD}(?P<protocol>[0-9A-Za-z]+) (?P<src_ip>{_IPV6}) > (?P<dst_ip>{_IPV6}) : (?P<app>.*)$"),
    (False, rf"{_HEAD}(?P<src_mac>{_MAC}) > (?P<dst_mac>{_MAC})(?: (?P<app>.*))?$"),
)
"""Whether the line begins with [INSPECT], and the expression: sessions, packets, ICMP (IPv4 and IPv6), frames.

`place` of all but sessions is the interface and what was done there.
"""

RARE: dict[str, str] = {
    "session": rf"\[INSPECT\] (?P<place>{_IF}\[(?:in|out)\]\[[^\]]*\]) (?P<protocol>[0-9A-Z]+(?:v6)?) "
    rf"(?P<src>{_AT}) > (?P<dst>{_AT}) \((?P<start>[^)]*)(?P<closed>\))?",
    "session_cut": rf"\[INSPECT\] (?P<place>{_IF}\[(?:in|out)\]\[[^\]]*\])(?: ?[0-9A-Z]*| "
    rf"(?P<protocol>[0-9A-Z]+(?:v6)?) (?:(?P<src>{_AT}) [0-9A-Za-z:.%> ]*|[0-9A-Za-z:.%]*))",
    "intrusion": rf"\[INSPECT\] (?P<place>{_IF}\[(?:in|out)\](?:\[[^\]]*\])?):? (?P<signature>[^ \[<>0-9][^<>]*?):? "
    rf"(?:(?P<protocol>TCP|UDP|ICMP|[0-9]+):? )?(?P<src>{_AT}) > (?P<dst>{_AT})(?: \((?P<start>2[0-9/]+ [0-9:]+)\))?"
    r"(?P<note>.*)",
    "intrusion_alone": rf"\[INSPECT\] (?P<place>{_IF}\[(?:in|out)\](?:\[[^\]]*\])?):? "
    r"(?P<signature>[^ \[<>0-9].*?):?(?: +[0-9][0-9A-Za-z.:]*(?: .*)?)?",
    "packet": rf"(?P<place>{_IF}) {_FILTER} filter: (?P<protocol>[0-9A-Za-z-]+) (?P<src>{_AT}) > (?P<dst>{_AT})"
    r"(?: ?: ?(?P<app>.*)| \((?P<note>.*)\))?",
    "frame": rf"(?P<place>{_IF}) {_FILTER} filter: (?P<src_mac>{_MAC}) > (?P<dst_mac>{_MAC})(?: (?P<app>.*))?",
    "packet_cut": rf"(?P<place>{_IF}) {_FILTER}(?: filter: (?P<protocol>[0-9A-Za-z-]+) "
    rf"(?:(?P<src>{_AT}) .*|[0-9A-Za-z:.%]*)|(?P<note>.*))",
    "translation": rf"\[NAT\((?P<rule>[^)]*)\):(?P<place>[^\]]+)\] (?P<action>[A-Za-z]+) (?P<protocol>[0-9A-Za-z-]+) "
    rf"(?P<nat>{_AT}) <-> (?P<src>{_AT}) ==> (?P<dst>{_AT}).*",
    "lease": rf"\[DHCPD\] (?:(?P<place>{_IF}) )?(?P<action>[A-Za-z]+) (?P<lease_ip>{_AT}): (?P<lease_mac>{_MAC})"
    r"(?: \(?(?P<lease_name>[^)]*)\)?)?",
    "login": r"(?P<auth_role>Login|'[a-z]+') (?P<action>succeeded|failed) for (?P<service>[0-9A-Za-z]+)"
    rf"(?:: ?(?P<src>{_AT}))?(?: (?P<user>.*))?",
    "logout": rf"(?P<action>Logout) from (?P<service>[0-9A-Za-z]+)(?:: ?(?P<src>{_AT}))?(?: (?P<user>.*))?",
    "repeated": r"same message repeated (?P<count>[0-9]+) times?",
    "config_save": r'(?P<message>Configuration (?:is |was )?saved (?:in|to) "?(?P<object>[^" ]*)"?'
    rf"(?: by (?P<app>[0-9A-Za-z]+)(?:\((?P<src>{_AT})\))?)?.*)",
    "link": rf"(?P<object>{_IF}(?:: PORT[0-9-]+)?):? (?P<message>link (?P<new>up|down).*)",
    "tunnel": r"(?P<message>IP (?P<object>Tunnel\[[0-9]+\]) (?P<new>Up|Down))",
    "ike": r"\[IKE[0-9]*\](?:\[[0-9]+\])? (?P<message>(?P<action>initiate) [A-Za-z_]+ phase to "
    rf"(?P<dst>{_AT})(?: \(local address (?P<src>{_AT})\))?)",
    "ike_answer": r"\[IKE[0-9]*\](?:\[[0-9]+\])? (?P<message>(?P<action>respond) [A-Za-z_]+ phase to "
    rf"(?P<src>{_AT})(?: \(local address (?P<dst>{_AT})\))?)",
    "line": r"(?P<object>PP(?:POE)?\[[0-9A-Z]+\]) (?P<message>(?P<new>PPP/IPV?6?CP up|PPPoE Connect|Disconnected)\b.*)",
    "dial_up": rf"(?P<object>PP\[[0-9A-Z]+\]) (?P<message>(?P<action>IP Commencing): (?P<protocol>[0-9A-Za-z-]+) "
    rf"(?P<src>{_AT}) > (?P<dst>{_AT}).*)",
    "dial_up_dns": r"(?P<object>PP\[[0-9A-Z]+\]) (?P<message>(?P<action>IP Commencing) "
    rf"\(DNS Query \[[^\]]*\] from (?P<src>{_AT})\))",
    "vpn_client": rf"\[(?:L2TP|PPTP|SSTP)\] (?:(?P<object>{_IF}) )?"
    rf"(?P<message>(?P<action>connected|disconnected) from (?P<src>{_AT}).*)",
    "version": r"(?P<message>(?P<object>(?:RTX?|NVR|FWX|SRT|vRX)[0-9A-Za-z]*) (?P<new>Rev\.[0-9.]+) .*starts?)",
    "restart": r"(?P<message>(?:Restart|Reboot|Power|Cold start|Warm start|main: ).*)",
    "address": rf"(?P<message>(?:Add|Delete|Remove) IPv6 (?:prefix|address) (?P<new>[^ ]+).* via (?P<object>{_IF}).*)",
    "tagged": r"\[(?P<tag>IKE|IPSEC|L2TP|PPTP|SSTP|LUA|SCHEDULE|S?NTPD?|SWCTL|VRRP|BACKUP|CONFIG|DHCP[CD]|DHCPv6|NAT|"
    r"OSPF|BGP|RIP|SIP|DNS|QOS|UPNP|HTTPD?|SSHD?|SFTPD?|SNMP|MOBILE|LTE|STATUS|URL_FILTER|INSPECT|NETVOLANTE|v6plus)[^\]]*\]"
    r"(?:\[[^\]]*\])?:? ?(?P<message>.*)",
    "of_interface": r"(?P<object>(?:LANC?|PP|PPPOE|TUNNEL|WAN|ONU|BRIDGE|VLAN|BRI|PRI|USB|PORT)[0-9\[]"
    r"[0-9A-Za-z\[\]./()]*):? (?P<message>.*)",
}
"""The others, in this order."""
