"""What ScreenOS writes: the regular expressions of its heads, its traffic log, and its other messages.

Reference: ScreenOS Message Log Reference Guide 5.4, 6.2 and 6.3 (message ids and texts); read 2026-11-20.
"""

from __future__ import annotations

_V4 = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_IP = rf"(?:{_V4}|[0-9A-Fa-f]*:[0-9A-Fa-f:]*)"
_FROM = rf"(?P<src_ip>{_IP})(?:[:/](?P<src_port>[0-9]+))?"
_TO = rf"(?P<dst_ip>{_IP})(?:[:/](?P<dst_port>[0-9]+))?"
_BY = (
    rf"(?P<user>[^ ]+) via (?P<mode>[^ ]+)(?: from host (?P<src_ip>{_IP})"
    rf"(?: to (?P<dst_ip>{_IP})(?::(?P<dst_port>[0-9]+))?)?)?"
)

HEAD = (
    r"^(?:[^ ]+ )?(?:(?P<name>[^ ]+): )?NetScreen device_id=(?P<device_id>[^ ]*) *(?:\[(?P<vsys>[^\]]*)\])?"
    r"system-(?P<level>[a-z]+)-(?P<code>[0-9]{5})(?:\((?P<kind>[^)]*)\))?: ?(?P<note>.*)$"
)
STORED = (
    r"^\[[0-9]+\] (?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}) (?:\[(?P<vsys>[^\]]*)\])?"
    r"system-(?P<level>[a-z]+)-(?P<code>[0-9]{5})(?:\((?P<kind>[^)]*)\))?: ?(?P<note>.*)$"
)
"""A message as the device stores and shows it (`get log event`)."""
TRAFFIC = (
    r"^start_time=\\?\"(?P<start>[^\"\\]*)\\?\" duration=(?P<seconds>[0-9]+) policy_id=(?P<rule>[0-9]+) "
    r"service=(?P<service>.*?) proto=(?P<protocol>[0-9]+) src zone=(?P<src_zone>.*?) dst zone=(?P<dst_zone>.*?) "
    r"action=(?P<action>[A-Za-z]+) sent=(?P<sent>[0-9]+) rcvd=(?P<received>[0-9]+) "
    rf"src=(?P<src_ip>{_IP}) dst=(?P<dst_ip>{_IP})(?: src_port=(?P<src_port>[0-9]+) dst_port=(?P<dst_port>[0-9]+))?"
    r"(?: icmp type=[0-9]+)?(?: icmp code=[0-9]+)?"
    rf"(?: src-xlated ip=(?P<nat_src_ip>{_IP})(?: port=(?P<nat_src_port>[0-9]+))?)?"
    rf"(?: dst-xlated ip=(?P<nat_dst_ip>{_IP})(?: port=(?P<nat_dst_port>[0-9]+))?)?"
    r"(?: session_id=(?P<session_id>[0-9]+))?(?: reason=(?P<reason>.*)|(?P<behind> .*))?$"
)
CUT = (
    r"^start_time=\\?\"(?P<start>[^\"\\]*)\\?\"(?: duration=(?P<seconds>[0-9]+))?(?: policy_id=(?P<rule>[0-9]+) )?"
    r"(?:service=(?P<service>.*?) proto=(?P<protocol>[0-9]+) )?(?:src zone=(?P<src_zone>.*?) )?"
    rf"(?:dst zone=(?P<dst_zone>.*?) action=(?P<action>[A-Za-z]+) )?(?:.*\bsrc=(?P<src_ip>{_IP}) )?.*$"
)
"""Traffic that ends too early, or has fields in between that the manual doesn't name."""

