"""Events of Windows in Snare's form: values between tabs, and the event's text made one line.

Source: Snare "Windows Event Output Format" (also written by NXLog's `to_syslog_snare`), and the English texts of
Microsoft Learn, "Audit events": labels that end in a colon, two or more blanks between them and their values.
"""

from __future__ import annotations

import re

BEGIN = r"(?:[^\t\n]{1,255}\t)?MSWinEventLog\t"
_BEGIN = re.compile(BEGIN)
_VALUES = ("criticality", "channel", "record", "time", "id", "provider", "account", "kind", "keywords", "computer")
_LABELS = {
    "Logon Type": "LogonType", "Workstation Name": "WorkstationName", "Source Workstation": "Workstation",
    "Source Network Address": "IpAddress", "Client Address": "IpAddress", "Source Port": "IpPort",
    "Client Port": "IpPort", "Client Name": "ClientName", "Status": "Status", "Sub Status": "SubStatus",
    "Failure Code": "Status", "Result Code": "Status", "Error Code": "Status", "Service Name": "ServiceName",
    "Authentication Package": "AuthenticationPackageName", "Package Name (NTLM only)": "LmPackageName",
    "Share Name": "ShareName", "Logon Account": "TargetUserName", "Group Name": "TargetUserName",
    "Target Server Name": "TargetServerName",
}  # fmt: skip
_FLOW = {
    "Source Address": "SourceAddress", "Source Port": "SourcePort", "Destination Address": "DestAddress",
    "Destination Port": "DestPort", "Protocol": "Protocol", "Direction": "Direction", "Application Name": "Application",
}  # fmt: skip
_WHO = {"Account Name": "UserName", "Account Domain": "DomainName", "Logon ID": "LogonId"}
_ENDED = ("4634", "4647", "4778", "4779")
"""Events whose subject is the one who was logged on."""
_FLOWS = ("5152", "5153", "5154", "5155", "5156", "5157", "5158", "5159")


def read(text: str) -> dict[str, str] | None:
    """The members of an event by the names of its data; None where the text is not of this form."""
    begin = _BEGIN.match(text)
    if begin is None:
        return None
    values = text[begin.end() :].split("\t")
    found = dict(zip(_VALUES, values, strict=False))
    said = re.split(" {2,}", next((value for value in values[11:13] if value), ""))
    found["said"] = said[0]
    if "id" in found:
        found |= _data(found["id"], said[1:])
    return found


def _data(number: str, words: list[str]) -> dict[str, str]:
    """What the text says under its labels; the first one counts."""
    found: dict[str, str] = {}
    whose = "Subject"
    label = ""
    labels = _LABELS | _FLOW if number in _FLOWS else _LABELS | {"Source Address": "IpAddress"}
    for word in words:
        name, colon, value = word.partition(": ")
        if word.endswith(":"):
            label = word[:-1]
            if label not in labels and label not in _WHO and label != "Security ID":  # it heads a section
                subject = label == "Subject" and number not in _ENDED
                whose = "Subject" if subject else "Member" if label == "Member" else "Target"
            continue
        if not (colon and (name in labels or name in _WHO)):
            name, value = label, word
        key = labels.get(name) or (whose + _WHO[name] if name in _WHO else "")
        if key:
            found.setdefault(key.replace("MemberUserName", "MemberName"), value)
        label = ""
    return found
