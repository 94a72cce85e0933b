"""What IOS, IOS-XE and NX-OS write under each facility and mnemonic.

Group names are columns, or one of these, which `cisco_ios` works out:

    word     permitted, denied and the like
    packets  how many packets a line stands for
    state    succeeded or failed, in the device's words
    lost     packets that were not logged
    ended    why nothing is logged any more
    service_of  what a session is of: a protocol or an application
    login    a word that tells a login of an administrator from the other messages under a mnemonic
    localport, zone_pair

A user's name stands in the middle of some: it goes as far as what follows it allows.
"""

from __future__ import annotations

from parsers._cisco_messages import message

_FROM_FORWARDING = r"(?:[0-9A-Za-z/]+: +(?:[a-z_]+: +)?)?"
_LIST = _FROM_FORWARDING + r"(?:access-list logging )?list (?P<rule>[^ ]+) (?P<word>permitted|denied) "
_INPUT = r"(?: \((?P<in_interface>[^ ()]+)(?: (?P<src_mac>[0-9a-fA-F.]+))?[^()]*\))?"
_PACKETS = r",? (?P<packets>[0-9]+) packets?(?: +\[.*\])?"
_NETWORK_ACL = r"(?P<protocol>[^ ]+) (?P<src_ip>[^ (,]+)" + _INPUT + r" -> (?P<dst_ip>[^ (,]+)"
_SESSION = (
    r"(?:.*?\(target:class\)-?[: ]*\((?P<rule>[^)]*)\):? ?)?(?P<action>Start|Stop)? ?(?P<service_of>[^ ]+) session:? "
    r"initiator \((?P<src_ip>[^ ()]+):(?P<src_port>[0-9]+)\)(?: sent (?P<bytes_out>[0-9]+) bytes)? -- responder "
    r"\((?P<dst_ip>[^ ()]+):(?P<dst_port>[0-9]+)\)(?: sent (?P<bytes_in>[0-9]+) bytes)?"
    r"(?:,? from (?P<in_interface>[^ ]+))?.*"
)
_PACKET = (
    r"(?:\(target:class\)-\((?P<zone_pair>[^)]*)\) )?(?P<word>Dropping|Passing) (?P<protocol>[^ ]+) "
    r"(?:session|pkt|packet)(?: from (?P<in_interface>[^ ]+))? "
    r"\[?(?P<src_ip>[^ \[]+):(?P<src_port>[0-9]+) (?:=> )?(?P<dst_ip>[^ (]+):(?P<dst_port>[0-9]+)\]? *"
    r"(?:\(target:class\)-\((?P<rule>[^)]*)\))?(?: ?on zone-pair (?P<zones>[^ ]+)(?: class [^ ]+)?)?,?"
    r"(?: ?(?P<message>(?:due to|with ip ident).*))?"
)
_SUMMARY = (
    r"(?P<packets>[0-9]+) (?:(?P<protocol>[^ ]+) )?packets? (?:was|were) (?P<word>dropped|passed) from "
    r"(?P<src_ip>[^ ]+):(?P<src_port>[0-9]+) => (?P<dst_ip>[^ (]+):(?P<dst_port>[0-9]+) ?"
    r"(?:\(target:class\)-\((?P<rule>[^)]*)\))?.*"
)
_LOGIN = {"class_": "authentication", "path": "local_in", "auth_role": "administrator"}
_SYSTEM = {"class_": "system"}
_CONFIG = {"operation": "config_change", **_SYSTEM}
_LINK = {"operation": "link", **_SYSTEM}
_FINDING = {"class_": "finding", "finding_category": "anomaly"}

