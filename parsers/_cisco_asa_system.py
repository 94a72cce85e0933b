"""Messages of an ASA on its own state: configuration, high availability, loss of logs, tunnels, leases."""

from __future__ import annotations

from parsers._cisco_asa_wording import OWNER
from parsers._cisco_messages import message

_SYSTEM = {"class_": "system"}
_CONFIG = {"operation": "config_change", **_SYSTEM}
_SA = r"IPSEC: An? (?:inbound|outbound) (?P<object>.+? SA \(SPI= ?[^)]*\)) between (?P<src_ip>[^ ]+) and "
_LOG_SERVER = (
    r"(?P<message>TCP Syslog [Ss]erver (?P<out_interface>[^:]+?) ?: ?(?P<dst_ip>[^/ ]+) ?/(?P<dst_port>[0-9]+) .*)"
)
_CLIENT = (
    r"(?P<in_interface>[^:]+):(?P<src_ip>[^/ ]+)/(?P<src_port>[0-9]+)(?: to (?P<dst_ip>[^/ ]+)/(?P<dst_port>[0-9]+))?"
)

MESSAGES = (
    message(
        "111008",
        r"(?P<message>User '?(?P<user>[^']*?)'? executed the '?(?P<object>.*?)'? command)",
        r"(?P<message>User '?(?P<user>[^']*?)'? executed the command (?P<object>.*))",
        **_CONFIG,
    ),
    message(
        "111009", r"(?P<message>User '(?P<user>[^']*)' executed cmd: ?(?P<object>.*))", operation="command", **_SYSTEM
    ),
    message(
        "111010",
        r"(?P<message>User '(?P<user>[^']*)', running '(?P<app>[^']*)' from IP (?P<src_ip>[^ ,]+), executed "
        r"'(?P<object>.*)')",
        **_CONFIG,
    ),
    message(
        "111001-111007",
        r"(?P<message>Begin configuration: (?P<src_ip>[^ ]+) (?:writing|reading) .*)",
        r"(?P<message>(?P<src_ip>[0-9.]+|[0-9A-Fa-f]*:[0-9A-Fa-f:]+)? ?.*end configuration: (?P<result>OK|FAILED).*)",
        r"(?P<message>(?P<src_ip>[0-9.]+|[0-9A-Fa-f]*:[0-9A-Fa-f:]+) .*)",
        **_CONFIG,
    ),
    message(
        "112001 208005 308002 308004 504001 504002",
        **_CONFIG,
    ),
    message(
        "502101 502102",
        r"(?P<message>(?P<action>New user added|User deleted) .*? Uname: (?P<object>.*) Priv: (?P<new>[0-9]+).*)",
        operation="user_change",
        **_SYSTEM,
    ),
    message(
        "502103",
        r"(?P<message>User priv level changed: Uname: (?P<object>(?P<user>.*)) From: (?P<old>[0-9]+) "
        r"To: (?P<new>[0-9]+))",
        operation="privilege_change",
        **_SYSTEM,
    ),
    message("502111 502112", r"(?P<message>.*policy (?:added|deleted|.*): .*)", **_CONFIG),
    message(
        "113022 113023",
        r"(?P<message>AAA Marking (?P<app>[^ ]+) server (?P<dst_ip>[^ ]+) in aaa-server group (?P<object>.+) as "
        r"(?P<new>[A-Z]+))",
        operation="aaa",
        **_SYSTEM,
    ),
    message(
        "109201-109213",
        r"(?P<message>UAUTH: Session=(?P<session_id>[^ ,]+), User=(?P<user>.*), "
        r"Assigned IP=(?P<nat_src_ip>[^ ,]+), .*)",
        operation="aaa",
        **_SYSTEM,
    ),
    message(
        "409023",
        r"(?P<message>Attempting AAA Fallback method [^ ]+ for .*? request for user (?P<user>.*?) ?: .*)",
        operation="aaa",
        **_SYSTEM,
    ),
    message("113001-113003 113018 113020 113024-113028 113041", operation="aaa", **_SYSTEM),
    message(
        "411001-411004",
        r"(?P<message>(?:Line protocol on )?Interface (?P<object>.+?),? changed state to "
        r"(?P<new>up|down|administratively (?:up|down)))",
        operation="link",
        **_SYSTEM,
    ),
    message(
        "414003",
        _LOG_SERVER,
        operation="log_loss",
        **_SYSTEM,
    ),
    message("414004 414005", _LOG_SERVER, operation="logging", **_SYSTEM),
    message("106101", operation="log_loss", **_SYSTEM),
    message(
        "199001",
        r"(?P<message>Reloaded at .* by (?P<user>.*)\. Reload reason: .*)",
        r"(?P<message>.*?(?:remote (?P<src_ip>[0-9A-Fa-f.:]+))?\)?)",
        operation="reboot",
        **_SYSTEM,
    ),
    message("199002 199005 199006 199021", operation="reboot", **_SYSTEM),
    message(
        "104001-104004",
        r"(?P<message>\((?P<object>[^)]*)\) Switching to (?P<new>[A-Z]+).*)",
        operation="ha",
        **_SYSTEM,
    ),
    message(
        "101001-101005 102001 103001-103008 105001-105050 105500-105550 210001-210022 311001-311004 709001-709013 "
        "720001-720073 747001-747045 425001-425006",
        operation="ha",
        **_SYSTEM,
    ),
    message(
        "602303 602304",
        rf"(?P<message>{_SA}(?P<dst_ip>[^ ]+) \((?:user= ?)?(?P<user>.*)\) has been (?P<action>created|deleted))",
        operation="vpn",
        **_SYSTEM,
    ),
    message(
        "750001-750016 751001-751029 752001-752017",
        r"Local: ?(?P<dst_ip>[0-9.]+|[0-9A-Fa-f:]+):(?P<dst_port>[0-9]+) Remote: ?(?P<src_ip>[0-9.]+|[0-9A-Fa-f:]+):"
        r"(?P<src_port>[0-9]+) "
        r"Username: ?(?:Unknown|(?P<user>.*?)) (?P<message>(?:IKEv2|Received|Negotiation|SA|Failed|[A-Z]).*)",
        operation="vpn",
        **_SYSTEM,
    ),
    message("713001-713999", OWNER, r"Group = [^,]*, (?P<message>.*)", operation="vpn", **_SYSTEM),
    message(
        "604103",
        r"(?P<message>DHCP daemon interface (?P<in_interface>[^:]+): +address granted (?P<lease_mac>[^ ]+) "
        r"\((?P<lease_ip>[^)]*)\))",
        action="granted",
        class_="dhcp",
    ),
    message(
        "604104",
        r"(?P<message>DHCP daemon interface (?P<in_interface>[^:]+): +address released (?P<lease_mac>[^ ]+)"
        r"(?: \((?P<lease_ip>[^)]*)\))?)",
        action="released",
        class_="dhcp",
    ),
    message(
        "725001 725002 725003 725006 725007 725016",
        rf"(?P<message>.*? (?:client|server|peer) {_CLIENT}.*)",
        operation="tls",
        path="local_in",
        **_SYSTEM,
    ),
)
