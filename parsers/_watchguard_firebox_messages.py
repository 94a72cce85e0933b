"""What Firebox messages mean: the words of its traffic messages, and the sentences of alarms, events and diagnostics.

Reference: Fireware v12.3 and v12.6 "Log Message Catalog" (message ids, areas and texts); read 2026-11-20.
"""

from __future__ import annotations

import re

_V4 = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_IP = rf"(?:{_V4}|[0-9A-Fa-f]*:[0-9A-Fa-f:]*)"
_FROM = rf"(?P<src_ip>{_IP})(?::(?P<src_port>[0-9]+))?"
_TO = rf"(?P<dst_ip>{_IP})(?::(?P<dst_port>[0-9]+))?"

USUAL = (
    r"^(?P<serial>[^ (:]+) \((?P<utc>[0-9][0-9T:.-]*)\) [A-Za-z][0-9A-Za-z_.-]*(?:\[[0-9]+\])?: "
    r"msg_id=\"(?P<code>[0-9A-F]{4}-[0-9A-F]{4})\" (?P<rest>.*)$"
)
"""What nearly every line has between the syslog header and the message; at every byte there is only one way on."""
HEAD = (
    r"^(?:(?P<serial>[^ (:]+) )?(?:(?P<member>[^ (:]+) )?(?:\((?P<utc>[0-9][0-9T:. -]*[0-9])Z?\) )?"
    r"(?:[A-Za-z][0-9A-Za-z_.-]*)(?:\[[0-9]+\])?: "
    r"(?:msg_id=\"(?P<code>[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4})\" ?)?(?P<rest>.*)$"
)
"""The same with parts left out: serial number, name of the cluster or member, time in UTC, program, message id."""
_NAME = r"[^ ]+(?: - [^ ]+)*"
_PACKET = (
    r"(?:[0-9]+ )?(?P<protocol>[a-z][0-9a-z-]*|[0-9]+) "
    rf"(?:[0-9]+ [0-9]+ )?(?P<src_ip>{_IP}) (?P<dst_ip>{_IP})(?: (?P<src_port>[0-9]+) (?P<dst_port>[0-9]+))?"
    r"(?: offset [0-9]+ (?P<flags>[A-Z]*) ?[0-9]+(?: win [0-9]+)?)?(?: (?P<tail>.*))?$"
)
FLOW = rf"^(?P<said>Allow|Deny) (?P<in_if>{_NAME}) (?P<out_if>{_NAME}) {_PACKET}"
"""A traffic message of syslog."""
NAMED = rf"^(?P<said>Allow|Deny) (?P<ways>.+?) {_PACKET}"
"""The same with blanks in the names of interfaces."""
MONITOR = (
    rf"^(?:Member[0-9]+ )?(?P<said>Allow|Deny) (?P<src_ip>{_IP}) (?P<dst_ip>{_IP}) (?P<service>[^ /]+)/"
    r"(?P<protocol>[0-9a-z-]+) (?:(?P<src_port>[0-9]+) (?P<dst_port>[0-9]+) )?(?P<in_if>[^ ]+) (?P<out_if>[^ ]+) "
    r"(?P<tail>.*?)(?: [0-9]+ [0-9]+)? \((?P<policy>[^()]*)\) +(?P<rest>[a-z_]+=\".*)$"
)
"""A traffic message as Traffic Monitor shows and exports it."""

