"""Messages of an ASA on connections, translations, refused packets and what inspection found."""

from __future__ import annotations

from parsers._cisco_asa_wording import (
    ADDRESSES,
    BOX,
    DST,
    FROM_TO,
    ICMP,
    ICMP_TYPE,
    IP,
    LOCAL,
    MAPPED_IN_CLUSTER,
    ON,
    PROTOCOL,
    RING,
    SRC,
    TO_BOX,
    USUAL,
    USUAL_DST,
    USUAL_LOCAL,
    USUAL_MAPPED,
    USUAL_SRC,
    pair,
)
from parsers._cisco_messages import message

_BUILT = r"Built (?P<way>inbound|outbound) (?P<protocol>[A-Za-z]+) connection (?P<session_id>[0-9]+) for "
_TEARDOWN = r"Teardown (?P<protocol>[A-Za-z]+) connection (?P<session_id>[0-9]+) for "
_ENDED = r",? duration (?P<clock>[0-9:]+),? (?P<ended>bytes (?P<sent>[0-9]+)(?P<why>.*?))" + RING
_DENY = {"action": "Deny", "verdict": "deny", "path": "forward"}
_SPOOFED = {"action": "Deny", "verdict": "deny"}
_ACL = r" by access-group \"?(?P<rule>[^\" ]*)\"?.*"
_HITS = r"hit-cnt (?P<hits>[0-9]+) (?:(?P<interval>[0-9]+)-second interval|first hit).*"
_LISTED = (
    r"(?P<in_interface>[^/]+)/(?P<src_ip>[^ (]+)\((?P<src_port>[0-9]+)\)(?: ?\((?P<src_who>[^)]*)\))? -> "
    r"(?P<out_interface>[^/]+)/(?P<dst_ip>[^ (]+)\((?P<dst_port>[0-9]+)\)(?: ?\((?P<dst_who>[^)]*)\))? "
)
_USUAL_LISTED = (
    rf"(?P<in_interface>[^/]+)/(?P<src_ip>{IP})\((?P<src_port>[0-9]+)\) -> "
    rf"(?P<out_interface>[^/]+)/(?P<dst_ip>{IP})\((?P<dst_port>[0-9]+)\) "
)
_RULE = r"access-list (?P<rule>[^ ]+) (?P<word>permitted|denied|est-allowed) "
_IPS = {"class_": "finding", "finding_category": "ips"}

