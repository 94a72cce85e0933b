"""What SonicOS means by its event numbers (`m=`), and by the words of those that are not in the tables.

Reference: SonicOS Log Event Reference Guide (5.8, 6.5 and 7.0), "Index of Log Event Messages"; read 2026-11-20.
"""

from __future__ import annotations

import re

_DROPPED = (
    "28 36 37 38 41 46 48 58 173 174 175 176 181 339 347 428 522 523 524 580 590 646 647 651 652 653 683 690 694 "
    "708 709 712 713 714 760 883 884 885 886 887 888 889 890 891 892 893 894 895 896 910 1029 1030 1031 1233 1253 "
    "1254 1257 1301 1302 1303 1304 1384 1385 1429 1433 1436 1448 1449 1473 1573 1576 1628 1629"
)
_STATE = "48 181 708 709 712 713 760 888 889 890 891 892 1385"
_ALLOWED = "98 537 597 598 1235 1255 1256"
_MANAGED = "526"
_ATTACKS = (
    "22 23 25 27 81 82 83 177 178 179 229 267 446 527 528 538 546 548 606 859 860 864 866 867 879 897 898 901 904 905 "
    "1098 1099 1180 1213 1214 1316 1363 1366 1369 1370 1371 1373 1374 1375 1376 1387 1450 1451 1452 1471 1593"
)
_CATEGORIES = {
    "ips": "608 609 789 790",
    "virus": "794 795 809",
    "webfilter": "14 16",
    "app": "793 1154 1155 1654",
    "reputation": "1198 1199 1200 1201 1474 1475 1476 1477 1518 1519",
    "email": "797 798",
    "ssl": "999 1001 1002 1003 1004 1005 1006 1081",
}
_ADMINS = "29 30 35 199 200 235 236 1672"
_LOGINS = "29 31 199 235 236 237 238 1080"
_FAILURES = (
    "30 32 33 34 35 200 243 244 245 246 329 486 549 557 583 744 745 746 747 748 749 750 751 753 754 755 756 757 759 "
    "986 987 988 989 990 991 1035 1048 1117 1118 1119 1120 1121 1122 1123 1243 1517 1572 1585 1655 1672"
)
_LOGOUTS = "24 261 262 263 264 265 520 1008 1124"
_SERVICES = {"237": "ipsec-vpn", "1080": "ssl-vpn", "199": "cli", "200": "cli", "520": "cli", "1672": "cli"}
_OPERATIONS = {
    "config_change": "328 340 341 440 441 442 506 507 508 509 573 574 728 729 856 857 858 862 863 1049 1269 1313 1314 "
    "1315 1332 1336 1339 1340 1341 1342 1382 1383 1432 1599 1600 1601 1674",
    "account": "438 439 558 559 560 561 562 1157 1158 1333 1334 1335 1337 1338 1570 1571 1627",
    "config_session": "994 995 996 997 998",
    "reboot": "4 93 94 95 164 521 599 600 601 1046 1047 1392 1393 1495 1496",
    "time": "1230 1231 1232",
    "backup": "1065 1066 1160 1161 1494 1511 1512 1513 1514 1515 1516",
}
_WORDS = (
    (r"(?i)\blog (?:buffer )?overflow|messages? (?:lost|discarded|suppressed)", "log_loss"),
    (r"(?i)\blog (?:is |buffer )?full", "log_full"),
    (r"(?i)\blog cleared", "log_cleared"),
    (r"(?i)\b(?:IKE|IPSec|VPN|SA|L2TP|PPTP)\b", "vpn"),
    (r"(?i)\b(?:NTP|time update)\b", "time"),
    (r"(?i)\b(?:HA|high availability|WLB|failover|failback|probing)\b", "ha"),
    (r"(?i)\blink (?:is )?(?:up|down)|interface .*\b(?:up|down)\b", "link"),
    (r"(?i)\bDHCP", "dhcp"),
    (r"(?i)signature|database (?:downloaded|updated)|subscription|licen[cs]e|registration", "update"),
    (r"(?i)config(?:uration)? |settings? |rule (?:added|modified|deleted)", "config_change"),
    (r"(?i)reboot|restart|initializ|activated", "reboot"),
)  # fmt: skip
_DENYING = r"(?i)\b(?:dropped|denied|blocked|rejected|prevented|prevention)\b"
_PASSING = r"(?i)\b(?:allowed|opened|forwarded|accepted)\b"


