"""How an ASA writes addresses, interfaces and users in its messages, and how a kind of message is described.

Group names in an expression are columns, or one of these, which `cisco_asa` works out:

    way, a_*, b_*     direction, and the two ends of a connection whose order it tells
    src_who, dst_who  what stands in brackets behind an address: DOMAIN\\user, a name, a security group
    word              allowed or denied, in the device's words
    hits, interval    how many packets, and in how many seconds (`first` hit: none)
    clock             h:mm:ss, or 0h:32m:16s
    dns               Query or Response
    ended, sent, why  a connection's bytes and why it ended, together and apart

A message that stands under an id with other words than these is kept whole in `message`; what the id says still holds.
A user's name or a URL in the middle is written by a client: it goes as far as what follows it allows, so that it can't
bring an address of its own.
"""

from __future__ import annotations


def end(name: str, interface: str) -> str:
    """interface:address/port (who), the port and the brackets not always."""
    return (
        rf"(?P<{interface}>[^:]+): ?(?P<{name}_ip>[^/ (,]+)(?:/(?P<{name}_port>[^ (,]+))?"
        rf"(?: ?\((?P<{name}_who>[^)]*)\))?"
    )


def pair(name: str, mapped: str = r" ?\((?P<{0}_nat>[^/)]+)(?:/(?P<{0}_nport>[^)]*))?\)") -> str:
    """interface:address/port (mapped address/port) (who)."""
    return (
        rf"(?P<{name}_if>[^:]+):(?P<{name}_ip>[^/ (]+)(?:/(?P<{name}_port>[^ (]+))?"
        + mapped.format(name)
        + rf"(?: ?\((?P<{name}_who>[^)]*)\))?"
    )


def plain(name: str) -> str:
    """address/port."""
    return rf"(?P<{name}_ip>[^/ ]+)/(?P<{name}_port>[^ ,]+)"


