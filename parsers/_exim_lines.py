"""What Exim writes: the regular expressions of its messages.

What a client wrote (HELO, addresses, commands, message ids, subjects) stands before or behind what Exim says, never in
its place: quoted parts are stepped over as wholes, and a host is read where Exim puts it only.
"""

from __future__ import annotations

_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?: [+-][0-9]{4})?"
_ID = r"[0-9A-Za-z]{6}-[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{6}-[0-9A-Za-z]{11}-[0-9A-Za-z]{4}"
NO_HOST = f"^(?:{_ID}|pid)$"
"""A message id, or the process's, where a syslog header would have its host."""

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_ADDRESS = rf'(?:{_QUOTED}|[^ "])+'
_A = rf'(?:[^"<>]|{_QUOTED})*'

QUEUED = (
    r"^(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}) "
    r"(?P<queue_id>[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}) (?P<rest>.*)$"
)
"""The beginning of most lines; one-pass, so several times faster than the next."""

PREFIX = (
    rf"^(?:(?P<device>[^ ]+) exim[0-9]?(?:\[[0-9]+\])?: )?(?:\[[0-9]+[\\/][0-9]+\] )?(?:(?P<time>{_TIME}) )?"
    r"(?:\[[0-9]+\] )?"
    rf"(?:(?P<queue_id>{_ID}) )?(?P<rest>.*)$"
)
ARRIVAL = (
    r"^(?P<flag><=) (?P<address>[^ \"]+) H=(?:(?P<host>[^ \[\]()]+) )?(?:\((?P<helo>[^ ()]*)\) )?"
    r"\[(?P<ip>[0-9A-Fa-f.:]+)\](?::(?P<port>[0-9]+))?(?: I=\[(?P<to_ip>[0-9A-Fa-f.:]+)\](?::(?P<to_port>[0-9]+))?)?"
    r" P=[a-z]+(?: X=[^ \"]+)?(?: CV=[a-z]+)?(?: A=(?P<method>[^: \"]+)(?::(?P<user>[^: \"]+))?)?(?: K)?"
    r" S=(?P<size>[0-9]+)(?: id=(?P<message_id>[^ \"]+))?$"
)
FLAGGED = rf"^(?P<flag><=|\(=|=>|->|>>|\*>|\*\*|==) +(?P<address>{_ADDRESS})(?P<fields>.*)$"

_PEER = (
    r"(?:(?P<host>[^ \[\]()]+) )?(?:\((?P<helo>[^ ()]*|[^()\[\]\"<>=]*)\) )?"
    r"\[(?P<ip>[0-9A-Fa-f.:]+(?:%[0-9A-Za-z]+)?)\]"
    r"(?::(?P<port>[0-9]+))?\*?"
)
_MORE = (
    r"(?: I=\[(?P<to_ip>[0-9A-Fa-f.:]+)\](?::(?P<to_port>[0-9]+))?)?"
    rf"(?: (?:[A-EG-Z][A-Za-z0-9]{{0,3}}=(?:{_QUOTED}|[^ \"]+)|[KL]))*"
)
_SENDER = rf"(?: F=(?:<(?P<mail_from>{_A})>|(?P<bare_from>[^ <>]+)))?"
_CLIENT = rf"H={_PEER}{_MORE}"

PEER = rf" H=(?P<relay>{_PEER})"
"""The host in the fields of an arrival or a delivery."""

INTERFACE = r" I=\[(?P<to_ip>[0-9A-Fa-f.:]+)\](?::(?P<to_port>[0-9]+))?"
ARRIVED = (
    r" S=[0-9]+(?: [A-Za-z0-9]+=[^ \"]*)*?(?: id\*?=(?P<message_id>[^ ]*))?(?: [A-Za-z0-9]+=[^ \"]*)*?"
    rf"(?: T=(?P<subject>{_QUOTED}))?(?: from (?:<{_A}>|[^ ]+))?(?: for (?P<recipients>.*))?$"
)
"""What stands behind the size of a message that arrived: ids, its subject, its recipients."""

