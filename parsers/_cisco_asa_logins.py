"""Messages of an ASA on logins, AAA and VPN sessions."""

from __future__ import annotations

from parsers._cisco_asa_wording import BOX, MEMBER, MEMBER_PLAIN, ON, plain
from parsers._cisco_messages import message

_LOGIN = {"class_": "authentication"}
_YES = {"outcome": "success", "verdict": "allow"}
_NO = {"outcome": "failure", "verdict": "deny"}
_ADMIN = {"auth_role": "administrator"}
_VPN = {"auth_role": "vpn"}
_AAA = {"auth_method": "aaa", **_LOGIN}
_ASKED = r"(?P<message>AAA user (?P<action>[a-z]+) (?:Successful|Rejected) ?: "
_UNAME = r"IP address: (?P<src_ip>[^ ,]+), Uname: (?P<user>.*)"
_CUT_THROUGH = rf"from {plain('src')} to {plain('dst')}"

MESSAGES = (
    message(
        "113004 113012",
        rf"{_ASKED}(?:server = +(?P<dst_ip>[^ ,:]+|[0-9A-Fa-f:]+?) ?[,:]|local database ?:) [Uu]ser = (?P<user>.*))",
        **_YES,
        **_AAA,
    ),
    message(
        "113005 113015 113016 113017",
        r"(?P<message>AAA (?:user (?P<action>[a-z]+)|credentials) [Rr]ejected ?: reason = (?P<reason>.*?) ?: "
        r"(?:server = +(?P<dst_ip>[^ ,:]+|[0-9A-Fa-f:]+?) ?[,:]|local database ?:) [Uu]ser = (?P<user>.*?)"
        r"(?: ?: user IP = (?P<src_ip>[^ ]+))?)",
        **_NO,
        **_AAA,
    ),
    message(
        "113006", r"(?P<message>User '?(?P<user>.*?)'? locked out on exceeding .*)", action="locked out", **_NO, **_AAA
    ),
    message(
        "113007", r"(?P<message>User '?(?P<target>.*?)'? unlocked by '?(?P<user>.*?)'?)", action="unlocked", **_AAA
    ),
    message("113008", r"(?P<message>AAA transaction status ACCEPT ?: user = (?P<user>.*))", **_YES, **_AAA),
    message("113009 113011", r"(?P<message>AAA retrieved .* policy .* for user (?P<user>.*))", **_AAA),
    message(
        "113010",
        r"(?P<message>AAA challenge received for user (?P<user>.*) from server (?P<dst_ip>[^ ]+))",
        action="challenge",
        **_AAA,
    ),
    message(
        "113013 113014",
        r"(?P<message>AAA .*?(?:reason = (?P<reason>.*?) ?:|server = (?P<dst_ip>[^ ]+?) ?:) user = (?P<user>.*))",
        **_NO,
        **_AAA,
    ),
    message(
        "113019",
        r"Group = [^,]*, Username = (?P<user>.*), IP = (?P<src_ip>[^ ,]+), (?P<message>(?P<action>Session "
        r"disconnected)\. Session Type: (?P<service>[^,]+), Duration: (?P<clock>[^,]+), Bytes xmt: "
        r"(?P<bytes_in>[0-9]+), Bytes rcv: (?P<bytes_out>[0-9]+), Reason: (?P<reason>.*?))",
        **_VPN,
        **_LOGIN,
    ),
    message(
        "113021",
        r"(?P<message>Attempted (?P<service>[^ ]+) login failed\.? [Uu]ser '?(?P<user>.*?)'? did NOT have "
        r"appropriate Admin Rights)",
        **_NO,
        **_ADMIN,
        **_LOGIN,
    ),
    message(
        "113029 113030 113033 113035 113038",
        rf"{MEMBER} (?P<message>(?P<reason>.*))",
        rf"{MEMBER_PLAIN} (?P<message>(?P<reason>.*))",
        service="vpn",
        **_NO,
        **_VPN,
        **_LOGIN,
    ),
    message(
        "113031 113032 113034 113036",
        rf"{MEMBER} (?P<message>.*)",
        rf"{MEMBER_PLAIN} (?P<message>.*)",
        service="vpn",
        **_VPN,
        **_LOGIN,
    ),
    message("113037 113040", r"(?P<message>(?P<reason>.*))", service="vpn", **_NO, **_VPN, **_LOGIN),
    message(
        "113039 716001",
        rf"{MEMBER} (?P<message>.*)",
        rf"{MEMBER_PLAIN} (?P<message>.*)",
        action="started",
        service="vpn",
        **_YES,
        **_VPN,
        **_LOGIN,
    ),
    message(
        "716002",
        rf"{MEMBER} (?P<message>(?P<service>WebVPN) session terminated: (?P<reason>.*?))",
        rf"{MEMBER_PLAIN} (?P<message>(?P<service>WebVPN) session terminated: (?P<reason>.*?))",
        action="terminated",
        **_VPN,
        **_LOGIN,
    ),
    message(
        "716038",
        rf"{MEMBER} (?P<message>Authentication: successful, Session Type: (?P<service>[^ .]+))",
        rf"{MEMBER_PLAIN} (?P<message>Authentication: successful, Session Type: (?P<service>[^ .]+))",
        r"(?P<message>Authentication: successful, group = [^ ]+ user = (?P<user>.*?) ?, Session Type: "
        r"(?P<service>[^ .]+))",
        **_YES,
        **_VPN,
        **_LOGIN,
    ),
    message(
        "716039",
        rf"{MEMBER} (?P<message>Authentication: rejected, Session Type: (?P<service>[^ .]+))",
        rf"{MEMBER_PLAIN} (?P<message>Authentication: rejected, Session Type: (?P<service>[^ .]+))",
        r"(?P<message>Authentication: rejected, group = [^ ]+ user = (?P<user>.*?) ?, Session Type: "
        r"(?P<service>[^ .]+))",
        **_NO,
        **_VPN,
        **_LOGIN,
    ),
    message(
        "716003 716004",
        rf'{MEMBER} WebVPN access (?P<word>[A-Z]+)[^:]*: "?(?P<url>.*?)"?',
        rf'{MEMBER_PLAIN} WebVPN access (?P<word>[A-Z]+)[^:]*: "?(?P<url>.*?)"?',
        class_="http",
        role="proxy",
    ),
    message(
        "716058 716059",
        r"(?P<message>Group <[^<>]*> User(?: <(?P<user>.*)>)? IP <[^<>]*> AnyConnect session (?P<action>resumed).*? "
        r"from (?:IP )?<(?P<src_ip>[^<>]*)>)",
        r"(?P<message>Group [^ ]+ User (?P<user>.*) IP [^ ]+ AnyConnect session (?P<action>resumed).*? from "
        r"(?:IP )?(?P<src_ip>[^ <>]*[^ .<>]))",
        rf"{MEMBER} (?P<message>AnyConnect session (?P<action>lost).*)",
        rf"{MEMBER_PLAIN} (?P<message>AnyConnect session (?P<action>lost).*)",
        service="vpn",
        **_VPN,
        **_LOGIN,
    ),
    message(
        "722051",
        rf"{MEMBER} (?P<message>IPv4 Address <(?P<nat_src_ip>[1-9][0-9.]*)> IPv6 address <[^<>]*> assigned to session)",
        rf"{MEMBER} (?P<message>IPv4 Address <[^<>]*> IPv6 address <(?P<nat_src_ip>[^<>]*)> assigned to session)",
        rf"{MEMBER_PLAIN} (?P<message>(?:IPv4 )?Address (?P<nat_src_ip>[^ ]+) (?:IPv6 .*?)?assigned to session)",
        action="assigned",
        service="vpn",
        **_YES,
        **_VPN,
        **_LOGIN,
    ),
    message(
        "722000-722050 722052-722060 716004-716037 716040-716057 716060",
        rf"{MEMBER} (?P<message>Client Type: .*)",
        rf"{MEMBER} (?P<message>(?:.*?(?P<protocol>TCP|UDP) SVC connection)?.*)",
        rf"{MEMBER_PLAIN} (?P<message>(?:.*?(?P<protocol>TCP|UDP) SVC connection)?.*)",
        operation="vpn",
        class_="system",
    ),
    message(
        "605004 605005",
        rf"(?P<message>Login (?P<word>permitted|denied) from {plain('src')} to "
        r"(?P<in_interface>[^:]+):(?P<dst_ip>[^/ ]+)/(?P<service>[^ ]+) for user [\"'](?P<user>.*)[\"'])",
        r"(?P<message>Login (?P<word>permitted|denied) from [^ ]+ to (?P<service>console) "
        r"for user [\"'](?P<user>.*)[\"'])",
        **_ADMIN,
        **BOX,
        **_LOGIN,
    ),
    message(
        "611101",
        rf"(?P<message>User (?P<action>authentication) succeeded: {_UNAME})",
        **_YES,
        **_ADMIN,
        **BOX,
        **_LOGIN,
    ),
    message(
        "611102", rf"(?P<message>User (?P<action>authentication) failed: {_UNAME})", **_NO, **_ADMIN, **BOX, **_LOGIN
    ),
    message("611103", r"(?P<message>User (?P<action>logged out): Uname: (?P<user>.*))", **_LOGIN),
    message(
        "315011",
        r"(?P<message>SSH session from (?P<src_ip>[^ ]+) on interface (?P<in_interface>.+?) for user "
        r"[\"']?(?P<user>.*?)[\"']? "
        r"(?:(?P<action>disconnected) by SSH server, reason: [\"']?(?P<reason>.*?)[\"']?(?: \([^()]*\))?"
        r"|terminated.*))",
        service="ssh",
        **_ADMIN,
        **BOX,
        **_LOGIN,
    ),
    message(
        "606001-606004",
        r"(?P<message>(?P<service>ASDM) (?:logging )?session number [0-9]+ from (?P<src_ip>[^ ]+) "
        r"(?P<action>started|ended))",
        **_ADMIN,
        **BOX,
        **_LOGIN,
    ),
    message(
        "308001",
        r"(?P<message>.*[Cc]onsole enable password incorrect for (?P<hits>[0-9]+) tries \(from (?P<src_ip>[^)]*)\))",
        service="enable",
        **_NO,
        **_ADMIN,
        **BOX,
        **_LOGIN,
    ),
    message(
        "109005 109007",
        rf"(?P<message>(?P<action>Authentication|Authorization) (?:succeeded|permitted) for user '?(?P<user>.*[^'])'? "
        rf"{_CUT_THROUGH}(?:{ON})?)",
        **_YES,
        **_LOGIN,
    ),
    message(
        "109006 109008 109024 109025",
        r"(?P<message>(?P<action>Authentication|Authorization) (?:failed|denied)(?: \(acl=(?P<rule>[^)]*)\))?"
        rf"(?: for user '?(?P<user>.*[^'])'?)? {_CUT_THROUGH}(?: \([^)]*\))?(?:{ON})?"
        r"(?: using (?P<protocol>[A-Za-z0-9]+))?)",
        **_NO,
        **_LOGIN,
    ),
    message(
        "109001", rf"(?P<message>Auth start for user '?(?P<user>.*[^'])'? {_CUT_THROUGH})", action="start", **_LOGIN
    ),
    message(
        "109002 109003 109010 109020-109023",
        rf"(?P<message>Auth.* {_CUT_THROUGH}.*)",
        **_NO,
        **_LOGIN,
    ),
    message(
        "109033",
        r"(?P<message>(?P<action>Authentication) failed for admin user (?P<user>.*) from (?P<src_ip>[^ ]+)\. "
        r"Interactive challenge processing is not supported for (?P<service>.+?))",
        **_NO,
        **_ADMIN,
        **BOX,
        **_LOGIN,
    ),
    message(
        "109034",
        rf"(?P<message>(?P<action>Authentication) failed for network user (?P<user>.*) {_CUT_THROUGH}\. "
        r"Interactive challenge processing is not supported for (?P<service>.+?) connections)",
        **_NO,
        **_LOGIN,
    ),
    message(
        "734001",
        r"(?P<message>DAP: User (?P<user>.*), Addr (?P<src_ip>[^ ,]+), Connection (?P<service>[^:]+): The following "
        r"DAP records were selected for this connection: .*)",
        action="DAP",
        verdict="allow",
        **_VPN,
        **_LOGIN,
    ),
    message(
        "721016 721018",
        r"(?P<message>\([^)]*\) WebVPN session for client user (?P<user>.*), IP(?:v[46])? (?P<src_ip>[^ ,]+) has been "
        r"(?P<action>created|deleted))",
        service="WebVPN",
        **_VPN,
        **_LOGIN,
    ),
)