MAPPED_IN_CLUSTER = r" ?\((?P<{0}_nat>[^/()]+)(?:[/(](?P<{0}_nport>[^)]*))?\)"
IP = "[0-9A-Fa-f.:]+"
USUAL = rf"(?P<{{0}}_if>[^:]+):(?P<{{0}}_ip>{IP})/(?P<{{0}}_port>[0-9]+)"
"""As nearly all ends are written: an address with a port, and nothing behind it."""
USUAL_MAPPED = rf"{USUAL} \((?P<{{0}}_nat>{IP})/(?P<{{0}}_nport>[0-9]+)\)"
USUAL_SRC = rf"(?P<in_interface>[^:]+):(?P<src_ip>{IP})/(?P<src_port>[0-9]+)"
USUAL_DST = rf"(?P<out_interface>[^:]+):(?P<dst_ip>{IP})/(?P<dst_port>[0-9]+)"
RING = r"(?: Internal-Data[0-9/]+:RX\[[0-9]+\])?"
"""Which ring of the box received the packets: newer software writes it behind both ends."""
USUAL_LOCAL = (
    rf"faddr (?P<a_ip>{IP})/[0-9]+ gaddr (?P<b_nat>{IP})/[0-9]+ laddr (?P<b_ip>{IP})/[0-9]+"
    rf"(?: (?P<message>type [0-9]+ code [0-9]+))?{RING}"
)
LOCAL = (
    r"faddr (?P<a_ip>[^/ (]+)(?:/[0-9]+)?(?: ?\((?P<a_who>[^)]*)\))? gaddr (?P<b_nat>[^/ ]+)(?:/[0-9]+)? "
    r"laddr (?P<b_ip>[^/ (]+)(?:/[0-9]+)?(?:\((?P<b_who>[^)]*)\))?(?: \((?P<user>[^()]*)\))?"
    r"(?: (?P<message>type [0-9]+ code [0-9]+))?"
    rf"{RING}(?: duration (?P<clock>[0-9:]+))? *"
)
SRC, DST = end("src", "in_interface"), end("dst", "out_interface")
FROM_TO = f"{plain('src')} to {plain('dst')}"
ADDRESSES = r"(?P<src_ip>[^ ]+) to (?P<dst_ip>[^ ]+)"
ON = r" on interface (?P<in_interface>.+?)"
TO_BOX = rf"{plain('src')} to (?P<in_interface>[^:]+):(?P<dst_ip>[^/ ]+)/(?P<dst_port>[^ ]+)"
PROTOCOL = r"(?:protocol )?(?P<protocol>[0-9A-Za-z-]+)"
ICMP = r"(?: ?\((?P<message>type [^)]*)\))?"
ICMP_TYPE = r"(?: ?\(type [^)]*\))?"
MEMBER = r"Group <[^<>]*> User <(?P<user>.*)> IP <(?P<src_ip>[^<>]*)>"
MEMBER_PLAIN = r"Group [^ ]+ User (?P<user>.*) IP (?P<src_ip>[0-9A-Fa-f.:]+)"
OWNER = r"(?:Group = [^,]*, )?(?:Username = (?P<user>.*), )?IP = (?P<src_ip>[0-9A-Fa-f.:]+),? ?(?P<message>.*)"
BOX = {"path": "local_in"}
"""What is said of traffic to the device itself."""
OPERATIONS = {
    "ha": (101, 102, 103, 104, 105, 210, 311, 425, 709, 720, 727, 747), "config_change": (112, 208, 308),
    "aaa": (109, 113), "routing": (107, 110, 312, 317, 318, 319, 409, 503, 613), "logging": (414,),
    "vpn": (316, 320, 402, 403, 404, 501, 602, 603, 611, 702, 713, 714, 715, 716, 717, 718, 721, 722, 723, 724, 737,
            750, 751, 752), "link": (411,), "license": (444,), "hardware": (323, 505, 735), "time": (610, 771),
}  # fmt: skip
"""What the other ids are about, by their first three digits."""
OPERATION_OF = {number: name for name, numbers in OPERATIONS.items() for number in numbers}
ANYWHERE = (
    r"\bfrom (?:(?P<in_interface>[^:/ ]+):)??(?P<src_ip>[0-9]+\.[0-9.]+[0-9]|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f.:]*)"
    r"(?:/(?P<src_port>[0-9]+))?(?: ?\([^()]*\)){0,2} to (?:(?P<out_interface>[^:/ ]+):)??"
    r"(?P<dst_ip>[0-9]+\.[0-9.]+[0-9]|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f.:]*)"
    r"(?:/(?:(?P<dst_port>[0-9]+)|[0-9A-Za-z-]+))?(?:[ ,;(]|\.(?: |$)|$)"
)
"""`from interface:address/port to interface:address/port`, as hundreds of messages have it."""
WORDS = {
    "permitted": "allow", "est-allowed": "allow", "GRANTED": "allow", "monitored": "allow", "denied": "deny",
    "DENIED": "deny", "dropped": "deny", "drop": "deny", "Dropped": "deny", "Dropping": "deny", "Drop": "deny",
    "Resetting": "deny", "Reset": "deny", "Allowed": "allow",
}  # fmt: skip
_PORTS = {
    "echo": 7, "discard": 9, "daytime": 13, "chargen": 19, "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23,
    "smtp": 25, "time": 37, "nameserver": 42, "whois": 43, "tacacs": 49, "domain": 53, "bootps": 67, "bootpc": 68,
    "tftp": 69, "gopher": 70, "finger": 79, "www": 80, "http": 80, "hostname": 101, "pop2": 109, "pop3": 110,
    "sunrpc": 111, "ident": 113, "nntp": 119, "ntp": 123, "netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139,
    "imap4": 143, "snmp": 161, "snmptrap": 162, "xdmcp": 177, "bgp": 179, "irc": 194, "dnsix": 195, "mobile-ip": 434,
    "ldap": 389, "https": 443, "pim-auto-rp": 496, "isakmp": 500, "biff": 512, "exec": 512, "login": 513, "who": 513,
    "rsh": 514, "cmd": 514, "syslog": 514, "lpd": 515, "talk": 517, "rip": 520, "uucp": 540, "klogin": 543,
    "kshell": 544, "rtsp": 554, "ldaps": 636, "kerberos": 750, "lotusnotes": 1352, "citrix-ica": 1494, "sqlnet": 1521,
    "radius": 1645, "radius-acct": 1646, "h323": 1720, "pptp": 1723, "nfs": 2049, "ctiqbe": 2748, "cifs": 3020,
    "sip": 5060, "aol": 5190, "secureid-udp": 5510, "pcanywhere-data": 5631, "pcanywhere-status": 5632,
}  # fmt: skip
PORTS = {name: str(number) for name, number in _PORTS.items()}
"""The names that an ASA writes for ports (Command Reference, "TCP and UDP Ports")."""