MESSAGES = (
    message("", class_="system"),
    message(
        "SEC-IPACCESSLOGP FMANFP-IPACCESSLOGP IPV6-ACCESSLOGP IPV6_ACL-ACCESSLOGP",
        rf"{_LIST}(?P<protocol>[a-z]+) (?P<src_ip>[^ (]+)\((?P<src_port>[0-9]+)\) -> "
        r"(?P<dst_ip>[^ (]+)\((?P<dst_port>[0-9]+)\), (?P<packets>[0-9]+) packets?",
        rf"{_LIST}(?P<protocol>[^ ]+) (?P<src_ip>[^ (]+)\((?P<src_port>[0-9]+)\){_INPUT} -> "
        rf"(?P<dst_ip>[^ (]+)\((?P<dst_port>[0-9]+)\){_PACKETS}",
        rf"{_LIST}(?P<protocol>[^ ]+) (?P<src_mac>[0-9a-f]{{4}}\.[0-9a-f]{{4}}\.[0-9a-f]{{4}}) (?P<src_ip>[^ (]+)"
        rf"\((?P<src_port>[0-9]+)\) -> (?P<dst_ip>[^ (]+)\((?P<dst_port>[0-9]+)\){_PACKETS}",
    ),
    message(
        "SEC-IPACCESSLOGDP FMANFP-IPACCESSLOGDP IPV6-ACCESSLOGDP IPV6_ACL-ACCESSLOGDP SEC-IPACCESSLOGSP "
        "FMANFP-IPACCESSLOGSP IPV6-ACCESSLOGSP IPV6_ACL-ACCESSLOGSP SEC-IPACCESSLOGNP FMANFP-IPACCESSLOGNP "
        "IPV6-ACCESSLOGNP IPV6_ACL-ACCESSLOGNP SEC-IPACCESSLOGRP FMANFP-IPACCESSLOGRP",
        rf"{_LIST}{_NETWORK_ACL}(?: ?\((?P<message>[0-9]+(?:/[0-9]+)?)\))?{_PACKETS}",
    ),
    message("SEC-IPACCESSLOGS FMANFP-IPACCESSLOGS", rf"{_LIST}(?P<src_ip>[^ ,(]+){_INPUT}{_PACKETS}"),
    message(
        "ACLLOG-ACLLOG_FLOW_INTERVAL ACLLOG-ACLLOG_NEW_FLOW",
        r".*?Src IP: (?P<src_ip>[^ ,]+), Dst IP: (?P<dst_ip>[^ ,]+), Src Port: (?P<src_port>[0-9]+), "
        r"Dst Port: (?P<dst_port>[0-9]+), Src Intf: (?P<in_interface>[^ ,]+), "
        r"Protocol: [^(,]*\((?P<protocol>[0-9]+)\),(?: ACL Name: (?P<rule>[^,]+),)?"
        r"(?: ACE Action: (?P<word>[A-Za-z]+),)?.*?Hit-count ?[=:] ?(?P<packets>[0-9]+).*",
    ),
    message(
        "SEC-IPACCESSLOGRL FMANFP-IPACCESSLOGRL",
        r"(?P<message>.*(?:rate-limited or )?missed (?P<lost>[0-9]+) packets?.*)",
        operation="log_loss", **_SYSTEM,
    ),
    message(
        "FW-SESS_AUDIT_TRAIL_START FW-SESS_AUDIT_TRAIL FW-SESSION_AUDIT_TRAIL",
        _SESSION,
        verdict="allow",
    ),
    message("FW-DROP_PKT FW-DROP_TCP_PKT FW-DROP_UDP_PKT FW-DROP_ICMP_PKT FW-PASS_PKT", _PACKET),
    message("FW-LOG_SUMMARY", _SUMMARY),
    message("FW-ALERT_ON FW-ALERT_OFF FW-HOST_TCP_ALERT_ON FW-BLOCK_HOST FW-UNBLOCK_HOST", signature="DoS", **_FINDING),
    message(
        "TCP-BADAUTH",
        r"(?P<message>(?:No|Invalid) MD5 digest) from (?P<src_ip>[^ (]+?)[:(](?P<src_port>[0-9]+)\)? to "
        r"(?P<dst_ip>[^ (]+?)[:(](?P<dst_port>[0-9]+)\)?.*",
        protocol="tcp", verdict="deny", path="local_in",
    ),
    message(
        "IPS-SIGNATURE",
        r"Sig:(?P<signature_id>[0-9]+) Subsig:[0-9]+ Sev:(?P<message>[^ ]+) (?P<signature>.*) "
        r"\[(?P<src_ip>[^ ]+):(?P<src_port>[0-9]+) -> (?P<dst_ip>[^ ]+):(?P<dst_port>[0-9]+)\].*",
        class_="finding", finding_category="ips",
    ),
    message(
        "PORT_SECURITY-PSECURE_VIOLATION",
        r"(?P<message>Security violation occurred), caused by MAC address (?P<src_mac>[^ ]+) on port "
        r"(?P<in_interface>[^ ]+?)(?:\. .*)?",
        signature="Port security", verdict="deny", **_FINDING,
    ),
    message(
        "SW_DAI-DHCP_SNOOPING_DENY SW_DAI-ACL_DENY SW_DAI-INVALID_ARP",
        r"(?P<packets>[0-9]+) (?P<message>Invalid ARPs \([A-Za-z]+\)) on (?P<in_interface>[^ ,]+), vlan [0-9]+\."
        r"\(\[(?P<src_mac>[^/]+)/(?P<src_ip>[^/]+)/[^/]*/(?P<dst_ip>[^/]+)/.*",
        signature="ARP inspection", verdict="deny", **_FINDING,
    ),
    message(
        "DHCP_SNOOPING-DHCP_SNOOPING_UNTRUSTED_PORT",
        r"(?P<message>DHCP_SNOOPING drop message on untrusted port, message type: [A-Z]+), "
        r"MAC sa: (?P<src_mac>[^ ,]+).*",
        signature="DHCP snooping", verdict="deny", **_FINDING,
    ),
    message(
        "SEC_LOGIN-LOGIN_SUCCESS SEC_LOGIN-LOGIN_FAILED",
        r"(?P<message>Login (?P<state>Success|failed) \[user: ?(?P<user>.*)\] \[Source: (?P<src_ip>[^\]]*)\] "
        r"\[localport: (?P<localport>[0-9]+)\](?: \[Reason: (?P<reason>[^\]]*)\])?.*)",
        **_LOGIN,
    ),
    message(
        "SEC_LOGIN-QUIET_MODE_ON",
        r"(?P<message>.*?\[user: ?(?P<user>.*)\] \[Source: (?P<src_ip>[^\]]*)\] \[localport: (?P<localport>[0-9]+)\] "
        r"\[Reason: (?P<reason>[^\]]*)\].*)",
        action="quiet mode", outcome="failure", verdict="deny", **_LOGIN,
    ),
    message(
        "SSH-SSH2_USERAUTH SSH-SSH_USERAUTH",
        r"(?P<message>User '(?P<user>.*)' authentication for SSH2? Session from (?P<src_ip>[^ ]+) \(tty = [0-9]+\).*? "
        r"(?P<state>Succeeded|Failed))",
        service="ssh", **_LOGIN,
    ),
    message(
        "SSH-SSH2_SESSION SSH-SSH2_CLOSE SSH-SSH_SESSION SSH-SSH_CLOSE",
        r"(?P<message>SSH2? Session (?:(?P<action>request) )?from (?P<src_ip>[^ ]+) \(tty = [0-9]+\)"
        r"(?: for user '(?P<user>.*)' using)?.*)",
        service="ssh", **_LOGIN,
    ),
    message(
        "SYS-LOGOUT",
        r"(?P<message>User (?P<user>.*) has (?P<action>exited) tty session [0-9]+\((?P<src_ip>[^()]*)\))",
        **_LOGIN,
    ),
    message(
        "SYS-TTY_EXPIRE_TIMER",
        r"(?P<message>\((?P<reason>exec timer expired), tty [0-9]+ \((?P<src_ip>[^()]*)\)\), user (?P<user>.*))",
        action="expired", **_LOGIN,
    ),
    message(
        "SYS-PRIV_AUTH_FAIL SYS-PRIV_AUTH_PASS SYS-PRIV_I",
        r"(?P<message>(?:Authentication to )?[Pp]rivilege level (?:set to )?(?P<target>[0-9]+) ?"
        r"(?P<state>failed|passed)? ?by (?P<user>.*) on [^ ]+(?: \((?P<src_ip>[^()]*)\))?)",
        service="enable", **_LOGIN,
    ),
    message(
        "SNMP-AUTHFAIL SNMPD-ERROR",
        r"(?P<message>Authentication (?P<state>fail)ure for SNMP req(?:uest)? from host (?P<src_ip>[^ ]+))",
        service="snmp", **_LOGIN,
    ),
    message(
        "DOT1X-FAIL DOT1X-SUCCESS AUTHMGR-FAIL AUTHMGR-SUCCESS MAB-FAIL MAB-SUCCESS SESSION_MGR-FAIL "
        "SESSION_MGR-SUCCESS",
        r"(?P<message>.*?(?P<action>Authentication|Authorization) (?P<state>failed|succeeded|successful) for client "
        r"\((?P<src_mac>[^)]*)\).*? on Interface (?P<in_interface>[^ ]+).*)",
        class_="authentication", service="802.1X", auth_role="client",
    ),
    message(
        "AUTHPRIV-SYSTEM_MSG DAEMON-SYSTEM_MSG",
        r"(?P<message>pam_aaa:(?P<login>Authentication) (?P<state>failed) (?:for user (?P<user>.*) )?"
        r"from (?P<src_ip>[^ ]+) - .*)",
        r"(?P<message>error: PAM: (?P<login>Authentication) (?P<state>fail)ure for (?:illegal user )?(?P<user>.*) "
        r"from (?P<src_ip>[^ ]+) - .*)",
        **_SYSTEM,
    ),
    message(
        "DMI-AUTH_PASSED",
        r"(?P<message>(?:.*?: )?User '(?P<user>.*)' authenticated (?P<state>successful)ly from "
        r"(?P<src_ip>[^ ]+?):(?P<src_port>[0-9]+) and was authorized for (?P<service>[^ ]+).*)",
        **_LOGIN,
    ),
    message(
        "AAAA-ACCTLOCAL",
        r"(?P<message>Username: (?P<user>.*?) Privilege level: [0-9]+ Command: (?P<object>.*))",
        operation="command", **_SYSTEM,
    ),
    message(
        "SYS-CONFIG_I VSHD-VSHD_SYSLOG_CONFIG_I",
        r"(?P<message>Configured from (?P<object>[^ ]+) by (?P<user>.*) on [^ ]+ \((?P<src_ip>[^()]*)\))",
        r"(?P<message>Configured from (?P<object>[^ ]+) by (?P<user>.*) on (?P<src_ip>[^ @]+)@[^ ]+)",
        r"(?P<message>Configured from (?P<object>[^ ]+) by (?:vty|console|aux|tty)[0-9]*(?: \((?P<src_ip>[^()]*)\))?)",
        r"(?P<message>Configured from (?P<object>[^ ]+)(?: by (?P<user>.*))?)",
        **_CONFIG,
    ),
    message(
        "PARSER-CFGLOG_LOGGEDCMD",
        r"(?P<message>User:(?P<user>[^ ]+) +logged command:(?P<object>.*))",
        **_CONFIG,
    ),
    message(
        "LINK-UPDOWN LINK-CHANGED LINEPROTO-UPDOWN",
        r"(?P<message>(?:Line protocol on )?Interface (?P<object>[^,]+), changed state to (?P<new>.+?))",
        **_LINK,
    ),
    message(
        "ETHPORT-IF_UP ETHPORT-IF_DOWN_LINK_FAILURE ETHPORT-IF_DOWN_ADMIN_DOWN ETHPORT-IF_DOWN_NONE "
        "ETHPORT-IF_ADMIN_UP",
        r"(?P<message>Interface (?P<object>[^ ]+) (?:.*?)is (?:admin )?(?P<new>up|down).*)",
        **_LINK,
    ),
    message(
        "SW_MATM-MACFLAP_NOTIF",
        r"(?P<message>Host (?P<src_mac>[^ ]+) in vlan .*)",
        operation="mac_flap", **_SYSTEM,
    ),
    message(
        "HSRP-STATECHANGE STANDBY-STATECHANGE VRRP-STATECHANGE GLBP-STATECHANGE",
        r"(?P<message>(?P<object>.+?) [Ss]tate (?P<old>[A-Za-z]+) -> (?P<new>[A-Za-z]+))",
        operation="ha", **_SYSTEM,
    ),
    message(
        "SYS-LOGGINGHOST_STARTSTOP SYS-LOGGINGHOST_FAIL",
        r"(?P<message>Logging to host (?P<dst_ip>[^ ]+)(?: port (?P<dst_port>[0-9]+))? ?"
        r"(?P<new>started|(?P<ended>stopped|failed))?.*)",
        operation="logging", **_SYSTEM,
    ),
    message(
        "PIM-INVALID_RP_JOIN",
        r"(?P<message>Received \(.*\) Join from (?P<src_ip>[^ ]+) for invalid RP (?P<dst_ip>[^ ]+))",
        operation="routing", **_SYSTEM,
    ),
    message("SYS-RESTART SYS-RELOAD SYS-BOOTTIME PLATFORM-REBOOT", operation="reboot", **_SYSTEM),
)  # fmt: skip

