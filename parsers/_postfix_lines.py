"""What Postfix's programs and the filters beside them write: the regular expressions of their messages.

The common expressions read by far the most lines and are one-pass: at every byte there is only one way on, which makes
them several times faster than others. They leave a line with a quote in an address to the rare ones, which step over
quoted parts as wholes: `<"a> to=<b"@example.org>` is one address.
"""

from __future__ import annotations

_ID = r"(?:[0-9A-F]{5,}|[0-9][0-9A-Za-z]{6,})"
_Q = rf"(?:(?:NOQUEUE|(?P<queue_id>{_ID})): )?"
_A = r'(?:[^"<>]|"(?:[^"\\]|\\.)*")*'
_IP = r"[0-9A-Fa-f.:]*"
_HOST = rf"(?P<host>[^ \[\]]*)\[(?P<ip>{_IP})\](?::(?P<port>[0-9]+))?"
_GRADE = r"(?:(?P<severity>warning|error|fatal|panic): )?"
_ENDS = (
    rf"(?: from=<(?P<mail_from>{_A})>,?)?(?: to=<(?P<mail_to>{_A})>,?)?(?: proto=[^ ,]*,?)?"
    r"(?: helo=(?:<(?P<helo>[^<>]*)>)?)?(?: sasl_username=<?(?P<user>[^<>]*)>?)?"
)

_CLIENT = (
    r"^(?:(?P<queue_id>[0-9A-Z][0-9A-Za-z]*): )?"
    r"(?P<verb>c(?:onnect from |lient=)|disconnect from |reject: [A-Z-]+ from )"
    r"(?P<host>[^\[ ]*)\[(?P<ip>[^\]]*)\](?P<after>.*)$"
)
_MESSAGE_ID = r"^(?P<queue_id>[0-9A-Za-z]+): message-id=<(?P<message_id>[^>]*)>$"
_QUEUED = r'^(?P<queue_id>[0-9A-Za-z]+): from=<(?P<mail_from>[^>"]*)>, size=(?P<size>[0-9]+), (?P<said>.*)$'
_DELIVERY = (
    r'^(?P<queue_id>[0-9A-Za-z]+): to=<(?P<mail_to>[^>"]*)>, (?:orig_to=<[^>"]*>, )?'
    r"relay=(?P<relay>[^,]*), (?:conn_use=[0-9]+, )?delay=(?P<delay>[0-9.]+), delays=[^,]*, "
    r"(?:tls=[^,]*, )?dsn=(?P<dsn>[0-9.]+), status=(?P<status>[a-z-]+) \((?P<said>.*)$"
)

_GONE = r"^(?P<queue_id>[0-9A-F][0-9A-Za-z]+): (?P<verb>removed)$"

COMMON: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("smtpd",), (_CLIENT,)),
    (("cleanup",), (_MESSAGE_ID,)),
    (("qmgr", "nqmgr", "postsuper"), (_GONE, _QUEUED)),
    (("smtp", "lmtp", "local", "virtual", "pipe", "error", "relay", "retry"), (_DELIVERY,)),
)
"""Programs, and the expressions of their common messages."""

REFUSAL = (
    r'(?P<end>; from=<(?P<mail_from>[^<>"]*)>,? to=<(?P<mail_to>[^<>"]*)>,? proto=[^ ,"]*,?'
    r'(?: helo=<(?P<helo>[^<>"]*)>)?(?: sasl_username=<(?P<user>[^<>"]*)>)?)$'
)
"""The end of nearly every refusal; before it stands the reply."""