OTHERS: dict[str, str] = {
    "attack": rf"(?P<attack>[^!]+)! From {_FROM} to (?:{_TO}|zone [^,]*), proto (?P<protocol>[0-9A-Za-z]+) "
    r"\((?:zone [^,)]*?,? )?int +(?P<in_interface>[^)]*)\)\.(?: Occurred (?P<count>[0-9]+) times?\.?)?.*",
    "older_attack": rf"(?P<attack>[^!]+) has been detected! From {_FROM} to {_TO},? using protocol "
    r"(?P<protocol>[0-9A-Za-z]+),? (?:and arriving at|on) interface (?P<in_interface>[^ ]+)(?: in zone [^.]*\.?)? ?"
    r"The attack occurred (?P<count>[0-9]+) times?.*",
    "inspected": rf"(?P<attack>.+?) has been detected from {_FROM} to {_TO} through policy (?P<rule>[0-9]+)"
    r"(?: (?:occurred )?(?P<count>[0-9]+) times?)?.*",
    "url": rf"UF-MGR: URL (?P<action>[A-Za-z]+): (?P<src_ip>{_V4})\((?P<src_port>[0-9]+)\)->(?P<dst_ip>{_V4})"
    r"\((?P<dst_port>[0-9]+)\),? ?(?:(?P<url>[^ ]*) )?"
    r"(?:.*?CATEGORY:? (?P<category>.*?),? ?REASON:? (?P<reason>.*)|.*)",
    "web_login": r'Admin user "?(?P<user>.*)"? (?:logged in|login attempt) for (?P<mode>[^ ]+) management '
    rf"\(port (?P<dst_port>[0-9]+)\) from {_FROM}(?: (?P<result>failed))?\.?",
    "admin_session": r'Admin user "?(?P<user>.*)"? has (?P<result>logged on|logged out) via (?P<mode>[^ ]+) from '
    rf"{_FROM}\.?",
    "admin_checked": r'Admin user "?(?P<user>.*)"? has been (?P<result>accepted|rejected|forced to log out).*',
    "timed_out": rf"Management session via (?P<mode>[^ ]+) from {_FROM} for (?:\[[^\]]*\] ?)?admin (?P<user>.*) has "
    r"(?P<result>timed out)\.?",
    "ssh": r"SSH: (?P<mode>[A-Za-z]+) authentication (?P<result>failed|successful) for (?:admin )?user (?P<user>.*) "
    rf"at host (?P<src_ip>{_IP})\.?",
    "local": r"ADM: Local admin authentication (?P<result>failed) for login name (?P<user>.*): (?P<reason>.*)",
    "user_checked": rf"(?:[A-Za-z-]+: )?(?:Auth )?[Uu]ser (?P<user>.*) at (?P<src_ip>{_IP}) (?:has been|is|was) "
    r"(?P<result>accepted|rejected|denied|challenged|timed out).*",
    "lease": rf"IP address (?P<lease_ip>{_V4}) has been (?P<action>assigned|released|expired)(?: to| from| for)? "
    r"(?:MAC )?(?P<lease_mac>[0-9A-Fa-f]{12}|[0-9A-Fa-f:.-]{14,17}).*",
    "policy": rf"(?P<object>Policy \(.*\)) was (?P<action>[a-z]+) by {_BY}.*",
    "saved": rf"(?P<object>System configuration) (?P<action>saved) by {_BY}.*",
    "changed": r"(?P<object>.*?) (?:has been|was|were) (?P<action>added|modified|deleted|removed|enabled|disabled|"
    rf"changed|set|unset|moved|created)\b.*? by (?:admin )?{_BY}.*",
    "link": r"The physical state of (?:the )?[Ii]nterface (?P<object>[^ ]+) has changed to (?P<new>[A-Za-z]+).*",
    "tunnel": rf"VPN '?(?P<object>[^' ]+)'? from (?P<src_ip>{_IP}) is (?P<new>up|down).*",
    "ike_rejected": rf"Rejected an IKE packet on (?P<in_interface>[^ ]+) from {_FROM} to {_TO} with .*",
    "replayed": r"Replay packet detected on IPSec tunnel on (?P<in_interface>[^ ]+) with tunnel ID (?P<object>[^ !]+)! "
    rf"From (?P<src_ip>{_IP}) to (?P<dst_ip>{_IP})/[0-9]+, (?P<protocol>ESP|AH), .*",
    "bad_spi": r"IPSec tunnel on (?:interface|int) (?P<in_interface>[^ ]+) with tunnel ID (?P<object>[^ ]+) received a "
    rf"packet with a bad SPI\. (?P<src_ip>{_IP})->(?P<dst_ip>{_IP})/[0-9]+, (?P<protocol>ESP|AH), .*",
    "ike": rf"IKE ?<?(?P<peer>{_IP})>?,? (?P<action>Phase [12])\b.*",
}
"""Messages that say who did what; a message of no such form is kept as it is."""