OPERATIONS = {
    "LINK": "link", "LINEPROTO": "link", "ETHPORT": "link", "ETH_PORT_CHANNEL": "link", "ILPOWER": "power",
    "OSPF": "routing", "OSPFV3": "routing", "BGP": "routing", "DUAL": "routing", "PIM": "routing", "HSRP": "ha",
    "STANDBY": "ha", "VRRP": "ha", "STACKMGR": "ha", "REDUNDANCY": "ha", "CRYPTO": "vpn", "IKEV2": "vpn",
    "IPSEC": "vpn", "NTP": "time", "SPANTREE": "spanning_tree", "STP": "spanning_tree", "ENVMON": "hardware",
    "PLATFORM_ENV": "hardware", "SYS": "system", "AAA": "aaa", "RADIUS": "aaa", "TPLUS": "aaa", "VSHD": "config_change",
}  # fmt: skip
"""What the other messages are about, by their facility."""
VERDICTS = {
    "permitted": "allow", "denied": "deny", "Permit": "allow", "Deny": "deny", "Dropping": "deny", "dropped": "deny",
    "Passing": "allow", "passed": "allow",
}  # fmt: skip
STATES = {
    "Success": "success", "Succeeded": "success", "succeeded": "success", "successful": "success", "passed": "success",
    "failed": "failure", "Failed": "failure", "fail": "failure",
}  # fmt: skip