RARE: dict[str, str] = {
    "queue": r"(?P<message>(?P<verb>Completed|Message is frozen|Frozen|Unfrozen|removed|cancelled|"
    r"Spool file is locked|no immediate delivery|retry time not reached)\b.*?(?: QT=(?P<delay>[^ ]+))?)",
    "decided": rf"(?:F=(?P<first_from>[^ <>]+) )?{_CLIENT}{_SENDER}(?: A=[^ :]+(?::(?P<user>[^ ]+))?)? "
    r"(?P<verb>(?:temporarily )?rejected|discarded|dropped) "
    rf"(?:(?P<phase>RCPT) (?:<(?P<mail_to>{_A})>|(?P<bare_to>[^ <>:]+))|(?P<phase1>after DATA|by [^:]*|"
    rf'connection in "connect" ACL)|(?P<phase2>MAIL) <(?P<argument>{_A})>|'
    r"(?P<phase3>EHLO or HELO|[A-Z]+) ?(?P<argument1>[^:]*))"
    r"(?:: (?P<message>.*))?",
    "decided_helo": rf"(?P<verb>rejected) (?P<phase>EHLO|HELO) from {_PEER}{_MORE}: (?P<message>syntactically .*)",
    "too_big": rf"(?P<verb>rejected) from <(?P<mail_from>{_A})>(?: {_CLIENT})?(?: U=[^ ]+)?: "
    r"(?P<message>message too big.*)",
    "unqualified": rf"(?P<message>unqualified (?:sender|recipient) (?P<verb>rejected): <{_A}>) {_CLIENT}(?: .*)?",
    "local": rf"(?:U=(?P<user>[^ ]+) )?F=<(?P<mail_from>{_A})> (?P<verb>(?:temporarily )?rejected|discarded) "
    r"(?P<phase1>by [^:]*)(?:: (?P<message>.*))?",
    "login": rf"(?P<auth_method>[^ ]+) authenticator (?P<verb>failed|temporarily failed) for (?:H=)?{_PEER}{_MORE}: "
    r"(?P<message>.*?)(?: \(set_id=(?P<user>.*)\)(?P<more>: [^()]*)?)?(?:: [0-9]+ Time\(s\))?",
    "verified": rf"{_CLIENT} (?P<verb>sender verify (?:fail|defer)) for <(?P<mail_from>{_A})>(?:: (?P<message>.*))?",
    "warning": rf"{_CLIENT}{_SENDER} (?P<verb>Warning): (?P<message>.*)",
    "incomplete": rf"{_CLIENT} (?P<message>(?P<verb>incomplete transaction) \([^()]*\)"
    rf"(?: from <(?P<mail_from>{_A})>)?(?: for .*)?)",
    "decided_odd": r"(?P<message>(?:F=[^ ]+ )?H=.* (?P<verb>(?:temporarily )?rejected|discarded|dropped) "
    r"(?P<phase>RCPT|MAIL|EHLO or HELO|AUTH|after DATA)\b.*)",
    "protocol": rf'SMTP (?P<verb>protocol|syntax) error in "(?P<argument>.*)" {_CLIENT} (?P<message>[^"]*)',
    "synchronisation": r"(?P<message>SMTP protocol synchronization error \([^()]*\)): "
    rf'(?P<verb>rejected) (?:connection from|"(?P<argument>[^"]*)") {_CLIENT}(?: (?:next )?input=.*)?',
    "call": rf"SMTP call from {_PEER}{_MORE} (?P<verb>dropped): (?P<message>.*)",
    "idle": rf"(?P<message>(?P<verb>no MAIL) in SMTP connection from {_PEER}{_MORE})",
    "closed": rf"(?P<message>SMTP connection from {_PEER}{_MORE} (?P<verb>closed by DROP in ACL|closed by [A-Z]+|lost"
    r"|closed after SIGTERM).*)",
    "opened": rf"(?P<message>SMTP connection from {_PEER}{_MORE} \(TCP/IP connection count = [0-9]+\))",
    "refused": rf"(?P<verb>refused) connection from (?:H=)?{_PEER}{_MORE}:? ?(?P<message>.*)",
    "refused_from": rf"[Cc]onnection from {_PEER}{_MORE} (?P<verb>refused):? ?(?P<message>.*)",
    "scanned": r"(?P<message>SA: Action: (?P<verb>[^:]*): .* From <(?P<mail_from>[^<>]*)> "
    r"\(host=(?P<host>[^ ]+) \[(?P<ip>[^\]]*)\]\) for (?P<mail_to>[^ ]*))",
    "unnamed": r"(?P<message>(?P<verb>no host name found) for IP address (?P<ip>[0-9A-Fa-f.:]+))",
    "unresolved": r"(?P<message>(?P<verb>no IP address found) for host (?P<argument>[^ ]+)"
    rf"(?: \(during SMTP connection from {_PEER}{_MORE}\))?)",
    "place": r"(?P<message>(?P<verb>TLS error|unexpected disconnection|SMTP command timeout|SMTP data timeout|"
    rf"Connection|host in host_reject_connection)[^\[\]\"<>=]* from (?:H=)?{_PEER}{_MORE}.*)",
    "signed": r"(?P<message>DKIM: .*?\[(?P<result>verification succeeded|verification failed|invalid)[^\]]*\].*)",
    "outward": rf"(?P<message>(?:H=|SMTP timeout while connected to |TLS session: .*? to H=|"
    rf"[A-Z][^\[\]\"<>=]*(?:<{_A}>[^\[\]\"<>=]*)?host ){_PEER}[: ].*)",
    "daemon": r"(?P<message>(?:exim [0-9._]+ (?P<verb>daemon started)|(?:pid [0-9]+: )?(?P<verb1>SIGHUP received|"
    r"Start queue run|End queue run|cwd=)).*)",
    "other": r"(?P<message>.*)",
}
"""The lines without a flag, in this order; the last one reads anything."""

HEADER = r"^(?:[A-Z*] {1,2}[!-9;-~]+:|  [!-9;-~]+:|[\t ]+[^\t ]|Envelope-(?:from|to): |-{20,}$|\.\.\.)"
"""Lines of the reject log that hold the headers of a refused message."""