RARE: dict[str, str] = {
    "delivery": _Q
    + rf"to=<(?P<mail_to>{_A})>,?(?: orig_to=<{_A}>,)?(?: relay=(?P<relay>[^,]*),)?(?: conn_use=[0-9]+,)?"
    r"(?: delay=(?P<delay>[0-9.]+),)?(?: delays=[^,]*,)?(?: tls=[^,]*,)?(?: dsn=(?P<dsn>[0-9.]+),)?"
    r"(?: status=(?P<status>[A-Za-z-]+) \((?P<said>.*)| [a-z_]*(?:=[^ ,]*)?)?",
    "returned": _Q + rf"from=<(?P<mail_from>{_A})>, status=(?P<status>[a-z-]+), (?P<message>.*)",
    "queued": _Q + rf"from=<(?P<mail_from>{_A})>(?:, size=(?P<size>[0-9]+), (?P<said>.*)|,.*)?",
    "message_id": _Q + r"(?:resent-)?message-id=(?P<message_id>.*)",
    "content": _Q + r"(?P<verb>[a-z-]+): (?P<phase>header|body|content) (?P<message>.*) from "
    rf"(?:local|(?P<host>[^ \[\]]*)\[(?P<ip>{_IP})\]);{_ENDS}(?:: (?P<reason>.*))?",
    "proxied": _Q + r"(?P<verb>proxy-[a-z]+): (?P<phase>[A-Z][A-Z-]+): "
    rf'(?P<message>(?:[^"]|"(?:[^"\\]|\\.)*")*?);{_ENDS}',
    "decided": _Q + rf"(?P<verb>[a-z_-]+): (?P<phase>[A-Z][A-Z-]+) from {_HOST}: "
    rf'(?P<message>(?:[^"]|"(?:[^"\\]|\\.)*")*?);{_ENDS}',
    "decided_stub": _Q + rf"(?P<verb>[a-z_-]+): (?P<phase>[A-Z][A-Z-]+) from {_HOST}: "
    rf'(?P<message>(?:[^"]|"(?:[^"\\]|\\.)*")*?);{_ENDS}(?: [a-z_]*(?:=<?[^<> ]*)?)?',
    "decided_cut": _Q + rf"(?P<verb>[a-z_-]+): (?P<phase>[A-Z][A-Z-]+) from {_HOST}(?:: (?P<message>.*))?",
    "sasl": rf"(?P<severity>warning): {_HOST}: SASL (?P<auth_method>[^ ]+) authentication (?P<verb>failed|aborted)"
    r"(?::? (?P<reason>.*?))?:?(?:, sasl_username=(?:\(unavailable\)|(?P<user>.*)))?",
    "limit": r"(?P<severity>warning): (?P<message>(?P<verb>[A-Za-z ]+ limit exceeded): [0-9]+ from "
    rf"{_HOST} for service .*)",
    "hostname": r"(?P<severity>warning): (?P<message>hostname (?P<host>[^ ]+) does not resolve to address "
    rf"(?P<ip>{_IP}[0-9A-Fa-f])(?:: .*)?)",
    "unverified": rf"(?P<severity>warning): (?P<message>(?P<ip>{_IP}[0-9A-Fa-f]): "
    r"(?:hostname|address not listed for hostname) (?P<host>[^ ]+).*)",
    "listed": rf"(?P<message>addr (?P<ip>{_IP}) (?P<verb>listed) by domain (?P<rule>[^ ]+) as .*)",
    "screened": rf"(?P<verb>PASS OLD|PASS NEW|DISCONNECT|[A-Z]+LISTED|[A-Z]+LIST VETO) {_HOST}",
    "rank": rf"(?P<message>(?P<verb>DNSBL) rank [0-9]+) for {_HOST}",
    "accepted": rf"(?P<verb>CONNECT) from {_HOST}(?: to \[(?P<to_ip>{_IP})\]:(?P<to_port>[0-9]+))?",
    "rates": rf"statistics: (?P<message>max (?P<verb>[a-z ]+ (?:rate|count)) .*) for \([^:()]*:(?P<ip>{_IP})\) at .*",
    "statistics": r"(?P<verb>statistics): (?P<message>.*)",
    "bounce": _Q + rf"(?P<message>(?P<verb>(?:sender|postmaster) [a-z -]+ notification): {_ID})",
    "pickup": _Q + rf"(?P<message>uid=[0-9]+) from=<(?P<mail_from>{_A})>(?: .*)?",
    "said": _Q + _GRADE + rf"(?P<message>host {_HOST} (?P<verb>said|refused to talk to me): .*)",
    "congested": r"(?P<severity>warning): (?P<message>mail for .* is using up .*)",
    "place": _Q + _GRADE + rf'(?P<message>(?P<verb>[^\[\]<>"=]* (?:from|to|with|for)) {_HOST}(?:[ ,:;].*)?)',
    "graded_queued": rf"(?P<severity>warning|error|fatal|panic): (?P<queue_id>{_ID}): (?P<message>.*)",
    "graded": _Q + r"(?P<severity>warning|error|fatal|panic): (?P<message>.*)",
    "other": _Q + r"(?P<message>.*)",
}
"""The others, in this order; the last one reads anything."""