ALARMS: dict[str, str] = {
    "attack": rf"(?P<attack>.+? attack) against (?P<dst_ip>{_IP}) from (?P<src_ip>{_IP}) detected\."
    r"(?: (?P<count>[0-9]+) .*?dropped since last alarm\.)?.*",
    "attack_from": rf"(?P<attack>.+? attack) from (?P<src_ip>{_IP}) detected\..*",
    "flooded": rf"(?P<attack>DDOS) (?:from client (?P<src_ip>{_IP})|against server (?P<dst_ip>{_IP})) detected\..*",
    "traffic": rf"(?P<attack>Blocked site|Blocked port|IP spoofing): Traffic detected from (?P<src_ip>{_IP}) to "
    rf"(?P<dst_ip>{_IP})(?: on port (?P<dst_port>[0-9]+))?\..*",
    "arp": rf"(?P<attack>ARP spoofing attack) detected, ip=(?P<src_ip>{_IP}), mac=(?P<src_mac>[0-9A-Fa-f:]+), "
    r"interface=(?P<in_if>[^ ,]+).*",
    "blocking": rf"(?P<attack>Temporarily blocking host) (?P<src_ip>{_IP}) \(reason = (?P<reason>.*)\).*",
    "apt": r"(?P<attack>APT [^.]*)\. Details='Policy Name: (?P<policy>.*?) Reason: (?P<reason>.*?) (?:Message: .*? )?"
    rf"Task_UUID: .*?Source IP: (?P<src_ip>{_IP}) Source Port: (?P<src_port>[0-9]+) Destination IP: (?P<dst_ip>{_IP}) "
    r"Destination Port: (?P<dst_port>[0-9]+).*",
    "policy": rf"Policy Name: (?P<policy>.*) Source IP Address: (?P<src_ip>{_IP}) Source Port: (?P<src_port>[0-9]+) "
    rf"Destination IP Address: (?P<dst_ip>{_IP}) Destination Port: (?P<dst_port>[0-9]+).*",
}
"""Alarms, which are findings, but for `policy`: traffic that a policy wants to be told of."""
LOGINS: dict[str, str] = {
    "admin": rf"(?P<what>Management|WSM|WebUI|CLI|[A-Z0-9]+ VPN) [Uu]ser (?P<user>.*) from (?P<src_ip>{_IP}) "
    rf"(?P<result>logged in|logged out|log in attempt was rejected)(?: assigned virtual IP is (?P<lent>{_V4}))?(?: - )?"
    r"(?P<reason>.*)",
    "authenticated": rf"Authentication of (?P<what>.*?) ?(?:user|client) \[(?P<user>.*)\] from (?P<src_ip>{_IP}) was "
    r"(?P<result>accepted|rejected)(?:, (?P<reason>.*))?",
    "not_authenticated": r"Authentication of (?P<what>.*?) ?user \[(?P<user>.*)\] (?P<result>failed)\. (?P<reason>.*)",
    "authentication_error": r"Authentication (?P<result>error)\. (?P<reason>.* for (?P<user>[^ ]+?)\.?)",
    "mobile_vpn": r"(?P<what>Mobile VPN with [0-9A-Za-z]+) user (?P<user>.*) "
    rf"(?P<result>logged in|logged off|logged out)\."
    rf"(?: Virtual IP address is (?P<lent>{_V4})\.?)?(?: Real IP address is (?P<src_ip>{_V4})\.?)?",
    "l2tp": r"(?P<result>Created|Updated|Deleted) (?P<what>Mobile VPN with [0-9A-Za-z]+) session for user "
    rf"'(?P<user>.*)', virtual IP address '(?P<lent>{_V4})'\.?",
    "mobile_device": r"(?P<what>Mobile device) [^:]*: user (?P<user>.*?)(?: has already)? "
    r"(?P<result>logged in|logged out)\.",
    "muvpn": r"(?P<what>MUVPN) user '(?P<user>.*)' is (?P<result>authenticated).*",
    "host_sensor": r"(?P<what>VPN) \([^)]*\) connection by user (?P<user>[^ ]+) (?P<result>failed to meet|met) "
    r"(?P<reason>.*)",
    "too_many": r"(?P<result>Rejected) a (?P<what>FireClient) user login because (?P<reason>.*)",
}
_CLIENT = r"(?P<lease_mac>[0-9A-Fa-f:]{17})(?: \((?P<lease_name>[^()]*)\))?(?: via (?P<in_if>[A-Za-z][^ :]*))?.*"
LEASES: dict[str, str] = {
    "lent": rf"(?P<result>DHCP(?:OFFER|ACK|NAK)) on (?P<lease_ip>{_V4}) to {_CLIENT}",
    "asked": rf"(?P<result>DHCPREQUEST) for (?P<lease_ip>{_V4})(?: \({_V4}\))? from {_CLIENT}",
    "sought": rf"(?P<result>DHCPDISCOVER) from {_CLIENT}",
    "ended": rf"(?P<result>DHCP(?:RELEASE|DECLINE)) of (?P<lease_ip>{_V4}) from {_CLIENT}",
}
STATES: dict[str, str] = {
    "changed": rf"Management user (?P<user>.*) from (?P<src_ip>{_IP}) (?P<action>[a-z]+) (?P<object>.*)",
    "feature_key": r"(?P<user>[^ ]+) (?P<action>added|removed) feature key '(?P<object>[^']*)'.*",
    "exchange": rf".*? from {_FROM} to {_TO} (?P<result>failed)\..*?Reason=(?P<reason>.*)",
    "between": rf".*(?:negotiation|exchange|message) from {_FROM} to {_TO}\b.*",
    "gateways": rf".*(?P<role>initiator|responder).*local-?gw: ?(?P<local>{_V4})(?::(?P<local_port>[0-9]+))? "
    rf"remote-?gw: ?(?P<remote>{_V4})(?::(?P<remote_port>[0-9]+))?.*",
    "received": r"(?:Received|Rejected|Dropped|XAuth negotiation|MUVPN user auth).*? (?:from|at)(?: the)?(?: peer)? "
    rf"{_FROM}\b.*",
    "link": r"\[(?P<object>[^\]]*)\] .*link state becomes (?P<new>[A-Z]+).*",
    "monitored": r"Monitored interface (?P<object>[^ ]+) link is (?P<new>[a-z]+).*",
    "switched": r"(?P<object>.*?) (?:setting )?changed from (?P<old>[^ ]+) to (?P<new>[^ ]+?)\.?",
    "locked": r"User (?P<user>[^ ]+) (?P<action>is unlocked|is locked out|used).*",
    "of_user": r".*\b(?:for|by) user (?P<user>[^ ']+) .*|.* user '(?P<user2>[^']*)'.*",
}
"""What happened to the box itself; a sentence of no such form is kept as message."""

