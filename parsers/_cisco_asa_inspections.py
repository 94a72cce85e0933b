"""Messages of an ASA on what inspection, modules, limits and missing resources refuse."""

from __future__ import annotations

from parsers._cisco_asa_wording import DST, FROM_TO, ON, SRC
from parsers._cisco_messages import message

_FLOW = rf"from {SRC} to {DST}"
_PROTOCOL = r"(?:protocol )?(?P<protocol>[0-9A-Za-z-]+)"
_DENY = {"verdict": "deny"}
_CUT = {"outcome": "blocked_later", **_DENY}
_FRAGMENT = (
    r"(?P<message>.*?) ?: +src = (?P<src_ip>[^ ,]+) ?, dest = (?P<dst_ip>[^ ,]+) ?, "
    r"proto = (?P<protocol>[^ ,]+) ?, id = .*"
)
_CLASSIFIED = r"(?:for )?(?:ESMTP|SIP) (?:Request|Response)(?: [^ ]+)?"

MESSAGES = (
    message("106025 106026",
        r"(?P<message>Failed to determine security context for packet): ?(?P<in_interface>[^ ]+) "
        r"src (?P<src_ip>[^/ ]+)/(?P<src_port>[^ ]+) dest (?P<dst_ip>[^/ ]+)/(?P<dst_port>[^ ]+) (?P<protocol>[^ ]+)",
        **_DENY,
    ),
    message("106027", r'(?P<message>.*?Deny .*) by access-group "?(?P<rule>[^" ]*)"?.*', action="Deny", **_DENY),
    message("108003",
        rf"(?P<message>(?P<action>Terminating) .*?; malicious pattern detected in the mail address) {_FLOW}\. .*",
        protocol="tcp", **_CUT,
    ),
    message("108004 607002",
        rf"[A-Z]+ [A-Za-z]+: (?P<word>Dropped|Reset|Masked)(?: connection| header flags)? {_CLASSIFIED} {_FLOW}; "
        r"(?P<message>.*)",
    ),
    message("109039",
        rf"(?P<message>AAA Authentication: (?P<word>Dropping) an unsupported [^ ]+ packet) {_FLOW}",
        **_DENY,
    ),
    message("113042",
        rf"(?P<message>Non-HTTP connection) {_FLOW} denied by redirect filter.*",
        action="denied", **_DENY,
    ),
    message("201010 201011 201013",
        rf"(?P<message>.*?[Cc]onnection (?P<action>limit exceeded) [^ ]+) for [a-z]+ packet from {FROM_TO}{ON}",
        **_DENY,
    ),
    message("201012",
        rf"(?P<message>.*?[Cc]onnection (?P<action>limit exceeded) .+?) for [a-z]+ packet from {FROM_TO}{ON}",
    ),
    message("202010 305016 305023",
        rf"(?P<message>.*?)\. Unable to create {_PROTOCOL} connection {_FLOW}",
        rf"Unable to create {_PROTOCOL} connection {_FLOW} (?P<message>due to .*)",
        action="Unable to create", **_DENY,
    ),
    message("209003 209004", _FRAGMENT),
    message("209005", _FRAGMENT, action="Discard", **_DENY),
    message("209006",
        rf"(?P<message>Fragment queue threshold exceeded), (?P<word>dropped) {_PROTOCOL} fragment from {FROM_TO} "
        r"on (?P<in_interface>.+?) interface",
        **_DENY,
    ),
    message("303004 508001 508002",
        rf"(?P<message>.*), (?P<action>terminating connection) {_FLOW}",
        r"(?P<message>DCERPC [^/:]*) "
        rf"{_FLOW}, (?P<action>terminating connection)",
        protocol="tcp", **_CUT,
    ),
    message("303005", rf"(?P<message>.*), (?P<word>Reset|Drop|Dropped)(?: [Cc]onnection)? {_FLOW}", protocol="tcp"),
    message("410001", rf"(?P<word>Dropped) (?P<protocol>UDP) DNS [a-z]+ {_FLOW}; (?P<message>.*)", **_DENY),
    message("410002",
        rf"(?P<message>Dropped (?P<hits>[0-9]+) DNS responses with mis-matched id) .*?: {_FLOW}",
        action="Dropped", protocol="udp", **_DENY,
    ),
    message("415001-415020",
        rf".*?(?P<word>Dropping|Resetting|Reset|Drop)(?: connection)? {_FLOW}.*",
    ),
    message("419001", rf"(?P<word>Dropping) (?P<protocol>TCP) packet {_FLOW}, (?P<message>reason: .*)", **_DENY),
    message("420001 420006 429001 434001",
        rf"(?P<message>.*? and fail-close mode used), (?P<action>dropping) {_PROTOCOL} packet {_FLOW}.*",
        **_CUT,
    ),
    message("420002 420003 429002 429003 434002 434003",
        rf"[A-Z]+ requested to (?P<action>drop|reset) {_PROTOCOL} (?:packet|connection) {_FLOW}.*",
        **_CUT,
    ),
    message("421001 421007",
        rf"(?P<protocol>TCP|UDP) flow {_FLOW} is (?P<word>dropped|skipped) (?P<message>because .* failed)",
    ),
    message("423001-423005", rf"(?P<word>Allowed|Dropped) (?P<message>.*?) {_FLOW}"),
    message("424001 424002",
        rf"(?P<message>(?:Packet|Connection to the backup interface is) (?P<word>denied)):? {_PROTOCOL} "
        rf"{SRC} {DST}(?:\. .*)?",
        **_DENY,
    ),
    message("431001 431002",
        rf"RTC?P conformance: (?P<word>Dropping) RTC?P packet {_FLOW}, (?P<message>Drop reason: .*)",
        **_DENY,
    ),
    message("434004",
        rf"SFR requested [A-Za-z]+ to (?P<action>bypass).*? (?P<protocol>TCP|UDP|ICMP) (?:flow |packet )?{_FLOW}.*",
    ),
    message("500005",
        rf"Connection (?P<action>terminated) for {_PROTOCOL} {_FLOW} (?P<message>due to .*)",
        **_CUT,
    ),
    message("507001",
        rf"(?P<action>Terminating) (?P<protocol>TCP)-Proxy connection {_FLOW} - (?P<message>.*)",
        **_CUT,
    ),
    message("507003",
        rf"(?P<protocol>[^ ]+) flow {_FLOW} terminated by inspection engine, reason - (?P<message>.*?)",
        action="terminated", **_CUT,
    ),
    message("509001",
        rf"(?P<message>Connection attempt) {_FLOW} was (?P<action>prevented) by .*",
        **_DENY,
    ),
    message("201002 201004 201008 201009 407001 416001", **_DENY),
)  # fmt: skip