FILTERS: dict[str, dict[str, str]] = {
    "policyd-spf": {
        "refused": r"(?P<message>(?P<code>[45][0-9]{2}) (?P<dsn>[0-9.]+) .*: SPF (?P<result>[A-Za-z]+).*?"
        rf"(?:[?&;]id=(?P<mail_from>[^;]*))?(?:;ip=(?P<ip>{_IP}))?(?:;r=.*)?)",
        "result": r"(?P<message>(?:(?:[0-9A-Za-z]*: )?prepend Received-SPF: )?(?P<result>[A-Za-z]+)(?: \([^)]*\))?;? ?"
        r"identity=[a-z-]+; "
        r"client-ip=(?P<ip>[^;]*)(?:; helo=(?P<helo>[^;]*))?(?:; envelope-from=<?(?P<mail_from>[^;>]*)>?)?"
        r"(?:; receiver=(?:<UNKNOWN>|<?(?P<mail_to>[^;>]*)>?))?.*)",
        "authenticated": r"(?P<message>(?:[0-9A-Za-z]*: )?prepend Authentication-Results: [^;]*; "
        rf"spf=(?P<result>[a-z]+) \([^()]*\) smtp\.[a-z]+=[^ ]* \(client-ip=(?P<ip>{_IP})(?:; helo=(?P<helo>[^;]*))?"
        r"(?:; envelope-from=<?(?P<mail_from>[^;>]*)>?)?(?:; receiver=.*)?\))",
        "prepended": r"(?P<message>(?:: )?Policy action=PREPEND Received-SPF: (?P<result>[A-Za-z]+) .*; "
        rf'identity=[a-z-]+; envelope-from="?(?P<mail_from>.*?)"?; helo=(?P<helo>[^;]*); client-ip=(?P<ip>{_IP}))',
        "refused_by_policy": r"(?P<message>(?:: )?Policy action=(?P<code>[45][0-9]{2}) .*?"
        rf"(?:[?&;]id=(?P<mail_from>[^;]*))?(?:;ip=(?P<ip>{_IP}))?(?:;r=.*)?)",
    },
    "postgrey": {
        "action": r"(?P<message>(?:[0-9A-Za-z]+: )?action=(?P<verb>[a-z]+)(?:, reason=[^,]*)?(?:, delay=[0-9]+)?"
        r"(?:, client_name=(?P<host>[^,]*))?(?:, client_address=(?P<ip>[^,/]*)(?:/[0-9]+)?)?"
        r"(?:, sender=(?P<mail_from>[^,]*))?(?:, recipient=(?P<mail_to>[^,]*))?)",
    },
    "opendkim": {
        "result": rf"(?P<queue_id>{_ID}): (?P<message>(?:s=[^ ]* d=[^ ]* (?:a=[^ ]* )?)?"
        r"(?P<result>DKIM verification successful|bad signature data|no signature data|signature verification failed)?"
        r".*)",
    },
    "opendmarc": {
        "result": rf"(?P<queue_id>{_ID}): (?P<message>[^ ()]+ (?P<result>pass|fail|none|permerror|temperror))",
        "queued": rf"(?P<queue_id>{_ID}): (?P<message>.*)",
        "ignoring": rf"(?P<queue_id>{_ID}) (?P<message>ignoring Authentication-Results .*)",
    },
    "clamav-milter": {
        "infected": rf"(?P<message>Message(?: (?P<queue_id>{_ID}|[^ <>]+))? from <(?P<mail_from>[^<>]*)> to "
        r"<(?P<mail_to>[^<>]*)>(?: with subject '(?P<subject>.*)' message-id '(?P<message_id>.*)' date '.*')? "
        r"(?P<result>infected) by (?P<signature>[^ ]+))",
        "clean": rf"(?P<message>(?P<verb>(?P<result>Clean)) message(?: (?P<queue_id>{_ID}|[^ <>]+))? from "
        r"<(?P<mail_from>[^<>]*)> to <(?P<mail_to>[^<>]*)>(?: with subject '(?P<subject>.*)' message-id "
        r"'(?P<message_id>.*)' date '.*')?)",
    },
    "amavis": {
        "result": r"\([^)]*\) (?P<message>(?P<verb>Passed|Blocked) (?P<result>[A-Z0-9-]+)(?: \((?P<signature>[^)]*)\))?"
        rf"(?: \{{[^}}]*\}})?,(?: [^\[<]*)?(?:\[(?P<ip>{_IP})\](?::(?P<port>[0-9]+))? )?(?:\[{_IP}\](?::[0-9]+)? )*"
        rf"<(?P<mail_from>{_A})> -> (?P<recipients><{_A}>(?:,<{_A}>)*)(?P<after>.*))",
    },
}
"""Program → its messages."""

RECIPIENT = rf"(^|,)<({_A})>"
"""One of the recipients of amavis, which writes `<a@example.org>,<b@example.org>`."""

BEHIND = {
    "queue_id": r", Queue-ID: ([0-9A-Za-z]+)",
    "message_id": r", Message-ID: <([^<>]*)>",
    "size": r", size: ([0-9]+)",
}
"""What amavis writes behind the recipients, in one order or another."""