def _of(table: dict[str, str]) -> dict[str, str]:
    return {number: name for name, numbers in table.items() for number in numbers.split()}


_CATEGORY_OF, _OPERATION_OF = _of(_CATEGORIES), _of(_OPERATIONS)
_SETS = {
    name: frozenset(numbers.split())
    for name, numbers in {
        "dropped": _DROPPED, "state": _STATE, "allowed": _ALLOWED, "managed": _MANAGED, "attacks": _ATTACKS,
        "admins": _ADMINS, "logins": _LOGINS, "failures": _FAILURES, "logouts": _LOGOUTS,
    }.items()
}  # fmt: skip
NAMES = ("class", "verdict", "state", "category", "outcome", "service", "role", "operation", "stopped")


def meaning(number: str, category: str, action: str, message: str) -> tuple[str | None, ...]:
    """What an event is, in the order of `NAMES`, from `m=`, `c=`, `fw_action=` and its text; each may be empty."""
    known = {name: number in numbers for name, numbers in _SETS.items()}
    by_action = {"drop": "deny", "forward": "allow", "mgmt": "allow"}.get(action.lower())
    denies = bool(re.search(_DENYING, message))
    state = "out_of_state" if known["state"] else "local_in" if known["managed"] or action.lower() == "mgmt" else None
    if known["logins"] or known["failures"] or known["logouts"]:
        outcome = "success" if known["logins"] else "failure" if known["failures"] else None
        admin = known["admins"] or message.startswith(("Administrator", "CLI administrator"))
        service = _SERVICES.get(number, "administration" if admin else "firewall-user")
        role = "administrator" if admin else "vpn" if service.endswith("vpn") else "user"
        return ("authentication", None, None, None, outcome, service, role, None, None)
    if number in ("1153", "1197"):  # traffic of an SSL VPN, a translation: of connections that other messages decide on
        return ("network", None, None, None, None, None, None, None, None)
    if number == "97":
        later = "blocked_later" if by_action == "deny" else None
        return ("http", by_action or "allow", None, None, later, None, None, None, None)
    finding = _CATEGORY_OF.get(number)
    if finding is None and (known["attacks"] or (category == "32" and number not in _OPERATION_OF)):
        finding = "anomaly"
    if finding is None and message.startswith(("Gateway Anti-Virus", "Anti-Spyware", "Capture ATP")):
        finding = "sandbox" if message.startswith("Capture") else "virus"
    if finding:
        # What an inspection stops was let through first; a flood, a spoof or a listed country never was.
        inspected = finding not in ("anomaly", "reputation", "email", "ssl")
        verdict = by_action or ("deny" if denies else "allow" if number == "16" else None)
        if number == "14":  # behind the path, which the client writes, no word counts
            verdict = "deny"
        later = "blocked_later" if inspected and verdict == "deny" else None
        word = "prevented" if verdict == "deny" else "detected"
        return ("finding", verdict, state, finding, later, None, None, None, word)
    if known["dropped"]:
        return ("network", "deny", state, None, None, None, None, None, None)
    if known["allowed"] or known["managed"]:
        return ("network", "allow", state, None, None, None, None, None, None)
    operation = _OPERATION_OF.get(number)
    if operation is None and by_action:
        return ("network", by_action, state, None, None, None, None, None, None)
    if operation is None and re.search(r"(?i)packet|connection|request", message) and denies:
        return ("network", "deny", state, None, None, None, None, None, None)
    if operation is None and re.search(r"(?i)(?:packet|connection)\b", message) and re.search(_PASSING, message):
        return ("network", "allow", state, None, None, None, None, None, None)
    operation = operation or next((name for pattern, name in _WORDS if re.search(pattern, message)), "event")
    return ("system", None, None, None, None, None, None, operation, None)