MESSAGES = (
    message(
        "302013 302015 302017 302035 302037 302303 302305",
        rf"{_BUILT}{USUAL_MAPPED.format('a')} to {USUAL_MAPPED.format('b')}{RING}",
        r"Built (?:(?P<way>inbound|outbound) )?(?:Probe )?(?P<protocol>[A-Za-z]+)(?: state-bypass)? connection "
        rf"(?P<session_id>[0-9]+) (?:for|from) {pair('a')} to {pair('b')}{RING}(?: ?\((?P<user>[^()]*)\))?",
        action="Built",
        verdict="allow",
    ),
    message(
        "302014 302016 302018 302036 302038 302304 302306",
        rf"{_TEARDOWN}{USUAL.format('a')} to {USUAL.format('b')} duration (?P<clock>[0-9:]+) "
        rf"(?P<ended>bytes (?P<sent>[0-9]+)(?P<why>[^()]*?)){RING}",
        r"Teardown (?:Probe )?(?P<protocol>[A-Za-z]+)(?: state-bypass)? connection (?P<session_id>[0-9]+) (?:for|from) "
        rf"{pair('a', '')} to {pair('b', '')}{_ENDED}(?: ?\((?P<user>[^()]*)\))?",
        r"Teardown (?P<protocol>[A-Za-z]+) connection (?P<session_id>[0-9]+) for "
        rf"{USUAL.format('a')} (?P<user>[^:/()]+) to {USUAL.format('b')} [^:/()]+{_ENDED}",
        action="Teardown",
        direction="unknown",
        verdict="allow",
    ),
    message(
        "302020",
        rf"Built (?P<way>inbound|outbound) (?P<protocol>[0-9A-Za-z-]+) connection for {USUAL_LOCAL}",
        rf"Built (?P<way>inbound|outbound) (?P<protocol>[0-9A-Za-z-]+) connection for {LOCAL}",
        action="Built",
        verdict="allow",
    ),
    message(
        "302021",
        rf"Teardown (?P<protocol>[0-9A-Za-z-]+) connection for {USUAL_LOCAL}",
        rf"Teardown (?P<protocol>[0-9A-Za-z-]+) connection for {LOCAL}",
        action="Teardown",
        direction="unknown",
        verdict="allow",
    ),
    message(
        "302022 302024 302026",
        r"Built [a-z]+ +stub (?P<protocol>[A-Z]+) connection for "
        rf"{pair('a', MAPPED_IN_CLUSTER)} to {pair('b')}",
        action="Built stub",
        direction="unknown",
    ),
    message(
        "302023 302025 302027",
        rf"Teardown stub (?P<protocol>[A-Z]+) connection for {pair('a', '')} to {pair('b', '')} "
        r"duration (?P<clock>[0-9:]+) (?P<message>forwarded bytes .*)",
        action="Teardown stub",
        direction="unknown",
    ),
    message(
        "805001 805002",
        rf"(?P<action>Offloaded) (?P<protocol>[A-Z]+) Flow for connection (?P<session_id>[0-9]+) from {pair('a')} to "
        rf"{pair('b')}",
        rf"(?P<protocol>[A-Z]+) Flow is (?P<action>no longer offloaded) for connection (?P<session_id>[0-9]+) from "
        rf"{pair('a')} to {pair('b')}",
        direction="unknown",
    ),
    message("609001", r"Built local-host (?P<in_interface>[^:]+):(?P<src_ip>[^ ]+)", action="Built"),
    message(
        "609002",
        r"Teardown local-host (?P<in_interface>[^:]+):(?P<src_ip>[^ ]+) duration (?P<clock>[0-9:]+)",
        action="Teardown",
    ),
    message(
        "305011 305012 305009 305010",
        rf"(?P<action>Built|Teardown) (?:dynamic|static) (?P<protocol>[A-Za-z]+) translation from {USUAL_SRC} to "
        rf"(?P<out_interface>[^:]+):(?P<nat_src_ip>{IP})/(?P<nat_src_port>[0-9]+)(?: duration (?P<clock>[0-9:]+))?",
        r"(?P<action>Built|Teardown) (?:dynamic|static) (?:(?P<protocol>[A-Za-z]+) )?translation from "
        r"(?P<in_interface>[^:(]+)(?:\([^)]*\))?:(?P<src_ip>[^/ (]+)(?:/(?P<src_port>[^ (]+))?"
        r"(?: ?\((?P<src_who>[^)]*)\))? to (?P<out_interface>[^:]+):(?P<nat_src_ip>[^/ (]+)"
        r"(?:/(?P<nat_src_port>[^ (]+))?(?: duration (?P<clock>[0-9:]+))?",
    ),
    message(
        "305014 305015 305017",
        r"(?P<message>.*?(?P<action>Allocated|Released|Active) .*? ?block of ports for translation from "
        r"(?P<in_interface>[^:]+):(?P<src_ip>[^/ ]+) to (?P<out_interface>[^:]+):(?P<nat_src_ip>[^/ ]+)/[0-9-]+)",
    ),
    message(
        "305005 305006",
        rf"(?P<message>No translation group found|.*? translation creation failed) for {PROTOCOL} src {SRC} "
        rf"dst {DST}{ICMP_TYPE}",
        verdict="deny",
    ),
    message(
        "305013",
        rf"(?P<message>Asymmetric NAT rules matched [^;]*); Connection for {PROTOCOL} src {SRC} dst {DST}{ICMP_TYPE} "
        r"denied due to NAT reverse path failure",
        verdict="deny",
    ),
    message(
        "106023",
        rf"Deny (?P<protocol>[a-z]+) src {USUAL_SRC} dst {USUAL_DST} by access-group \"(?P<rule>[^\"]*)\".*",
        rf"Deny {PROTOCOL} src {SRC} dst {DST}{ICMP}{_ACL}",
        rf"Deny {PROTOCOL} src {SRC} dst {DST},? (?P<message>type [^,]+, code [^, ]+),?{_ACL}",
        **_DENY,
    ),
    message(
        "106100",
        rf"{_RULE}(?P<protocol>[^ ]+) {_USUAL_LISTED}{_HITS}",
        rf"{_RULE}(?P<protocol>[^ ]+) {_LISTED}{_HITS}",
        path="forward",
    ),
    message("106102 106103", rf"{_RULE}(?P<protocol>[^ ]+) for user (?P<user>.*) {_LISTED}{_HITS}", path="forward"),
    message(
        "106001",
        rf"Inbound TCP connection denied from {FROM_TO} (?P<message>flags .*?) +on interface (?P<in_interface>.+?)",
        protocol="tcp",
        **_DENY,
    ),
    message(
        "106002",
        r"(?P<protocol>[^ ]+) [Cc]onnection denied by outbound list (?P<rule>[^ ]+) src (?P<src_ip>[^ ]+) "
        r"(?:(?P<src_port>[0-9]+) )?dest (?P<dst_ip>[^ ]+)(?: (?P<dst_port>[0-9]+))?",
        **_DENY,
    ),
    message("106006", rf"Deny inbound UDP from {FROM_TO}(?:{ON})?", protocol="udp", **_DENY),
    message(
        "106007",
        rf"Deny inbound UDP from {FROM_TO} (?P<message>due to DNS (?P<dns>[A-Za-z]+))",
        protocol="udp",
        action="Deny",
        verdict="deny",
    ),
    message("106010 106011", rf"Deny inbound (?:\(No xlate\) )?{PROTOCOL} src {SRC} dst {DST}{ICMP}", **_DENY),
    message(
        "106012", rf"(?P<message>Deny IP from {ADDRESSES}, IP options:? .*)".replace("[^ ]+)", "[^ ,]+)"), **_SPOOFED
    ),
    message(
        "106013",
        r"Dropping echo request from (?P<src_ip>[^ ]+) to PAT address (?P<dst_ip>[^ ]+)",
        protocol="icmp",
        action="Dropping",
        verdict="deny",
    ),
    message("106014", rf"Deny inbound icmp src {SRC} dst {DST}{ICMP}", protocol="icmp", **_DENY),
    message(
        "106015",
        *(
            rf"Deny TCP \(no connection\) from {FROM_TO} (?P<message>flags {flags}) +on interface "
            r"(?P<in_interface>[^ .]+)"
            for flags in ("[A-Z]+", "[A-Z]+ [A-Z]+")
        ),
        rf"Deny TCP \(no connection\) from {FROM_TO} (?P<message>flags .*?) +on interface (?P<in_interface>.+?)",
        protocol="tcp",
        action="Deny",
        verdict="deny",
        path="out_of_state",
    ),
    message("106016", rf"(?P<message>Deny IP spoof) from \((?P<src_ip>[^)]*)\) to (?P<dst_ip>[^ ]+){ON}", **_SPOOFED),
    message("106017", rf"(?P<message>Deny IP due to Land Attack) from {ADDRESSES}", **_SPOOFED),
    message(
        "106018",
        r"ICMP packet (?P<message>type [^ ]+) denied by outbound list (?P<rule>[^ ]+) src (?P<src_ip>[^ ]+) "
        r"dest (?P<dst_ip>[^ ]+)",
        protocol="icmp",
        **_DENY,
    ),
    message("106020", rf"(?P<message>Deny IP teardrop fragment \([^)]*\)) from {ADDRESSES}", **_SPOOFED),
    message(
        "106021 106022",
        rf"Deny (?P<protocol>[^ ]+) (?P<message>reverse path check|connection spoof) from {ADDRESSES}{ON}",
        **_SPOOFED,
    ),
    message(
        "110002 110003 110005",
        r"(?P<message>(?:Failed to locate egress interface|Routing failed to locate next hop) for "
        r"(?P<protocol>[^ ]+) from (?P<in_interface>[^:]+):(?P<src_ip>[^/ ]+)/(?P<src_port>[^ ]+) to "
        r"(?:(?P<out_interface>[^:]+):)?(?P<dst_ip>[^/ ]+)/(?P<dst_port>[^ ]+))",
        verdict="deny",
    ),
    message(
        "313001 313008",
        rf"Denied (?P<protocol>[0-9A-Za-z-]+) (?P<message>type=[^,]+, code=[^ ]+) from (?P<src_ip>[^ ]+){ON}",
        action="Denied",
        verdict="deny",
        path="local_in",
    ),
    message(
        "313004",
        r"Denied (?P<protocol>[0-9A-Za-z-]+) (?P<message>type=[^,]+), from (?:laddr )?(?P<src_ip>[^ ]+) on interface "
        r"(?P<in_interface>.+?) to (?P<dst_ip>[^ :]+|[^ ]+[^ :]): ?no matching session",
        action="Denied",
        verdict="deny",
        path="out_of_state",
    ),
    message(
        "313005",
        r"No matching connection for ICMP error message: (?P<protocol>[0-9A-Za-z-]+) src "
        rf"{SRC} dst {DST} (?P<message>\(type [^)]*\)) on .+? interface\. +Original IP payload: .*",
        action="No matching connection",
        verdict="deny",
        path="out_of_state",
    ),
    message(
        "313009",
        rf"Denied (?P<message>invalid ICMP code [^,]+), for {pair('a')} to {pair('b')}.*",
        action="Denied",
        verdict="deny",
        protocol="icmp",
        direction="unknown",
    ),
    message(
        "401004",
        rf"Shunned packet: (?P<src_ip>[^ ]+) ==> (?P<dst_ip>[^ ]+){ON}",
        action="Shunned packet",
        verdict="deny",
    ),
    message(
        "418001",
        r"(?P<message>Through-the-device packet to/from management-only network is denied): (?P<protocol>[^ ]+) from "
        r"(?P<in_interface>[^ ]+) (?P<src_ip>[^ ]+) ?\((?P<src_port>[0-9]+)\)(?: ?\((?P<src_who>[^)]*)\))? to "
        r"(?P<out_interface>[^ ]+) (?P<dst_ip>[^ ]+) ?\((?P<dst_port>[0-9]+)\).*",
        r"(?P<message>Through-the-device packet to/from management-only network is denied): "
        rf"(?P<protocol>[^ ]+) src {SRC} dst {DST}",
        verdict="deny",
    ),
    message(
        "419002",
        rf"(?P<message>Duplicate TCP SYN) from {SRC} to {DST} with different initial sequence number",
        protocol="tcp",
        action="Duplicate TCP SYN",
    ),
    message(
        "500004",
        rf"(?P<message>Invalid transport field) for protocol=(?P<protocol>[^,]+), from {FROM_TO}",
    ),
    message("710001", rf"(?P<protocol>[A-Z]+) access requested from {TO_BOX}", action="requested", **BOX),
    message("710002", rf"(?P<protocol>[A-Z]+) access (?P<word>permitted) from {TO_BOX}", verdict="allow", **BOX),
    message("710003", rf"(?P<protocol>[A-Z]+) access (?P<word>denied) by ACL from {TO_BOX}", verdict="deny", **BOX),
    message(
        "710004",
        rf"(?P<protocol>[A-Z]+) connection limit exceeded from {TO_BOX} (?P<message>\(.*\))",
        action="limit exceeded",
        verdict="deny",
        **BOX,
    ),
    message(
        "710005 710006",
        r"(?P<protocol>[0-9A-Za-z-]+) request discarded from (?P<src_ip>[^/ ]+)(?:/(?P<src_port>[^ ]+))? to "
        r"(?P<in_interface>[^:]+):(?P<dst_ip>[^/ ]+)(?:/(?P<dst_port>[^ ]+))?",
        action="discarded",
        verdict="deny",
        **BOX,
    ),
    message("710007", rf"NAT-T keepalive received from {TO_BOX}", action="NAT-T keepalive", protocol="udp", **BOX),
    message(
        "303002",
        rf"FTP connection from {SRC} to {DST}, user (?P<user>.*?) (?P<action>Stored|Retrieved) file (?P<message>.*)",
        protocol="tcp",
        app="ftp",
    ),
    message(
        "304001",
        r"(?:(?P<user>[^ @]+)@)?(?P<src_ip>[^ (]+)(?: ?\((?P<src_who>[^)]*)\))? Accessed (?:JAVA )?URL (?:[^ :]*@)?"
        r"(?P<dst_ip>[0-9.]+|[0-9A-Fa-f:]+?|[^ :]+):(?P<url>[^ ]*.*)",
        action="Accessed",
        verdict="allow",
        class_="http",
    ),
    message(
        "304002",
        r"Access denied URL (?P<url>.*) SRC (?P<src_ip>[^ ]+) DEST (?P<dst_ip>[^ :]+)(?:: .*|"
        r" on interface (?P<in_interface>.+?))?",
        action="denied",
        verdict="deny",
        class_="http",
    ),
    message(
        "607001",
        r"Pre-allocate SIP (?P<message>.*?) (?P<protocol>UDP|TCP) secondary channel for (?P<out_interface>[^:]+):"
        r"(?P<dst_ip>[^/ ]+)/(?P<dst_port>[0-9]+) to (?P<in_interface>[^:]+):(?P<src_ip>[^/ ]+)"
        r"(?:/(?P<src_port>[0-9]+))? from .*",
        action="Pre-allocate",
        app="sip",
    ),
    message(
        "400000-400051",
        rf"(?:IPS|IDS):(?P<signature_id>[0-9]+) (?P<signature>.+) from {ADDRESSES}{ON}",
        **_IPS,
    ),
    message(
        "338001-338008 338201-338204",
        rf"Dynamic [Ff]ilter (?P<word>[a-z]+) [a-z ]+?list(?:ed)? (?P<protocol>[A-Z]+) traffic from "
        rf"{pair('a')} to {pair('b')},? (?P<message>.*? resolved from .*? list: (?P<signature>[^,]+).*)",
        finding_category="botnet",
        direction="unknown",
        class_="finding",
    ),
    message(
        "733100",
        r"\[ *(?P<signature>[^\]]*?) *\] (?P<message>drop rate-.*)",
        class_="finding",
        finding_category="anomaly",
    ),
    message(
        "733101",
        r"(?P<message>[^ ]+ (?:(?P<src_ip>[^ ]+) \(?is attacking\)?|(?P<dst_ip>[^ ]+) \(?is targeted\)?)\. .*)",
        class_="finding",
        finding_category="anomaly",
        signature="Scanning",
    ),
    message(
        "733102 733103",
        r"(?P<message>Threat-detection (?P<action>adds|removes) host (?P<src_ip>[^ ]+) .*)",
        class_="finding",
        finding_category="anomaly",
        signature="Scanning",
    ),
    message(
        "322001",
        r"(?P<message>Deny MAC address (?P<src_mac>[^,]+), possible spoof attempt) on interface (?P<in_interface>.+?)",
        class_="finding",
        finding_category="anomaly",
        signature="MAC spoofing",
        verdict="deny",
    ),
    message(
        "405001 405002",
        r"(?P<message>Received .*?collision) from (?P<src_ip>[^/ ]+)/(?P<src_mac>[^ ]+) (?:on|for) .*",
        class_="finding",
        finding_category="anomaly",
        signature="ARP collision",
    ),
)