_AREAS = {
    "0101": "config_change", "0102": "licence", "02": "vpn", "0900": "link", "0F01": "sandbox",
    "1100": "authentication", "2300": "email", "2500": "vpn", "2E": "update", "3000": "firewall", "3001": "firewall",
    "3100": "link", "38": "ha",
    "39": "ha", "3A": "ha", "3D": "logging", "3E": "management", "4001": "certificate", "41": "licence",
    "50": "management", "5501": "system", "5A": "dyndns", "5B": "vpn", "68": "wireless", "70": "mobile",
    "78": "endpoint",
}  # fmt: skip
"""First digits of the message id → operation, the longer ones first."""
_APPS = {
    "1A": "http", "1B": "smtp", "1C": "ftp", "1D": "dns", "21": "pop3", "22": "imap", "28": "sip", "2A": "h323",
    "2C": "https",
}  # fmt: skip
_CATEGORIES = (
    (r"(?i)virus|\bav\b", "virus"), (r"\bIPS\b", "ips"), (r"(?i)\bapp match|application", "app"),
    (r"\bAPT\b", "sandbox"), (r"\bDLP\b", "dlp"), (r"(?i)spam|classif|bulk mail", "email"),
    (r"(?i)reputation|DNSWatch", "reputation"),
    (r"(?i)categories|service unavailable|WebBlocker", "webfilter"), (r"(?i)timeout", "timeout"),
)  # fmt: skip
_REQUESTS = {"http": "http", "https": "http", "smtp": "email", "pop3": "email", "imap": "email", "dns": "dns"}
NAMES = ("class", "category", "later", "word", "app", "operation")


def meaning(code: str, said: str, message: str) -> tuple[str | None, ...]:
    """In the order of `NAMES`: what a message is, by its id, Allow or Deny, and `msg=`; each may be empty."""
    app = next((name for start, name in _APPS.items() if code.upper().startswith(start)), None)
    operation = next((name for start, name in reversed(_AREAS.items()) if code.upper().startswith(start)), "event")
    if not said:
        return (None, None, None, None, app, operation)
    word = re.match(r"(Proxy[A-Za-z]+): ", message)
    request = re.match(r"(\w+) [Rr]equest$", message)
    if request:
        app = app or request[1].lower()
        return (_REQUESTS.get(app, "network"), None, None, None, app, None)
    if word or message in ("Application identified", "IPS detected") or "Timeout" in message:
        category = next((name for pattern, name in _CATEGORIES if re.search(pattern, message)), "proxy")
        later = "blocked_later" if said == "Deny" else None
        return ("finding", category, later, word[1] if word else None, app, None)
    return ("network", None, None, None, app, None)
